"""Bad arrays and settings: each gets its typed error, which names the broken fact and the remedy, and nothing is changed.

The tables are the specification: one row a case, of what is given, the error, and words of its message.
"""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from chainrule import ChainruleWarning, ConfigError, DataError, DivergenceError, Network, ShapeError, activation, optimizer
from chainrule.train.rates import rate_schedule

X = np.random.default_rng(0).random((12, 2))
LABELS = np.arange(12) % 3
ROWS = np.eye(3)[LABELS]
VALUES = X.sum(axis=1)


def put(x, value, at=(5, 1)):
    """A copy with one entry changed."""
    found = np.array(x, dtype=np.result_type(np.asarray(x).dtype, type(value)) if not isinstance(value, str) else object)
    found[at[: found.ndim]] = value
    return found


class Sparse:
    """Looks like a SciPy sparse matrix."""

    shape = (12, 2)

    def tocsr(self):
        """As such a matrix can."""
        return self


class Frame:
    """The little of a data frame that is looked at."""

    def __init__(self, **columns):
        self.data, self.columns = columns, list(columns)

    def __getitem__(self, name):
        return np.asarray(self.data[name])

    def __array__(self, dtype=None, copy=None):
        return np.stack([np.asarray(v) for v in self.data.values()], axis=1)


class Twice(Frame):
    """Two columns of one name."""

    def __init__(self):
        super().__init__(a=X[:, 0], b=X[:, 1])
        self.columns = ["a", "a"]


# name: (x, y, error, words of the message)
ARRAYS = {
    "NaN in x": (put(X, np.nan), LABELS, DataError, "1 value(s) that are NaN or infinite, the first (nan) in row 5"),
    "infinity in x": (put(X, -np.inf), LABELS, DataError, "(-inf) in row 5, column 1"),
    "NaN in y": (X, put(VALUES, np.nan), DataError, "NaN"),
    "infinity in target rows": (X, put(ROWS, np.inf), DataError, "y has 1 value(s)"),
    "x of one dimension": (X[:, 0], LABELS, ShapeError, "Reshape your data"),
    "x of three dimensions": (X[:, :, None], LABELS, ShapeError, "x.reshape(len(x), -1)"),
    "x is a number": (3.0, LABELS, DataError, "a single value"),
    "no rows": (X[:0], LABELS[:0], DataError, "0 sample(s)"),
    "no columns": (X[:, :0], LABELS, DataError, "0 feature(s)"),
    "lengths differ": (X, LABELS[:7], ShapeError, "inconsistent numbers of samples: 12 and 7"),
    "no y": (X, None, DataError, "requires y to be passed, but the target y is None"),
    "complex x": (X + 1j, LABELS, DataError, "Complex data not supported"),
    "a dict in x": (np.array([[{}, 1]] * 12, object), LABELS, DataError, "(0, 0) is '{}' (dict)"),
    "ragged rows": ([[1, 2]] * 5 + [[1, 2, 3]] + [[1, 2]] * 6, LABELS, DataError, "row 5 of x has 3 numbers, row 0 has 2"),
    "text numbers": (X.astype(str), LABELS, DataError, "x.astype(float)"),
    "too large for float32": (put(X, 1e200), LABELS, DataError, "1e+200 in row 5, column 1: more than float32"),
    "masked entries": (np.ma.masked_greater(X, 0.5), LABELS, DataError, "masked entries"),
    "sparse": (Sparse(), LABELS, DataError, "sparse input is not supported"),
    "frame with text": (Frame(a=X[:, 0], b=["u"] * 12), LABELS, DataError, "column 'b' of x holds text"),
    "frame with a double column": (Twice(), LABELS, DataError, "more than one column named 'a'"),
    "wrong number of features": (np.hstack([X, X]), LABELS, ShapeError, "x has 4 features, but this network is"),
    "a fraction as a class": (X, LABELS + 0.5, DataError, "Unknown label type: y has 0.5 in row 0"),
    "a class too high": (X, LABELS + 1, DataError, "y has class 3 in row 2, but this network has 3 output neurons"),
    "a negative class": (X, LABELS - 1, DataError, "class -1 in row 0"),
    "text labels": (X, np.array(list("abcabcabcabc")), DataError, "y holds text, such as 'a'"),
    "text labels, the remedy": (X, np.array(list("abcabcabcabc")), DataError, "y = np.unique(y, return_inverse=True)"),
    "text labels as objects": (X, np.array(["é", 1, 2] * 4, object), DataError, "y = np.unique(y, return_inverse=True)"),
    "target rows too wide": (X, np.hstack([ROWS, ROWS]), ShapeError, "y has shape (12, 6), but this network has 3 output"),
    "shares that do not sum to 1": (X, ROWS * 0.5, DataError, "row 0 of y sums to 0.5"),
    "targets out of the cost's range": (X, ROWS * 3 - 1, DataError, "takes targets from 0 to 1"),
    "None in x": (np.array([[None, 1.0]] * 12, object), LABELS, DataError, "not a number"),
}  # fmt: skip


