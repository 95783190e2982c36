"""A run of mini-batches: gather the rows, draw what is random, do the step, look at the result."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import numpy as np

from chainrule.architecture import Architecture
from chainrule.distortion import distorted
from chainrule.engine.memory import (
    Engine,
    Fixed,
    Parameters,
    StepFunction,
    Values,
    Workspace,
    constants,
    functions,
    gradients,
)  # fmt: skip
from chainrule.notation import Key
from chainrule.randomness import generator, kept
from chainrule.schedule import Recipe, training

LOOK = 16  # the parameters are looked at in one step of so many
TARGETS = Key("y", 0)
TINY = np.finfo(np.float64).tiny  # a mini-batch whose examples all have weight 0 has cost 0


class NotFinite(ArithmeticError):  # noqa: N818  a signal between the stepper and the loop, which tells the user more
    """A cost or a parameter was not finite after this step (counted from 0)."""

    def __init__(self, step: int) -> None:
        super().__init__(step)
        self.step = step


@dataclass(frozen=True, eq=False)
class Source:
    """The examples of a run: rows of inputs and targets, perhaps a weight for each, and which rows take part."""

    x: Any  # an array, or engine.rows.Rows
    y: np.ndarray
    weight: np.ndarray | None = None
    rows: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.x) if self.rows is None else len(self.rows)


@dataclass
class Tally:
    """What an epoch's steps add up: the cost and the size of their mini-batches. And the mean costs of the last of them."""

    cost: float = 0.0
    size: float = 0.0
    steps: int = 0
    costs: list[np.ndarray] = field(default_factory=list)

    @property
    def means(self) -> np.ndarray:
        """The mean cost of each step since the tally so far, shape (steps,)."""
        return np.concatenate(self.costs) if self.costs else np.zeros(0)


class Runner(Protocol):
    """Does many steps of whole mini-batches in one call."""

    def __call__(
        self, epoch: int, rows: np.ndarray, first: int, etas: np.ndarray, done: int, /
    ) -> tuple[np.ndarray, np.ndarray]:
        """Do the steps ``first``, ``first + 1`` ... of the epoch, after ``done`` updates, each on a line of ``rows``.

        Gives the summed cost and the size of each step, up to the first whose cost is not finite.
        """


