"""Explanations: the derivation of backpropagation for the user's own network, and the same with its numbers in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chainrule.document import Document
    from chainrule.network import Network

__all__ = ["explain"]


def explain(
    network: Network | Sequence[int] | str, x: Any = None, y: Any = None, *, weight: tuple[int, int, int] | None = None,
    neuron: tuple[int, int] | None = None, reverse: bool = False, optimizer: str = "sgd",
    learning_rate: float | None = None, penalty: str | None = None, lmbda: float = 0.0, language: str = "en",
    sign: str = "subtract", numbering: str = "book", examples: str = "columns", digits: int = 6, **how: Any,
) -> Document:  # fmt: skip
    """Explain a network: the derivation of its training step, or, with an example, where its numbers come from.

    Parameters
    ----------
    network : Network, sequence of int, or str
        A network, sizes such as ``[2, 3, 1]``, or the name of a worked example, which brings its own x and y.
    x, y : array-like, optional
        One example (n^1,) and (n^L,), or a mini-batch (m, n^1) and (m, n^L). Without them: the derivation.
    weight : (int, int, int), optional
        (l, j, k): where the gradient of the weight into neuron j of layer l from neuron k comes from.
    neuron : (int, int), optional
        (l, j): where the error of neuron j of layer l comes from.
    reverse : bool
        The reverse network at the example: its drawing, its gains, and the chain of matrices that it is. Its errors are
        dC/dz and its examples columns, whatever ``sign`` and ``examples`` say.
    optimizer : str
    learning_rate : float, optional
        The optimizer's own where it is not given.
    penalty : str, optional
        ``"l2"`` where ``lmbda`` is given and this is not.
    lmbda : float
        The strength of the penalty; a derivation with a penalty needs none.
    language : "en" or "zh-Hant"
    sign : "subtract" or "add"
        delta is dC/dz ("a - y") and its share is subtracted, or -dC/dz ("target - output") and its share is added.
    numbering : "book" or "zero"
        Layers and neurons are counted from 1, or from 0: where they are printed, and in ``weight`` and ``neuron``.
    examples : "columns" or "rows"
    digits : int
        Significant digits of the numbers.
    **how
        Further settings of the training, as :meth:`~chainrule.Network.fit` takes them: ``dropout``, ``smoothing``,
        ``clip_norm``, ``layer_rates`` ... What belongs to a step is in the derivation; what a page leaves out, it says.
        Layers in them count from 1. Frozen layers and held weights are known of the network.

    Returns
    -------
    Document
        ``print`` shows it as text; ``.save("a.html")`` writes it as a page, and likewise .md, .tex, .pdf, .txt.

    Raises
    ------
    ConfigError
        A name or a number is wrong; the message says which, and what fits.
    ShapeError, DataError
        The example does not fit the network.

    Examples
    --------
    >>> document = explain([2, 3, 1])
    >>> document.title
    'Backpropagation in the network 2-3-1'
    """
    from chainrule.explaining import dispatch, recipe
    from chainrule.explaining.convention import Convention

    convention = Convention(language, sign, numbering, examples, digits)
    about = dispatch.subject(network, x, y)
    step = recipe.training_step(optimizer, about.rate(optimizer, learning_rate), penalty, lmbda)
    step = step if about.network is None else recipe.of_training(step, about.network, how)
    return dispatch.document(about, convention, step, weight=weight, neuron=neuron, reverse=reverse)
