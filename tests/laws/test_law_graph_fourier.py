"""The law of the graph's Fourier transforms: they are linear, and their derivatives are those that differences show."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from chainrule.graph import grad, hessian, vjp
from chainrule.graph.check import check_grads

Function = Callable[..., Any]
NORMS = (None, "backward", "ortho", "forward")
OF_ONE_AXIS = (np.fft.fft, np.fft.ifft, np.fft.rfft, np.fft.irfft, np.fft.hfft, np.fft.ihfft)
OF_AXES = (np.fft.fft2, np.fft.ifft2, np.fft.rfft2, np.fft.irfft2, np.fft.fftn, np.fft.ifftn, np.fft.rfftn, np.fft.irfftn)
OF_REAL = {np.fft.rfft, np.fft.ihfft, np.fft.rfft2, np.fft.rfftn}
SIZES: list[dict[str, Any]] = [
    {}, {"s": (4, 3), "axes": (0, 1)}, {"s": (2, 5), "axes": (-1, 0)}, {"axes": (1, 0)}, {"axes": (0, 2)},
    {"s": (-1, 4), "axes": (1, 2)},
]  # fmt: skip
CASES: list[tuple[Function, dict[str, Any]]] = [
    *((f, {"n": n, "axis": axis}) for f in OF_ONE_AXIS for n in (None, 1, 3, 4, 5, 6) for axis in (-1, 0)),
    *((f, {"norm": norm, "n": n}) for f in OF_ONE_AXIS for norm in NORMS[1:] for n in (4, 5)),
    *((f, options) for f in OF_AXES for options in SIZES),
    *((f, {"norm": norm}) for f in OF_AXES for norm in NORMS[1:]),
    *((f, {"axes": (1,)}) for f in OF_AXES),
    *((f, {"axes": axes}) for f in (np.fft.fftshift, np.fft.ifftshift) for axes in (None, 0, -1, (0, 2))),
]


def drawn(function: Function, shape: tuple[int, ...], dtype: Any = complex) -> Any:
    """Normal numbers; real ones for a function of these."""
    rng = np.random.default_rng(5)
    x = rng.standard_normal(shape) + 1j * rng.standard_normal(shape)
    x = x if np.dtype(dtype).kind == "c" else x.real
    return (x.real if function in OF_REAL else x).astype(np.finfo(dtype).dtype if function in OF_REAL else dtype)


def named(row: Any) -> str:
    """A function's name, or its options."""
    return getattr(row, "__name__", str(row))


@pytest.mark.parametrize("dtype", [float, complex])
@pytest.mark.parametrize(("function", "options"), CASES, ids=named)
def test_transforms_have_the_derivatives_that_differences_show(function, options, dtype):
    """Both modes, to second order, of real and complex numbers: cut off, filled up, along each axis, in each scale."""
    check_grads(lambda x: function(x, **options), drawn(function, (4, 3, 5), dtype))


@pytest.mark.parametrize("dtype", [float, complex, np.float32, np.complex64])
@pytest.mark.parametrize(("function", "options"), CASES, ids=named)
def test_values_are_numpys_and_keep_their_precision(function, options, dtype):
    """What goes through the graph is what NumPy computes, in the same precision; so are adjoints."""
    x = drawn(function, (4, 3, 5), dtype)
    y, back = vjp(lambda x: function(x, **options), x)
    expected = function(x, **options)
    assert (y.shape, y.dtype) == (expected.shape, expected.dtype)
    np.testing.assert_allclose(y, expected, atol=1e-4 if y.itemsize // (1 + (y.dtype.kind == "c")) == 4 else 1e-13)
    (g,) = back(np.ones_like(y))
    assert (g.shape, g.dtype) == (x.shape, x.dtype)


def test_positional_arguments_are_those_of_numpy():
    """n, then axis, then norm; s, then axes, then norm."""
    x = drawn(np.fft.fft, (4, 3))
    check_grads(lambda x: np.fft.fft(x, 5, 0, "ortho"), x)
    check_grads(lambda x: np.fft.irfft(x, 5, 0, "forward"), x)
    check_grads(lambda x: np.fft.ifftn(x, (3, 4), (0, 1), "ortho"), x)


def test_power_does_not_change_by_a_transform():
    """Parseval: the power of a spectrum has the signal as its gradient."""
    x = drawn(np.fft.rfft, (8,))
    np.testing.assert_allclose(grad(lambda x: np.sum(np.abs(np.fft.fft(x, norm="ortho")) ** 2))(x), 2 * x, rtol=1e-12)
    power = lambda x: np.sum(np.abs(np.fft.fft(x)) ** 2)  # noqa: E731
    np.testing.assert_allclose(hessian(power)(x), 16 * np.eye(8), atol=1e-12)
