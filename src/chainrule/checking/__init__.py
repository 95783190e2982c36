"""Is this backpropagation right? Witnesses that know nothing of it are asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chainrule.checking.counting import Count
    from chainrule.checking.gradient_report import GradientCheck
    from chainrule.checking.result import Check
    from chainrule.network import Network

__all__ = ["check", "count", "gradcheck"]

SAMPLE = 100  # entries of a larger array that the expensive witnesses see
ENTRIES = 1000  # of an input of gradcheck


def check(
    network: Network, x: Any, y: Any, *, sample_weight: Any = None, penalty: Any = None, lmbda: float = 0.0,
    n: int | None = None, sample: int = SAMPLE, all: bool = False, seed: int = 0,  # noqa: A002  as users say it
) -> Check:  # fmt: skip
    """Check every derivative of a pass against four witnesses, and BP1 to BP4 by components.

    The witnesses are the complex step, central differences, forward mode (dual numbers) and reverse mode on the graph of
    the cost. They go inside the activation functions and the cost, so a slope that was given wrongly is found.

    Parameters
    ----------
    network : Network
        A network in float32 is checked in a float64 copy.
    x : array-like, shape (m, n^1), or (n^1,) for one example
    y : array-like
        Class indices (m,), or target rows (m, n^L); for one example, one index or (n^L,).
    sample_weight : array-like, shape (m,), optional
    penalty : str or Penalty, optional
        ``"l2"``, ``"l1"``, ``"elastic"``; its part of the gradient, (m lmbda / n) R'(w), is checked too.
    lmbda : float
    n : int, optional
        Size of the training set; as many as there are examples if it is not given.
    sample : int
        Of a larger array, so many entries, drawn at random, are seen by the first three witnesses, and one random direction
        through all of them. Reverse mode sees all.
    all : bool
        Every entry and every example.
    seed : int
        Of the random choices.

    Returns
    -------
    Check
        True if every gradient is right. ``print(check)`` shows the table by layer and equation; ``check.rows``,
        ``check.causes`` and ``check.equations`` (BP1 to BP4, each with its residual) are the numbers.

    Raises
    ------
    ShapeError, DataError
        The examples do not fit the network, or the pass is not finite.

    Notes
    -----
    Where a neuron stands at a kink (a relu at 0), there are two slopes and no derivative: its example is left out, and that
    is said. An error is relative to the largest number of its quantity. The exact witnesses are allowed 1e-12, central
    differences 1e-6, and each what rounding does.

    Examples
    --------
    >>> from chainrule import Network
    >>> found = check(Network([2, 3, 1], seed=0), [[0.5, -1.0], [1.0, 0.2]], [[1.0], [0.0]])
    >>> found.passed, list(found.equations), max(found.equations.values()) < 1e-14
    (True, ['BP1', 'BP2', 'BP3', 'BP4'], True)
    """
    from chainrule.checking.problem import problem
    from chainrule.checking.result import Check
    from chainrule.checking.running import run_check
    from chainrule.engine.threads import one_thread

    with one_thread():
        p = problem(network, x, y, sample_weight, penalty, lmbda, n, seed, all=all)
        rows, accounts = run_check(p, None if all else sample, seed)
    return Check(repr(network), len(p.x), tuple(rows), tuple(accounts), p.kinks, p.notes)


def gradcheck(
    f: Any, inputs: Any, *, eps: float = 1e-3, atol: float = 1e-9, rtol: float = 1e-7, raise_exception: bool = True,
    sample: int | None = ENTRIES, seed: int = 0,
) -> GradientCheck:  # fmt: skip
    """Check any function with a backward of its own against differences of its values.

    Parameters
    ----------
    f
        A function that returns ``(value, gradients)``; a pair ``(f, gradient)``; an object with ``forward(x)`` and
        ``backward(dy)``; a function of NumPy operations, whose backward is its graph's (also with rules of your own:
        :func:`chainrule.graph.operation`); or, with tensors as inputs, a torch function or module (then its parameters are
        checked, too).
    inputs : array, tensor, or tuple of them
        What it is called with; a dict of arrays is taken array by array. Whole numbers among them are handed on, and not
        differentiated by; of tensors, those that require a gradient are, if any does.
    eps : float
        Step of the differences. They are of fourth order, from four values each, so the step may be large.
    atol, rtol : float
        What is allowed, absolutely and relative to the derivative, beside rounding.
    raise_exception : bool
        Whether a wrong gradient raises; otherwise the report is returned, which is then false.
    sample : int or None
        Of a larger input so many entries are checked, drawn at random; None for all.
    seed : int

    Returns
    -------
    GradientCheck
        True if every gradient is right; ``str()`` of it names the worst entry of each input, with both numbers.

    Raises
    ------
    GraphError
        A gradient is wrong; or f has none of these forms, or gives another value the second time.

    Notes
    -----
    The first parameters are those of ``torch.autograd.gradcheck``, whose defaults are ``atol=1e-5, rtol=1e-3``. Everything
    is done in float64. At a kink, where the function has two slopes, either is right, and any between.

    Examples
    --------
    >>> import numpy as np
    >>> def half_square(x):
    ...     return 0.5 * np.sum(x * x), x
    >>> print(gradcheck(half_square, np.array([1.0, -2.0])))
    Taken as a function that returns (value, gradients).
    x: all 2 entries are right.
    >>> print(gradcheck((lambda x: np.sum(x**3), lambda x: x**2), np.array([1.0, -2.0]), raise_exception=False))
    Taken as a pair (f, gradient).
    x: 2 of 2 entries are wrong. The worst is x[1]: the backward gives 4, differences of the values give 12. Every entry is 0.333333 times the right one.
    """  # noqa: E501  what it prints is one line
    from chainrule.checking.gradients import run_gradcheck
    from chainrule.errors import GraphError

    found = run_gradcheck(f, inputs, eps, atol, rtol, sample, seed)
    if raise_exception and not found:
        raise GraphError(str(found))
    return found


def count(network: Network, x: Any, y: Any, *, seconds: float = 60.0) -> Count:
    """In what sense backpropagation is fast: how many passes each way to the whole gradient takes, and how long.

    Parameters
    ----------
    network : Network
    x, y
        As for :func:`check`.
    seconds : float
        A way that would take longer is tried on some of its passes, and its time is said to be an estimate.

    Returns
    -------
    Count

    Examples
    --------
    >>> from chainrule import Network
    >>> found = count(Network([2, 3, 1], seed=0), [0.5, -1.0], [1.0])
    >>> [(way.name, way.forward, way.backward) for way in found.ways][0], found.ways[-1].backward
    (('central differences', 26, 0), 1)
    """
    from chainrule.checking.counting import counted
    from chainrule.engine.threads import one_thread

    with one_thread():
        return counted(network, x, y, seconds)
