"""When a training pauses by itself, what it says of its speed and its end, and the mini-batch that comes next."""

from __future__ import annotations

import json
import queue
from typing import Any

import numpy as np
import pytest
from lab_helpers import SMALL, Client

from chainrule import Network, Recorder
from chainrule.io.blobs import unpack
from chainrule.lab import trainer, wire
from chainrule.lab.control import Control, Wishes
from chainrule.runs.recorded import RecordedRun

X = np.random.default_rng(0).normal(size=(40, 2)).astype(np.float32)
Y = (X[:, 0] > 0).astype(int)


class Told:
    """What a training tells; at each pause it is told the next commands."""

    def __init__(self, *commands: dict) -> None:
        self.commands, self.inbox, self.states = list(commands), queue.SimpleQueue(), []
        self.answers = []

    def __call__(self, said) -> None:
        """Hear it."""
        if isinstance(said, dict) and "id" in said:
            self.answers.append(said)
        if isinstance(said, dict) and said.get("event") == "state":
            self.states.append(said)
            if not said["running"] and self.commands:
                self.inbox.put({"id": len(self.commands), **self.commands.pop(0)})


def trained(place, told, *, epochs=6, **settings):
    """A training of 5 steps an epoch that does as it is told."""
    net = Network([2, 4, 2], "tanh", seed=5)
    control = Control(Recorder(place), told.inbox, told, Wishes(watched=True))
    net.fit(X, Y, epochs=epochs, batch_size=8, recorder=control, **{"learning_rate": 0.5, **settings})
    return net


RUN = {"command": "run"}


def test_it_pauses_after_an_epoch_and_forgets_the_rule(tmp_path):
    """It says why, and the next run goes on to the end."""
    told = Told({"command": "set", "stop_epoch": 2}, RUN, RUN)
    trained(tmp_path / "a", told)
    at = [state for state in told.states if state["stopped"]]
    assert {state["step"] for state in at} == {10}
    assert at[0]["stopped"] == "epoch 2 has ended"
    assert at[0]["stop"] == {"cost": None, "epoch": None}
    assert told.states[-1]["step"] == 30


def test_it_pauses_where_the_mean_cost_of_an_epoch_is_under_a_number(tmp_path):
    """The first epoch whose own mean cost is under it, and no other."""
    whole = Network([2, 4, 2], "tanh", seed=5)
    whole.fit(X, Y, epochs=6, batch_size=8, learning_rate=0.5)
    costs = [record.cost for record in whole.history]
    under = (costs[2] + costs[3]) / 2
    told = Told({"command": "set", "stop_cost": under}, RUN, RUN)
    trained(tmp_path / "a", told)
    first = next(i for i, cost in enumerate(costs) if cost < under)
    assert {state["step"] for state in told.states if state["stopped"]} == {5 * (first + 1)}


def test_an_epoch_that_is_over_or_never_comes_is_refused(tmp_path):
    """The answer says which comes next and which is the last; nothing else of the command is done."""
    told = Told()
    for number, command in enumerate([{"command": "set", "stop_epoch": 7, "speed": 1.0}, RUN]):
        told.inbox.put({"id": number, **command})
    trained(tmp_path / "a", told)
    assert told.answers[0]["error"] == "it cannot stop after epoch 7: 1 comes next, and 6 is the last."
    assert told.states[-1]["speed"] is None


@pytest.mark.parametrize(("key", "value"), [("stop_cost", "1"), ("stop_cost", True), ("stop_epoch", 0)])
def test_a_rule_is_a_number_or_null(key, value):
    """Anything else is not of the protocol."""
    with pytest.raises(wire.Refused, match=key):
        wire.command(json.dumps({"id": 1, "command": "set", key: value}))
    assert wire.command(json.dumps({"id": 1, "command": "set", key: None})).values == {key: None}


def test_steps_a_second_are_those_that_are_done(tmp_path):
    """A training that is held at 50 steps a second does not say that it makes thousands."""
    told = Told({"command": "set", "speed": 50.0}, RUN)
    trained(tmp_path / "a", told, epochs=10)
    said = [state["steps_per_second"] for state in told.states if state["steps_per_second"]]
    assert said
    assert said[-1] < 500


