"""Recordings: every step is there, any step comes out again bit for bit, and recording changes nothing."""

from __future__ import annotations

import hashlib
import sqlite3
import warnings

import numpy as np
import pytest

from chainrule import DataError, DivergenceError, Network, Recorder, Recording, ResourceError
from chainrule.io.blobs import pack, unpack
from chainrule.record.recorder import Stride
from chainrule.record.replay import replayed

RNG = np.random.default_rng(0)
X = RNG.normal(size=(210, 2)).astype("f4")
Y = (X[:, 0] * X[:, 1] > 0).astype(int)
HOW = {"epochs": 12, "batch_size": 16, "validation": 0.2}
TRAININGS = {
    "sgd": {},
    "adam and a cosine": {"optimizer": "adam", "schedule": "cosine", "learning_rate": 0.02},
    "momentum, halved": {"optimizer": "momentum", "schedule": {"name": "halve", "patience": 2}},
    "dropout, noise and l2": {"optimizer": "nesterov", "dropout": 0.2, "noise": 0.1, "lmbda": 0.1},
    "bounded": {"optimizer": "rmsprop", "clip_norm": 0.5, "max_norm": 2.0},
}


class Spy(Recorder):
    """A recorder that also remembers the sha256 of the parameters after every stretch."""

    def done(self, loop, costs):
        """Note down where it stands, and go on."""
        super().done(loop, costs)
        self.__dict__.setdefault("seen", {})[loop.state.updates] = sha256(loop.stepper.parameters.flat)


def sha256(array):
    """The digest of an array's bytes."""
    return hashlib.sha256(array.tobytes()).hexdigest()


def trained(recorder=None, engine="numpy", **how):
    """A small network after its training."""
    net = Network([2, 8, 2], "tanh", "log_likelihood", seed=3)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        net.fit(X, Y, engine=engine, recorder=recorder, **HOW | how)
    return net


@pytest.mark.parametrize("engine", ["numpy", "compiled", "reference"])
@pytest.mark.parametrize("name", TRAININGS)
def test_any_step_is_done_again_bit_for_bit(tmp_path, engine, name):
    """The sha256 of the parameters after fifty random steps is that of the first time, for every engine."""
    if engine == "compiled":
        pytest.importorskip("numba")
    spy = Spy(tmp_path / "a.sqlite", budget=60_000)
    trained(spy, engine, **TRAININGS[name])
    steps = RNG.permutation(sorted(spy.seen))[: 50 if engine != "reference" else 10]
    with Recording(tmp_path / "a.sqlite") as recording:
        found = {int(t): sha256(replayed(recording, int(t), X, Y, validation=0.2).stepper.parameters.flat) for t in steps}
    assert found == {t: spy.seen[t] for t in found}


@pytest.mark.parametrize("engine", ["numpy", "compiled"])
def test_recording_changes_nothing(tmp_path, engine):
    """The same seed ends with the same bits, recorded or not, however closely it is looked at."""
    if engine == "compiled":
        pytest.importorskip("numba")
    plain = trained(engine=engine, optimizer="adam")
    for every in (None, 1, 7):
        net = trained(Recorder(tmp_path / f"{every}.sqlite", every=every), engine, optimizer="adam")
        assert (net.parameters.flat == plain.parameters.flat).all()
        assert [e.cost for e in net.history] == [e.cost for e in plain.history]


def test_the_cost_of_every_step_is_kept(tmp_path):
    """The costs of an epoch's steps, weighted by their sizes, are the epoch's cost."""
    net = trained(Recorder(tmp_path / "a.sqlite"))
    with Recording(tmp_path / "a.sqlite") as recording:
        costs, facts = recording.costs(), recording.facts
        assert len(costs) == recording.last == net.state.updates == 12 * facts["steps_in_epoch"]
        n, m = facts["examples"], facts["batch_size"]
        sizes = np.minimum(m, n - m * np.arange(facts["steps_in_epoch"]))
        first = costs[: len(sizes)] @ sizes / n
        assert abs(first - net.history[0].cost) < 1e-6
        assert (recording.costs(5, 9) == costs[4:8]).all()


