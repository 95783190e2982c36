"""The elementary functions of compiled programs: their errors, special values, and loops that are computed on vectors."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import numpy as np
import pytest

from chainrule.algebra import special
from chainrule.algebra.dual import CONSTANT, PARTIALS
from chainrule.engine.compiled.mathematics import FUNCTIONS, OPERATORS, namespace, source

numba = pytest.importorskip("numba")

DTYPES = ("float32", "float64")
WRITTEN_OUT = ("exp", "expm1", "tanh", "log", "log1p", "sin", "cos", "erf")
SHORT = tuple(sorted(FUNCTIONS - {*WRITTEN_OUT}))
OF_TWO = {"maximum", "minimum", "logaddexp", "power", "hypot", "arctan2"}
FAST = ("reassoc", "contract", "nsz", "arcp")
PRECISE = pytest.mark.skipif(np.finfo(np.longdouble).nmant < 60, reason="no number is more exact than float64 here")
inf, nan = np.inf, np.nan


@cache
def loops(names: tuple[str, ...], dtype: str, *flags: str) -> Any:
    """One compiled function that runs a loop for each name: row k of the result is what the k-th function gives."""
    rows = [
        f"    for i in range(x.size):\n        out[{k}, i] = {name}(x[i]{', y[i]' if name in OF_TWO else ''})"
        for k, name in enumerate(names)
    ]
    names_there = {**namespace(dtype), "loop": numba.njit(fastmath=set(flags), error_model="numpy")}
    exec("\n".join([source(names, dtype), "@loop", "def every(x, y, out):", *rows]), names_there)
    return names_there["every"]


def values(names: tuple[str, ...], x: Any, y: Any = None, flags: tuple[str, ...] = FAST) -> dict[str, np.ndarray]:
    """What each function gives at x (and y)."""
    out = np.empty((len(names), x.size), x.dtype)
    loops(names, x.dtype.name, *flags)(x, x if y is None else y, out)
    return dict(zip(names, out, strict=True))


def points(dtype: str) -> np.ndarray:
    """Numbers of every size and both signs, most of them where the functions bend."""
    rng = np.random.default_rng(0)
    bounds = np.finfo(dtype)
    sizes = [np.exp2(rng.uniform(*span, 8_000)) for span in ((bounds.minexp, bounds.maxexp), (-20, 8), (-4, 4), (-1, 1))]
    x = np.concatenate([*sizes, rng.uniform(0, bounds.maxexp * np.log(2), 8_000), 1 + rng.normal(0, 1e-3, 8_000)])
    return np.concatenate([x, -x]).astype(dtype)


def exact_erf(x: np.ndarray) -> np.ndarray:
    """The error function by its series, and from 2.5 on by the continued fraction of 1 - erf."""
    small, large = np.minimum(abs(x), 2.5), np.clip(abs(x), 2.5, 100)
    root = np.sqrt(np.arccos(np.longdouble(-1)))
    term, series, fraction = small.copy(), small.copy(), np.zeros_like(x)
    for k in range(1, 90):
        term = -term * small * small / k
        series += term / (2 * k + 1)
    for k in range(120, 0, -1):
        fraction = k / (2 * (large + fraction))
    outer = 1 - np.exp(-large * large) / ((large + fraction) * root)
    return np.copysign(np.where(abs(x) < 2.5, 2 * series / root, outer), x)


def exact(name: str, x: np.ndarray) -> np.ndarray:
    """The function in numbers of at least twice the digits, or eleven more bits."""
    if x.dtype == np.float32:
        return getattr(np, name, special.erf)(x.astype(np.float64))
    return getattr(np, name, exact_erf)(x.astype(np.longdouble))


def ulps(got: np.ndarray, want: np.ndarray) -> np.ndarray:
    """The error in units of the last place, and 0 where both are the same inf or NaN."""
    rounded = want.astype(got.dtype)
    near = np.maximum(abs(want), np.finfo(got.dtype).smallest_normal)
    unit = np.ldexp(np.ones_like(near), np.frexp(near)[1] - np.finfo(got.dtype).nmant - 1)
    same = (got == rounded) | (np.isnan(got) & np.isnan(rounded))
    error = abs(got.astype(want.dtype) - want) / unit
    return np.where(np.isfinite(error), error, np.where(same, 0, inf))


def stated(name: str, dtype: str) -> float:
    """The bound that the function's text states."""
    text = source([name], dtype)
    return float(re.search(rf"def {name}\(.*?Error below ([\d.]+) ulp", text, re.DOTALL)[1])


@pytest.mark.parametrize("name", WRITTEN_OUT)
@pytest.mark.parametrize("dtype", ["float32", pytest.param("float64", marks=PRECISE)])
@np.errstate(all="ignore")
def test_a_function_errs_by_less_than_its_text_says(name, dtype):
    """No error is above the bound in the function's docstring, which is at most 2 ulp."""
    x = points(dtype)
    error = ulps(values(WRITTEN_OUT, x)[name], exact(name, x))
    in_domain = abs(x) <= 2**18 if name in ("sin", "cos") else slice(None)
    assert error[in_domain].max() <= stated(name, dtype) <= 2


