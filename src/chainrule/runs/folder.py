"""The folder of a run: which files it has, how one is begun, and how one is found again."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from chainrule.errors import ConfigError, ResourceError
from chainrule.io import durable, locking
from chainrule.io.words import named, nearest
from chainrule.runs import toml
from chainrule.runs.config import Config, config, parent_of

RECORDING = "recording.sqlite"
FILES = (
    "config.toml", "metrics.jsonl", "checkpoint.safetensors", "model.safetensors", "report.html",
    RECORDING, f"{RECORDING}-wal", f"{RECORDING}-shm",
)  # fmt: skip


@dataclass(frozen=True)
class Run:
    """A run's folder.

    Attributes
    ----------
    folder : Path
    """

    folder: Path

    @property
    def config_file(self) -> Path:
        """The settings as used."""
        return self.folder / FILES[0]

    @property
    def metrics_file(self) -> Path:
        """One JSON object for each epoch."""
        return self.folder / FILES[1]

    @property
    def checkpoint_file(self) -> Path:
        """The network, and where its training stands."""
        return self.folder / FILES[2]

    @property
    def model_file(self) -> Path:
        """The result: the network alone."""
        return self.folder / FILES[3]

    @property
    def recording_file(self) -> Path:
        """What happened step by step."""
        return self.folder / RECORDING

    @property
    def recorded_bytes(self) -> int:
        """How large its recording is, with the journal, which holds nearly all of it while it is trained."""
        files = [self.folder / name for name in FILES if name.startswith(RECORDING) and not name.endswith("-shm")]
        return sum(file.stat().st_size for file in files if file.is_file())

    def config(self) -> Config:
        """The settings as used.

        Raises
        ------
        ConfigError
        """
        table, where = toml.read(self.config_file), named(self.config_file)
        return replace(config(table, where=where), parent=parent_of(table, where=where))

    def metrics(self) -> list[dict[str, Any]]:
        """The record of each epoch, oldest first."""
        return list(durable.read_lines(self.metrics_file))

    def finished(self) -> bool:
        """Whether its result is there."""
        return self.model_file.is_file()


def find(folder: str | os.PathLike[str]) -> Run:
    """The run in a folder.

    Raises
    ------
    ConfigError
        There is none.
    """
    run = Run(Path(folder))
    if run.config_file.is_file():
        return run
    if not run.folder.exists():
        raise ConfigError(f"There is no folder {named(run.folder)}.\n{nearest(run.folder)}")
    raise ConfigError(f"{named(run.folder)} holds no run: it has no {FILES[0]}.\nBegin one with: chainrule train SOURCE")


def recorded(path: str | os.PathLike[str]) -> Path:
    """Where a recording is: a run's folder, or the file of a recording alone.

    Raises
    ------
    ConfigError
        There is neither.
    """
    place = Path(path)
    if not place.is_file():
        return find(place).folder
    return place.parent if place.name == RECORDING and Run(place.parent).config_file.is_file() else place


def numbered(parent: Path, name: str) -> Path:
    """The next folder for a run of this name: ``runs/mnist-1``, ``runs/mnist-2`` ..."""
    stem = re.sub(r"\.(csv|tsv|txt|npz)(\.gz)?$", "", name, flags=re.IGNORECASE)
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", stem).strip(".-")[:60] or "run"
    taken = [
        int(match[1]) for entry in _names(parent) if (match := re.fullmatch(rf"{re.escape(plain)}-(\d{{1,9}})", entry))
    ]
    return parent / f"{plain}-{max(taken, default=0) + 1}"


def beside(old: Path, parent: Path | None = None) -> Path:
    """The next folder for a run that is made of another: its name with the next number."""
    place = old if old.name.strip(".") else old.absolute()
    return numbered(parent or place.parent, re.sub(r"-\d+$", "", place.name))


def _names(folder: Path) -> Iterator[str]:
    if folder.is_dir():
        yield from (entry.name for entry in folder.iterdir())


def refuse_taken(folder: Path) -> None:
    """Refuse a folder in which something would be overwritten.

    Raises
    ------
    ConfigError
    """
    if folder.exists() and not folder.is_dir():
        raise ConfigError(f"{named(folder)} is a file; a run needs a folder. Choose another name with --out.")
    there = [name for name in FILES if (folder / name).exists()]
    if there:
        raise ConfigError(
            f"{named(folder)} holds a run already ({', '.join(there)}); nothing was changed.\n"
            f"Go on with it: chainrule resume {folder}. Or choose another folder with --out, or replace it with --force."
        )


def prepare(folder: Path, *, force: bool) -> Run:
    """Make the folder of a new run; with ``force``, an old run's result may stand there.

    Raises
    ------
    ConfigError, ResourceError
    """
    if not force or (folder.exists() and not folder.is_dir()):
        refuse_taken(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ResourceError(f"The folder {named(folder)} cannot be made: {os.strerror(error.errno or 0)}.") from error
    return Run(folder)


@contextmanager
def taken(folder: Path) -> Iterator[Run]:
    """The folder of a new run, made and held; where nothing came to stand in it, it goes again.

    Raises
    ------
    ConfigError, ResourceError
    """
    was_there = folder.exists()
    run = prepare(folder, force=False)
    try:
        with held(folder):
            yield run
    except BaseException:
        if not was_there:
            with suppress(OSError):  # of one that is not empty
                folder.rmdir()
        raise


def begin(run: Run, config: Config, *, force: bool) -> None:
    """Write the settings of a new run, whose folder is held; with ``force``, an old run's files are deleted first."""
    if not force:
        refuse_taken(run.folder)
    try:
        for name in FILES:
            (run.folder / name).unlink(missing_ok=True)
    except OSError as error:
        raise ResourceError(f"{named(error.filename)} cannot be replaced: {os.strerror(error.errno or 0)}.") from error
    write_config(run, config)


def write_config(run: Run, config: Config) -> None:
    """Put the settings into the folder, durably."""
    durable.write_bytes(run.config_file, config.toml().encode())


held = locking.lock
