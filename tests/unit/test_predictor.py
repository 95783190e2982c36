"""A predictor gives what the network gives; many rows give the same bits, however they are shared out among threads."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from chainrule import ACTIVATIONS, ChainruleWarning, ConfigError, DataError, Network, ShapeError, activation
from chainrule.engine import choice, inference

ENGINES = ["compiled", "numpy"]
ELEMENTWISE = [name for name, row in ACTIVATIONS.items() if row.elementwise]


@pytest.fixture(autouse=True, scope="module")
def _cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Programs are compiled anew in this module, and kept apart from the user's."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CHAINRULE_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    """Each engine that can be had here."""
    if request.param == "compiled":
        pytest.importorskip("numba")
    return str(request.param)


def network(sizes: list[int], *args: Any, **how: Any) -> Network:
    """A network, without the advice that odd combinations draw."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ChainruleWarning)
        return Network(sizes, *args, **({"dtype": "float64", "seed": 3} | how))


def rows(n: int, features: int, dtype: str = "float64") -> np.ndarray:
    """Some examples."""
    return np.random.default_rng(4).normal(size=(n, features)).astype(dtype)


def agree(net: Network, engine: str, bound: float = 1e-12) -> None:
    """The predictor's outputs are those of the network."""
    predict, x = net.predictor(engine), rows(5, net.sizes[0], net.architecture.dtype.name)
    assert predict.engine == engine
    for row, expected in zip(x, net.feedforward(x), strict=True):
        found = predict(row)
        assert found.shape == expected.shape
        assert found.dtype == expected.dtype
        assert np.abs(found - expected).max() <= bound * max(1.0, np.abs(expected).max())


# ---------------------------------------------------------------------------------------------------------------- outputs


@pytest.mark.parametrize("first", range(0, len(ELEMENTWISE), 4))
def test_every_activation_gives_what_the_network_gives(first: int, engine: str) -> None:
    """Four activations a network, one each layer: 1e-12 in float64."""
    hidden = ELEMENTWISE[first : first + 4]
    agree(network([5, *(7, 3, 9, 4)[: len(hidden)], 3], [*hidden, "identity"]), engine)


@pytest.mark.parametrize(
    ("sizes", "how"),
    [
        ([5, 6, 4, 3], {"activation": ["softmax", "tanh", "softmax"], "cost": "log_likelihood"}),
        ([5, 4, 2], {"activation": [["tanh", "relu", "tanh", "sigmoid"], "sigmoid"]}),
        ([3, 4, 2], {"biases": False}),
        ([1, 1], {}),
        ([100, 31, 64, 1], {"activation": "tanh"}),
    ],
    ids=["softmax", "neurons that differ", "no biases", "one neuron", "odd sizes"],
)
def test_every_kind_of_network_gives_what_it_gives(sizes: list[int], how: dict[str, Any], engine: str) -> None:
    """Layers that look across neurons, neurons of their own, no biases, sizes that fill no vector."""
    agree(network(sizes, **how), engine)


def test_in_float32_they_differ_by_rounding(engine: str) -> None:
    """The products add up in another order than NumPy's: a few units of the last of 24 bits."""
    agree(network([784, 30, 10], cost="cross_entropy", dtype="float32"), engine, bound=1e-5)


def test_the_weights_are_those_of_the_moment(engine: str) -> None:
    """After training, and after a change by hand, the same predictor gives the new outputs."""
    net = network([4, 5, 2], cost="cross_entropy")
    predict, x = net.predictor(engine), rows(20, 4)
    before = predict(x[0])
    net.fit(x, np.arange(20) % 2, epochs=2, engine="numpy")
    assert np.abs(predict(x[0]) - net.feedforward(x[0])).max() <= 1e-12
    assert (predict(x[0]) != before).all()
    net.weights[0][:] = 0.5
    net.biases = [np.full(5, 2.0), np.full(2, -1.0)]
    assert np.abs(predict(x[0]) - net.feedforward(x[0])).max() <= 1e-12


