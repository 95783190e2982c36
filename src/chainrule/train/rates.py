"""Learning-rate schedules: one row each, a factor on the learning rate as a function of time in epochs."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from chainrule.choices import nearest
from chainrule.errors import ConfigError


@dataclass(frozen=True)
class RateSchedule:
    """One schedule.

    Parameters
    ----------
    name : str
    factor : callable
        factor(t, total, **settings): the factor at t epochs (with fractions) of a training of ``total`` epochs.
    settings : mapping
        Its own numbers and their defaults.
    """

    name: str
    factor: Callable[..., float] = field(repr=False)
    settings: Mapping[str, float] = field(default_factory=dict)

    def __call__(self, t: float, total: float) -> float:
        """The factor on the learning rate at t epochs."""
        return self.factor(t, total, **self.settings)


def _cosine(t: float, total: float, warmup: float, floor: float) -> float:
    """Up in a line during the warm-up, then down along half a cosine (Loshchilov and Hutter 2017)."""
    if t < warmup:
        return t / warmup
    share = min((t - warmup) / max(total - warmup, 1e-9), 1.0)
    return floor + (1 - floor) * (1 + math.cos(math.pi * share)) / 2


def _one_cycle(t: float, total: float, peak_at: float, start: float, end: float) -> float:
    """From ``start`` up to 1 and down to ``end``, both along half a cosine (Smith 2018)."""
    share = min(t / max(total, 1e-9), 1.0)
    low, x = (start, share / peak_at) if share < peak_at else (end, (1 - share) / (1 - peak_at))
    return low + (1 - low) * (1 - math.cos(math.pi * x)) / 2


RATES: dict[str, RateSchedule] = {
    row.name: row
    for row in (
        RateSchedule("constant", lambda t, total: 1.0),
        RateSchedule(
            "step", lambda t, total, every, drop: drop ** math.floor(t / every), {"every": 10, "drop": 0.5}
        ),
        RateSchedule("exponential", lambda t, total, decay: decay**t, {"decay": 0.95}),
        RateSchedule("cosine", _cosine, {"warmup": 0, "floor": 0.0}),
        RateSchedule("one_cycle", _one_cycle, {"peak_at": 0.3, "start": 0.04, "end": 1e-4}),
        # Its factor changes by results, not by time: the loop halves it after `patience` epochs without improvement.
        RateSchedule("halve", lambda t, total, patience, stop: 1.0, {"patience": 10, "stop": 128}),
    )
}  # fmt: skip


LIMITS: dict[str, tuple[str, Callable[[float], bool]]] = {  # of the settings that may not be any number from 0 on
    "every": ("above 0", lambda v: v > 0),
    "peak_at": ("above 0 and below 1", lambda v: 0 < v < 1),
    "patience": ("a whole number, at least 1", lambda v: v >= 1 and v == math.floor(v)),
    "stop": ("at least 2", lambda v: v >= 2),
}


def rate_schedule(spec: Any, **settings: float) -> RateSchedule:
    """The schedule that a name stands for, with some of its settings changed.

    Raises
    ------
    ConfigError
        The name or a setting is unknown, or a setting is out of its range.

    Examples
    --------
    >>> cosine = rate_schedule("cosine", warmup=1)
    >>> [round(cosine(t, 11), 2) for t in (0, 0.5, 1, 6, 11)]
    [0.0, 0.5, 1.0, 0.5, 0.0]
    """
    row = spec if isinstance(spec, RateSchedule) else nearest(RATES, spec, "learning-rate schedule")
    for name, value in settings.items():
        nearest(row.settings, name, f"setting of the {row.name} schedule")
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or value < 0:
            raise ConfigError(f"{name} = {value!r}: a setting of the {row.name} schedule is a finite number, at least 0.")
        words, fits = LIMITS.get(name, ("", lambda v: True))
        if not fits(value):
            raise ConfigError(f"{name} = {value!r}: in the {row.name} schedule it is {words}.")
    return RateSchedule(row.name, row.factor, {**row.settings, **settings})


@dataclass
class Bases:
    """The learning rate before its schedule: the one that was given, and those that were set in its place while training.

    >>> bases = Bases(0.5)
    >>> bases.set(10, 0.1)
    >>> bases.of(range(3, 7), 5)
    array([0.5, 0.5, 0.1, 0.1])
    """

    given: float
    after: list[int] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)

    def set(self, updates: int, rate: float) -> None:
        """Take this rate for the steps after so many."""
        if self.after and self.after[-1] == updates:
            self.rates[-1] = rate
        else:
            self.after.append(updates)
            self.rates.append(rate)

    def of(self, steps: range, first: int) -> np.ndarray:
        """The rates of these steps of an epoch that began after ``first`` steps in all."""
        at = np.searchsorted(self.after, range(first + steps.start, first + steps.stop), "right")
        return np.array([self.given, *self.rates])[at]
