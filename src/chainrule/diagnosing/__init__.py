"""Diagnosis: what is wrong with a network, its data or its training, in sentences with the number behind each.

    table      all that can be found: one row each (number, bound, sentence, equation, remedy)
    numbers, of_data, of_forward, of_errors, of_rates, of_learning    the rows, and how each number is measured
    case       a network with its data and its history; what several rows need is computed once
    opened     a run's folder as a case
    finding, result, page, charts    what comes out

A diagnosis looks at one pass over at most 2,000 examples, so it takes a fraction of a second. A property that does no harm
that can be seen is no finding: most rows are silent of a network that has learned well.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chainrule.diagnosing.result import Diagnosis
    from chainrule.network import Network
    from chainrule.runs.recorded import RecordedRun

__all__ = ["diagnose"]


def diagnose(
    network_or_run: Network | RecordedRun | str | os.PathLike[str], x: Any = None, y: Any = None, *,
    history: Iterable[Any] | None = None, validation: tuple[Any, Any] | None = None, step: int | None = None, **how: Any,
) -> Diagnosis:  # fmt: skip
    """Find out what is wrong with a network, its data or its training.

    Parameters
    ----------
    network_or_run : Network, path or RecordedRun
        A network, trained or not; or the folder of a run, which names its data and its settings itself; or a run that is
        open already (:class:`~chainrule.runs.recorded.RecordedRun`).
    x, y : array-like, shape (n, n^1) and (n,) or (n, n^L), optional
        The training examples, as :meth:`~chainrule.Network.fit` takes them. At most 2,000 of them go through the network.
        Without them, only the parameters and the history are looked at.
    history : History, or sequence of Epoch or of dict, optional
        The network's own when it is not given; the lines of a ``metrics.jsonl`` will do.
    validation : (x, y), optional
        What shows overfitting, and a leak.
    step : int, optional
        Of a recorded run: as it was after so many updates, with what was known then. Step 0 is the untrained network.
    **how
        Settings of the training, as :meth:`~chainrule.Network.fit` takes them, where they matter: ``learning_rate``,
        ``lmbda``, ``optimizer``, ``batch_size``. Learning rate, optimizer and batch size are known of a network that has
        been trained here, the penalty is not.

    Returns
    -------
    Diagnosis
        Findings, worst first; false where there is nothing to say.

    Raises
    ------
    ConfigError, ShapeError, DataError, ModelFileError
        There is nothing to look at, or it does not fit.

    Notes
    -----
    The severity of a finding is by how many powers of ten its number is from the usual one, so that different findings can
    be compared; one that follows from another (constant outputs from a penalty too strong) stands after it.

    Examples
    --------
    Nielsen, chapter 3: a sigmoid neuron that is wrong and sure of it learns slowly from the quadratic cost.

    >>> from chainrule import Network, diagnose
    >>> neuron = Network([1, 1], output="sigmoid", initial=([[[2.0]]], [[2.0]]))
    >>> found = diagnose(neuron, [[1.0]], [[0.0]])
    >>> found[0].id, found[0].equation, round(found[0].number, 1)
    ('slowed', 'BP1', 56.6)
    >>> bool(diagnose(Network([1, 1], output="sigmoid", initial=([[[0.6]]], [[0.9]])), [[1.0]], [[0.0]]))
    False
    """
    import time

    from chainrule.diagnosing.asked import case_of
    from chainrule.diagnosing.result import Diagnosis
    from chainrule.diagnosing.table import findings, measured

    begun = time.perf_counter()
    name, case = case_of(network_or_run, x, y, history, validation, step, how)
    began = time.perf_counter() if name else begun  # opening a run is not diagnosing it
    numbers = measured(case)
    return Diagnosis(name, findings(numbers), numbers, time.perf_counter() - began, case)
