"""The calls of the book's improved program: costs, penalty, monitoring, JSON files."""

from __future__ import annotations

import json

import numpy as np
import pytest

from chainrule.errors import ConfigError, DataError, ModelFileError, ResourceError, ShapeError
from chainrule.nielsen import Network as FirstNetwork
from chainrule.nielsen import json_file, network2
from chainrule.nielsen.network2 import CrossEntropyCost, Network, QuadraticCost

RNG = np.random.default_rng(6)
DATA = [(RNG.random((4, 1)), np.eye(3)[:, [j % 3]]) for j in range(25)]
TESTS = [(x, int(y.argmax())) for x, y in DATA[:10]]


def same(one, other, tolerance=1e-12):
    """Whether two lists of arrays are equal to rounding, shapes included."""
    return all(v.shape == w.shape and np.abs(v - w).max() <= tolerance for v, w in zip(one, other, strict=True))


# --------------------------------------------------------------------------------------------------- weights and costs


def test_first_weights_are_small_by_default_and_large_when_asked_for():
    """N(0, 1/n_in) by default; the large ones are those of the first program, N(0, 1)."""
    net, first = Network([400, 100, 5], seed=2), FirstNetwork([400, 100, 5], seed=2)
    assert abs(net.weights[0].std() * np.sqrt(400) - 1) < 0.02
    net.large_weight_initializer()
    assert same(net.weights, first.weights, 0)
    net.default_weight_initializer()
    assert same([20 * net.weights[0]], [first.weights[0]])
    assert same(net.biases, first.biases, 0)


def test_a_subclass_s_own_first_weights_are_used():
    """The constructor calls default_weight_initializer."""

    class Zeros(Network):
        def default_weight_initializer(self):
            self.weights, self.biases = [np.zeros((3, 4))], [np.zeros((3, 1))]

    assert same([Zeros([4, 3]).feedforward(DATA[0][0])], [np.full((3, 1), 0.5)], 0)


def test_costs_are_the_book_s_formulas():
    """Fn and delta against the formulas of the two costs, and finite where the outputs are saturated."""
    z, y = np.array([[0.3], [-2.0]]), np.array([[1.0], [0.0]])
    a = network2.sigmoid(z)
    assert QuadraticCost.fn(a, y) == pytest.approx(0.5 * np.linalg.norm(a - y) ** 2, abs=1e-15)
    assert CrossEntropyCost.fn(a, y) == pytest.approx(-np.sum(y * np.log(a) + (1 - y) * np.log(1 - a)), abs=1e-15)
    assert same([QuadraticCost.delta(z, a, y)], [(a - y) * network2.sigmoid_prime(z)])
    assert same([CrossEntropyCost.delta(z, a, y)], [a - y])
    assert 0 < CrossEntropyCost.fn(np.array([[1.0], [0.0]]), np.array([[0.0], [1.0]])) < 1000


def test_the_total_cost_is_the_mean_cost_and_the_penalty():
    """C = mean of fn + (lambda/2n) sum of w^2, whether y is a column or the number of the class."""
    net = Network([4, 5, 3], seed=0)
    expected = np.mean([CrossEntropyCost.fn(net.feedforward(x), y) for x, y in DATA[:10]])
    expected += 0.5 * 0.7 / 10 * sum(np.sum(w**2) for w in net.weights)
    assert net.total_cost(DATA[:10], 0.7) == pytest.approx(expected, abs=1e-12)
    assert net.total_cost(TESTS, 0.7, convert=True) == pytest.approx(expected, abs=1e-12)


def test_the_total_cost_is_exact_where_an_output_is_saturated():
    """At z = 1000 and y = 0 the cross-entropy is 1000: it is computed from z."""
    net = Network([1, 1], seed=0)
    net.weights, net.biases = [np.array([[1000.0]])], [np.array([[0.0]])]
    assert net.total_cost([([[1.0]], [[0.0]])], 0.0) == 1000


def test_accuracy_counts_columns_and_numbers_alike():
    """The number of examples that are right, of training data (columns) and of evaluation data (numbers)."""
    net = Network([4, 5, 3], seed=0)
    right = sum(int(net.feedforward(x).argmax() == y) for x, y in TESTS)
    assert net.accuracy(TESTS) == net.accuracy(DATA[:10], convert=True) == right


# ------------------------------------------------------------------------------------------------------------ training


@pytest.mark.parametrize("cost", [QuadraticCost, CrossEntropyCost])
def test_a_step_follows_the_gradient_and_shrinks_the_weights(cost):
    """W becomes (1 - eta lambda / n) w - (eta / m) sum of the gradients, and b is not shrunk."""
    net, batch, eta, lmbda, n = Network([4, 5, 3], cost=cost, seed=0), DATA[:7], 0.5, 2.0, 25
    grads = [net.backprop(x, y) for x, y in batch]
    w = [(1 - eta * lmbda / n) * w - eta / 7 * sum(g[1][i] for g in grads) for i, w in enumerate(net.weights)]
    b = [b - eta / 7 * sum(g[0][i] for g in grads) for i, b in enumerate(net.biases)]
    net.update_mini_batch(batch, eta, lmbda, n)
    assert same(net.weights, w)
    assert same(net.biases, b)


