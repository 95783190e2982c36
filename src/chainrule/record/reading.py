"""Reading a recording, also while it is written."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np

from chainrule.errors import DataError
from chainrule.io.blobs import unpack
from chainrule.io.words import named
from chainrule.record.store import LAST, connect, reported


@dataclass(frozen=True, eq=False)
class Frame:
    """A key frame: the parameters and slots after a step, each flat, and where training stood."""

    step: int
    tensors: dict[str, np.ndarray]
    state: dict[str, Any]


class Recording:
    """A recording, open for reading; what is written meanwhile is seen by the next question.

    Parameters
    ----------
    path : path

    Raises
    ------
    DataError
        There is none, or it is damaged.
    ResourceError
        It cannot be opened.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self._base = connect(path)
        if not self._ask("SELECT 1 FROM facts WHERE name = 'format'"):
            raise DataError(f"{named(self.path)} is an empty recording: its training ended before it began.")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Let the file go."""
        self._base.close()

    @cached_property
    def facts(self) -> dict[str, Any]:
        """The network, the data and the settings, as plain data."""
        return {name: json.loads(value) for name, value in self._ask("SELECT name, value FROM facts")}

    @property
    def last(self) -> int:
        """The last step that is recorded."""
        return int(self._ask(LAST)[0][0])

    @property
    def key_frames(self) -> np.ndarray:
        """The steps of the key frames."""
        return np.array([step for (step,) in self._ask("SELECT step FROM frames ORDER BY step")], np.int64)

    def frame(self, step: int) -> Frame:
        """The last key frame that is not after a step.

        Raises
        ------
        DataError
            There is none, or it is damaged.
        """
        found = self._ask("SELECT step, frame FROM frames WHERE step <= ? ORDER BY step DESC LIMIT 1", (step,))
        if step < 0 or not found:
            raise DataError(f"step {step} is not in the recording {named(self.path)}, which has steps 0 to {self.last}.")
        tensors, metadata = unpack(found[0][1])
        state = metadata["state"]
        assert isinstance(state, dict)
        return Frame(int(found[0][0]), tensors, state)

    def costs(self, start: int = 1, stop: int | None = None) -> np.ndarray:
        """The mean cost of each step from ``start`` to before ``stop``, shape (steps,); NaN where one is not known."""
        stop = self.last + 1 if stop is None else stop
        found = np.full(max(stop - start, 0), np.nan, np.float32)
        where = 'WHERE first < ? AND first + length("values") / 4 > ?'
        for first, blob in self._ask(f'SELECT first, "values" FROM costs {where}', (stop, start)):  # noqa: S608  two numbers
            values = np.frombuffer(blob, "<f4")
            low, high = max(first, start), min(first + len(values), stop)
            found[low - start : high - start] = values[low - first : high - first]
        return found

    def measures(self) -> tuple[np.ndarray, dict[str, dict[int, np.ndarray]]]:
        """The measured steps, shape (k,), and of each figure and layer its values, shape (k,)."""
        rows = self._ask('SELECT step, "values" FROM measures ORDER BY step')
        columns = self.facts["columns"]
        table = np.array([np.frombuffer(blob, "<f4") for _, blob in rows]).reshape(len(rows), len(columns))
        found: dict[str, dict[int, np.ndarray]] = {}
        for (name, l), values in zip(columns, table.T, strict=True):
            found.setdefault(name, {})[l] = values
        return np.array([step for step, _ in rows], np.int64), found

    def epochs(self) -> list[dict[str, Any]]:
        """The record of each epoch, with the step at its end."""
        rows = self._ask("SELECT step, record FROM epochs ORDER BY epoch")
        return [{"step": step, **json.loads(record)} for step, record in rows]

    def events(self) -> list[dict[str, Any]]:
        """What happened, oldest first."""
        rows = self._ask("SELECT step, kind, value FROM events ORDER BY number")
        return [{"step": step, "kind": kind, "value": json.loads(value)} for step, kind, value in rows]

    def examples(self) -> tuple[np.ndarray, np.ndarray]:
        """The examples that are kept with it: x, shape (k, n^1), and y, shape (k, n^L)."""
        sizes = self.facts["network"]["sizes"]
        rows = self._ask("SELECT x, y FROM examples ORDER BY row")
        x, y = (np.array([np.frombuffer(row[i], "<f4") for row in rows]) for i in (0, 1))
        return x.reshape(len(rows), sizes[0]), y.reshape(len(rows), sizes[-1])

    def _ask(self, question: str, values: tuple[Any, ...] = ()) -> list[Any]:
        with reported(self.path):
            return self._base.execute(question, values).fetchall()
