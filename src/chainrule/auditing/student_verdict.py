"""The verdict on a student's file: what the audit found of a candidate that lives in another process."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from chainrule.auditing import audit
from chainrule.auditing.options import Options, options_of
from chainrule.auditing.probes import drawn_inputs
from chainrule.auditing.store import store_of
from chainrule.auditing.student import StudentFile
from chainrule.auditing.student_candidate import Found
from chainrule.auditing.student_errors import StudentError
from chainrule.auditing.target import target_of
from chainrule.auditing.verdict import Verdict
from chainrule.errors import ConfigError

RAISES, NOTHING, NOT_FINITE = "raises", "nothing", "not_finite"  # findings: there was nothing to compare

SHOW = "np.seterr(all='raise') at the top of the file makes NumPy raise at that line."


def examined(file: StudentFile, found: Found, options: Mapping[str, Any], batch: int | None = None) -> Verdict:
    """Audit what was found in a file; with mini-batches of so many examples.

    Raises
    ------
    StudentError
        The file could not be run to the end, or gave no numbers.
    ConfigError
        The candidate, the sizes and the options do not fit together.
    """
    asked = dict(options) | found.options
    x = y = None
    if batch == 1:
        asked["examples"] = "single"
    elif batch:
        x, y = _examples(found, options_of(asked), batch)
    return judged(file, found.name, lambda: audit(found.candidate, found.network, x, y, **asked))


def _examples(found: Found, options: Options, m: int) -> tuple[np.ndarray, np.ndarray]:
    """So many examples, as rows, for the network that the candidate is meant to be."""
    a = target_of(found.network, store_of(found.candidate), options).architecture
    x, y = drawn_inputs(a, np.random.default_rng(options.seed), m)
    return x.T, y.T


def judged(file: StudentFile, name: str, audit: Callable[[], Verdict]) -> Verdict:
    """Do an audit; that the file could not be run goes before whatever the audit makes of it.

    Raises
    ------
    StudentError
        The process has ended or met a limit, every call of the candidate raised an exception, or none gave anything.
    """
    file.failure = None
    try:
        verdict = audit()
    except ConfigError as error:
        sentence, _, remedy = str(error).partition("\n")
        raise StudentError(
            "unfit", sentence, remedy or "Say what is meant with --function, --sizes or --activation."
        ) from error
    slips = {finding.slip: finding for finding in verdict.findings}
    if file.failure is not None and RAISES in slips:
        raise file.failure
    if NOTHING in slips:
        raise StudentError("type", f"{name} gives nothing back.", "Return the gradients: is there a return at the end?")
    if NOT_FINITE in slips:
        raise StudentError("not_finite", f"{name}: {slips[NOT_FINITE].sentence}", f"{slips[NOT_FINITE].hint} {SHOW}")
    return verdict
