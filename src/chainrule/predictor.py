"""One example at a time, without overhead: for programs that answer one question after the other."""

from __future__ import annotations

from math import isnan
from typing import Any

import numpy as np

from chainrule import checks
from chainrule.engine import inference
from chainrule.errors import ConfigError, ShapeError
from chainrule.train import metrics

PLAIN = 0x101  # NumPy's flags: C-contiguous, and aligned


class Predictor:
    """The outputs of a network for one example: ``net.predictor()(x)`` is ``net.feedforward(x)``, many times faster.

    It reads the weights that the network has at the moment of the call. Any number of threads may call it at once; the
    array that it gives is a new one each time.

    Parameters
    ----------
    network : Network
    engine : str
        ``"compiled"`` prints the forward pass as a program and compiles it, which takes about a second the first time;
        the program is kept on disk. ``"numpy"`` computes the equations as they are. ``"auto"`` is the compiled one where
        Numba is installed and the network has no function that it cannot print.

    Attributes
    ----------
    engine : str
        Which of the two it is.
    why : str
        A phrase for the reader.

    Raises
    ------
    ConfigError
        There is no such engine, or it is not installed.

    Examples
    --------
    >>> import chainrule
    >>> net = chainrule.Network([2, 3, 2], cost="cross_entropy", seed=0)
    >>> predict = net.predictor("numpy")
    >>> x = np.array([0.5, -1.0], dtype="float32")
    >>> bool((predict(x) == net.feedforward(x)).all())
    True
    >>> bool(predict.classes(x) == net.predict([x])[0])
    True
    """

    def __init__(self, network: Any, engine: str = "auto") -> None:
        a = network.architecture
        self._network, self._a, self._dtype, self._shape = network, a, a.dtype, (a.neurons(1),)
        self._outputs_of, choice = inference.one_row(a, network.parameters, engine)
        self.engine, self.why = choice.name, choice.why

    def __call__(self, x: Any) -> np.ndarray:
        """The outputs a^L.

        Parameters
        ----------
        x : array-like, shape (n^1,)
            Goes fastest as a C-contiguous array of the network's dtype; everything else is checked and converted first.

        Returns
        -------
        ndarray, shape (n^L,)

        Raises
        ------
        ShapeError, DataError
            As of :meth:`~chainrule.Network.feedforward`; and for more than one example.
        """
        if type(x) is np.ndarray and x.dtype == self._dtype and x.shape == self._shape and x.flags.num & PLAIN == PLAIN:
            found = self._outputs_of(x)
            if not isnan(found.item(0)):  # nor was a number of x
                return found
        return self._outputs_of(self._checked(x))

    def classes(self, x: Any) -> int:
        """The class index that the network says.

        Parameters
        ----------
        x : array-like, shape (n^1,)

        Returns
        -------
        int

        Raises
        ------
        ConfigError
            The network gives values, not classes.
        ShapeError, DataError
            As of a call.
        """
        if not self._network.classify:
            raise ConfigError(
                f"This network gives values, not classes: its cost is {self._a.cost.name}.\nCall the predictor for them; "
                "or train the network with class indices as y, or with a cost for classes, such as 'cross_entropy'."
            )
        return int(metrics.classes_of(self(x)[None], self._a.cost.middle)[0])

    def _checked(self, x: Any) -> np.ndarray:
        """The row as the engine takes it."""
        rows = checks.inputs(x, self._a, one=True)
        if np.ndim(x) != 1:
            raise ShapeError(
                f"x has {np.ndim(x)} dimensions, of shape {np.shape(x)}; a predictor takes one example, of shape "
                f"{self._shape}.\nGive it one row, such as x[0]; net.feedforward(x) takes many."
            )
        return np.require(rows[0], self._dtype, ["C", "A"])

    def __repr__(self) -> str:
        return f"Predictor({list(self._a.sizes)}, {self.engine}: {self.why})"