def test_a_training_that_goes_on_says_how_many_epochs_it_has(lab: Client):
    """Its state has the new number; so has what a page is told that comes later."""
    run = lab.start(training={"epochs": 2, "batch_size": 8}, paused=False)
    with lab.watch(run) as page:
        done = page.until(lambda e: e.get("finished"))
        assert (done["epochs"], done["closed"]) == (2, None)
        page.events.clear()
        assert page.do("step")["ok"]
        assert page.stand(done["step"] + 1)["epochs"] == 4
    assert lab.json(f"/api/runs/{run}/hello")["epochs"] == 4


def test_a_training_that_cannot_go_on_says_why(lab: Client):
    """A schedule that is at its end is named, before anybody has asked for more."""
    run = lab.start(training={"epochs": 2, "batch_size": 8, "schedule": "cosine"}, paused=False)
    with lab.watch(run) as page:
        assert "cosine" in page.until(lambda e: e.get("finished"))["closed"]
        assert "cosine" in page.do("run")["error"]


@pytest.mark.parametrize("schedule", ["constant", "cosine", "exponential"])
def test_the_gradients_of_the_next_mini_batch_make_its_update(lab: Client, schedule: str):
    """Plain gradient descent: the weights after a step are those before it less eta times the mean gradient."""
    training = {"epochs": 4, "batch_size": 8, "optimizer": "sgd", "learning_rate": 0.5, "engine": "numpy"}
    training["schedule"] = schedule
    run = lab.start(training=training, network={"hidden": [4], "activation": "tanh", "dtype": "float64"})
    with lab.watch(run) as page:
        assert page.do("step", count=9)["ok"]
        page.stand(9)
        live = unpack(page.frame(9))[1]["eta"]

    def asked(what: str) -> Any:
        return unpack(lab.ask("GET", f"/api/runs/{run}/{what}")[2])

    assert live == asked("frame?step=9")[1]["eta"]
    for step in (3, 6, 7):
        (before, told), (after, _), (batch, _) = (asked(what) for what in (
            f"frame?step={step}", f"frame?step={step + 1}", f"batch?step={step}"))  # fmt: skip
        with RecordedRun(lab.root / run) as recorded:
            net = recorded.at(step)
        assert (net.parameters.flat == before["parameters"]).all()
        found = net.backprop(batch["x"].astype(float), batch["y"].astype(float))
        flat = np.concatenate([part.ravel() for part in (*found.nabla_w.values(), *found.nabla_b.values())]) / 8
        moved = before["parameters"] - after["parameters"]
        np.testing.assert_allclose(moved, told["eta"] * flat, rtol=1e-6, atol=1e-9)  # examples come as float32


def test_a_rate_that_is_set_stands_in_the_frame_before(lab: Client):
    """Also where that frame has been asked for already; earlier ones keep theirs."""
    run = lab.start(training={"epochs": 4, "batch_size": 8, "optimizer": "sgd", "learning_rate": 0.5})

    def eta(step: int) -> Any:
        return unpack(lab.ask("GET", f"/api/runs/{run}/frame?step={step}")[2])[1]["eta"]

    with lab.watch(run) as page:
        assert page.do("step", count=3)["ok"]
        page.stand(3)
        assert (eta(2), eta(3)) == (0.5, 0.5)
        assert page.do("set", learning_rate=0.25)["ok"]
        assert (eta(2), eta(3)) == (0.5, 0.25)


def test_a_mini_batch_that_is_too_long_is_refused(lab: Client):
    """In words; and a question without a step is one that cannot be answered."""
    run = lab.start(training={"epochs": 2, "batch_size": 65}, data={"source": "moons", "n": 200})
    status, _, body = lab.ask("GET", f"/api/runs/{run}/batch?step=0")
    assert (status, "65 examples is too long" in json.loads(body)["error"]) == (400, True)
    assert lab.ask("GET", f"/api/runs/{run}/batch")[0] == 400


@pytest.mark.parametrize(("epochs", "speed"), [(200, trainer.GENTLE), (1_000_000, None)])
def test_a_short_training_takes_its_time(lab: Client, epochs: int, speed: float | None):
    """Where nobody says how fast, one that would be over before it was seen is slow, and a long one is not."""
    settings = SMALL | {"training": {"epochs": epochs, "batch_size": 8, "engine": "numpy"}}
    del settings["speed"]
    status, _, body = lab.ask("POST", "/api/start", json.dumps(settings))
    assert status == 200, body
    with lab.watch(json.loads(body)["id"]) as page:
        assert page.until(lambda e: e.get("event") == "state")["speed"] == speed