@pytest.mark.parametrize("name", ARRAYS)
def test_a_bad_array_is_refused_in_words(name):
    """Every bad array gets its typed error with the place and the remedy, before the network changes."""
    x, y, error, words = ARRAYS[name]
    net = Network([2, 4, 3], "tanh", "log_likelihood", seed=0)
    before = net.parameters.memory.tobytes()
    with pytest.raises(error) as caught:
        net.fit(x, y, epochs=1, batch_size=4)
    assert words in str(caught.value)
    assert len(str(caught.value)) < 500
    assert net.parameters.memory.tobytes() == before
    assert net.state.epoch == len(net.history) == 0


# name: (x, y, words of the warning, or None where it just works)
FINE = {
    "bool x": (X > 0.5, LABELS, None),
    "float16 x": (X.astype(np.float16), LABELS, None),
    "object array of numbers": (X.astype(object), LABELS, None),
    "list of lists": (X.tolist(), LABELS.tolist(), None),
    "labels as floats": (X, LABELS.astype(float), None),
    "labels as a column": (X, LABELS[:, None], "column-vector y was passed when a 1d array was expected"),
    "longdouble": (X.astype(np.longdouble), LABELS, "computed as float32"),
    "whole numbers above 2^53": ((X * 2**60).astype(np.int64) % 7 + np.int64(2**54), LABELS, "lose digits"),
    "bytes unscaled": ((X * 255).astype(np.uint8), LABELS, "saturate"),
    "masked array without masks": (np.ma.array(X), LABELS, None),
    "frame of numbers": (Frame(a=X[:, 0], b=X[:, 1]), LABELS, None),
    "one example": (X[:1], LABELS[:1], None),
    "all rows alike": (np.ones((12, 2)), LABELS, "nothing to learn"),
}


@pytest.mark.parametrize("name", FINE)
def test_an_unusual_array_works(name):
    """Unusual but sound arrays train; where digits or sense may be lost, one warning says so."""
    x, y, words = FINE[name]
    net = Network([2, 4, 3], "tanh", "log_likelihood", seed=0)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        net.fit(x, y, epochs=1)
    said = [str(w.message) for w in caught if issubclass(w.category, ChainruleWarning)]
    assert (not said) if words is None else any(words in text for text in said)
    assert np.isfinite(net.parameters.flat).all()


