"""Auditing somebody else's backpropagation: whether it is right, and if not, which line is wrong.

A candidate is called with numbers of our own, and what it gives is compared with our trace. Where it is wrong, slips are
tried out: each is a wrong equation in the place of the right one, run through the same schedule, so that all that follows
from it is there too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chainrule.auditing.verdict import Finding, Layout, Number, Quantity, Verdict

if TYPE_CHECKING:
    from chainrule.auditing.testing import assert_right

__all__ = ["Finding", "Layout", "Number", "Quantity", "Verdict", "assert_right", "audit"]


def audit(candidate: Any, network: Any = None, x: Any = None, y: Any = None, **options: Any) -> Verdict:
    """Whether somebody else's backpropagation is right; if not, the first quantity that is wrong, and the likely slip.

    Parameters
    ----------
    candidate : callable or object
        A function ``backprop(x, y)`` that gives gradients in any layout; or one that is given the parameters too, by the
        names of its arguments (``weights, biases``, or ``W1, b1, W2, b2``); an object with ``weights``, ``biases`` and
        ``backprop``, whose update is looked at, too; a function or an object with ``update_mini_batch``, whose change of
        the parameters is looked at; a fitted scikit-learn MLP; or a torch module.
    network : Network, mapping, or sequence of int, optional
        What the candidate is meant to compute: a network whose parameters it uses, or the sizes of one where it is given
        its parameters. Of an object it is read off. Where ``activation=`` or ``cost=`` is not given either, it is found out
        which functions make its gradients right, and said.
    x, y : array-like, optional
        Examples, as :meth:`Network.backprop` takes them. Drawn at random where they are not given.
    **options
        The settings of :class:`chainrule.auditing.options.Options`: ``kind``, ``activation``, ``cost``, ``output``,
        ``weights``, ``biases``, ``examples``, ``reduction``, ``learning_rate``, ``lmbda``, ``n``, ``momentum``, ``loss``,
        ``own_cost``, ``beside``, ``seed``.

    Returns
    -------
    Verdict
        True where the candidate is right; ``str(verdict)`` is a report to read.

    Raises
    ------
    ConfigError, ShapeError
        The candidate, the network and the options do not fit together. What is wrong with the candidate's own results, or
        an exception that it raises, is a finding.

    Examples
    --------
    >>> import numpy as np, chainrule
    >>> net = chainrule.Network([2, 3, 1], dtype="float64", seed=0)
    >>> def backprop(x, y):  # columns; the slope at the hidden layer was forgotten
    ...     (w2, w3), (b2, b3) = net.weights, net.biases
    ...     a2 = 1 / (1 + np.exp(-(w2 @ x + b2)))
    ...     a3 = 1 / (1 + np.exp(-(w3 @ a2 + b3)))
    ...     delta3 = (a3 - y) * a3 * (1 - a3)
    ...     delta2 = w3.T @ delta3
    ...     return [delta2, delta3], [delta2 @ x.T, delta3 @ a2.T]
    >>> verdict = audit(backprop, net)
    >>> verdict.right, verdict.findings[0].slip, verdict.findings[0].equation, verdict.findings[0].layer
    (False, 'slope_missing', 'BP2', 2)
    """
    from chainrule.auditing.inquiry import judged
    from chainrule.auditing.options import options_of

    return judged(candidate, network, x, y, options_of(options))


def __getattr__(name: str) -> Any:
    """``assert_right``, loaded with its first use: it brings along what runs another process."""
    if name != "assert_right":
        raise AttributeError(f"module 'chainrule.auditing' has no attribute {name!r}")
    from chainrule.auditing.testing import assert_right

    return assert_right
