"""Diagnosis of run folders, of numbers that are not finite, and its command and drawings."""

from __future__ import annotations

import json
import re
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from diagnosis_cases import RELU, digits

from chainrule import ACTIVATIONS, ConfigError, DataError, DivergenceError, Network, diagnose
from chainrule.data import stream, toy
from chainrule.diagnosing import charts
from chainrule.runs import build, folder, session
from chainrule.runs.config import config
from chainrule.runs.recorded import RecordedRun


def run_of(place, source="moons", *, training, network=None, data=None, record=False):
    """A run in a folder, as far as it comes."""
    told = {"seed": 3, "data": {"source": source, **(data or {})}, "network": network or {}, "training": training}
    settings = config(told)
    splits = build.data_of(settings)
    settings = build.completed(settings, splits)
    with folder.held(place):
        begun = session.new(folder.Run(place), settings, splits, build.network_of(settings, splits))
        begun.train(record=record)
    return begun


SGD = {"optimizer": "sgd", "learning_rate": 0.1, "engine": "numpy"}


def test_a_run_knows_its_data_its_settings_and_its_history(tmp_path):
    """The validation set is the one that training held out: its accuracy is the log's last; a good run has no finding."""
    run_of(tmp_path, training={"epochs": 40, **SGD})
    found = diagnose(tmp_path)
    last = folder.Run(tmp_path).metrics()[-1]["metrics"]["accuracy"]
    outputs, targets = found.case.validated
    assert np.mean(outputs.argmax(axis=1) == targets.argmax(axis=1)) == last
    assert found.case.n == 360
    assert found.case.epochs == 40
    assert not found
    assert found.name == str(tmp_path)


def test_a_recorded_run_is_diagnosed_at_any_step(tmp_path):
    """Its network then, with the epochs that were over then; the last step has the findings of the run."""
    run_of(tmp_path, training={"epochs": 12, "lmbda": 500.0, **SGD}, record=True)
    with RecordedRun(tmp_path) as recorded:
        last, half = recorded.recording.last, recorded.recording.last // 2 + 1
        net = recorded.at(half)
        found = diagnose(recorded, step=half)
        assert diagnose(recorded).case.network.state.updates == last
    assert found.as_dict()["findings"] == diagnose(tmp_path, step=half).as_dict()["findings"]
    assert (found.case.network.parameters.flat == net.parameters.flat).all()
    assert [e.epoch for e in found.case.history] == [*range(1, net.state.epoch + 1)]
    assert found.name == f"{tmp_path} at step {half:,}"
    assert not diagnose(tmp_path, step=0).case.trained
    assert [f.id for f in diagnose(tmp_path, step=last)] == [f.id for f in diagnose(tmp_path)] != []
    plain = json.loads(json.dumps(found.as_dict(), allow_nan=False))
    assert plain["step"] == half
    assert {"id", "sentence", "number", "equation", "remedy", "severity"} <= set(plain["findings"][0])


def test_what_is_not_learned_yet_is_no_underfitting(tmp_path):
    """The network knows next to nothing after one step, and that is said of no training that goes on."""
    run_of(tmp_path, training={"epochs": 30, **SGD}, record=True)
    early, last = diagnose(tmp_path, step=1), diagnose(tmp_path)
    assert early.case.skill < 0.5 < last.case.skill
    assert not {f.id for f in early} & {"underfitting", "constant"}
    assert "1 update." in early.document().text(200)


@pytest.mark.parametrize(
    ("step", "error", "words"),
    [(-1, DataError, "step -1 is not in the recording"), (10**6, DataError, "which has steps 0 to"),
     (1.5, ConfigError, "a whole number"), (True, ConfigError, "a whole number")],
)  # fmt: skip
def test_a_step_that_is_not_there_is_refused(recorded_place, step, error, words):
    """The message says which steps there are."""
    with pytest.raises(error, match=words):
        diagnose(recorded_place, step=step)


@pytest.fixture(scope="module")
def recorded_place(tmp_path_factory):
    """The folder of a short recorded run."""
    place = tmp_path_factory.mktemp("recorded")
    run_of(place, training={"epochs": 1, **SGD}, record=True)
    return place


def test_a_step_is_asked_of_a_recorded_run_alone(tmp_path):
    """A network has no steps, and neither has a run without a recording."""
    with pytest.raises(ConfigError, match="Give the folder of the run"):
        diagnose(Network([2, 2], seed=0), [[1, 2]], [0], step=3)
    run_of(tmp_path, training={"epochs": 1, **SGD})
    with pytest.raises(DataError, match="has no recording"):
        diagnose(tmp_path, step=3)


def test_a_run_tells_of_its_settings_what_a_network_cannot(tmp_path):
    """The penalty is known from the run's config."""
    run_of(tmp_path, training={"epochs": 5, "lmbda": 500.0, **SGD})
    found = diagnose(tmp_path)
    assert found[0].id == "decay"
    assert found[0].number == pytest.approx(0.1 * 500 / 360)


def test_a_run_that_diverged_names_the_step_and_the_equation(tmp_path):
    """The next step from the checkpoint is done again: its first number that is not finite, and what made it."""
    with pytest.raises(DivergenceError) as error:
        run_of(tmp_path, training={"epochs": 50, **SGD, "learning_rate": 100.0}, network={"cost": "quadratic",
               "activation": "relu", "output": "identity"})  # fmt: skip
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    found = diagnose(tmp_path)
    assert found[0].id == "not_finite"
    assert f"in epoch {error.value.epoch}, step {error.value.step} of training" in found[0].sentence
    assert found[0].layer == error.value.layer
    assert f"after {found[0].equation} " in str(error.value)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_an_interrupted_run_is_no_diverged_one(tmp_path):
    """A run that was only begun is diagnosed as far as it has come."""
    told = config({"seed": 3, "data": {"source": "moons"}, "training": {"epochs": 40, **SGD}})
    splits = build.data_of(told)
    told = build.completed(told, splits)
    network = build.network_of(told, splits)
    with folder.held(tmp_path):
        begun = session.new(folder.Run(tmp_path), told, splits, network)
        network.save(begun.run.checkpoint_file, training=True, notes=begun.notes)
    found = diagnose(tmp_path)
    assert found.case.diverged is None
    assert not found.case.trained


