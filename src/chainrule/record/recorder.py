"""The recorder: which steps are looked at, what is asked of them, and what it may cost."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from chainrule.engine.stepper import Stepper
from chainrule.errors import DataError
from chainrule.io import strict_json
from chainrule.io.blobs import pack, unpack
from chainrule.modelfile import describe
from chainrule.record.measures import columns, measured, with_update
from chainrule.record.phases import earlier
from chainrule.record.same import refuse_another
from chainrule.record.store import FORMAT, RATE, Store
from chainrule.train.history import Epoch
from chainrule.train.state import State

if TYPE_CHECKING:
    from chainrule.train.loop import Loop

SHARE = 0.01  # of the training's time: what measures may take, and what key frames may
GRACE = 0.01  # seconds that each may take beyond it, so that the first steps are looked at closely
BUDGET = 256 * 2**20  # bytes of key frames
COMMIT = 0.25  # seconds after which readers see what is new
EXAMPLES = 32


@dataclass
class Stride:
    """How often something is done: every so many steps, a power of two, which doubles where it takes too much time."""

    share: float
    every: int = 1
    spent: float = 0.0

    def is_due(self, step: int) -> bool:
        """Whether it is this step's turn."""
        return step % self.every == 0

    def took(self, seconds: float, elapsed: float, steps: int) -> None:
        """Count what it took; ``steps`` have been done in ``elapsed`` seconds."""
        self.spent += seconds
        if self.spent > GRACE + self.share * elapsed:
            wanted = seconds * steps / max(self.share * max(elapsed - self.spent, elapsed / 100), 1e-9)
            if self.every < min(wanted, 2**30):  # once: the first time may be slow for reasons that do not come again
                self.every *= 2