def test_measures_are_those_of_the_step(tmp_path):
    """Under plain gradient descent the length of an update is the learning rate times that of the gradient."""
    trained(Recorder(tmp_path / "a.sqlite", every=1), learning_rate=0.25, epochs=3)
    with Recording(tmp_path / "a.sqlite") as recording:
        steps, measures = recording.measures()
    assert steps.tolist() == list(range(1, len(steps) + 1))
    for l in (2, 3):
        assert np.allclose(measures["update"][l], 0.25 * measures["gradient"][l], rtol=2e-5)
        assert (measures["weight"][l] > 0).all()
    assert np.isnan(measures["saturated"][3]).all(), "softmax has no slopes of single neurons"
    assert ((measures["saturated"][2] >= 0) & (measures["saturated"][2] <= 1)).all()


def test_key_frames_stay_within_their_budget(tmp_path):
    """Beyond the budget every second frame goes; those left are multiples of a power of two, the first and the last."""
    trained(Recorder(tmp_path / "a.sqlite", budget=20_000, share=100.0))
    with Recording(tmp_path / "a.sqlite") as recording:
        frames, last = recording.key_frames, recording.last
    assert frames[0] == 0
    assert frames[-1] == last
    assert (np.diff(frames[:-1]) % np.diff(frames[:-1]).min() == 0).all()
    base = sqlite3.connect(tmp_path / "a.sqlite")
    (size, largest) = base.execute("SELECT sum(length(frame)), max(length(frame)) FROM frames").fetchone()
    base.close()
    assert size <= 20_000 + largest


def test_a_stride_doubles_where_it_takes_too_much():
    """Looking for a tenth of a millisecond every 10 us is done every 512 steps, at a share of 2 %."""
    stride = Stride(0.02)
    for step in range(1, 200_001):
        if stride.is_due(step):
            stride.took(1e-4, step * 1e-5 + stride.spent + 1e-4, step)
    assert stride.every in (512, 1024)
    assert stride.spent < 0.04 * 2


def test_a_slow_first_look_is_no_reason_to_look_away():
    """It took 14 ms, as on a busy machine; the next take a tenth of one, of steps that take 10 ms."""
    stride = Stride(0.02)
    looked = [1]
    stride.took(0.014, 0.015, 1)
    for step in range(2, 1001):
        if stride.is_due(step):
            stride.took(1e-4, 0.015 + step * 0.01, step)
            looked.append(step)
    assert len(looked) > 400


def test_training_that_goes_on_is_one_recording(tmp_path):
    """Two calls of fit with one file give the costs of one call; what was done again is there once."""
    trained(Recorder(tmp_path / "whole.sqlite"), learning_rate=0.1)
    net = Network([2, 8, 2], "tanh", "log_likelihood", seed=3)
    for epochs in (5, 7):
        net.fit(
            X,
            Y,
            engine="numpy",
            recorder=Recorder(tmp_path / "parts.sqlite"),
            learning_rate=0.1,
            **HOW | {"epochs": epochs},
        )
    with Recording(tmp_path / "whole.sqlite") as whole, Recording(tmp_path / "parts.sqlite") as parts:
        assert (whole.costs() == parts.costs()).all()
        assert [e["epoch"] for e in parts.epochs()] == list(range(1, 13))


def test_going_on_from_an_earlier_step_drops_what_came_after(tmp_path):
    """A file that reaches beyond the step at which a training goes on is cut there."""
    path = tmp_path / "a.sqlite"
    net = Network([2, 8, 2], "tanh", "log_likelihood", seed=3)
    net.fit(X, Y, recorder=Recorder(path), **HOW | {"epochs": 2})
    net.save(tmp_path / "two.safetensors")
    net.fit(X, Y, recorder=Recorder(path), **HOW | {"epochs": 4})
    again = Network.load(tmp_path / "two.safetensors")
    again.fit(X, Y, recorder=Recorder(path), **HOW | {"epochs": 1})
    with Recording(path) as recording:
        assert recording.last == 3 * recording.facts["steps_in_epoch"]
        assert np.isfinite(recording.costs()).all()
        assert len(recording.epochs()) == 3


def test_it_is_read_while_it_is_written(tmp_path):
    """After each epoch another connection sees a sound recording that grows."""
    seen = []

    def look(record):
        recorder.commit()
        with Recording(tmp_path / "a.sqlite") as recording:
            seen.append(recording.last)
            recording.frame(recording.last)

    recorder = Recorder(tmp_path / "a.sqlite")
    net = Network([2, 8, 2], "tanh", "log_likelihood", seed=3)
    net.fit(X, Y, recorder=recorder, callbacks=[look], **HOW)
    assert seen == sorted(seen)
    assert len(set(seen)) == 12