def test_a_regression_and_a_set_without_validation_are_diagnosed(tmp_path):
    """What a run does not have is left out."""
    run_of(tmp_path, "sine", training={"epochs": 60, "optimizer": "adam", "engine": "numpy"}, data={"validation": 0})
    found = diagnose(tmp_path)
    assert found.case.validation is None
    assert "overfitting" not in found.measured


# ------------------------------------------------------------------------------------------------- not finite


def network() -> Network:
    """A small network of float32."""
    return Network([2, 4, 2], seed=0, **RELU)


def test_a_number_of_the_data_that_is_not_finite_is_named():
    """NaN in row 3, column 1 of x is the data's own."""
    x = np.array(toy("circle").train.x)
    x[3, 1] = np.nan
    found = diagnose(network(), x, toy("circle").train.y)
    assert [f.id for f in found] == ["not_finite"]
    assert "row 3, column 1" in found[0].sentence
    assert found[0].equation == ""


def test_a_weight_that_is_not_finite_is_named():
    """Infinity in a weight of layer 3 is found without data."""
    net = network()
    net.weights[1][0, 2] = np.inf
    found = diagnose(net)
    assert [f.id for f in found] == ["not_finite"]
    assert "w of layer 3" in found[0].sentence
    assert "(0, 2)" in found[0].sentence


@pytest.mark.parametrize(("layer", "size", "equation"), [(0, 3e38, "FP1"), (1, 3e38, "FP1")])
def test_the_equation_that_made_the_first_one_is_named(layer, size, equation):
    """Finite weights that overflow float32 in a weighted input: FP1 at that layer."""
    net = network()
    net.weights[layer][...] = size
    x = np.abs(toy("circle").train.x) + 1
    found = diagnose(net, x, toy("circle").train.y)
    assert found[0].equation == equation
    assert found[0].layer == layer + 2
    plain = json.loads(json.dumps(found.as_dict(), allow_nan=False))
    assert plain["findings"][0]["number"] is None
    assert "not_finite" in str(plain)
    assert "A number is not finite" in str(found)


# ------------------------------------------------------------------------------------------------- drawings


def test_drawings_are_well_formed_and_within_their_frame():
    """Each is XML; a bar is as long as the logarithm of its number says, and nothing lies outside."""
    svg = charts.bars(["layer 2", "layer 3", "layer 4"], [0.001, 0.1, 0.0], "speed", ["a", "b", "0"], "alt & <words>")
    root = ET.fromstring(svg)
    widths = [float(e.get("width")) for e in root.iter() if e.tag.endswith("rect")]
    assert widths[2] == 0
    assert 0 <= widths[0] < widths[1]
    xs = [float(v) for v in re.findall(r' x2?="([\d.]+)"', svg)]
    assert max(xs) <= charts.WIDTH


@pytest.mark.parametrize("costs", [[1.0, 0.5, 0.25], [100.0, 1.0, 0.01], [0.5, 0.5, 0.5], [1e-9, 1e-9, 2e-9]])
def test_curves_of_any_size_are_drawn(costs):
    """Lines lie within the frame, on a logarithmic axis where numbers are far apart."""
    points = [(float(i + 1), c) for i, c in enumerate(costs)]
    root = ET.fromstring(charts.curves([("training", points), ("validation", points)], "epoch", "cost", "alt"))
    paths = [e.get("d") for e in root.iter() if e.tag.endswith("path")]
    assert len(paths) == 2
    for x, y in re.findall(r"([\d.]+),([\d.-]+)", paths[0]):
        assert 0 <= float(x) <= charts.WIDTH
        assert 0 <= float(y) <= 300


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_networks_of_every_activation_are_diagnosed(name):
    """Any activation, with any result, gives a report with its drawings."""
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((40, 4)), rng.standard_normal((40, 3))
    net = Network([4, 6, 5, 3], name, output="identity", seed=1)
    found = diagnose(net, x, y, validation=(x[:9] + 1, y[:9]), learning_rate=0.01, lmbda=0.1)
    assert len(found.measured) > 8
    assert "Layer by layer" in str(found)


def test_examples_that_stay_in_their_file_are_sampled(tmp_path):
    """Rows of a mapped file are read where they lie; what would read them all is left out."""
    rng = np.random.default_rng(0)
    np.save(tmp_path / "x.npy", rng.standard_normal((5000, 4)).astype(np.float32))
    data = stream(tmp_path / "x.npy", rng.integers(0, 2, 5000))
    found = diagnose(Network([4, 6, 2], seed=1, **RELU), data.x, data.y)
    assert found.examples == 2000
    assert "contradictions" not in found.measured


def test_a_large_data_set_is_sampled():
    """2,000 of the digits are looked at, from beginning to end, and the report says so."""
    x, y, *_ = digits()
    found = diagnose(Network([784, 10, 10], seed=0, **RELU), x, y)
    assert found.examples == 2000
    assert found.case.rows[-1] > 49_000
    assert "2,000 of 50,000 examples" in found.document().text(200)