def test_what_it_gave_is_not_written_over(engine: str) -> None:
    """Each call gives an array of its own."""
    net = network([4, 5, 2])
    predict, x = net.predictor(engine), rows(2, 4)
    first = predict(x[0])
    kept = first.copy()
    predict(x[1])
    assert (first == kept).all()


def test_it_outlives_the_network(engine: str) -> None:
    """A predictor keeps the weights that it reads."""
    predict, expected = network([50, 40, 2]).predictor(engine), network([50, 40, 2]).feedforward(np.ones(50))
    assert np.abs(predict(np.ones(50)) - expected).max() <= 1e-12


def test_threads_do_not_disturb_each_other(engine: str) -> None:
    """Two threads that call the same predictor get their own answers; a call is long enough for them to meet in it."""
    net = network([30, 600, 600, 3])
    predict, x = net.predictor(engine), rows(40, 30)
    expected = [predict(row) for row in x]

    def asked(part: int) -> bool:
        return all((predict(x[k]) == expected[k]).all() for _ in range(10) for k in range(part, 40, 2))

    with ThreadPoolExecutor(2) as pool:
        assert all(pool.map(asked, (0, 1)))


# ----------------------------------------------------------------------------------------------------------------- classes


@pytest.mark.parametrize("outputs", [1, 2, 5])
def test_classes_are_those_of_predict(outputs: int, engine: str) -> None:
    """The largest output; of a single one, whether it exceeds the middle."""
    net = network([4, 6, outputs], cost="cross_entropy")
    predict, x = net.predictor(engine), rows(20, 4)
    assert [predict.classes(row) for row in x] == net.predict(x).tolist()
    assert type(predict.classes(x[0])) is int


def test_a_network_of_values_has_no_classes(engine: str) -> None:
    """It says so, and what to do."""
    predict = network([4, 6, 2]).predictor(engine)
    with pytest.raises(ConfigError, match="values, not classes: its cost is quadratic"):
        predict.classes(np.ones(4))


# ------------------------------------------------------------------------------------------------------------------ inputs

ROW = [0.5, -1.0, 2.0, 0.25]
LATER = np.frombuffer(b"\0" + np.array(ROW).tobytes(), np.uint8)[1:].view("f8")


@pytest.mark.parametrize(
    "row",
    [
        ROW, tuple(ROW), np.array(ROW, "f4"), np.array(ROW, ">f8"), np.repeat(ROW, 2)[::2], np.ma.array(ROW), LATER,
        np.array(ROW, object),
    ],
    ids=["list", "tuple", "float32", "bytes the other way", "strided", "masked", "not aligned", "objects"],
)  # fmt: skip
def test_a_row_may_be_kept_in_any_way(row: Any, engine: str) -> None:
    """Whatever feedforward takes is converted: the bits are those of a plain array."""
    predict = network([4, 5, 2]).predictor(engine)
    assert (predict(row) == predict(np.array(ROW))).all()


def test_a_row_that_cannot_be_written_to_is_taken(engine: str) -> None:
    """It is only read."""
    row = np.array(ROW)
    row.flags.writeable = False
    net = network([4, 5, 2])
    assert np.abs(net.predictor(engine)(row) - net.feedforward(row)).max() <= 1e-12


BAD = {
    "too short": (np.ones(3), ShapeError, "one example of this network has 4 numbers"),
    "two rows": (np.ones((2, 4)), ShapeError, r"x has 2 dimensions, of shape \(2, 4\); a predictor takes one example"),
    "a matrix of one row": (np.ones((1, 4)), ShapeError, "Give it one row"),
    "a number": (1.0, DataError, "single value"),
    "text": (["a", "b", "c", "d"], DataError, "holds text"),
    "complex": (np.ones(4, complex), DataError, "Complex data not supported"),
    "NaN": (np.array([0, 0, np.nan, 0]), DataError, "NaN"),
    "infinity": (np.array([0, -np.inf, 0, 0]), DataError, "inf"),
    "infinity in a list": ([0, 0, 0, np.inf], DataError, "inf"),
}


