"""Toy data: points in the plane to be told apart, and functions of one number to be learned.

Coordinates are centred and about as large as 1, so that a network can take them as they are. Each toy is one row of
the table `TOYS`; a function of (n, noise, rng) that returns x and y. Noise is relative to the gap between the classes,
or to the unit of y.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from chainrule.choices import similar
from chainrule.data.dataset import Dataset, Splits
from chainrule.data.splitting import split_rows
from chainrule.errors import ConfigError, DataError
from chainrule.randomness import checked_seed, generator

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.random import Generator

Toy: TypeAlias = "Callable[[int, float, Generator], tuple[np.ndarray, np.ndarray]]"
MAX_EXAMPLES = 10_000_000


def circle(n: int, noise: float, rng: Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draw a disc (class 0) within a ring (class 1)."""
    y = _halves(n)
    radius = np.where(y == 0, 0.9 * np.sqrt(rng.random(n)), rng.uniform(1.3, 1.9, n))
    return _blurred(_polar(radius, rng.uniform(0, 2 * np.pi, n)), 0.4 * noise, rng), y


def xor(n: int, noise: float, rng: Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draw four squares: class 0 where both coordinates have the same sign, class 1 where they differ."""
    y = _halves(n)
    sign = rng.choice([-1.0, 1.0], n)
    x = rng.uniform(0.1, 1.7, (n, 2)) * np.column_stack([sign, np.where(y == 0, sign, -sign)])
    return _blurred(x, 0.4 * noise, rng), y


def gauss(n: int, noise: float, rng: Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draw two round clouds."""
    y = _halves(n)
    centres = np.where(y[:, None] == 0, -0.9, 0.9)
    return _blurred(centres * np.ones(2), 0.35 + noise, rng), y


def spirals(n: int, noise: float, rng: Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draw two spiral arms of one and three quarter turns, wound into each other."""
    y = _halves(n)
    t = rng.uniform(0.06, 1.0, n)
    return _blurred(_polar(2.1 * t, 1.75 * 2 * np.pi * t + np.pi * y), 0.5 * noise, rng), y


def moons(n: int, noise: float, rng: Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draw two half circles, each reaching into the other."""
    y = _halves(n)
    side = np.where(y == 0, 1.0, -1.0)
    arc = _polar(np.ones(n), rng.uniform(0, np.pi, n)) - [0.5, 0.25]
    return _blurred(1.2 * side[:, None] * arc, 0.6 * noise, rng), y


def curve(f: Callable[[np.ndarray], np.ndarray]) -> Toy:
    """Return the toy y = f(x) for x from -2 to 2, with noise on y."""

    def toy_of_f(n: int, noise: float, rng: Generator) -> tuple[np.ndarray, np.ndarray]:
        x = rng.uniform(-2, 2, (n, 1))
        return x, _blurred(f(x), noise, rng)

    return toy_of_f


TOYS: dict[str, Toy] = {
    "circle": circle,
    "xor": xor,
    "gauss": gauss,
    "spirals": spirals,
    "moons": moons,
    "line": curve(lambda x: 0.5 * x),
    "parabola": curve(lambda x: 0.75 * x * x - 1),
    "cubic": curve(lambda x: 0.5 * x**3 - x),
    "absolute": curve(lambda x: abs(x) - 1),
    "step": curve(lambda x: np.where(x < 0, -1.0, 1.0)),
    "sine": curve(lambda x: np.sin(np.pi * x)),
    "bump": curve(lambda x: 3 * np.exp(-4 * x * x) - 0.66),
}


def toy(name: str, *, n: int = 500, noise: float = 0.1, seed: int = 0, test_fraction: float = 0.2) -> Splits:
    """Make one of the toy data sets of the table `TOYS`.

    Parameters
    ----------
    name : str
        circle, xor, gauss, spirals, moons: two balanced classes in the plane; line, parabola, cubic, absolute, step,
        sine, bump: y = f(x), a regression.
    n : int
        The number of examples in all.
    noise : float
        Standard deviation, relative to the gap between the classes or to the unit of y.
    seed : int
        The points are a pure function of name, n, noise and seed.
    test_fraction : float
        The part held out for the test.

    Returns
    -------
    Splits
        x: (n, 2) or (n, 1); y: class indices, or (n, 1) real targets.

    Raises
    ------
    DataError
        When there is no toy of that name.
    ConfigError
        When another argument is out of its range.

    Examples
    --------
    >>> toy("moons", n=200)
    Splits('moons': 160 train, 40 test; 2 features, classification)
    >>> toy("sine", noise=0).train
    Dataset(400 examples, 1 feature, 1 target)
    """
    if name not in TOYS:
        raise DataError(f"There is no toy data set {name!r}; there are {', '.join(TOYS)}.{similar(name, TOYS)}")
    if not isinstance(n, int) or isinstance(n, bool) or not 2 <= n <= MAX_EXAMPLES:
        raise ConfigError(f"n={n!r}: a toy has 2 to {MAX_EXAMPLES:,} examples.")
    if not isinstance(noise, int | float) or not 0 <= noise <= 10:
        raise ConfigError(f"noise={noise!r}: it is a number from 0 to 10.")
    x, y = TOYS[name](n, noise, generator(checked_seed(seed), "toy"))
    data = _dataset(x.astype(np.float32), y)
    labels = data.y if data.classes else None
    train, _, test = split_rows(n, (test_fraction, 0.0), seed, labels, data.classes)
    return Splits(name, data.take(train), None, data.take(test) if len(test) else None)


def _dataset(x: np.ndarray, y: np.ndarray) -> Dataset:
    """Name the columns: coordinates and classes, or x and y."""
    if y.ndim == 1:
        return Dataset(x, y, classes=("0", "1"), features=("x1", "x2"))
    return Dataset(x, y.astype(np.float32), features=("x",), targets=("y",))


def _halves(n: int) -> np.ndarray:
    """Return the classes of n points, alternating, so that both have as many."""
    return np.arange(n, dtype=np.int64) % 2


def _polar(radius: np.ndarray, angle: np.ndarray) -> np.ndarray:
    """Return points as rows (n, 2)."""
    return np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])


def _blurred(points: np.ndarray, deviation: float, rng: Generator) -> np.ndarray:
    """Add normal noise."""
    return points + deviation * rng.standard_normal(points.shape)