class OwnQuadratic:
    """The quadratic cost, written by a user."""

    @staticmethod
    def fn(a, y):
        """The cost."""
        return 0.5 * np.sum((a - y) ** 2)

    @staticmethod
    def delta(z, a, y):
        """The output error."""
        return (a - y) * a * (1 - a)


class OwnStep(Network):
    """The same step, by a subclass."""

    def update_mini_batch(self, mini_batch, eta, lmbda, n):
        """A step."""
        super().update_mini_batch(mini_batch, eta, lmbda, n)


@pytest.mark.parametrize(("kind", "cost"), [(Network, OwnQuadratic), (OwnStep, QuadraticCost)])
def test_own_costs_and_own_steps_are_used(kind, cost, capsys):
    """Training example by example with the user's own rule gives what the engine gives."""
    plain, own = Network([4, 5, 3], cost=QuadraticCost, seed=1), kind([4, 5, 3], cost=cost, seed=1)
    monitored = [net.SGD(DATA, 2, 10, 0.5, lmbda=0.3, monitor_training_cost=True) for net in (plain, own)]
    assert same(plain.weights, own.weights)
    assert np.allclose(monitored[0][2], monitored[1][2], rtol=0, atol=1e-12)


def test_everything_monitored_is_printed_and_returned_in_order(capsys):
    """Lines for training, then evaluation, cost before accuracy; the four lists begin with the evaluation's."""
    net = Network([4, 5, 3], seed=1)
    lists = net.SGD(
        DATA, 2, 10, 0.5, 0.1, TESTS, monitor_evaluation_cost=True, monitor_evaluation_accuracy=True,
        monitor_training_cost=True, monitor_training_accuracy=True,
    )  # fmt: skip
    evaluation_cost, evaluation_accuracy, training_cost, training_accuracy = lists
    blocks = [
        f"Epoch {j} training complete\n"
        f"Cost on training data: {training_cost[j]}\nAccuracy on training data: {training_accuracy[j]} / 25\n"
        f"Cost on evaluation data: {evaluation_cost[j]}\nAccuracy on evaluation data: {evaluation_accuracy[j]} / 10\n\n"
        for j in (0, 1)
    ]
    assert capsys.readouterr().out == "".join(blocks)
    assert evaluation_cost[1] == net.total_cost(TESTS, 0.1)
    assert training_accuracy[1] == net.accuracy(DATA)


def test_nothing_is_monitored_unless_asked_for(capsys):
    """Without flags there is a line for each epoch, and four empty lists."""
    assert Network([4, 5, 3], seed=1).SGD(DATA, 1, 10, 0.5, evaluation_data=TESTS) == ([], [], [], [])
    assert capsys.readouterr().out == "Epoch 0 training complete\n\n"


def test_monitoring_without_evaluation_data_is_refused():
    """Asking for figures of data that is not there is a ConfigError, before training."""
    with pytest.raises(ConfigError, match="no evaluation_data"):
        Network([4, 5, 3]).SGD(DATA, 1, 10, 0.5, monitor_evaluation_cost=True)


def test_bad_input_is_refused_in_words():
    """Shapes and classes that do not fit have their typed errors."""
    net = Network([4, 5, 3], seed=0)
    with pytest.raises(ShapeError, match="column of 4"):
        net.feedforward(np.ones((1, 4)))
    with pytest.raises(DataError, match="no class '3'"):
        net.accuracy([(np.ones(4), 3)])
    with pytest.raises(DataError, match="no class '-1'"):
        network2.vectorized_result(-1)
    with pytest.raises(ConfigError, match="lmbda = -1"):
        net.SGD(DATA, 1, 10, 0.5, lmbda=-1)


# --------------------------------------------------------------------------------------------------------------- files


def test_a_saved_network_comes_back_to_the_bit(tmp_path):
    """Sizes, cost and every bit of the numbers, in the book's four fields."""
    net = Network([4, 5, 3], cost=QuadraticCost, seed=0)
    net.save(tmp_path / "net.json")
    again = network2.load(tmp_path / "net.json")
    assert (again.sizes, again.cost, again.num_layers) == ([4, 5, 3], QuadraticCost, 3)
    assert same(again.weights + again.biases, net.weights + net.biases, 0)
    data = json.loads((tmp_path / "net.json").read_text())
    assert set(data) == {"sizes", "weights", "biases", "cost"}
    assert data["cost"] == "QuadraticCost"