# What is set, the error, words of its message.
SETTINGS = {
    "unknown setting": ({"learning_rat": 0.1}, ConfigError, "Did you mean 'learning_rate'?"),
    "rate 0": ({"learning_rate": 0}, ConfigError, "learning_rate = 0: it must be a finite number, above 0"),
    "rate negative": ({"learning_rate": -1.0}, ConfigError, "above 0"),
    "rate NaN": ({"learning_rate": float("nan")}, ConfigError, "learning_rate = nan"),
    "rate infinite": ({"learning_rate": float("inf")}, ConfigError, "learning_rate = inf"),
    "rate as text": ({"learning_rate": "0.1"}, ConfigError, "learning_rate = '0.1'"),
    "batch 0": ({"batch_size": 0}, ConfigError, "batch_size = 0: it must be a whole number, at least 1"),
    "batch negative": ({"batch_size": -3}, ConfigError, "batch_size = -3"),
    "batch a fraction": ({"batch_size": 2.5}, ConfigError, "batch_size = 2.5"),
    "batch true": ({"batch_size": True}, ConfigError, "batch_size = True"),
    "epochs negative": ({"epochs": -1}, ConfigError, "epochs = -1"),
    "lambda negative": ({"lmbda": -1}, ConfigError, "lmbda = -1"),
    "penalty unknown": ({"penalty": "l3"}, ConfigError, "there is no penalty 'l3'. There are: l2, l1, elastic"),
    "optimizer unknown": ({"optimizer": "adamm"}, ConfigError, "Did you mean 'adam'?"),
    "schedule unknown": ({"schedule": "cosin"}, ConfigError, "Did you mean 'cosine'?"),
    "monitor unknown": ({"monitor": "acuracy", "validation": 0.3}, ConfigError, "Did you mean 'accuracy'?"),
    "dropout 1": ({"dropout": 1.0}, ConfigError, "dropout = 1.0: it is a probability, from 0 to below 1"),
    "dropout of the output": ({"dropout": {3: 0.5}}, ConfigError, "dropout names layer 3"),
    "layer rate of the input": ({"layer_rates": {1: 0.5}}, ConfigError, "layer_rates names layer 1"),
    "layer as text": ({"layer_rates": {"one": 0.5}}, ConfigError, "'one' is not a layer"),
    "two clips": ({"clip_norm": 1.0, "clip_value": 1.0}, ConfigError, "bound the gradient one way"),
    "validation 0": ({"validation": 0.0}, ConfigError, "give a share between 0 and 1"),
    "validation 1": ({"validation": 1.0}, ConfigError, "give a share between 0 and 1"),
    "validation 2": ({"validation": 2}, ConfigError, "give a share between 0 and 1"),
    "validation leaves nothing": ({"validation": 0.99}, ConfigError, "leaves 0 to train on"),
    "validation of other width": ({"validation": (X[:, :1], LABELS)}, ShapeError, "validation x has 1 features"),
    "engine unknown": ({"engine": "nmpy"}, ConfigError, "Did you mean 'numpy'?"),
    "patience 0": ({"early_stopping": 0, "validation": 0.3}, ConfigError, "early_stopping = 0"),
    "weight negative": ({"sample_weight": -np.ones(12)}, DataError, "a weight is at least 0"),
    "weight NaN": ({"sample_weight": np.full(12, np.nan)}, DataError, "sample_weight has 12 value(s)"),
    "weights too few": ({"sample_weight": np.ones(3)}, ShapeError, "it must be (12,)"),
    "weights all zero": ({"sample_weight": np.zeros(12)}, DataError, "every sample_weight of the 12 is zero"),
    "class weight of no class": ({"class_weight": {7: 1.0}}, ConfigError, "names class 7, but the classes are 0 to 2"),
    "class weight negative": ({"class_weight": {1: -1.0}}, ConfigError, "at least 0"),
    "class weight a word": ({"class_weight": "fair"}, ConfigError, "give 'balanced'"),
    "rate 1e6 with relu": ({"learning_rate": 1e30, "epochs": 50}, DivergenceError, "Try learning_rate="),
}  # fmt: skip


@pytest.mark.parametrize("name", SETTINGS)
def test_a_bad_setting_is_refused_in_words(name):
    """Every bad setting of training gets its typed error, with what it must be; the network stays usable."""
    how, error, words = SETTINGS[name]
    net = Network([2, 4, 3], "relu", "quadratic", seed=0)
    before = net.parameters.memory.tobytes()
    with pytest.raises(error) as caught:
        net.fit(X, LABELS, **({"epochs": 1, "batch_size": 4} | how))
    assert words in str(caught.value)
    assert np.isfinite(net.parameters.memory).all()
    assert error is DivergenceError or net.parameters.memory.tobytes() == before


