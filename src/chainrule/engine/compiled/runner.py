"""Running a compiled program: a stretch of mini-batches is one call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from chainrule.engine.compiled import distort
from chainrule.engine.compiled.build import loaded
from chainrule.engine.compiled.program import Program, program
from chainrule.engine.compiled.team import Team, cores, team
from chainrule.notation import Key
from chainrule.randomness import generator

if TYPE_CHECKING:
    from chainrule.engine.stepper import Stepper

NOISE = 2**22  # numbers of noise that are drawn ahead, at most; a call goes as far as they reach
ALIGNED = 64  # bytes of a cache line


def printed(stepper: Stepper) -> Program:
    """The program for a stepper's mini-batches."""
    return program(stepper.a, stepper.recipe, stepper.batch_size, len(stepper.source), stepper.source)


def build(stepper: Stepper, threads: int | None = None) -> Runner:
    """The compiled engine's runner, on so many threads; where none are given, on as many as are faster.

    Raises
    ------
    Unprintable
        A function of the user's has no form in the program.
    """
    return Runner(stepper, printed(stepper), threads)


class Runner:
    """Does stretches of mini-batches, in place on the stepper's parameters."""

    def __init__(self, stepper: Stepper, p: Program, threads: int | None = None) -> None:
        self.stepper, self.program = stepper, p
        self._run = loaded(p.code)
        most = min(threads or cores(), p.plan.parts)
        self.team = Team(most, is_fixed=True) if threads else team(p.code.key, most)
        self._fixed, self._is_cold = self._arrays(), True

    def __call__(
        self, epoch: int, rows: np.ndarray, first: int, etas: np.ndarray, done: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """Do the steps; gives their summed costs and their sizes, up to the first cost that is not finite."""
        costs, sizes = np.zeros(len(rows)), np.zeros(len(rows))
        at, block = 0, self._block(len(rows))
        while at < len(rows):
            count = min(block, len(rows) - at)
            stop = at + self._stretch(
                epoch, rows[at : at + count], first + at, etas[at:], done + at, costs[at : at + count], sizes[at:]
            )
            if stop < at + count or not np.isfinite(costs[stop - 1]):
                return costs[:stop], sizes[:stop]
            at = stop
        return costs, sizes

    def _stretch(
        self, epoch: int, rows: np.ndarray, first: int, etas: np.ndarray, done: int, costs: np.ndarray, sizes: np.ndarray
    ) -> int:
        """Steps on one thread or several; gives how many were done."""
        flat = np.ascontiguousarray(rows, np.int64).reshape(-1)
        noises, m = self._noise(epoch, first, len(rows)), self.stepper.batch_size
        each = noises.size // len(rows) if self.stepper.recipe.noise else 0
        order = [name for name, _ in self.program.code.signature.parameters]

        def call(at: int, count: int, threads: int, control: np.ndarray, thread: int) -> int:
            now = {"rows": flat[at * m :], "etas": etas[at:], "costs": costs[at:], "sizes": sizes[at:],
                   "noises": noises[at * each :], "seed": self.stepper.seed, "epoch": epoch, "first": first + at,
                   "done": done + at, "count": count, "thread": thread, "threads": threads,
                   "control": control}  # fmt: skip
            return self._run(*(now[name] if name in now else self._fixed[name] for name in order))

        was_cold, self._is_cold = self._is_cold, False
        return self.team.run(call, costs, self.program.words, cold=was_cold)

    def _arrays(self) -> dict[str, np.ndarray]:
        """What stays where it is from call to call."""
        s, layout = self.stepper, self.program.layout
        kind, flat = s.a.dtype, s.parameters.flat
        found = {
            "parameters": flat, "gradients": aligned(flat.size, kind), "work": aligned(layout.work, kind),
            "free_": np.ones(1, kind), "held_": np.zeros(1, kind), "weights": np.ones(1, kind),
            "panels": aligned(layout.panel * self.team.most, kind),
            "settings": np.array([*self.program.settings, 0.0]),  # 0: no array is empty
            "words": np.zeros(layout.words + 1, np.uint64),
        }  # fmt: skip
        found |= {f"slot_{slot}": array for slot, array in s.parameters.slots.items()}
        found |= self.program.source.arrays(s.source)
        if s.source.weight is not None:
            found["weights"] = np.ascontiguousarray(s.source.weight, kind)
        if s.recipe.distort:
            drawn, canvas, bits = (size * self.team.most for size in distort.room(s.recipe.distort))
            found |= {"strengths": distort.tables(s.recipe.distort, kind), "nodes": aligned(drawn, kind),
                      "canvas": aligned(canvas, kind), "bits": np.zeros(bits, np.uint64)}  # fmt: skip
        if s.fixed.elements:
            found |= self._held(s)
        for key, which in self.program.layout.constants.items():
            at = layout.offsets[key]
            found["work"][at : at + which.size] = which
        return found

    def _held(self, s: Stepper) -> dict[str, np.ndarray]:
        """Which elements may change, and the values of the others, for all parameters in a row."""
        free, held = np.ones_like(s.parameters.flat), np.zeros_like(s.parameters.flat)
        for (name, l), value in s.fixed.values(s.parameters.views).items():
            letter, _, of = name.partition("_")
            low, high = self.program.layout.stretches[Key(of, l)]
            (free if letter == "free" else held)[low:high] = value.reshape(-1)
        return {"free_": free, "held_": held}

    def _block(self, steps: int) -> int:
        """How many steps one call does."""
        s = self.stepper
        return max(1, NOISE // (s.batch_size * s.a.neurons(1))) if s.recipe.noise else steps

    def _noise(self, epoch: int, first: int, count: int) -> np.ndarray:
        """The noise of these steps, examples in rows."""
        s = self.stepper
        if not s.recipe.noise:
            return np.zeros(1, s.a.dtype)
        found = np.empty((count, s.batch_size, s.a.neurons(1)), s.a.dtype)
        for k in range(count):
            draws = generator(s.seed, "noise", epoch, first + k).standard_normal(found.shape[:0:-1], dtype=s.a.dtype)
            np.multiply(draws.T, s.recipe.noise, out=found[k])
        return found.reshape(-1)


def aligned(size: int, dtype: Any) -> np.ndarray:
    """Zeros that begin at a cache line."""
    kind = np.dtype(dtype)
    raw = np.zeros(size + ALIGNED // kind.itemsize, kind)
    skip = -raw.__array_interface__["data"][0] % ALIGNED // kind.itemsize
    return raw[skip : skip + size]