@pytest.mark.parametrize("case", BAD)
@pytest.mark.parametrize("hidden", ["sigmoid", "relu"])
def test_what_is_no_row_is_refused_in_words(case: str, hidden: str, engine: str) -> None:
    """With the errors of feedforward, also where the outputs would be finite."""
    x, error, words = BAD[case]
    net = network([4, 5, 2], hidden, output="sigmoid")
    with pytest.raises(error, match=words):
        net.predictor(engine)(x)


def test_outputs_that_are_not_finite_are_given_as_they_are(engine: str) -> None:
    """A finite row on weights that are not: NaN is the answer, not an error."""
    net = network([4, 5, 2], "identity")
    net.parameters.flat[:] = np.nan
    assert np.isnan(net.predictor(engine)(np.ones(4))).all()


def test_a_finite_row_whose_sum_is_not_is_taken(engine: str) -> None:
    """Numbers near the end of float32: no mark of NaN comes from adding them up."""
    net = Network([64, 5, 2], dtype="float32", seed=0)
    row = np.full(64, 2e38, np.float32)
    assert np.isfinite(net.predictor(engine)(row)).all()


# ----------------------------------------------------------------------------------------------------------------- engines


def test_without_numba_numpy_predicts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Auto falls back and says why; asked for, the compiled engine is refused."""
    monkeypatch.setattr(choice, "find_spec", lambda name: None)
    net = network([4, 5, 2])
    predict = net.predictor()
    assert (predict(np.ones(4)) == net.feedforward(np.ones(4))).all()
    assert "numpy: Numba is not installed" in repr(predict)
    with pytest.raises(ConfigError, match=r"needs Numba, which is not installed.\nInstall chainrule\[fast\]"):
        net.predictor("compiled")


def test_a_function_that_cannot_be_printed_falls_back() -> None:
    """An activation that needs real arrays runs as it is."""
    cube = activation(lambda z: np.array([[float(x) ** 3 for x in row] for row in z]), slope=lambda z, a: 3 * z * z)
    net = network([4, 5, 2], cube, output="identity")
    assert net.predictor().engine == "numpy"
    agree(net, "numpy")


def test_an_unknown_engine_is_refused() -> None:
    """With the names that there are."""
    with pytest.raises(ConfigError, match="compiled"):
        network([4, 5, 2]).predictor("compield")


# --------------------------------------------------------------------------------------------------------------- many rows


@pytest.mark.parametrize("how", [{"cost": "cross_entropy"}, {"cost": "log_likelihood", "dtype": "float32"}])
def test_many_rows_give_the_same_bits_on_any_number_of_threads(
    how: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The slices are the same, and each is computed alone."""
    net = network([100, 150, 3], **how)
    a, views, x = net.architecture, net.parameters.views, rows(5000, 100, net.architecture.dtype.name)
    y, some = np.eye(3, dtype=a.dtype)[np.arange(5000) % 3], np.arange(4999, 0, -1)
    found = []
    for threads in (1, 2, 5):
        monkeypatch.setattr(inference, "cores", lambda threads=threads: threads)
        found.append([
            inference.outputs(a, views, x),
            *inference.outputs_and_cost(a, views, x, y),
            *inference.outputs_and_cost(a, views, x, y, some),
        ])
    for others in found[1:]:
        assert all((one == other).all() for one, other in zip(found[0], others, strict=True))
    whole, costs, part, its_costs = found[0][1:]
    assert np.abs(whole[some] - part).max() <= 1e-6
    assert np.abs(costs[some] - its_costs).max() <= 1e-5


def test_an_error_in_a_thread_comes_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """A function of the user's that fails in one of the slices."""
    monkeypatch.setattr(inference, "cores", lambda: 2)
    net, calls = network([100, 200, 3]), []

    def failing(self: Any, z: Any) -> Any:
        calls.append(z)
        if len(calls) > 3:
            raise ArithmeticError("the fourth")
        return z

    monkeypatch.setattr(type(net.architecture.sigma(2)), "__call__", failing)
    with pytest.raises(ArithmeticError, match="the fourth"):
        net.feedforward(rows(5000, 100))