# What is called, words of the message.
NETWORKS = {
    "one layer": (lambda: Network([3]), "at least an input and an output layer"),
    "no list": (lambda: Network(3), "sizes = 3"),
    "a layer of 0": (lambda: Network([3, 0, 1]), "layer 2 has 0 neurons"),
    "a negative layer": (lambda: Network([3, -2, 1]), "layer 2 has -2 neurons"),
    "a fraction of a neuron": (lambda: Network([3, 2.5, 1]), "layer 2 has 2.5 neurons"),
    "a layer too large": (lambda: Network([3, 10**9, 10]), "GiB in float32"),
    "unknown activation": (lambda: Network([2, 3, 1], "sigmiod"), "Did you mean 'sigmoid'?"),
    "unknown cost": (lambda: Network([2, 3, 1], cost="crossentropy"), "Did you mean 'cross_entropy'?"),
    "unknown start": (lambda: Network([2, 3, 1], initial="xavier"), "there is no initialisation 'xavier'"),
    "too few activations": (lambda: Network([2, 3, 1], ["tanh"]), "1 activations for 2 layers"),
    "too few in a layer": (lambda: Network([2, 3, 1], [["tanh", "relu"], "sigmoid"]), "layer 2 has 3 neurons"),
    "softmax of one neuron": (lambda: Network([2, 3, 1], neurons={(2, 0): "softmax"}), "a single neuron cannot have it"),
    "no such neuron": (lambda: Network([2, 3, 1], neurons={(2, 3): "relu"}), "neuron (2, 3)"),
    "relu with cross-entropy": (lambda: Network([2, 3, 1], cost="cross_entropy", output="relu"), "from 0 to 1"),
    "tanh with log-likelihood": (lambda: Network([2, 3, 2], cost="log_likelihood", output="tanh"), "Use output='softmax'"),
    "half precision": (lambda: Network([2, 3, 1], dtype="float16"), "float32 or float64"),
    "no number type": (lambda: Network([2, 3, 1], dtype="flot32"), "dtype = 'flot32': networks compute in float32"),
    "number type an object": (lambda: Network([2, 3, 1], dtype=[1]), "float32 or float64"),
    "neuron is no pair": (lambda: Network([2, 3, 1], neurons={2: "relu"}), "neuron 2: a neuron is a pair (layer, neuron)"),
    "neuron of a fraction": (lambda: Network([2, 3, 1], neurons={(2, 0.5): "relu"}), "neuron (2, 0.5): a neuron is a pair"),
    "neurons in a list": (lambda: Network([2, 3, 1], neurons=["relu"]), "give a mapping, such as {(2, 0): 'relu'}"),
    "every 0 epochs": (lambda: rate_schedule("step", every=0), "every = 0: in the step schedule it is above 0"),
    "peak at the start": (lambda: rate_schedule("one_cycle", peak_at=0), "peak_at = 0: in the one_cycle schedule"),
    "peak at the end": (lambda: rate_schedule("one_cycle", peak_at=1.0), "above 0 and below 1"),
    "patience of none": (lambda: rate_schedule("halve", patience=0), "a whole number, at least 1"),
    "patience of a fraction": (lambda: rate_schedule("halve", patience=1.5), "a whole number, at least 1"),
    "stop at once": (lambda: rate_schedule("halve", stop=1), "stop = 1: in the halve schedule it is at least 2"),
    "negative seed": (lambda: Network([2, 3, 1], seed=-1), "a seed is a whole number"),
    "seed 2^64": (lambda: Network([2, 3, 1], seed=2**64), "a seed is a whole number"),
    "seed as text": (lambda: Network([2, 3, 1], seed="one"), "a seed is a whole number"),
    "activation without a rule": (lambda: activation(np.linalg.inv), "activation(f, slope=...)"),
    "activation that sums": (lambda: activation(lambda z: z.sum()), "works on each neuron by itself"),
    "unknown rate": (lambda: optimizer("adam", beta=0.9), "there is no rate of adam 'beta'. Did you mean 'beta_2'?"),
    "momentum 1": (lambda: optimizer("momentum", mu=1.0), "must be below 1"),
    "unknown schedule setting": (lambda: rate_schedule("step", evry=2), "Did you mean 'every'?"),
    "no such layer to freeze": (lambda: Network([2, 3, 1]).freeze(1), "layer 1 cannot be frozen"),
}  # fmt: skip


