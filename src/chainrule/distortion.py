"""Elastic and affine distortions of training images: a new, slightly different picture of each example in each step.

The elastic part is that of Simard, Steinkraus and Platt (2003): each pixel is displaced by uniform random numbers that were
smoothed with a Gaussian. Smoothing leaves nothing finer than sigma, so the random numbers are drawn on a grid of nodes
``SPACING * sigma`` apart, each with its bell, instead of one for each pixel; the variance is made exact, and correlations
are those of the dense form to a few thousandths. This reference is what the compiled engine is held to.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from chainrule.errors import ConfigError, ShapeError
from chainrule.randomness import PURPOSES

PURPOSE = PURPOSES["distort"]
AFFINE = 6  # random numbers of the affine part: angle, two scales, shear, two shifts; those of the nodes follow
SPACING = 1.25  # of the nodes, in sigma: the variance between them then ripples by 0.4 %, before it is made exact
REACH = 2.5  # in sigma: how far the nodes go beyond the picture
WORDS = 4  # of 64 bits that Philox gives at a time, 16 random numbers of 16 bits

LARGEST = 1024  # pixels along a side
LIMITS = {
    "alpha": (0, 1000, "the elastic displacement in pixels, before it is smoothed"),
    "sigma": (1, 100, "the standard deviation of the smoothing in pixels"),
    "rotate": (0, 180, "the largest rotation in degrees"),
    "scale": (0, 0.9, "the largest relative change of size"),
    "shear": (0, 2, "the largest slant, in pixels a row"),
    "shift": (0, 1000, "the largest shift in pixels"),
}


@dataclass(frozen=True, kw_only=True)
class Distortion:
    """How much pictures are distorted; :func:`distortion` makes one and checks it.

    Parameters
    ----------
    shape : (int, int)
        Rows and columns of a picture.
    alpha, sigma : float
        Elastic part, in pixels: displacements are uniform in [-alpha, alpha], then smoothed by a Gaussian of this standard
        deviation. A pixel moves by ``alpha / (2 sigma sqrt(3 pi))`` in the root mean square, along each axis.
    rotate : float
        Rotated by up to so many degrees, to either side.
    scale : float
        Height and width change, independently, by up to this part.
    shear : float
        Slanted by up to so many pixels a row.
    shift : float
        Shifted by up to so many pixels, along each axis.
    """

    shape: tuple[int, int]
    alpha: float = 30.0
    sigma: float = 5.0
    rotate: float = 12.0
    scale: float = 0.15
    shear: float = 0.15
    shift: float = 1.0

    @property
    def nodes(self) -> tuple[int, int]:
        """Rows and columns of the grid of nodes."""
        rows, columns = (math.ceil((n - 1 + 2 * REACH * self.sigma) / (SPACING * self.sigma)) + 1 for n in self.shape)
        return rows, columns

    @property
    def blocks(self) -> int:
        """How many blocks of Philox an example takes."""
        return -(-(AFFINE + 2 * math.prod(self.nodes)) // (4 * WORDS))

    def as_dict(self) -> dict[str, Any]:
        """The settings as data for a file: ``distortion(**data)`` makes the distortion again."""
        return {**asdict(self), "shape": list(self.shape)}


def distortion(shape: Any, **strengths: Any) -> Distortion:
    """The distortion of pictures of this shape, checked; :class:`Distortion` lists the strengths and what is usual.

    Raises
    ------
    ConfigError
        A name is unknown, or a value is out of its range.

    Examples
    --------
    >>> distortion((28, 28), alpha=20, sigma=4)
    Distortion(shape=(28, 28), alpha=20.0, sigma=4.0, rotate=12.0, scale=0.15, shear=0.15, shift=1.0)
    """
    for name in strengths:
        if name not in LIMITS:
            raise ConfigError(f"there is no strength {str(name)[:40]!r} of a distortion. There are: {', '.join(LIMITS)}.")
    return Distortion(shape=_sides(shape), **{name: _strength(name, value) for name, value in strengths.items()})


def _sides(shape: Any) -> tuple[int, int]:
    sides = tuple(shape) if isinstance(shape, tuple | list) else ()
    whole = (isinstance(n, int | np.integer) and not isinstance(n, bool) and 1 <= n <= LARGEST for n in sides)
    if len(sides) != 2 or not all(whole):
        raise ConfigError(
            f"distortion shape = {repr(shape)[:40]}: two whole numbers from 1 to {LARGEST}, "
            "the rows and columns of a picture."
        )
    return int(sides[0]), int(sides[1])


def _strength(name: str, value: Any) -> float:
    low, high, meaning = LIMITS[name]
    number = isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)
    if not number or not low <= value <= high:
        raise ConfigError(f"distortion {name} = {repr(value)[:40]}: a number from {low} to {high}, {meaning}.")
    return float(value)


def distorted(images: np.ndarray, d: Distortion, seed: int, epoch: int, step: int) -> np.ndarray:
    """The pictures of this mini-batch, each distorted in its own way.

    That of row i is a pure function of (seed, epoch, step, i). Between pixels the picture is interpolated linearly; outside
    it is 0.

    Parameters
    ----------
    images : array, shape (m, rows * columns)
        One picture a row, its pixels row by row.
    d : Distortion
        How much.
    seed, epoch, step : int
        Where in the training this mini-batch stands.

    Returns
    -------
    array, shape (m, rows * columns)
        New pictures, of the same type.

    Raises
    ------
    ShapeError
        The pictures have another shape.

    Examples
    --------
    >>> d = distortion((2, 3), alpha=0, rotate=0, scale=0, shear=0, shift=0)
    >>> distorted(np.array([[1., 2., 3., 4., 5., 6.]]), d, seed=0, epoch=1, step=0)
    array([[1., 2., 3., 4., 5., 6.]])
    """
    if images.ndim != 2 or images.shape[1] != math.prod(d.shape):
        raise ShapeError(
            f"the pictures are {images.shape}, but this distortion is for {d.shape[0]} x {d.shape[1]} pixels.\n"
            f"It takes one picture a row, so (m, {math.prod(d.shape)}). Make the distortion for the shape that they have."
        )
    u = draws(d, seed, epoch, step, len(images))
    at = _affine(d, u[:, :AFFINE]) + _elastic(d, u[:, AFFINE:])
    return _sampled(images.reshape(len(images), *d.shape), at).reshape(images.shape).astype(images.dtype, copy=False)


def draws(d: Distortion, seed: int, epoch: int, step: int, m: int) -> np.ndarray:
    """Uniform numbers in (-1, 1) for m examples, shape (m, AFFINE + 2 * nodes): example i starts at block i * d.blocks.

    Each is made of 16 bits: the first ones of the lowest quarters of the example's words, and so on.
    """
    from numpy.random import Philox

    words = Philox(key=[seed, PURPOSE], counter=[0, 0, step, epoch]).random_raw(m * d.blocks * WORDS)
    quarters = words.reshape(m, 1, d.blocks * WORDS) >> np.array([[0], [16], [32], [48]], np.uint64)
    numbers = quarters.astype(np.uint16).view(np.int16).reshape(m, 4 * WORDS * d.blocks)
    return (numbers[:, : AFFINE + 2 * math.prod(d.nodes)] + 0.5) / 2**15


def spreads(d: Distortion) -> np.ndarray:
    """What the numbers of the affine part are multiplied by: angle, scales, shear, shifts."""
    return np.array([math.radians(d.rotate), d.scale, d.scale, d.shear, d.shift, d.shift])


def _affine(d: Distortion, u: np.ndarray) -> np.ndarray:
    """Where each pixel is read from without the elastic part, shape (m, 2, rows, columns)."""
    angle, taller, wider, shear, down, right = (u * spreads(d)).T[..., None, None]
    row, column = (np.arange(n) - (n - 1) / 2 for n in d.shape)
    y = row[:, None] / (1 + taller)
    x = (column + shear * row[:, None]) / (1 + wider)
    turned = np.cos(angle) * y - np.sin(angle) * x + down, np.sin(angle) * y + np.cos(angle) * x + right
    return np.stack(turned, axis=1) + (np.reshape(d.shape, (2, 1, 1)) - 1) / 2


def _elastic(d: Distortion, u: np.ndarray) -> np.ndarray:
    """The displacements, shape (m, 2, rows, columns): a bell for each node, times its random number."""
    down, along = bells(d)
    numbers = u.reshape(len(u), d.nodes[0], 2, d.nodes[1]).swapaxes(1, 2)
    return np.asarray(down @ (numbers @ along.T))


def bells(d: Distortion) -> tuple[np.ndarray, np.ndarray]:
    """Each node's Gaussian at each row, (rows, nodes), and at each column, (columns, nodes); alpha is in the first.

    The squares of a row add up to 1, and alpha is scaled so that the variance is that of dense noise: a Gaussian filter
    divides it by 4 pi sigma squared.
    """
    down, along = (_bells(n, k, d.sigma) for n, k in zip(d.shape, d.nodes, strict=True))
    return down * (d.alpha / (2 * d.sigma * math.sqrt(math.pi))), along


def _bells(n: int, nodes: int, sigma: float) -> np.ndarray:
    centres = (np.arange(nodes) - (nodes - 1) / 2) * SPACING * sigma
    distances = (np.arange(n) - (n - 1) / 2)[:, None] - centres
    heights = np.exp(-(distances**2) / (2 * sigma**2))
    return np.asarray(heights / np.sqrt(np.sum(heights**2, axis=1, keepdims=True)))


def _sampled(pictures: np.ndarray, at: np.ndarray) -> np.ndarray:
    """The pictures read at these places: linear between the four pixels around each, 0 outside."""
    m, rows, columns = pictures.shape
    framed = np.zeros((m, rows + 3, columns + 3))
    framed[:, 1:-2, 1:-2] = pictures
    y, x = np.clip(at[:, 0] + 1, 0, rows + 1), np.clip(at[:, 1] + 1, 0, columns + 1)
    top, left = y.astype(np.intp), x.astype(np.intp)
    y, x = y - top, x - left
    corner = (np.arange(m)[:, None, None] * (rows + 3) + top) * (columns + 3) + left
    a, b, c, d = (framed.take(corner + offset) for offset in (0, 1, columns + 3, columns + 4))
    above, below = a + x * (b - a), c + x * (d - c)
    return np.asarray(above + y * (below - above))
