"""A training that was gone on with in another way: each of its steps is done again as it was done."""

from __future__ import annotations

import numpy as np
import pytest

from chainrule import DataError, Network, Recorder, Recording
from chainrule.lab.watching import Watch
from chainrule.record.replay import replayed

X = np.random.default_rng(0).normal(size=(40, 2)).astype(np.float32)
Y = (X[:, 0] * X[:, 1] > 0).astype(int)
HOW = {"epochs": 3, "batch_size": 8, "learning_rate": 0.3, "engine": "numpy", "validation": (X, Y)}  # 5 steps an epoch


class Spy(Recorder):
    """A recorder that also keeps the parameters after each stretch."""

    seen: dict[int, np.ndarray]

    def done(self, loop, costs):
        """Keep them, and go on."""
        super().done(loop, costs)
        self.seen[loop.state.updates] = loop.stepper.parameters.flat.copy()


def twisted(net):
    """Weights that somebody has changed by hand between two trainings."""
    net.parameters.flat[:] *= 0.5


def untouched(net):
    """Nothing."""


@pytest.mark.parametrize("budget", [2**20, 6_000], ids=["all frames", "few frames"])
@pytest.mark.parametrize(("ways", "between"), [
    ([{}, {"learning_rate": 0.02}, {}], untouched),
    ([{"schedule": "cosine"}, {"schedule": "cosine", "epochs": 5}], untouched),
    ([{"early_stopping": 1, "monitor": "cost", "learning_rate": 3.0, "epochs": 9}] * 2, untouched),
    ([{}, {}, {}], twisted),
], ids=["rate", "cosine", "best given back", "by hand"])  # fmt: skip
def test_steps_are_done_again_as_they_were(tmp_path, ways, between, budget):
    """Bit for bit, with the rate, the schedule and the weights of their own time, however few key frames are kept."""
    net, seen = Network([2, 4, 2], "tanh", "log_likelihood", seed=5), {}
    for way in ways:
        recorder = Spy(tmp_path / "a.sqlite", budget=budget, share=100.0)
        recorder.seen = seen
        net.fit(X, Y, recorder=recorder, **HOW | way)
        between(net)
    with Recording(tmp_path / "a.sqlite") as recording:
        frames = set(recording.key_frames.tolist())
        found = {t: replayed(recording, t, X, Y, validation=(X, Y)).stepper.parameters.flat for t in seen}
        borders = {phase["until"] for phase in recording.facts["earlier"]}
    assert borders <= frames
    assert [t for t in seen if not (found[t] == seen[t]).all() and t not in borders] == []


def test_a_training_in_many_calls_has_one_phase(tmp_path):
    """What changes no step needs no border."""
    net = Network([2, 4, 2], "tanh", "log_likelihood", seed=5)
    for epochs in (1, 2, 1):
        net.fit(X, Y, recorder=Recorder(tmp_path / "a.sqlite"), **HOW | {"epochs": epochs})
    with Recording(tmp_path / "a.sqlite") as recording:
        assert recording.facts["earlier"] == []


def test_going_back_before_a_border_forgets_it(tmp_path):
    """The steps before it are done again as they were, those after it as they are now."""
    net = Network([2, 4, 2], "tanh", "log_likelihood", seed=5)
    net.fit(X, Y, recorder=Recorder(tmp_path / "a.sqlite"), **HOW)
    net.save(tmp_path / "three.safetensors")
    for rate in (0.1, 0.01):
        net.fit(X, Y, recorder=Recorder(tmp_path / "a.sqlite"), **HOW | {"learning_rate": rate})
    again = Network.load(tmp_path / "three.safetensors")
    again.fit(X, Y, recorder=Recorder(tmp_path / "a.sqlite"), **HOW | {"learning_rate": 0.2})
    with Recording(tmp_path / "a.sqlite") as recording:
        (phase,) = recording.facts["earlier"]
        assert (phase["until"], phase["settings"]["learning_rate"]) == (15, 0.3)
        flat = replayed(recording, 29, X, Y, validation=(X, Y))
        flat.advance(30, {})
    assert (flat.stepper.parameters.flat == again.parameters.flat).all()


def test_what_a_watched_network_did_in_another_way_is_not_made_up(tmp_path):
    """Steps of another batch size are refused in words, but for key frames; those of another rate are done again."""
    net = Network([2, 4, 2], "tanh", "log_likelihood", seed=5)
    with Watch(net, tmp_path / "a.sqlite") as watch:
        net.fit(X, Y, **HOW)
        net.fit(X, Y, **HOW | {"batch_size": 10})
        history = watch.history
        held = [t for t in range(15) if t not in set(history.hello(live=False)["key_frames"])]
        assert all(history.frame(t) for t in (0, 15))
        for t in held[:2]:
            with pytest.raises(DataError, match="batch_size = 8 there, 10 here"):
                history.frame(t)
