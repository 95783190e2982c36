"""What the server does with runs: begins, takes up, starts again, branches, and passes commands on to their trainings."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from chainrule.errors import ChainruleError, ConfigError, ResourceError
from chainrule.lab import start
from chainrule.lab.library import Entry, Library, NoSuchRun
from chainrule.lab.live import Live
from chainrule.lab.uploads import DATA, Uploads, with_options
from chainrule.lab.wire import Command
from chainrule.runs import folder
from chainrule.runs.config import Config

SEEN = 10.0  # seconds that a training which was begun in the terminal waits for its page


class Desk:
    """All runs of one server.

    Parameters
    ----------
    root : path
        The folder in which new runs are begun, and whose runs are listed.
    """

    def __init__(self, root: Path) -> None:
        self.library, self.uploads, self.root = Library(root), Uploads(), root
        self._turn = asyncio.Lock()

    async def close(self) -> None:
        """End all trainings, each saved."""
        await asyncio.gather(*(entry.live.close() for entry in self.library.entries()), return_exceptions=True)
        for entry in self.library.entries():
            entry.history.close()
        self.uploads.close()

    # ----------------------------------------------------------------------------------------------------- new processes

    async def start(self, settings: Config, how: Mapping[str, Any]) -> str:
        """Begin a run with the settings that `start.asked` has checked; gives its id.

        Raises
        ------
        ChainruleError
            The data is not good, or too much is under way.
        """
        async with self._turn:
            await self._make_room()
            place = await asyncio.to_thread(start.begun, self.root, settings, self.uploads)
            return await self._begin(place, {"folder": str(place), **how})

    async def again(self, name: str, seed: int | None) -> str:
        """Begin a run anew, with the same first weights or with those of another seed; the old one is saved and ends."""
        async with self._turn:
            old = self.library.entry(name)
            speed = old.live.state.get("speed")
            await old.live.end()
            await self._make_room()
            place = await asyncio.to_thread(start.again, self.root, old.place, seed)
            return await self._begin(place, {"folder": str(place), "running": False, "speed": speed})

    async def branch(self, name: str, at: int, said: Any) -> str:
        """Go on from a step of a run with other settings, as a run of its own; the old one is paused."""
        async with self._turn:
            old = self.library.entry(name)
            hello = await asyncio.to_thread(old.history.hello, live=False)
            if not 0 <= at <= hello["last"]:
                raise ConfigError(f"at = {at:,}: this run has steps 0 to {hello['last']:,}.")
            settings = start.changes(said, at, folder.find(old.place).config(), hello["steps_in_epoch"])
            if old.live.under_way and old.live.trainer is not None:
                await old.live.trainer.ask({"command": "pause"})
            await self._make_room()
            place = start.next_folder(self.root, old.place)
            speed = old.live.state.get("speed")
            order = {"parent": str(old.place), "at": at, "settings": settings, "running": True, "speed": speed}
            return await self._begin(place, {"folder": str(place), **order})

    async def take_up(self, name: str, *, running: bool = False) -> Entry:
        """The run with a process: the one that it has, or a new one that goes on from its checkpoint."""
        entry = self.library.entry(name)
        if not entry.live.under_way:
            async with self._turn:
                _check_trainable(entry)
                if folder.find(entry.place).config().training.get("optimizer") == "lbfgs":
                    raise ConfigError(
                        "L-BFGS has no mini-batches to go on with: this run can be looked at, not trained on."
                    )
                await self._make_room()
                await entry.live.begin({"folder": str(entry.place), "running": running})
                await asyncio.to_thread(entry.history.renew)  # it goes on from its checkpoint, perhaps in another way
        return entry

    async def begin_here(self, place: Path) -> str:
        """Train the run of a folder, which was begun elsewhere, from when somebody looks; gives its id."""
        name = await self._begin(place, {"folder": str(place), "running": False})
        self.library.entry(name).live.run_when_seen(SEEN)
        return name

    async def _begin(self, place: Path, order: Mapping[str, Any]) -> str:
        """Start the process of a new run; one whose training has not begun leaves nothing behind."""
        live = Live()
        try:
            await live.begin(order)
        except BaseException as error:
            await live.close()
            await asyncio.to_thread(start.discard, place)
            if not isinstance(error, ChainruleError):
                raise
            raise ConfigError(with_options(str(error).replace(f"{place.absolute() / DATA}{os.sep}", ""))) from None
        return self.library.enter(place, live)

    async def _make_room(self) -> None:
        """End a training that is paused and that nobody looks at, where there are as many as there may be."""
        names = self.library.under_way()
        if len(names) < start.MOST_TRAININGS:
            return
        for name in names:
            live = self.library.entry(name).live
            if not live.viewers and not live.state.get("running"):
                await live.end()
                return
        raise ResourceError(f"{len(names)} trainings are under way: pause one of them, and close its page.")

    # ----------------------------------------------------------------------------------------------------------- commands

    async def do(self, name: str, command: Command) -> dict[str, Any]:
        """Do what a page asks of a run; gives the answer."""
        try:
            return {"ok": True, **await self._done(name, command)}
        except (ChainruleError, NoSuchRun) as error:
            return {"error": str(error)}

    async def _done(self, name: str, command: Command) -> dict[str, Any]:
        said = command.values
        if command.name in {"reset", "branch"}:
            _check_trainable(self.library.entry(name))
        if command.name == "reset":
            return {"run": await self.again(name, said.get("seed"))}
        if command.name == "branch":
            return {"run": await self.branch(name, said["at"], said.get("settings"))}
        if command.name == "pause" and not self.library.entry(name).live.under_way:
            return {}
        trainer = (await self.take_up(name)).live.trainer
        assert trainer is not None
        why = await trainer.ask({"command": command.name, **said})
        if why:
            raise ConfigError(why)
        return {}


def _check_trainable(entry: Entry) -> None:
    """A run's folder has all that a training needs; a recording alone has not."""
    if entry.place.is_file():
        raise ConfigError(
            "this is a recording alone: it can be looked at, not trained on. A network that a program trains is that "
            "program's own: call fit again there, or begin another run here."
        )
