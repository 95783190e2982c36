"""``numpy.fft``: linear. The matrix of a Fourier transform is symmetric, so that adjoints go the same way as signals."""

# ruff: noqa: ARG001  every rule is called alike
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.graph.table import OPERATIONS
from chainrule.graph.tracing import Operation

OPPOSITE: dict[Any, Any] = {None: "forward", "backward": "forward", "ortho": "ortho", "forward": "backward"}


def resized(x: Any, n: int | None, axis: int) -> Any:
    """The first n elements along an axis, with zeros where there are fewer."""
    size = x.shape[axis]
    if n is None or n == size:
        return x
    axis %= x.ndim
    if n < size:
        return x[(slice(None),) * axis + (slice(n),)]
    zeros = np.zeros((*x.shape[:axis], n - size, *x.shape[axis + 1 :]), x.dtype)
    return np.concatenate([x, zeros], axis=axis)


def complex_transform(function: Any) -> Callable[..., Any]:
    """np.fft.fft or np.fft.ifft, along one axis."""

    def back(g: Any, y: Any, x: Any, axis: int, norm: Any) -> Any:
        return function(g, axis=axis, norm=norm)

    row = Operation(function.__name__, function, (back,))
    return lambda a, n=None, axis=-1, norm=None: row(resized(a, n, axis), axis=axis, norm=norm)


def rfft_back(g: Any, y: Any, x: Any, axis: int, norm: Any) -> Any:
    """As of fft, of which the other half of the result was not used."""
    return np.real(np.fft.fft(resized(g, x.shape[axis], axis), axis=axis, norm=norm))


def irfft_back(g: Any, y: Any, x: Any, n: int, axis: int, norm: Any) -> Any:
    """As of ifft, but each frequency stands for two, except 0 and, of an even number, the last."""
    k = np.arange(x.shape[axis])
    twice = ((k > 0) & (2 * k != n)) + 1
    shape = [1] * x.ndim
    shape[axis] = -1
    return resized(np.fft.ifft(g, axis=axis, norm=norm), x.shape[axis], axis) * twice.reshape(shape)


RFFT = Operation("rfft", np.fft.rfft, (rfft_back,))
IRFFT = Operation("irfft", np.fft.irfft, (irfft_back,))


def rfft(a: Any, n: int | None = None, axis: int = -1, norm: Any = None) -> Any:
    """np.fft.rfft: of real numbers, the frequencies from 0 to the half."""
    return RFFT(resized(a, n, axis), axis=axis, norm=norm)


def irfft(a: Any, n: int | None = None, axis: int = -1, norm: Any = None) -> Any:
    """np.fft.irfft: n real numbers, from the frequencies from 0 to the half."""
    n = 2 * (a.shape[axis] - 1) if n is None else n
    return IRFFT(resized(a, n // 2 + 1, axis), n=n, axis=axis, norm=norm)


def hfft(a: Any, n: int | None = None, axis: int = -1, norm: Any = None) -> Any:
    """np.fft.hfft: the real frequencies of a signal whose other half is the conjugate of this one."""
    return np.fft.irfft(np.conj(a), n, axis, OPPOSITE[norm])


def ihfft(a: Any, n: int | None = None, axis: int = -1, norm: Any = None) -> Any:
    """np.fft.ihfft: half of the signal that has these real frequencies."""
    return np.conj(np.fft.rfft(a, n, axis, OPPOSITE[norm]))


def along(a: Any, s: Any, axes: Any) -> list[tuple[int | None, int]]:
    """Length and axis of each transform of several."""
    axes = tuple(range(-len(s), 0) if s is not None else range(a.ndim)) if axes is None else tuple(axes)
    lengths = (None,) * len(axes) if s is None else tuple(None if n == -1 else n for n in s)
    return list(zip(lengths, axes, strict=True))


def repeated(one: Any) -> Callable[..., Any]:
    """A transform along several axes, the last first."""

    def several(a: Any, s: Any = None, axes: Any = None, norm: Any = None) -> Any:
        for n, axis in reversed(along(a, s, axes)):
            a = one(a, n, axis, norm)
        return a

    return several


def rfftn(a: Any, s: Any = None, axes: Any = None, norm: Any = None) -> Any:
    """np.fft.rfftn: the last axis as real numbers, then the others."""
    *others, (n, axis) = along(a, s, axes)
    a = np.fft.rfft(a, n, axis, norm)
    for n, axis in reversed(others):
        a = np.fft.fft(a, n, axis, norm)
    return a


def irfftn(a: Any, s: Any = None, axes: Any = None, norm: Any = None) -> Any:
    """np.fft.irfftn: the last axis is the last, as it gives real numbers."""
    *others, (n, axis) = along(a, s, axes)
    for m, other in others:
        a = np.fft.ifft(a, m, other, norm)
    return np.fft.irfft(a, n, axis, norm)


def of_two(several: Any) -> Callable[..., Any]:
    """A transform along the last two axes, if no others are given."""
    return lambda a, s=None, axes=(-2, -1), norm=None: several(a, s, axes, norm)


def shifted(x: Any, axes: Any, half: Callable[[int], int]) -> Any:
    """Rolled by half the length of each axis."""
    axes = tuple(range(x.ndim)) if axes is None else (axes,) if isinstance(axes, int) else tuple(axes)
    return np.roll(x, [half(x.shape[k]) for k in axes], axes)


ROWS: dict[Any, Callable[..., Any]] = {
    np.fft.fft: complex_transform(np.fft.fft),
    np.fft.ifft: complex_transform(np.fft.ifft),
    np.fft.rfft: rfft,
    np.fft.irfft: irfft,
    np.fft.hfft: hfft,
    np.fft.ihfft: ihfft,
    np.fft.fftn: repeated(np.fft.fft),
    np.fft.ifftn: repeated(np.fft.ifft),
    np.fft.rfftn: rfftn,
    np.fft.irfftn: irfftn,
    np.fft.fft2: of_two(np.fft.fftn),
    np.fft.ifft2: of_two(np.fft.ifftn),
    np.fft.rfft2: of_two(np.fft.rfftn),
    np.fft.irfft2: of_two(np.fft.irfftn),
    np.fft.fftshift: lambda x, axes=None: shifted(x, axes, lambda n: n // 2),
    np.fft.ifftshift: lambda x, axes=None: shifted(x, axes, lambda n: -(n // 2)),
}
OPERATIONS.update(ROWS)
