"""What is written in terms of other functions: differences, integrals, interpolation, polynomials, filters."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.errors import GraphError
from chainrule.graph.modes import as_array
from chainrule.graph.rules.indexing import along
from chainrule.graph.table import OPERATIONS
from chainrule.graph.tracing import Operation, Traced, plain

FULL = Operation(
    "convolve", np.convolve,
    (lambda g, y, a, v: _valid(g, v[::-1]), lambda g, y, a, v: _valid(g, a[::-1])),
)  # fmt: skip
VALID = Operation(  # a is at least as long as v
    "convolve", lambda a, v: np.convolve(a, v, "valid"),
    (lambda g, y, a, v: np.convolve(g, v[::-1]), lambda g, y, a, v: _valid(a[::-1], g)),
)  # fmt: skip


def _valid(a: Any, v: Any) -> Any:
    """The products in which all of the shorter takes part; traced or not."""
    return VALID(a, v)


def convolve(a: Any, v: Any, mode: str = "full") -> Any:
    """The coefficients of the product of two polynomials; of "same" and "valid" those in the middle."""
    a, v = np.atleast_1d(as_array(a)), np.atleast_1d(as_array(v))
    a, v = (v, a) if len(v) > len(a) else (a, v)
    if mode == "full":
        return FULL(a, v)
    if mode == "valid":
        return VALID(a, v)
    if mode != "same":
        raise GraphError(f"mode = {mode!r}: a convolution is 'full', 'same' or 'valid'.")
    start = (len(v) - 1) // 2
    return FULL(a, v)[start : start + len(a)]


def correlate(a: Any, v: Any, mode: str = "valid") -> Any:
    """The convolution with the conjugate, backwards."""
    a, v = np.atleast_1d(as_array(a)), np.atleast_1d(as_array(v))
    turned = np.conj(v)[::-1]
    if mode == "same" and len(v) > len(a):
        start = len(a) // 2
        return FULL(a, turned)[start : start + len(v)]
    return convolve(a, turned, mode)


def diff(a: Any, n: int = 1, axis: int = -1, prepend: Any = None, append: Any = None) -> Any:
    """Each element less the one before it."""
    a = as_array(a)
    ends = [None if x is None else _end(x, a, axis) for x in (prepend, append)]
    if any(x is not None for x in ends):
        a = np.concatenate([x for x in (ends[0], a, ends[1]) if x is not None], axis)
    for _ in range(n):
        a = a[along(axis, slice(1, None), a.ndim)] - a[along(axis, slice(-1), a.ndim)]
    return a


def _end(x: Any, a: Any, axis: int) -> Any:
    """A number as one more element along an axis."""
    x = as_array(x)
    return x if x.ndim else np.broadcast_to(x, (*a.shape[: axis % a.ndim], 1, *a.shape[axis % a.ndim + 1 :]))


def ediff1d(ary: Any, to_end: Any = None, to_begin: Any = None) -> Any:
    """Differences of all elements in a row, between given ends."""
    parts = [None if x is None else np.ravel(as_array(x)) for x in (to_begin, diff(np.ravel(ary)), to_end)]
    return np.concatenate([x for x in parts if x is not None])


def gradient(f: Any, *varargs: Any, axis: Any = None, edge_order: int = 1) -> Any:
    """Slopes from differences with both neighbours, along each axis."""
    f = as_array(f)
    axes = [*range(f.ndim)] if axis is None else [int(k) % f.ndim for k in np.atleast_1d(axis)]
    given = varargs or (1.0,)
    if len(given) not in {1, len(axes)} or edge_order not in {1, 2}:
        raise GraphError(f"np.gradient along {len(axes)} axes takes one spacing or {len(axes)}, and edge_order 1 or 2; "
                         f"it has been given {len(given)} and {edge_order}.")  # fmt: skip
    spacings = [as_array(h) for h in (given * len(axes) if len(given) == 1 else given)]
    found = tuple(_slopes(f, h, k, edge_order) for k, h in zip(axes, spacings, strict=True))
    return found[0] if len(found) == 1 else found


def _slopes(f: Any, spacing: Any, axis: int, edge_order: int) -> Any:
    """The mean of the slopes on both sides, each counted by the other side's width."""
    f = np.moveaxis(f, axis, -1)
    h = np.diff(spacing) if spacing.ndim else spacing * np.ones(f.shape[-1] - 1)
    s = (f[..., 1:] - f[..., :-1]) / h
    h1, h2, s1, s2 = h[:-1], h[1:], s[..., :-1], s[..., 1:]
    inner = (h2 * s1 + h1 * s2) / (h1 + h2)
    first, last = s[..., :1], s[..., -1:]
    if edge_order == 2:
        first = first + (first - s[..., 1:2]) * h[:1] / (h[:1] + h[1:2])
        last = last + (last - s[..., -2:-1]) * h[-1:] / (h[-1:] + h[-2:-1])
    found = np.moveaxis(np.concatenate([first, inner, last], -1), -1, axis)
    return found.astype(f.dtype) if f.dtype.kind in "fc" and found.dtype != f.dtype else found


