"""Answers that take a while: worked out in a thread, one at a time, and kept."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any

from chainrule.lab.assets import Assets
from chainrule.lab.export import Exported, Extent, exported
from chainrule.lab.history import History

KEPT = 32


class Overtaken(LookupError):  # noqa: N818  an answer
    """A newer question of the same kind has come."""

    def __init__(self) -> None:
        super().__init__("A newer question came in between; ask again.")


class Studied:
    """What was found out about one run; of the questions that wait, the newest of each kind is answered alone."""

    def __init__(self, history: History) -> None:
        self._history, self._turn = history, asyncio.Lock()
        self._newest: dict[str, Hashable] = {}
        self._kept: OrderedDict[Hashable, Any] = OrderedDict()

    async def of(self, kind: str, about: Hashable, work: Callable[[], Any]) -> Any:
        """The answer to a question of a kind about something.

        Raises
        ------
        Overtaken
        """
        key = kind, about, self._history.renewed
        self._newest[kind] = key
        async with self._turn:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
            if self._newest[kind] != key:
                raise Overtaken
            found = await asyncio.to_thread(work)
            if about is not None:  # the last step is another one soon
                self._kept[key] = found
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
            return found


class Files:
    """Runs as files: the last one that was made is kept, since its size is asked for before it is."""

    def __init__(self, assets: Assets) -> None:
        self._assets, self._turn = assets, asyncio.Lock()
        self._key: Hashable = None
        self._made: Exported | None = None

    async def of(self, history: History, extent: Extent) -> Exported:
        """The file of a run, or of so much of it.

        Raises
        ------
        ChainruleError
            It cannot be so small, or has no such steps.
        """
        async with self._turn:
            key = history, history.renewed, extent, await asyncio.to_thread(lambda: history.hello(live=False)["last"])
            if self._made is None or self._key != key:
                self._key, self._made = None, None
                self._made = await asyncio.to_thread(lambda: exported(history, extent, assets=self._assets))
                self._key = key
            return self._made