@pytest.mark.filterwarnings("ignore")
def test_how_a_training_ended_is_an_event(tmp_path):
    """A training that diverges leaves a recording that says so, with its last finite weights."""
    net = Network([2, 8, 1], "identity", seed=0)
    x, recorder = np.array([[1e3, -1e3], [2e3, 1e3]]), Recorder(tmp_path / "a.sqlite")
    with pytest.raises(DivergenceError):
        net.fit(x, [[1.0], [0.0]], epochs=90, learning_rate=10.0, recorder=recorder)
    with Recording(tmp_path / "a.sqlite") as recording:
        (event,) = recording.events()
        assert event["kind"] == "DivergenceError"
        assert np.isfinite(recording.frame(recording.last).tensors["parameters"]).all()


def test_held_weights_and_frozen_layers_come_back(tmp_path):
    """What training leaves as it is, it leaves so when its steps are done again."""
    net = Network([2, 8, 2], "tanh", "log_likelihood", seed=3)
    net.mask(2, RNG.random((8, 2)) < 0.5)
    net.freeze(3)
    net.fit(X, Y, recorder=Recorder(tmp_path / "a.sqlite"), **HOW)
    with Recording(tmp_path / "a.sqlite") as recording:
        loop = replayed(recording, recording.last - 1, X, Y, validation=0.2)
        loop.advance(recording.last, {})
    assert (loop.stepper.parameters.flat == net.parameters.flat).all()


@pytest.mark.parametrize("step", [-1, 10**9])
def test_a_step_that_is_not_there_is_refused(tmp_path, step):
    """The message says which steps there are."""
    trained(Recorder(tmp_path / "a.sqlite"), epochs=1)
    with Recording(tmp_path / "a.sqlite") as recording, pytest.raises(DataError, match="which has steps 0 to 11"):
        replayed(recording, step, X, Y, validation=0.2)


def test_other_data_is_refused(tmp_path):
    """Data of another size cannot be what was recorded."""
    trained(Recorder(tmp_path / "a.sqlite"), epochs=1)
    with Recording(tmp_path / "a.sqlite") as recording, pytest.raises(DataError, match="examples = 80, not 168"):
        replayed(recording, 5, X[:100], Y[:100], validation=0.2)


def test_what_is_no_recording_is_refused(tmp_path):
    """A missing file, a text, another data base and an empty one each get a sentence."""
    (tmp_path / "text.sqlite").write_text("not a data base at all, though its name says so" * 50)
    other = sqlite3.connect(tmp_path / "other.sqlite")
    other.execute("CREATE TABLE t (x)")
    other.commit()
    other.close()
    for name in ("missing", "text", "other"):
        with pytest.raises((DataError, ResourceError)):
            Recording(tmp_path / f"{name}.sqlite")


def test_a_damaged_frame_is_refused(tmp_path):
    """A frame whose bytes were changed does not pass for a network."""
    trained(Recorder(tmp_path / "a.sqlite"), epochs=1)
    base = sqlite3.connect(tmp_path / "a.sqlite")
    (frame,) = base.execute("SELECT frame FROM frames WHERE step = 0").fetchone()
    base.execute("UPDATE frames SET frame = ? WHERE step = 0", (frame[:-3] + bytes([frame[-3] ^ 1]) + frame[-2:],))
    base.commit()
    base.close()
    with Recording(tmp_path / "a.sqlite") as recording, pytest.raises(ValueError, match="sha256"):
        recording.frame(0)


def test_examples_are_kept(tmp_path):
    """The examples that were given come back as they were."""
    y = np.eye(2, dtype="f4")[Y[:5]]
    trained(Recorder(tmp_path / "a.sqlite", examples=(X[:5], y)), epochs=1)
    with Recording(tmp_path / "a.sqlite") as recording:
        found = recording.examples()
    assert (found[0] == X[:5]).all()
    assert (found[1] == y).all()


def test_numbers_that_are_not_finite_survive_packing():
    """A frame may hold NaN: the last state of a training that went wrong is worth a look."""
    tensors, metadata = unpack(pack({"x": np.array([np.nan, np.inf, 1.0])}, {"step": 1}))
    assert np.isnan(tensors["x"][0])
    assert metadata == {"step": 1}