def trapezoid(y: Any, x: Any = None, dx: Any = 1.0, axis: int = -1) -> Any:
    """The area under straight lines between points."""
    y, h = as_array(y), dx
    if x is not None:
        x = as_array(x)
        h = (
            np.reshape(np.diff(x), [-1 if k == axis % y.ndim else 1 for k in range(y.ndim)])
            if x.ndim == 1
            else diff(x, axis=axis)
        )
    both = y[along(axis, slice(1, None), y.ndim)] + y[along(axis, slice(-1), y.ndim)]
    return np.sum(h * both / 2, axis=axis)


def interp(x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None, period: Any = None) -> Any:
    """On straight lines between points; beyond them the value at the end."""
    x, xp, fp = (v.astype(np.result_type(v.dtype, np.float64)) for v in map(as_array, (x, xp, fp)))
    if period is not None:
        x, xp = x % period, xp % period
        order = np.argsort(plain(xp))
        xp, fp = xp[order], fp[order]
        xp = np.concatenate([xp[-1:] - period, xp, xp[:1] + period])
        fp = np.concatenate([fp[-1:], fp, fp[:1]])
        left = right = None
    at, places = plain(x), plain(xp)
    low, high = at < places[0], at > places[-1]
    k = np.clip(np.searchsorted(places, at, "right") - 1, 0, max(len(places) - 2, 0))
    after = np.minimum(k + 1, len(places) - 1)
    width = np.where(k == after, 1.0, xp[after] - xp[k])
    y = fp[k] + (fp[after] - fp[k]) / width * (x - xp[k])
    y = np.where(low, fp[0] if left is None else left, y)
    return np.where(high, fp[-1] if right is None else right, y)


def unwrap(p: Any, discont: Any = None, axis: int = -1, *, period: Any = 2 * math.pi) -> Any:
    """With whole periods added, so that neighbours are near each other."""
    size = plain(period)
    turns = np.round((np.unwrap(plain(p), discont, axis, period=size) - plain(p)) / size)
    return p + period * turns.astype(p.dtype)


def sinc(x: Any) -> Any:
    """sin(pi x) / pi x; near 0 its series, of which every derivative is exact there."""
    z = math.pi * x
    near = np.abs(plain(z)) < 1
    small, large = np.where(near, z, 0.0), np.where(near, 1.0, z)
    square, series = small * small, 0.0
    for k in range(10, -1, -1):
        series = series * square + (-1) ** k / math.factorial(2 * k + 1)
    return np.where(near, series, np.sin(large) / large)


def linspace(
    start: Any, stop: Any, num: int = 50, endpoint: bool = True, retstep: bool = False, dtype: Any = None, axis: int = 0,
    **_: Any,
) -> Any:  # fmt: skip
    """Evenly spaced from start to stop; both ends are exact."""
    kind = np.result_type(*(x if isinstance(x, int | float | complex) else as_array(x).dtype for x in (start, stop)), 0.0)
    start, stop = (x.astype(kind) for x in np.broadcast_arrays(start, stop))
    divisions = num - 1 if endpoint else num
    part = (np.arange(num) / max(divisions, 1)).reshape(-1, *(1,) * start.ndim).astype(np.empty(0, kind).real.dtype)
    y = np.moveaxis(start * (1 - part) + stop * part, 0, axis)
    y = y if dtype is None else y.astype(dtype)
    return (y, (stop - start) / divisions if divisions else np.nan) if retstep else y


def logspace(
    start: Any, stop: Any, num: int = 50, endpoint: bool = True, base: Any = 10.0, dtype: Any = None, axis: int = 0
) -> Any:  # fmt: skip
    """Powers of the base, with evenly spaced exponents."""
    y = linspace(start, stop, num, endpoint, axis=axis)
    y = np.power(as_array(base).astype(y.dtype) if isinstance(base, int | float) else base, y)
    return y if dtype is None else y.astype(dtype)


def geomspace(start: Any, stop: Any, num: int = 50, endpoint: bool = True, dtype: Any = None, axis: int = 0) -> Any:
    """From start to stop, each a constant factor from the one before it."""
    start, stop = (x.astype(np.result_type(x.dtype, np.float64)) for x in np.broadcast_arrays(start, stop))
    part = linspace(np.zeros(start.shape), np.ones(stop.shape), num, endpoint)
    y = np.moveaxis(start * np.power(stop / start, part), 0, axis)
    return y if dtype is None else y.astype(dtype)


