"""What a recorded run can be asked, also while it is trained: facts, any frame, curves, examples."""

from __future__ import annotations

import contextlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from chainrule.errors import ChainruleError, DataError
from chainrule.io.strict_json import finite
from chainrule.lab import frames
from chainrule.lab.subject import OfRun, Subject
from chainrule.record import Recording
from chainrule.record.replay import next_rate
from chainrule.runs.recorded import RecordedRun

T = TypeVar("T")
PROTOCOL = 1
CACHE = 64 * 2**20  # bytes of frames that are kept
POINTS = 1_000  # of the plane
ALONE = "this is a recording alone: the data that it was made with is not beside it."
FACTS = (
    "name", "network", "seed", "classify", "classes", "image_shape", "features", "targets", "standardised", "batch_size",
    "steps_in_epoch", "epochs", "examples", "engine", "settings", "parent",
)  # fmt: skip


def hello(recording: Recording, *, name: str = "", live: bool = False) -> dict[str, Any]:
    """What a page is told first: the facts of a recording."""
    facts: dict[str, Any] = dict.fromkeys(FACTS) | {key: recording.facts.get(key) for key in FACTS}
    facts["name"] = facts["name"] or name
    found = {"protocol": PROTOCOL, **facts, "live": live, "last": recording.last}
    return found | {"key_frames": recording.key_frames.tolist()}


class History:
    """A recorded run that is open for questions, from several threads.

    Parameters
    ----------
    folder : path
        Of the run; or a recording's file, which has no data beside it: then only its key frames can be shown,
    held : Subject, optional
        unless this process holds what it was made with.

    Raises
    ------
    ConfigError, DataError
        There is no run, or no recording of it.
    """

    def __init__(self, folder: Path, held: Subject | None = None) -> None:
        self.folder = folder
        self._run = None if folder.is_file() else RecordedRun(folder)
        self._subject: Subject | None = held or (OfRun(self._run) if self._run else None)
        self._recording = self._run.recording if self._run else Recording(folder)
        self._turn = threading.Lock()
        self.renewed = 0  # how often another training has begun to write it
        self._cache: OrderedDict[tuple[int, bool | None, str | None, int], bytes] = OrderedDict()

    def renew(self, held: Subject | None = None) -> None:
        """Another training has begun to write to the recording: steps that were there may come out differently."""
        with self._turn:
            self._subject = held or self._subject
            self._cache.clear()
            self.renewed += 1

    def close(self) -> None:
        """Let the files go."""
        with self._turn:
            self._recording.close()

    @contextmanager
    def _asked(self) -> Iterator[Recording]:
        """The recording, for one question at a time; its facts may have changed since the last."""
        with self._turn:
            self._recording.__dict__.pop("facts", None)
            yield self._recording

    def hello(self, *, live: bool) -> dict[str, Any]:
        """The facts."""
        with self._asked() as recording:
            found = hello(recording, name=self.folder.name, live=live) | {"alone": self._subject is None}
        if self._run is not None:
            with contextlib.suppress(ChainruleError):  # more may have been asked for since it was begun
                found["epochs"] = int(self._run.run.config().training["epochs"])
        return found

    def curves(self, start: int = 1, stop: int | None = None, buckets: int = frames.BUCKETS) -> dict[str, Any]:
        """Costs and measures in buckets, epochs and events."""
        with self._asked() as recording:
            found: dict[str, Any] = finite(frames.curves(recording, start, stop, buckets))
            return found

    def frame(self, step: int | None = None, *, slots: bool | None = None, dtype: str | None = None) -> bytes:
        """The frame after a step, bit for bit (unless another dtype is asked for); without a number, the last.

        Raises
        ------
        DataError
            The step is not recorded, or cannot be done again.
        """
        with self._asked() as recording:
            key = recording.last if step is None else step, slots, dtype, len(recording.events())  # a rate may be set
            if key in self._cache:
                self._cache.move_to_end(key)
                return self._cache[key]
            found = self._cache[key] = self._made(recording, *key[:3])
            while sum(map(len, self._cache.values())) > CACHE and len(self._cache) > 1:
                self._cache.popitem(last=False)
            return found

    def looked(self, work: Callable[[RecordedRun], T]) -> T:
        """What some work makes of the run, its settings and its data; other questions wait for it.

        Raises
        ------
        DataError
            It is no run, or its data has changed.
        """
        if self._run is None:
            raise DataError(ALONE)
        with self._asked():
            return work(self._run)

    def asked(self, work: Callable[[Subject, Recording], T]) -> T:
        """What some work makes of what stands behind the recording; other questions wait for it.

        Raises
        ------
        DataError
            It is a recording alone, or its data has changed.
        """
        with self._asked() as recording:
            if self._subject is None:
                raise DataError(ALONE)
            return work(self._subject, recording)

    def _made(self, recording: Recording, step: int, slots: bool | None, dtype: str | None) -> bytes:
        """The key frame, or the steps since the one before it done again."""
        if not 0 <= step <= recording.last:
            raise DataError(f"step {step:,} is not in this recording, which has steps 0 to {recording.last:,}.")
        key, cost = recording.frame(step), float(recording.costs(step, step + 1)[0])
        if key.step == step:
            return frames.framed(key.tensors, key.state, cost, _rate(recording, step, key.state), slots=slots, dtype=dtype)
        if self._subject is None:
            raise DataError(f"step {step:,} lies between two key frames, and a recording alone has no data to do it again.")
        net = self._subject.at(recording, step)
        eta = _rate(recording, step, net.state.as_dict())
        return frames.frame(net.parameters, net.state, cost, eta, slots=slots, dtype=dtype)

    def examples(self) -> bytes:
        """The examples that are kept with it, and with two inputs some training points of the plane."""
        with self._asked() as recording:
            x, y = recording.examples()
            return frames.examples(x, y, self._points(recording))

    def _points(self, recording: Recording) -> tuple[np.ndarray, np.ndarray] | None:
        """Training points, where the inputs are a plane and the data is there."""
        if recording.facts["network"]["sizes"][0] != 2:
            return None
        if self._subject is None:
            return None
        try:
            return self._subject.rows(POINTS)
        except ChainruleError:
            return None  # a recording can be looked at without its data


def _rate(recording: Recording, step: int, state: dict[str, Any]) -> float:
    """The learning rate of the step after this one; NaN where its schedule or its optimizer is a function of the user's."""
    try:
        return next_rate(recording, step, state)
    except ChainruleError:
        return np.nan