def test_an_own_cost_is_saved_by_name_and_has_to_be_given_again(tmp_path):
    """The name alone is in the file; load takes the class."""
    Network([4, 3], cost=OwnQuadratic, seed=0).save(tmp_path / "net.json")
    with pytest.raises(ModelFileError, match="'OwnQuadratic' is not one of CrossEntropyCost, QuadraticCost"):
        network2.load(tmp_path / "net.json")
    assert network2.load(tmp_path / "net.json", costs=[OwnQuadratic]).cost is OwnQuadratic


def test_numbers_that_are_not_finite_are_not_saved(tmp_path):
    """NaN has no place in JSON: nothing is written."""
    net = Network([4, 3], seed=0)
    net.weights[0][0, 0] = np.nan
    with pytest.raises(ModelFileError, match="not all finite"):
        net.save(tmp_path / "net.json")
    assert not (tmp_path / "net.json").exists()
    with pytest.raises(ResourceError):
        Network([4, 3], seed=0).save(tmp_path / "no" / "net.json")


SOUND = '{"sizes": [1, 2], "weights": [[[0.5], [1]]], "biases": [[[0], [0]]], "cost": "QuadraticCost"}'
HOSTILE = {
    "empty": ("", "not JSON"),
    "a pickle": (b"\x80\x04\x95\x00.", "not UTF-8"),
    "deep": ("[" * 100_000, "nested too deeply"),
    "many lists": ("[" + "[]," * 2**20 + "[]]", "lists"),
    "many objects": ("[{},{}]", "2 objects"),
    "a list": ("[1]", "not an object"),
    "a field missing": ('{"sizes": [1, 2]}', "not an object with biases, cost, sizes, weights"),
    "a field too many": (SOUND[:-1] + ', "__class__": "os"}', "nothing else"),
    "twice": (SOUND[:-1] + ', "cost": "QuadraticCost"}', "'cost' twice"),
    "code as cost": (SOUND.replace("QuadraticCost", "os.system"), "'os.system' is not one of"),
    "a number as cost": (SOUND.replace('"QuadraticCost"', "3"), "cost 3"),
    "sizes as text": (SOUND.replace("[1, 2]", '"12"'), "not a list"),
    "one layer": (SOUND.replace("[1, 2]", "[1]"), "at least an input and an output"),
    "negative sizes": (SOUND.replace("[1, 2]", "[1, -2]"), "-2 neurons"),
    "sizes as yes": (SOUND.replace("[1, 2]", "[true, 2]"), "True neurons"),
    "huge sizes": (SOUND.replace("[1, 2]", "[1000000, 1000000]"), "GiB"),
    "other sizes": (SOUND.replace("[1, 2]", "[1, 3]"), "does not have 3 rows"),
    "a layer too many": (SOUND.replace("[[[0], [0]]]", "[[[0], [0]], [[0]]]"), "biases are not a list for each"),
    "a ragged row": (SOUND.replace("[0.5]", "[0.5, 1]"), "row 0 of its weights"),
    "text as weight": (SOUND.replace("0.5", '"0.5"'), "'0.5', which is not a number"),
    "yes as weight": (SOUND.replace("0.5", "true"), "True, which is not a number"),
    "null as weight": (SOUND.replace("0.5", "null"), "None, which is not a number"),
    "NaN": (SOUND.replace("0.5", "NaN"), "NaN"),
    "Infinity": (SOUND.replace("0.5", "-Infinity"), "Infinity"),
    "a number too large": (SOUND.replace("0.5", "1e400"), "too large"),
    "endless digits": (SOUND.replace("0.5", "9" * 5000), "5000 digits"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_a_file_that_is_not_sound_is_refused(case, tmp_path):
    """Whatever is in the file, the answer is a ModelFileError that names the file and the fault."""
    content, words = HOSTILE[case]
    path = tmp_path / "net.json"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(ModelFileError, match=r"net\.json") as caught:
        network2.load(path)
    assert words in str(caught.value)


def test_more_bytes_than_are_read_back_are_neither_written_nor_read(tmp_path, monkeypatch):
    """A network that is too large for JSON is refused with the way out, and so is a file."""
    net = Network([4, 3], seed=0)
    net.save(tmp_path / "net.json")
    monkeypatch.setattr(json_file, "MOST_BYTES", 100)
    with pytest.raises(ModelFileError, match="safetensors"):
        net.save(tmp_path / "other.json")
    with pytest.raises(ModelFileError, match="more than 100 bytes"):
        network2.load(tmp_path / "net.json")


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    """They are ModelFileErrors too, and the sound example is none."""
    for path in (tmp_path / "missing.json", tmp_path):
        with pytest.raises(ModelFileError):
            network2.load(path)
    (tmp_path / "sound.json").write_text(SOUND)
    assert network2.load(tmp_path / "sound.json").weights[0].tolist() == [[0.5], [1.0]]