def full_like(a: Any, fill_value: Any, dtype: Any = None, *_: Any, shape: Any = None, **__: Any) -> Any:
    """One value everywhere."""
    if not isinstance(fill_value, Traced):
        return np.full_like(plain(a), fill_value, dtype, shape=shape)
    return np.broadcast_to(fill_value.astype(a.dtype if dtype is None else dtype), a.shape if shape is None else shape)


def nan_to_num(x: Any, copy: bool = True, nan: Any = 0.0, posinf: Any = None, neginf: Any = None) -> Any:
    """With plain numbers in the place of NaN and infinity."""
    if x.dtype.kind == "c":
        return nan_to_num(np.real(x), copy, nan, posinf, neginf) + 1j * nan_to_num(np.imag(x), copy, nan, posinf, neginf)
    return np.where(np.isfinite(plain(x)), x, np.nan_to_num(plain(x), nan=nan, posinf=posinf, neginf=neginf))


def angle(z: Any, deg: bool = False) -> Any:
    """Of a complex number; of a real one 0 or half a turn."""
    turn = np.arctan2(np.imag(z), np.real(z))
    return turn * (180 / math.pi) if deg else turn


def polyval(p: Any, x: Any) -> Any:
    """A polynomial at x; the first coefficient is that of the highest power."""
    p, x = as_array(p), as_array(x)
    y: Any = np.zeros(x.shape, np.result_type(p.dtype, x.dtype))
    for coefficient in p:
        y = y * x + coefficient
    return y


def vander(x: Any, N: int | None = None, increasing: bool = False) -> Any:
    """The powers of each element, highest first."""
    powers = np.arange(len(x) if N is None else N)
    x = x.astype(np.promote_types(x.dtype, int))
    return x[:, None] ** (powers if increasing else powers[::-1]).astype(x.dtype)


def polysum(combine: Any) -> Callable[..., Any]:
    """The sum or difference of two polynomials, the shorter with zeros before it."""

    def both(a1: Any, a2: Any) -> Any:
        a, b = np.atleast_1d(as_array(a1)), np.atleast_1d(as_array(a2))
        n = max(len(a), len(b))
        return combine(np.pad(a, (n - len(a), 0)), np.pad(b, (n - len(b), 0)))

    return both


def polyder(p: Any, m: int = 1) -> Any:
    """The derivative of a polynomial."""
    for _ in range(m):
        p = p[:-1] * np.arange(len(p) - 1, 0, -1)
    return p


def polyint(p: Any, m: int = 1, k: Any = None) -> Any:
    """The integral of a polynomial, with constants k."""
    constants = (
        np.broadcast_to(as_array(0.0 if k is None else k), (m,)) if not (k is not None and np.ndim(k)) else as_array(k)
    )
    p = as_array(p)
    for j in range(m):
        p = np.concatenate([p / np.arange(len(p), 0, -1), constants[j : j + 1]])
    return p


def apply_along_axis(func1d: Any, axis: int, arr: Any, *args: Any, **kwargs: Any) -> Any:
    """A function of each row along an axis; what it gives takes the row's place."""
    each = np.moveaxis(arr, axis, -1)
    found = [as_array(func1d(each[at], *args, **kwargs)) for at in np.ndindex(*each.shape[:-1])]
    ndim = found[0].ndim
    y = np.reshape(np.stack(found), (*each.shape[:-1], *found[0].shape))
    return np.moveaxis(y, range(-ndim, 0), range(axis % arr.ndim, axis % arr.ndim + ndim))


def apply_over_axes(func: Any, a: Any, axes: Any) -> Any:
    """A reduction along one axis after the other, all of which stay."""
    for axis in np.atleast_1d(axes):
        found = func(a, int(axis))
        a = found if found.ndim == a.ndim else np.expand_dims(found, int(axis))
    return a


OPERATIONS.update({
    np.convolve: convolve, np.correlate: correlate,
    np.diff: diff, np.ediff1d: ediff1d, np.gradient: gradient, np.trapezoid: trapezoid, np.interp: interp,
    np.unwrap: unwrap, np.sinc: sinc, np.angle: angle, np.nan_to_num: nan_to_num,
    np.real_if_close: lambda a, tol=100: a if np.iscomplexobj(np.real_if_close(plain(a), tol)) else np.real(a),
    np.linspace: linspace, np.logspace: logspace, np.geomspace: geomspace, np.full_like: full_like,
    np.polyval: polyval, np.vander: vander, np.polyadd: polysum(np.add), np.polysub: polysum(np.subtract),
    np.polymul: lambda a1, a2: convolve(a1, a2),  # noqa: PLW0108  the operands have other names here
    np.polyder: polyder, np.polyint: polyint,
    np.apply_along_axis: apply_along_axis, np.apply_over_axes: apply_over_axes,
})  # fmt: skip