class Recorder:
    """Writes down what a training does.

    It keeps the cost of every step; at steps that are multiples of a power of two, the norms of each layer's gradient,
    update and weights and its share of saturated neurons; and key frames, from which any step can be done again. How often
    is found by time: measures and key frames may each take a hundredth of it, and ``bench.recording`` measures it all.

    Parameters
    ----------
    path : path
        The file, ``recording.sqlite`` in a run's folder. One that is there is gone on with where it is of this training:
        of the same network, seed and examples, and the same settings but for epochs and learning rate. What stands in it
        beyond the step at which this training goes on is dropped. Any other is refused, and stays as it is.
    share : float
        Of the training's time, for measures and for key frames each. 0 keeps the first and the last step alone.
    budget : int
        Bytes of key frames; where there are more, every second one is dropped.
    every : int, optional
        Look at every so many steps, whatever it takes.
    examples : (x, y), optional
        Some rows to keep with the recording.
    facts : mapping, optional
        Further plain data to keep with it, such as the run that this one branched off from.
    own : bool
        The file belongs to this training, whatever it holds: a run's folder is told by its settings, not by its recording.

    Raises
    ------
    ResourceError, DataError
        When training begins: the file cannot be written, is something else, or of another training.

    Examples
    --------
    >>> import tempfile
    >>> from chainrule import Network, Recorder, Recording
    >>> net = Network([2, 3, 1], seed=0)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     history = net.fit([[0, 0], [1, 1]], [[0], [1]], epochs=3, recorder=Recorder(f"{folder}/a.sqlite"))
    ...     with Recording(f"{folder}/a.sqlite") as recording:
    ...         recording.last, len(recording.costs())
    (3, 3)
    """

    def __init__(
        self, path: str | os.PathLike[str], *, share: float = SHARE, budget: int = BUDGET, every: int | None = None,
        examples: tuple[np.ndarray, np.ndarray] | None = None, facts: Mapping[str, Any] | None = None,
        own: bool = False,
    ) -> None:  # fmt: skip
        self.path, self.budget, self.fixed, self.own = path, budget, every, own
        self._examples, self._facts = examples, dict(facts or {})
        self._measures, self._frames = Stride(share), Stride(share)
        if every:
            self._measures.every = self._frames.every = every
        self._store: Store | None = None
        self._bytes = 0
        self._commit_took = 0.0
        self._before: tuple[int, np.ndarray, np.ndarray] | None = None

    # ------------------------------------------------------------------------------------------- what the loop calls

    def begin(self, loop: Loop) -> None:
        """Open the file, and write down what is trained; the first key frame is the network as it is."""
        state, known = loop.state, facts(loop)
        self._store = store = self._opened(known, state.updates)
        known["earlier"] = self._phases(known, loop)
        store.trim(state.updates)
        self._bytes = store.frame_bytes()
        self._columns = columns(loop.stepper.a)
        for name, value in {**known, "columns": self._columns, **self._facts}.items():
            if value is not None:  # what is not known now may be known from before
                store.fact(name, value)
        for row, (x, y) in enumerate(zip(*(self._examples or ((), ())), strict=True)):
            store.add("examples", row, np.asarray(x, "<f4").tobytes(), np.asarray(y, "<f4").tobytes())
        self._begun = self._told = time.perf_counter()
        self._first = state.updates
        in_force = state.rate_over(loop.settings.eta)
        if store.last(RATE) not in {None, in_force}:  # one that was set after the checkpoint from which it goes on
            self.event(state.updates, RATE, in_force)
        self._frame(loop.stepper, state)
        store.commit()

    def upcoming(self, loop: Loop, order: np.ndarray) -> int:
        """How many steps may be done before it wants to look; before a step that it measures, it looks at that one."""
        next_ = loop.state.updates + 1
        if self._measures.is_due(next_):
            begun = time.perf_counter()
            self._look(loop, order)
            self._before_took = time.perf_counter() - begun
            return 1
        to_measure = -next_ % self._measures.every
        to_frame = -next_ % self._frames.every + 1
        return max(1, min(to_measure, to_frame))

    def done(self, loop: Loop, costs: np.ndarray) -> None:
        """Some steps have been done, at these mean costs."""
        assert self._store is not None
        now, step = time.perf_counter(), loop.state.updates
        self._store.add("costs", step - len(costs) + 1, np.asarray(costs, "<f4").tobytes())
        if self._before is not None and self._before[0] == step:
            self._measure(loop)
            self._took(self._measures, time.perf_counter() - now + self._before_took, step)
        now = time.perf_counter()
        if self._frames.is_due(step):
            self._frame(loop.stepper, loop.state)
            self._took(self._frames, time.perf_counter() - now + self._commit_took, step)
            self._commit_took = 0.0
        if (now := time.perf_counter()) - self._told > COMMIT:
            self.commit()
            self._commit_took += self._told - now  # of the next frame: frames are nearly all that is written

    def epoch(self, loop: Loop, record: Epoch) -> None:
        """An epoch has ended, and been measured."""
        assert self._store is not None
        kept = {**record.as_dict(), "halvings": loop.state.halvings}
        self._store.add("epochs", record.epoch, loop.state.updates, plain(kept))

    def event(self, step: int, kind: str, value: Any) -> None:
        """Something happened after this step."""
        assert self._store is not None
        self._store.add("events", None, step, kind, plain(value))

    def commit(self) -> None:
        """Let readers see all that is known so far, such as before a checkpoint that counts it."""
        if self._store is not None:
            self._store.commit()
            self._told = time.perf_counter()

    def end(self, loop: Loop, error: BaseException | None) -> None:
        """Keep the last step and how it ended, and close the file; a training may go on with the same recorder."""
        if self._store is not None:
            if error is not None:
                self.event(loop.state.updates, type(error).__name__, str(error))
            self._frame(loop.stepper, loop.state)
            self._store.close()
            self._store = None

    # ----------------------------------------------------------------------------------------------- what it keeps

    def _opened(self, known: Mapping[str, Any], step: int) -> Store:
        """The file, once it is clear that nothing of another training is written over."""
        store = Store(self.path)
        try:
            if not self.own:
                refuse_another(store.path, store.facts(), store.last_step(), known, step)
        except DataError:
            store.close()
            raise
        return store

    def _phases(self, known: Mapping[str, Any], loop: Loop) -> list[dict[str, Any]]:
        """How it was trained before; the key frames where that changed are kept: no step is done again across one."""
        assert self._store is not None
        step, flat = loop.state.updates, loop.stepper.parameters.flat
        frame = self._store.frame(step)
        changed = frame is not None and not np.array_equal(unpack(frame)[0]["parameters"], flat)
        found = earlier(self._store.facts(), known, step, changed=changed)
        self._borders = [phase["until"] for phase in found]
        return found

    def _took(self, stride: Stride, seconds: float, step: int) -> None:
        if not self.fixed:
            stride.took(seconds, time.perf_counter() - self._begun, step - self._first)

    def _look(self, loop: Loop, order: np.ndarray) -> None:
        """Before a step that is measured: its gradient, and the weights that it changes."""
        found = measured(loop.stepper, order, loop.state.epoch + 1, loop.state.step)
        self._before = loop.state.updates + 1, found, loop.stepper.parameters.flat.copy()

    def _measure(self, loop: Loop) -> None:
        """After it: how far the weights went."""
        assert self._store is not None
        assert self._before is not None
        step, found, before = self._before
        self._before = None
        with_update(loop.stepper.a, found, before, loop.stepper.parameters.flat)
        self._store.add("measures", step, found.astype("<f4").tobytes())

    def _frame(self, stepper: Stepper, state: State) -> None:
        """A key frame: all that is needed to go on from here, bit for bit."""
        assert self._store is not None
        p = stepper.parameters
        tensors = {"parameters": p.flat} | {f"slot.{name}": flat for name, flat in p.slots.items()}
        tensors |= {f"held.{of}.{l}": where for (of, l), where in stepper.fixed.elements.items()}
        blob = pack(tensors, {"state": state.as_dict()})
        self._store.add("frames", state.updates, blob)
        self._bytes += len(blob)
        if self._bytes > self.budget and self._frames.every < 2**30 and not self.fixed:
            self._frames.every *= 2
            self._store.thin(self._frames.every, [*self._borders, state.updates])  # this one may be the last
            self._bytes = self._store.frame_bytes()


def facts(loop: Loop) -> dict[str, Any]:
    """What is trained, and how, as plain data."""
    step, settings = loop.stepper, loop.settings.as_dict()
    return {
        "format": FORMAT, "network": describe(step.a), "seed": step.seed, "classify": loop.classify,
        "frozen": sorted(step.fixed.layers),
        "examples": len(step.source), "batch_size": step.batch_size, "steps_in_epoch": step.steps_in_epoch,
        "epochs": loop.total, "engine": loop.state.engine, "settings": settings,
    }  # fmt: skip


def plain(value: Any) -> str:
    """Data as JSON, which has null for what is not finite."""
    return strict_json.dumps(strict_json.finite(value))
