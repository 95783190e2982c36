"""The loop of training: epochs of mini-batches, measured, told about, stopped, and never left half done."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from chainrule.engine.inference import outputs_and_cost
from chainrule.engine.stepper import NotFinite, Source, Stepper, Tally
from chainrule.engine.threads import threads_for
from chainrule.randomness import shuffled
from chainrule.train.divergence import divergence
from chainrule.train.history import Epoch, History
from chainrule.train.interrupt import interruptible
from chainrule.train.lbfgs import minimise
from chainrule.train.metrics import LOWER_IS_BETTER, measured
from chainrule.train.rates import Bases
from chainrule.train.settings import Settings
from chainrule.train.state import State

CONSTANT = {"constant", "halve"}  # schedules whose factor stays the same through an epoch
CHUNK_SECONDS = 0.1  # how long training runs between two looks at Ctrl-C and two reports of progress
GROWTH = 16  # times as many steps may come between the next two, at most: the first steps say little


class Callback(Protocol):
    """Called after each epoch with its record; anything true that it returns stops the training."""

    def __call__(self, record: Epoch, /) -> object:
        """Look at the record."""


class Progress(Protocol):
    """Called about ten times a second with the epoch (from 1), the steps done in it, and its tally so far."""

    def __call__(self, epoch: int, steps: int, of: int, tally: Tally, /) -> None:
        """Show it."""


class Recorder(Protocol):
    """Looks at chosen steps. It pulls: the loop runs up to the next of them, and nothing is done within a step."""

    def begin(self, loop: Loop, /) -> None:
        """Training begins, or goes on."""

    def upcoming(self, loop: Loop, order: np.ndarray, /) -> int:
        """How many steps may be done before it looks again, at least 1."""

    def done(self, loop: Loop, costs: np.ndarray, /) -> None:
        """Some steps have been done, at these mean costs."""

    def epoch(self, loop: Loop, record: Epoch, /) -> None:
        """An epoch has ended, and been measured."""

    def end(self, loop: Loop, error: BaseException | None, /) -> None:
        """Training has ended, perhaps by an error."""


@dataclass
class Loop:
    """One training under way."""

    stepper: Stepper
    settings: Settings
    state: State
    history: History
    validation: Source | None
    classify: bool
    callbacks: Sequence[Callback] = ()
    progress: Progress | None = None
    recorder: Recorder | None = None

    def __post_init__(self) -> None:
        self._rates, self._steps = self.settings.rates, self.stepper.steps_in_epoch
        self._bases, self._chunk = Bases(self.state.rate_over(self.settings.eta)), 1  # steps until the next look
        self.total = self.settings.schedule_epochs or self.state.epoch + self.settings.epochs

    def run(self, epochs: int) -> None:
        """Train so many epochs more (one under way counts as the first), or until something stops it."""
        last = self.state.epoch + epochs
        self.history.stopped = ""
        self._take_up()
        with interruptible() as interrupt, threads_for(self.stepper.a, self.stepper.batch_size), self._recorded():
            while self.state.epoch < last and not self.history.stopped:
                seconds = self._epoch(lambda: interrupt.asked)
                self._finish_epoch(seconds, self.eta(self._steps - 1))
        self._give_the_best_back()
        if interrupt.asked:  # while the last epoch was ending: the program that called is to know
            raise KeyboardInterrupt

    @contextmanager
    def _recorded(self) -> Iterator[None]:
        """Let the recorder, if there is one, know of the beginning and of the end."""
        if self.recorder is None:
            yield
            return
        self.recorder.begin(self)
        try:
            yield
        except BaseException as error:
            self.recorder.end(self, error)
            raise
        self.recorder.end(self, None)

    def _take_up(self) -> None:
        """Make the state one that this training can go on from."""
        s, flat = self.state, self.stepper.parameters.flat
        if s.last is not None and s.best is not None and (flat == s.best).all():
            flat[:] = s.last
        s.last = None
        if s.monitor != self.monitor or (self.settings.early_stopping and s.best is None):
            s.forget_best()
        s.monitor = self.monitor
        now = len(self.stepper.source), self.stepper.batch_size
        if s.step and (s.examples, s.batch_size) != now:
            s.begin_epoch()
        s.examples, s.batch_size = now

    def _give_the_best_back(self) -> None:
        """With early stopping, end with the best parameters; a training that may go on keeps the last ones for that."""
        s, flat = self.state, self.stepper.parameters.flat
        if self.settings.early_stopping and s.best is not None:
            s.last = None if self.history.stopped else flat.copy()
            flat[:] = s.best

    def minimise(self, iterations: int) -> None:
        """Full-batch L-BFGS: so many iterations of SciPy's minimiser, as one epoch."""
        self.history.stopped, begun = "", time.perf_counter()
        self._take_up()
        step, epoch = self.stepper, self.state.epoch + 1

        def tell(count: int) -> None:
            if interrupt.asked:
                raise KeyboardInterrupt
            if self.progress:
                self.progress(epoch, count, iterations, Tally(steps=count))

        with interruptible() as interrupt:
            why, cost = minimise(step.a, step.recipe, step.parameters, step.source, iterations, tell)
        self.state.cost_sum, self.state.size_sum = cost, 1.0
        self.history.stopped = why
        self._finish_epoch(time.perf_counter() - begun, 0.0)

    # ----------------------------------------------------------------------------------------------- an epoch

    def _epoch(self, asked: Callable[[], bool]) -> float:
        """The rest of the epoch under way, in chunks; gives the seconds it took."""
        s, epoch, order = self.state, self.state.epoch + 1, self.order()
        begun = time.perf_counter()
        snapshot = self.stepper.parameters.memory, s.updates, Tally(s.cost_sum, s.size_sum, s.step)
        while s.step < self._steps:
            if asked():
                raise KeyboardInterrupt
            before, first = time.perf_counter(), s.step
            stop = min(first + self._chunk, self._steps)
            while s.step < stop:
                try:
                    tally = self._stretch(order, stop)
                except NotFinite as found:
                    step = self._rewind(snapshot, epoch, order, found.step)
                    raise divergence(self.stepper, order, epoch, step, self.eta(step)) from None
            if self.progress:
                self.progress(epoch, s.step, self._steps, tally)
            taken = max(time.perf_counter() - before, 1e-9)
            self._chunk = max(1, min(GROWTH * self._chunk, int((stop - first) * CHUNK_SECONDS / taken)))
        return time.perf_counter() - begun

    def order(self) -> np.ndarray:
        """The order of the examples in the epoch under way."""
        source = self.stepper.source
        order = shuffled(self.stepper.seed, self.state.epoch + 1, len(source))
        return order if source.rows is None else source.rows[order]

    def _stretch(self, order: np.ndarray, stop: int) -> Tally:
        """The next steps up to this one, or as many as the recorder allows."""
        s, recorder = self.state, self.recorder
        steps = range(s.step, stop if recorder is None else min(stop, s.step + recorder.upcoming(self, order)))
        done = Tally(s.cost_sum, s.size_sum, s.step)  # the sum must not depend on where chunks and checkpoints end
        tally = self.stepper.run(s.epoch + 1, order, steps, self._etas(steps), s.updates, done)
        self._count(tally)
        if recorder is not None:
            recorder.done(self, tally.means)
        return tally

    def advance(self, updates: int, halvings: Mapping[int, int], rates: Mapping[int, float] | None = None) -> None:
        """Do the steps up to this update again, with the halvings after epochs and the rates set after steps: no more."""
        s = self.state
        for step in sorted(step for step in rates or () if s.updates <= step <= updates):
            self.set_learning_rate((rates or {})[step], step)
        with threads_for(self.stepper.a, self.stepper.batch_size):
            while s.updates < updates:
                self._stretch(self.order(), min(self._steps, s.step + updates - s.updates))
                if s.step == self._steps:
                    s.epoch += 1
                    s.begin_epoch()
                    s.halvings = halvings.get(s.epoch, s.halvings)

    def _count(self, tally: Tally) -> None:
        """Take over what the epoch has added up."""
        s = self.state
        s.updates, s.step = s.updates + tally.steps - s.step, tally.steps
        s.cost_sum, s.size_sum = tally.cost, tally.size

    def set_learning_rate(self, rate: float, after: int | None = None) -> None:
        """Take this rate in the place of the settings' one, for the steps after so many; else from the next one on."""
        self.state.learning_rate, self.state.in_place_of = rate, self.settings.eta
        self._bases.set(self.state.updates if after is None else after, rate)

    def _etas(self, steps: range) -> np.ndarray:
        """The learning rates of these steps of the epoch under way."""
        s, first = self.state, self.state.updates - self.state.step
        looked_at = steps[:1] if self._rates.name in CONSTANT else steps
        factors = np.array([self._rates(s.epoch + step / self._steps, self.total) for step in looked_at])
        return np.asarray(self._bases.of(steps, first) * factors * 0.5**s.halvings)

    def eta(self, step: int) -> float:
        """The learning rate of a step of the epoch under way."""
        return float(self._etas(range(step, step + 1))[0])

    def _rewind(self, snapshot: tuple[np.ndarray, int, Tally], epoch: int, order: np.ndarray, stop: int) -> int:
        """Put back the last parameters that were finite: those at the epoch's start, and the steps since done again.

        Gives the step that came next, the first whose result was not finite.
        """
        memory, updates, done = snapshot

        def again(last: int, *, careful: bool) -> Tally:
            self.stepper.parameters.restore(memory)
            steps = range(done.steps, last)
            return self.stepper.run(epoch, order, steps, self._etas(steps), updates, done, careful)

        try:
            again(stop + 1, careful=True)
        except NotFinite as exact:
            stop = exact.step
        tally = again(stop, careful=False)
        self.state.updates, self.state.step = updates, done.steps
        self._count(tally)
        return stop

    # ------------------------------------------------------------------------------------- the end of an epoch

    def _finish_epoch(self, seconds: float, eta: float) -> None:
        """Measure, keep the record, decide about stopping, tell the callbacks; ``eta`` is that of the last step."""
        s, source = self.state, self.stepper.source
        metrics = self._measure(self.validation) if self.validation else {}
        training = self._measure(source) if self.settings.training_metrics else {}
        cost = s.cost_sum / s.size_sum if s.size_sum else 0.0
        record = Epoch(s.epoch + 1, cost, metrics, training, eta, seconds, len(source))
        s.epoch += 1
        s.begin_epoch()
        self.history.epochs.append(record)
        self._judge(record)
        if self.recorder is not None:
            self.recorder.epoch(self, record)
        for callback in self.callbacks:
            try:
                if callback(record):
                    self.history.stopped = f"stopped by {getattr(callback, '__name__', type(callback).__name__)}"
            except Exception as error:
                error.add_note(f"raised by a callback after epoch {s.epoch}; the network keeps that epoch's weights.")
                raise

    def _measure(self, source: Source) -> dict[str, float]:
        """Cost and metrics on a data set, whose inputs are gathered slice by slice."""
        a = self.stepper.a
        found, costs = outputs_and_cost(a, self.stepper.parameters.views, source.x, source.y, source.rows)
        y = source.y if source.rows is None else source.y[source.rows]
        return {"cost": float(costs.mean())} | measured(found, y, classify=self.classify, middle=a.cost.middle)

    @property
    def monitor(self) -> str:
        """The figure that decides which epoch is the best."""
        return self.settings.monitor or ("accuracy" if self.classify else "cost")

    def _judge(self, record: Epoch) -> None:
        """Keep the best; stop, or halve the learning rate, when nothing has got better for long enough."""
        s, settings = self.state, self.settings
        halve = settings.rates.settings if settings.rates.name == "halve" else None
        if not record.metrics:
            return
        score = record.metrics[self.monitor] * (-1 if self.monitor in LOWER_IS_BETTER else 1)
        if math.isfinite(score) and (s.best_score is None or score > s.best_score):
            s.best_score, s.best_epoch, s.stale = score, s.epoch, 0
            if settings.early_stopping:
                s.best = self.stepper.parameters.flat.copy()
        else:
            s.stale += 1
        if settings.early_stopping and s.stale >= settings.early_stopping:
            self.history.stopped = f"no better {self.monitor} in {s.stale} epochs; best was epoch {s.best_epoch}"
        elif halve and s.stale >= halve["patience"]:
            s.halvings, s.stale = s.halvings + 1, 0
            if 2**s.halvings >= halve["stop"]:
                self.history.stopped = f"the learning rate has been halved {s.halvings} times"
