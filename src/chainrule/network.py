"""The network: its description, its numbers, and what a user does with it. Here words meet letters.

Users pass examples as rows and say ``weights, biases, learning_rate``; inside, examples are columns and the letters are the
book's. The two meet in this file.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from chainrule import checks
from chainrule.architecture import architecture, first_values
from chainrule.engine.inference import outputs
from chainrule.engine.memory import Fixed, Parameters, functions
from chainrule.errors import ConfigError, ShapeError
from chainrule.evaluation import Evaluation, evaluate
from chainrule.notation import Key
from chainrule.passes import Pass
from chainrule.predictor import Predictor
from chainrule.randomness import checked_seed, drawn_seed
from chainrule.schedule import Recipe, backprop, run
from chainrule.shapes import assign, wrong_shape
from chainrule.train import metrics
from chainrule.train.history import History
from chainrule.train.loop import Callback, Progress, Recorder
from chainrule.train.settings import settings
from chainrule.train.state import State
from chainrule.train.training import train


class Network:
    """A network of dense layers.

    Parameters
    ----------
    sizes : sequence of int
        Neurons in each layer, the input first, such as ``[784, 30, 10]``.
    activation : str, Activation, callable or list
        Of the hidden layers; a list gives each of the layers 2 to L its own, and an entry that is a list each neuron.
    cost : str, Cost or callable
        ``"quadratic"``, ``"cross_entropy"``, ``"log_likelihood"`` ..., or a function (a, y) of NumPy operations.
    output : str, Activation or callable, optional
        Of the output layer. When it is not given: the cost's partner (sigmoid for cross_entropy, softmax for
        log_likelihood), sigmoid for a sigmoid network as in the book, identity otherwise.
    neurons : mapping, optional
        ``{(layer, neuron): activation}`` for single neurons that differ (neurons count from 0).
    initial : str, or a pair of lists, optional
        ``"small"``: N(0, 1/n_in), the default for sigmoids; ``"large"``: N(0, 1); ``"glorot"``, ``"he"``, ``"lecun"``,
        ``"orthogonal"``, ``"zeros"``; or ``(weights, biases)`` as exact arrays.
    biases : bool
        Whether neurons have biases.
    dtype : str or dtype
        ``"float32"`` or ``"float64"``.
    seed : int, optional
        Of the first weights, the shuffles and the dropout masks; drawn, and shown, when it is not given.

    Examples
    --------
    >>> net = Network([2, 3, 1], seed=0)
    >>> net
    Network([2, 3, 1], sigmoid, quadratic cost; 13 parameters, float32, seed 0)
    >>> [w.shape for w in net.weights], [b.shape for b in net.biases]
    ([(3, 2), (1, 3)], [(3, 1), (1, 1)])
    """

    def __init__(
        self, sizes: Sequence[int], activation: Any = "sigmoid", cost: Any = "quadratic", *, output: Any = None,
        neurons: Mapping[tuple[int, int], Any] | None = None, initial: Any = None, biases: bool = True,
        dtype: Any = "float32", seed: int | None = None,
    ) -> None:  # fmt: skip
        how: dict[str, Any] = {"output": output, "neurons": neurons, "biases": biases, "dtype": dtype}
        self.architecture = architecture(sizes, activation, cost, **how)
        self.seed = drawn_seed() if seed is None else checked_seed(seed)
        self.parameters = Parameters(self.architecture)
        self.state, self.history = State(), History()
        self.classify = self.architecture.cost.classifies
        self.classes: tuple[str, ...] | None = None
        self.fixed = Fixed()
        self.watcher: Recorder | None = None  # of every training of it; `chainrule.lab.watch` sets it
        if initial is None or isinstance(initial, str):
            for key, value in first_values(self.architecture, initial, self.seed):
                self.parameters.views[key][...] = value
        else:
            self.weights, self.biases = initial if biases else (initial[0], [])

    # --------------------------------------------------------------------------------------------- parameters

    @property
    def sizes(self) -> list[int]:
        """Neurons in each layer."""
        return list(self.architecture.sizes)

    @property
    def weights(self) -> tuple[np.ndarray, ...]:
        """The weights of layers 2 to L, each (n^l, n^{l-1}); changing an element changes the network."""
        return tuple(self.parameters.views[Key("w", l)] for l in self.architecture.layers)

    @weights.setter
    def weights(self, values: Sequence[Any]) -> None:
        assign(self.architecture, self.parameters.views, "w", values)
        self.state.forget_best()

    @property
    def biases(self) -> tuple[np.ndarray, ...]:
        """The biases of layers 2 to L, each (n^l, 1)."""
        return tuple(view for key, view in self.parameters.views.items() if key.symbol == "b")

    @biases.setter
    def biases(self, values: Sequence[Any]) -> None:
        assign(self.architecture, self.parameters.views, "b", values)
        self.state.forget_best()

    def freeze(self, *layers: int) -> None:
        """Let training leave the weights and biases of these layers as they are; of none: let it change all again."""
        for l in layers:
            if l not in self.architecture.layers:
                raise ConfigError(f"layer {l} cannot be frozen: layers 2 to {self.architecture.L} have weights.")
        self.fixed.layers = self.fixed.layers | frozenset(layers) if layers else frozenset()

    def hold(self, l: int, where: Any) -> None:
        """Let training leave single weights of layer l as they are.

        ``where`` is an array of bool, shape (n^l, n^{l-1}): True for each weight that does not change.
        """
        key = Key("w", l)
        held = np.asarray(where, dtype=bool)
        if key not in self.parameters.views or held.shape != self.parameters.views[key].shape:
            raise ShapeError(wrong_shape(key, held.shape, self.architecture.sizes))
        self.fixed.elements[key] = held

    def mask(self, l: int, keep: Any) -> None:
        """Cut connections of layer l: weights where ``keep`` is False become 0 and stay 0."""
        self.hold(l, ~np.asarray(keep, dtype=bool))
        self.parameters.views[Key("w", l)][self.fixed.elements[Key("w", l)]] = 0

    # ------------------------------------------------------------------------------------- forward and backward

    def feedforward(self, x: Any) -> np.ndarray:
        """The outputs of the network.

        Parameters
        ----------
        x : array-like, shape (n, n^1), or (n^1,) for one example

        Returns
        -------
        ndarray, shape (n, n^L), or (n^L,)
        """
        rows = checks.inputs(x, self.architecture, one=True)
        found = outputs(self.architecture, self.parameters.views, rows)
        return found[0] if np.ndim(x) == 1 else found

    def backprop(self, x: Any, y: Any, *, sample_weight: Any = None) -> Pass:
        """One pass forward and back: every quantity of every layer.

        Parameters
        ----------
        x : array-like, shape (m, n^1), or (n^1,) for one example
        y : array-like
            Class indices (m,), or target rows (m, n^L); for one example, one index or (n^L,).
        sample_weight : array-like, shape (m,), optional

        Returns
        -------
        Pass

        Examples
        --------
        >>> net = Network([2, 3, 1], seed=0)
        >>> pass_ = net.backprop([0.5, -1.0], [1.0])
        >>> pass_.delta[2].shape, pass_.nabla_w[3].shape
        ((3, 1), (1, 3))
        """
        a = self.architecture
        if np.ndim(x) == 1 and np.shape(y) in ((), (a.neurons(a.L),)):
            y = np.reshape(np.asarray(y), (1, -1) if np.ndim(y) else (1,))
        rows = checks.inputs(x, a, one=True)
        wanted, _ = checks.targets(y, len(rows), a)
        weight = checks.sample_weights(sample_weight, len(rows), a.dtype)
        values = {**self.parameters.views, **functions(a), Key("a", 1): rows.T, Key("y", 0): wanted.T}
        if weight is not None:
            values[Key("weight", 0)] = weight[None]
        with np.errstate(over="ignore", under="ignore"):
            run(backprop(a, Recipe(weighted=weight is not None)), values)
        return Pass(a, values)

    def fit(
        self, x: Any, y: Any, *, validation: Any = None, sample_weight: Any = None, class_weight: Any = None,
        engine: str = "auto", threads: int | None = None, callbacks: Sequence[Callback] = (),
        progress: Progress | None = None, recorder: Recorder | None = None, **how: Any,
    ) -> History:  # fmt: skip
        """Train. Called again, it goes on where it stopped: k times one epoch is one time k epochs, to the bit.

        Parameters
        ----------
        x : array-like, shape (n, n^1)
        y : array-like
            Class indices (n,), or target rows (n, n^L).
        validation : float or (x, y), optional
            A share of the training set to hold out (chosen by the seed, with equal shares of every class), or a set.
        sample_weight : array-like, shape (n,), optional
        class_weight : "balanced" or dict, optional
        engine : str
            ``"auto"`` chooses; ``"compiled"`` (needs Numba), ``"numpy"``, ``"array"`` (needs JAX) or ``"reference"``.
        threads : int, optional
            Of the compiled engine; as many as are faster just now when it is not given. The bits are the same.
        callbacks : sequence of callable
            Each is called with the :class:`~chainrule.train.history.Epoch` after every epoch; true stops.
        progress : callable, optional
            Called about ten times a second.
        recorder : Recorder, optional
            Writes down what happens, so that any step can be looked at, and done again, later.
        **how
            The settings of :class:`~chainrule.train.settings.Settings`: ``epochs``, ``batch_size``, ``learning_rate``,
            ``optimizer``, ``schedule``, ``lmbda``, ``dropout``, ``early_stopping`` ...

        Returns
        -------
        History
            All epochs of this network so far.

        Raises
        ------
        ConfigError, ShapeError, DataError
            Before anything is changed.
        DivergenceError
            A number was not finite; the last finite weights are kept.
        KeyboardInterrupt
            After Ctrl-C, at the end of a step; the network is usable and ``fit`` goes on from there.
        """
        return train(
            self, x, y, settings(**how), validation=validation, sample_weight=sample_weight, class_weight=class_weight,
            engine=engine, threads=threads, callbacks=callbacks, progress=progress, recorder=recorder,
        )  # fmt: skip

    def predict(self, x: Any) -> np.ndarray:
        """Class indices, shape (n,), of a network that classifies; its outputs, shape (n, n^L), otherwise."""
        found = self.feedforward(x)
        if not self.classify:
            return found
        middle = self.architecture.cost.middle
        return metrics.classes_of(found[None], middle)[0] if found.ndim == 1 else metrics.classes_of(found, middle)

    def predictor(self, engine: str = "auto") -> Predictor:
        """A function of one example that costs next to nothing to call; see :class:`~chainrule.predictor.Predictor`."""
        return Predictor(self, engine)

    def evaluate(self, x: Any, y: Any, *, lmbda: float = 0.0, penalty: str = "l2") -> Evaluation:
        """How good the network is on a data set.

        Parameters
        ----------
        x, y : as for :meth:`fit`
        lmbda, penalty : float, str
            Add this penalty to the cost, over the size of this data set as the book does.
        """
        return evaluate(self, x, y, lmbda=lmbda, penalty=penalty)

    def save(self, path: str | os.PathLike[str], *, training: bool = True, notes: Mapping[str, Any] | None = None) -> None:
        """Write the network to one safetensors file, at once and durably.

        Parameters
        ----------
        path : path
        training : bool
            Also keep what the optimizer remembers and where training stands, so that ``fit`` goes on bit for bit.
        notes : mapping, optional
            Further plain data to keep beside it.
        """
        from chainrule import modelfile

        modelfile.save(self, path, training=training, notes=notes or {})

    @classmethod
    def load(cls, path: str | os.PathLike[str], *, functions: Mapping[str, Any] | None = None) -> Network:
        """Read a network from a file; no code in it can run. ``functions`` are your own activations and cost by name.

        Raises
        ------
        ModelFileError
        """
        from chainrule import modelfile

        network, _ = modelfile.load(path, cls, functions or {})
        assert isinstance(network, cls)
        return network

    def __repr__(self) -> str:
        from chainrule import display

        return display.text(self.architecture, self.seed)

    def _repr_html_(self) -> str:
        from chainrule import display

        return display.html(self.architecture, self.seed)