@pytest.mark.parametrize("name", NETWORKS)
def test_an_impossible_network_is_refused_in_words(name):
    """Every impossible description of a network, optimizer or schedule raises ConfigError with what is possible."""
    make, words = NETWORKS[name]
    with pytest.raises(ConfigError) as caught:
        make()
    assert words in str(caught.value)


def test_combinations_that_learn_badly_are_warned_of():
    """Softmax with the quadratic cost or of one neuron, and sigmoids with log-likelihood, are allowed with a warning."""
    with pytest.warns(ChainruleWarning, match="log_likelihood"):
        Network([2, 3, 3], output="softmax", cost="quadratic")
    with pytest.warns(ChainruleWarning, match="sum to 1"):
        Network([2, 3, 3], output="sigmoid", cost="log_likelihood")
    with pytest.warns(ChainruleWarning, match="of a single output neuron is always 1"):
        Network([2, 3, 1], cost="log_likelihood")


def test_a_batch_larger_than_the_set_is_one_batch():
    """batch_size above n is clipped to n, with a warning that says both."""
    net = Network([2, 3, 3], cost="log_likelihood", seed=0)
    with pytest.warns(ChainruleWarning, match="batch_size = 50 is more than the 12 examples"):
        net.fit(X, LABELS, epochs=1, batch_size=50)
    assert net.state.updates == 1


def test_no_hidden_layer_and_many_layers_work():
    """A network without a hidden layer is linear in its inputs; a thousand layers run, with a warning of what vanishes."""
    assert Network([2, 3], "identity", seed=0).fit(X, ROWS, epochs=1)[0].cost > 0
    deep = Network([2, *[2] * 1000, 3], "tanh", "log_likelihood", seed=0)
    with pytest.warns(ChainruleWarning, match="1002 layers: the errors shrink to"):
        history = deep.fit(X, LABELS, epochs=1)
    assert np.isfinite(history[0].cost)


def test_weights_of_the_wrong_shape_are_refused_in_words():
    """The message says what the shapes mean; no array is put in when one of them is wrong."""
    net = Network([784, 30, 10], seed=0)
    before = net.parameters.flat.copy()
    with pytest.raises(ShapeError, match=r"w\^3 is \(10, 28\), but layer 3 has 10 neurons and layer 2 has 30"):
        net.weights = [np.zeros((30, 784)), np.zeros((10, 28))]
    with pytest.raises(ShapeError, match=r"b\^2 is \(30, 2\), but layer 2 has 30 neurons, so b\^2 must be \(30, 1\)"):
        net.biases = [np.zeros((30, 2)), np.zeros((10, 1))]
    assert (net.parameters.flat == before).all()


def test_a_one_dimensional_x_is_one_example_or_an_error():
    """E3: where the book's program broadcasts a 1-D x to a matrix, here it is one example or is refused in words."""
    net = Network([2, 3, 1], seed=0)
    assert net.feedforward([0.1, 0.2]).shape == (1,)
    assert net.backprop([0.1, 0.2], [1.0]).a[1].shape == (2, 1)
    with pytest.raises(ShapeError, match="one example of this network has 2 numbers"):
        net.feedforward([0.1, 0.2, 0.3])
    with pytest.raises(ShapeError, match="Reshape your data"):
        Network([1, 3, 1], seed=0).feedforward([0.1, 0.2, 0.3])