@pytest.mark.parametrize("dtype", DTYPES)
def test_special_numbers_give_what_numpy_gives(dtype):
    """NaN, infinities, zeros with their signs, and the ends of each domain."""
    big, tiny = np.finfo(dtype).max, np.finfo(dtype).smallest_subnormal
    x = np.array([nan, inf, -inf, 0.0, -0.0, 1, -1, -2, big, -big, tiny, -tiny], dtype)
    found = values(WRITTEN_OUT, x)
    with np.errstate(all="ignore"):
        for name, got in found.items():
            want = getattr(np, name, special.erf)(x)
            if name in ("sin", "cos"):
                want[abs(x) == big] = nan  # beyond the domain that the text states
            if name == "erf":
                want[abs(x) == tiny] = 2 / np.sqrt(np.pi) * x[abs(x) == tiny].astype(float)
            np.testing.assert_array_max_ulp(got, want, 2)
            assert np.array_equal(np.signbit(got)[~np.isnan(got)], np.signbit(want)[~np.isnan(got)]), name


@np.errstate(under="ignore")
@pytest.mark.parametrize("dtype", DTYPES)
def test_results_become_subnormal_gradually(dtype):
    """Below the smallest normal number e^x is as near as its spacing allows, down to 0."""
    limits = np.finfo(dtype)
    x = np.linspace(np.log(limits.smallest_normal) + 1, np.log(limits.smallest_subnormal) - 2, 1000).astype(dtype)
    got = values(WRITTEN_OUT, x)["exp"]
    assert (
        np.max(abs(got - np.exp(x)) / limits.smallest_subnormal, where=x < np.log(limits.smallest_normal), initial=0) <= 2
    )
    assert got[-1] == 0


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_flags_of_the_calling_loop_change_nothing(dtype):
    """A loop that allows reassociation gives the bits of one that does not."""
    x = points(dtype)
    fast = values(WRITTEN_OUT, x)
    for name, plain in values(("tanh", "log1p", "sin"), x, flags=()).items():
        assert np.array_equal(fast[name], plain, equal_nan=True), name


@pytest.mark.parametrize("dtype", DTYPES)
def test_loops_are_computed_on_vectors(dtype):
    """LLVM makes every loop a vector loop, which calls no library and, in float32, has no float64."""
    values(WRITTEN_OUT, points(dtype))
    every = loops(WRITTEN_OUT, dtype, *FAST)
    code = every.inspect_llvm(every.signatures[0])
    assert len(re.findall(r"^vector\.body\d*:", code, re.MULTILINE)) >= len(WRITTEN_OUT)
    assert not re.findall(r"call (?:float|double) @(?!llvm\.|PyFloat)\w+", code)
    if dtype == "float32":
        assert [line for line in code.splitlines() if re.search(r"\bdouble\b", line) and "PyFloat" not in line] == []


@pytest.mark.parametrize(("dtype", "names"), [("float32", SHORT), ("float64", ("logaddexp", "maximum", "power", "sign"))])
def test_the_other_functions_are_numpys(dtype, names):
    """The functions of one expression agree with NumPy's to 4 ulp, NaN and infinities included."""
    rng = np.random.default_rng(1)
    x = np.concatenate([rng.normal(0, 2, 2000), rng.uniform(-1, 1, 2000), [nan, inf, -inf, 0, -0.0, 1, -1]]).astype(dtype)
    y = np.concatenate([rng.normal(0, 2, 4000), [1, inf, -inf, nan, 0, 1, 1]]).astype(dtype)
    found = values(names, x, y)
    with np.errstate(all="ignore"):
        for name, got in found.items():
            want = getattr(np, name)(x, y) if name in OF_TWO else getattr(np, name)(x)
            least = 1 if name == "logaddexp" else 0  # near its zero, the sum cancels, as NumPy's does
            rtol = 4 * np.finfo(dtype).eps
            np.testing.assert_allclose(got, want.astype(dtype), rtol=rtol, atol=rtol * least, err_msg=name)


def test_every_function_with_a_derivative_can_be_compiled():
    """What dual numbers can differentiate has an operator or a function here, and no name has both."""
    known = {ufunc.__name__ for ufunc in [*PARTIALS, *CONSTANT]}
    assert known - FUNCTIONS - OPERATORS.keys() == set()
    assert FUNCTIONS & OPERATORS.keys() == set()


def test_the_text_holds_what_is_called_and_no_more():
    """Calling exp brings its helpers along, but neither log nor their constants; no names give no text."""
    text = source(["exp"], "float32")
    assert re.findall(r"def (\w+)", text) == ["power_of_two", "exp_parts", "exp"]
    assert "SQRT_HALF" not in text
    assert source([], "float32") == ""


def test_a_function_without_a_compiled_form_is_named():
    """The message says which one it is."""
    with pytest.raises(NotImplementedError, match="no compiled form of gamma, sinc"):
        source(["exp", "sinc", "gamma"], "float64")
