"""For tests: an audit as an assertion, whose failure is the report."""

from __future__ import annotations

import os
from typing import Any

from chainrule.auditing import audit
from chainrule.auditing.student import StudentFile
from chainrule.auditing.student_candidate import found_in
from chainrule.auditing.student_verdict import examined
from chainrule.auditing.verdict import Verdict

WIDTH = 100


def assert_right(
    candidate: Any, network: Any = None, x: Any = None, y: Any = None, *, function: str | None = None, **options: Any
) -> Verdict:
    """Assert that somebody's backpropagation is right; the failure's message is the report of the audit.

    Parameters
    ----------
    candidate : callable, object or path
        As :func:`chainrule.auditing.audit` takes it; or the path of a student's file, which is run in a process of its own,
        with limits on time and memory.
    network, x, y, **options
        As :func:`chainrule.auditing.audit` takes them. Of a file, ``network`` is a list of sizes.
    function : str, optional
        What of a file is looked at: a function, a class, an object, or ``"Class.method"``.

    Returns
    -------
    Verdict

    Raises
    ------
    AssertionError
        It is wrong. With the path of a file: also where the audit finds nothing to compare.
    StudentError
        The file could not be run.

    Examples
    --------
    >>> import numpy as np
    >>> def backprop(weights, biases, x, y):  # one layer of sigmoids, quadratic cost; columns
    ...     a = 1 / (1 + np.exp(-(weights[0] @ x + biases[0])))
    ...     delta = (a - y) * a * (1 - a)
    ...     return [delta.sum(axis=1, keepdims=True)], [delta @ x.T]
    >>> assert_right(backprop, [3, 2]).right
    True
    """
    __tracebackhide__ = True  # pytest shows the line of the test
    if isinstance(candidate, str | os.PathLike):
        with StudentFile.open(candidate) as file:
            verdict = examined(file, found_in(file, function, network), options)
    else:
        verdict = audit(candidate, network, x, y, **options)
    if not verdict.right:
        raise AssertionError(f"the backpropagation is wrong\n\n{verdict.document().text(WIDTH)}")
    return verdict