@dataclass(eq=False)
class Stepper:
    """Does the mini-batches of an epoch, in an order that the caller gives.

    One object serves a whole training. Each batch size has a workspace of its own, since the last mini-batch of an epoch
    may be shorter, and is divided by its own size.
    """

    a: Architecture
    recipe: Recipe
    parameters: Parameters
    source: Source
    batch_size: int
    seed: int
    engine: Engine
    fixed: Fixed = field(default_factory=Fixed)
    runner: Runner | None = None

    def __post_init__(self) -> None:
        p = self.parameters
        self._shared: Values = p.views | p.slot_views | gradients(self.a) | self.fixed.values(p.views)
        self._shared |= functions(self.a, self.recipe) | constants(self.recipe, len(self.source))
        self._workspaces: dict[int, Workspace] = {}
        self._steps: dict[int, StepFunction] = {}

    @property
    def steps_in_epoch(self) -> int:
        """How many mini-batches an epoch has; the last may be short."""
        return -(-len(self.source) // self.batch_size)

    def run(
        self, epoch: int, order: np.ndarray, steps: range, etas: np.ndarray, done: int,
        so_far: Tally | None = None, careful: bool = False,
    ) -> Tally:  # fmt: skip
        """Do these steps of the epoch at these learning rates, after ``done`` updates; adds to the tally so far.

        Raises
        ------
        NotFinite
            At the first step whose cost is not finite. Parameters are looked at in every step if ``careful``, else now and
            then: a number that is not finite stays so, and the caller can find the step by doing the stretch again.
        """
        tally = replace(so_far, costs=[]) if so_far else Tally()
        whole = len(order) // self.batch_size if self.runner else 0
        at = steps.start
        while at < min(whole, steps.stop):
            stop = at + 1 if careful else min(whole, steps.stop)
            self._run_whole(epoch, order, range(at, stop), etas[at - steps.start : stop - steps.start], done, tally)
            done, at = done + stop - at, stop
        self._run_singly(epoch, order, range(at, steps.stop), etas[at - steps.start :], done, tally, careful=careful)
        return tally

    def _run_whole(self, epoch: int, order: np.ndarray, steps: range, etas: np.ndarray, done: int, tally: Tally) -> None:
        """Steps of whole mini-batches, by an engine that does many in one call."""
        assert self.runner is not None
        rows = order[steps.start * self.batch_size : steps.stop * self.batch_size].reshape(-1, self.batch_size)
        costs, sizes = self.runner(epoch, rows, steps.start, etas, done)
        if not math.isfinite(costs[-1]) or not self.parameters.are_finite():
            raise NotFinite(steps.start + len(costs) - 1)
        tally.cost = float(np.cumsum([tally.cost, *costs])[-1])  # one after the other, wherever a stretch ends
        tally.size += float(sizes.sum())
        tally.steps += len(costs)
        tally.costs.append(costs / np.maximum(sizes, TINY))

    def _run_singly(
        self, epoch: int, order: np.ndarray, steps: range, etas: np.ndarray, done: int, tally: Tally, *, careful: bool
    ) -> None:
        """Steps one by one."""
        means: list[float] = []
        with np.errstate(over="ignore", invalid="ignore", divide="ignore", under="ignore"):
            for count, (step, eta) in enumerate(zip(steps, etas.tolist(), strict=True), done + 1):
                rows = order[step * self.batch_size : (step + 1) * self.batch_size]
                work = self.load(rows, epoch, step)
                m = float(len(rows)) if work.weight is None else float(work.weight.sum())
                if m > 0:
                    cost = self._steps[len(rows)](eta, m, count)
                    if not math.isfinite(cost) or ((careful or step % LOOK == 0) and not self.parameters.are_finite()):
                        raise NotFinite(step)
                    tally.cost += cost
                    tally.size += m
                means.append(cost / m if m > 0 else 0.0)
                tally.steps += 1
            if steps and not self.parameters.are_finite():
                raise NotFinite(steps.stop - 1)
        tally.costs.append(np.array(means))

    def load(self, rows: np.ndarray, epoch: int, step: int) -> Workspace:
        """The workspace of this mini-batch with its rows, masks and noise in place."""
        work = self._workspace(len(rows))
        self.source.x.take(rows, 0, work.x, "clip")
        self.source.y.take(rows, 0, work.y, "clip")
        np.copyto(work.values[TARGETS], work.y.T)
        if self.recipe.distort:
            work.x[:] = distorted(work.x, self.recipe.distort, self.seed, epoch, step)
        if work.weight is not None and self.source.weight is not None:
            self.source.weight.take(rows, 0, work.weight[0], "clip")
        for l, p in self.recipe.dropout.items():
            mask = work.values[Key("mask", l)]
            np.multiply(kept(self.seed, epoch, step, mask.shape, p, l), 1 / (1 - p), out=mask, casting="unsafe")
        if self.recipe.noise:
            noise = work.values[Key("noise", 0)]
            draws = generator(self.seed, "noise", epoch, step).standard_normal(noise.shape, dtype=noise.dtype)
            np.multiply(draws, self.recipe.noise, out=noise)
        return work

    def _workspace(self, m: int) -> Workspace:
        """The workspace for mini-batches of m examples; made, with its step, when the first of them comes."""
        if m not in self._workspaces:
            self._workspaces[m] = work = Workspace(self.a, self.recipe, m, self._shared)
            self._steps[m] = self.engine(training(self.a, self.recipe), work.values, self.recipe.layer_rates)
        return self._workspaces[m]
