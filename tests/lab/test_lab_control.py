"""Training under control: what is seen is what is trained, and what was done can be done again, bit for bit."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import time

import numpy as np
import pytest
from lab_helpers import SMALL, Client

from chainrule import Network, Recorder, Recording
from chainrule.io.blobs import unpack
from chainrule.lab.control import Control, Wishes
from chainrule.record.replay import replayed
from chainrule.runs.signals import Stopped

X = np.random.default_rng(0).normal(size=(40, 2)).astype(np.float32)
Y = (X[:, 0] > 0).astype(int)


class Script:
    """What a training is told when it stands paused after a step."""

    def __init__(self, **commands: list) -> None:
        self.commands, self.inbox, self.told = commands, queue.SimpleQueue(), []

    def __call__(self, said) -> None:
        """Hear what the training tells."""
        self.told.append(said)
        if isinstance(said, dict) and said.get("event") == "state" and not said["running"]:
            for number, command in enumerate(self.commands.pop(f"at{said['step']}", [])):
                self.inbox.put({"id": number, **command})

    def of(self, event: str) -> list:
        """What it was told of one kind."""
        return [said for said in self.told if isinstance(said, dict) and said.get("event") == event]

    def answers(self) -> list:
        """What it was answered."""
        return [said for said in self.told if isinstance(said, dict) and "id" in said]


def steered(place, script, *, every=1, epochs=3, batch_size=8, **settings):
    """A training of 5 steps an epoch that does as the script says."""
    net = Network([2, 4, 2], "tanh", seed=5)
    control = Control(Recorder(place, every=every), script.inbox, script, Wishes())
    with contextlib.suppress(Stopped):
        net.fit(X, Y, epochs=epochs, batch_size=batch_size, recorder=control, **{"learning_rate": 0.5, **settings})
    return net


RUN, STEP, END = {"command": "run"}, {"command": "step"}, {"command": "end"}


def rate(value):
    """The command to set the learning rate."""
    return {"command": "set", "learning_rate": value}


def test_a_training_under_control_has_the_bits_of_one_without(tmp_path):
    """Single steps, pauses and frames change no number."""
    plain = Network([2, 4, 2], "tanh", seed=5)
    plain.fit(X, Y, epochs=3, batch_size=8, learning_rate=0.5)
    script = Script(at0=[STEP], at1=[{"command": "frame"}, {"command": "watch", "on": True}, RUN])
    assert (steered(tmp_path / "a", script).parameters.flat == plain.parameters.flat).all()


@pytest.mark.parametrize("schedule", ["constant", "exponential"])
def test_a_rate_that_was_set_is_replayed_to_the_bit(tmp_path, schedule):
    """A rate set within an epoch counts from the next step on; done again from the first key frame, all is the same."""
    net = steered(tmp_path / "a", script := Script(at0=[STEP | {"count": 7}], at7=[rate(2.0), RUN]), schedule=schedule)
    steered(tmp_path / "b", Script(at0=[RUN]), schedule=schedule)
    assert script.of("state")[-1]["step"] == 15
    with Recording(tmp_path / "a") as a, Recording(tmp_path / "b") as b:
        same = [(a.frame(t).tensors["parameters"] == b.frame(t).tensors["parameters"]).all() for t in range(10)]
        assert same == [True] * 8 + [False] * 2
        first = a.frame(0)
        a.frame = lambda step: first
        again = replayed(a, 15, X, Y)
        assert (again.stepper.parameters.flat == net.parameters.flat).all()
        assert again.state.learning_rate == net.state.learning_rate
    told = [said["learning_rate"] for said in script.of("state") if said["step"] == 7]
    assert told[-1] == pytest.approx(2.0, rel=1e-15)


def test_a_resumed_training_keeps_the_rate_that_was_set(tmp_path):
    """A checkpoint has it, as part of where a training stands; one with other settings does not take it over."""
    whole = steered(tmp_path / "a", Script(at0=[rate(0.05), RUN]))
    net = steered(tmp_path / "b", Script(at0=[rate(0.05), STEP | {"count": 7}], at7=[END]))
    net.save(tmp_path / "half", training=True)
    rest = Network.load(tmp_path / "half")
    rest.fit(X, Y, epochs=2, batch_size=8, learning_rate=0.5)
    assert (rest.parameters.flat == whole.parameters.flat).all()
    other = Network.load(tmp_path / "half")
    other.fit(X, Y, epochs=1, batch_size=8, learning_rate=0.4)
    assert other.history[-1].eta == 0.4


def test_a_step_is_a_mini_batch_and_an_epoch_is_what_is_left_of_it(tmp_path):
    """Three batches, the rest of the epoch of five, two epochs more."""
    epoch = STEP | {"unit": "epoch"}
    script = Script(at0=[STEP | {"count": 3, "unit": "batch"}], at3=[epoch], at5=[epoch | {"count": 2}], at15=[END])
    steered(tmp_path / "a", script, epochs=9)
    assert not script.commands
    assert script.of("state")[-1]["step"] == 15


def test_one_example_is_no_step_of_a_training_in_mini_batches(tmp_path):
    """It is refused with what a step is; where the mini-batch is one example, it is one."""
    one = STEP | {"unit": "example"}
    steered(tmp_path / "a", refused := Script(at0=[one, END]))
    assert "a mini-batch of 8 examples" in refused.answers()[0]["error"]
    steered(tmp_path / "b", done := Script(at0=[one], at1=[END]), batch_size=1)
    assert done.answers()[0]["ok"]


def test_a_rate_that_the_schedule_has_brought_to_zero_is_not_set(tmp_path):
    """At a warm-up's first step the factor is 0, and the answer says so."""
    steered(tmp_path / "a", script := Script(at0=[rate(0.1), END]), schedule={"name": "cosine", "warmup": 1})
    assert "has brought the learning rate to 0" in script.answers()[0]["error"]


def test_nobody_who_looks_is_told_nothing(tmp_path):
    """Without a watcher there are the beginning, the pauses and the end, and one frame, that of the end."""
    steered(tmp_path / "a", script := Script(at0=[RUN]), epochs=50)
    assert len([said for said in script.told if isinstance(said, bytes)]) == 1
    assert len(script.told) < 8


def test_the_speed_is_kept(tmp_path):
    """Fifteen steps at a hundred a second take their time."""
    begun = time.perf_counter()
    steered(tmp_path / "a", Script(at0=[{"command": "set", "speed": 100.0}, RUN]))
    assert time.perf_counter() - begun > 0.1


def test_what_is_seen_is_what_is_trained(lab: Client, run: str):
    """The live frame after a step, the frame of the history, and the engine's own network are the same numbers."""
    with lab.watch(run) as page:
        assert page.do("step", unit="batch", count=37)["ok"]
        page.stand(37)
        live = unpack(page.frame(37))[0]["parameters"]
        status, _, body = lab.ask("GET", f"/api/runs/{run}/frame?step=37")
        assert status == 200
        assert (unpack(body)[0]["parameters"] == live).all()
        assert page.do("step", unit="epoch", count=2)["ok"]
        assert page.stand(42)["step"] == 48 - 48 % 6
        assert lab.json(f"/api/runs/{run}/hello")["last"] == 48 - 48 % 6


def test_an_older_step_is_done_again_exactly(lab: Client):
    """A frame between two key frames has the numbers of plain training up to there."""
    from chainrule.runs import build
    from chainrule.runs.config import config

    settings = config({k: SMALL[k] for k in ("data", "network", "seed")} | {
        "training": SMALL["training"] | {"optimizer": "sgd", "learning_rate": 0.1, "schedule": "constant"}})  # fmt: skip
    splits = build.data_of(settings)
    settings = build.completed(settings, splits)
    net = build.network_of(settings, splits)
    held = build.validation_of(settings, splits)
    net.fit(splits.train.x, splits.train.y, epochs=3, batch_size=8, learning_rate=0.1, validation=held, engine="numpy")
    steps, run = net.state.updates, lab.start()
    with lab.watch(run) as page:
        assert page.do("step", count=steps + 5)["ok"]
        page.stand(steps + 5)
    found = unpack(lab.ask("GET", f"/api/runs/{run}/frame?step={steps}")[2])[0]["parameters"]
    assert (found == net.parameters.flat).all()


def test_a_run_goes_on_after_its_process_was_killed(lab: Client):
    """The page is told in words; the next step takes the run up again from its checkpoint."""
    run = lab.start()
    with lab.watch(run) as page:
        assert page.do("step", count=4)["ok"]
        page.stand(4)
        os.kill(lab.trainer(run), signal.SIGKILL)
        assert "killed by signal 9" in page.until(lambda e: e.get("event") == "error")["message"]
        page.events.clear()
        assert page.do("step", count=2)["ok"]
        page.until(lambda e: e.get("event") == "state" and not e["running"] and e["step"] == 2)


def test_reset_has_the_same_first_weights_and_branch_goes_on(lab: Client):
    """Both are runs of their own; another seed gives other weights; a branch remembers its parent."""
    run = lab.start()
    first = lab.ask("GET", f"/api/runs/{run}/frame?step=0")[2]
    with lab.watch(run) as page:
        assert page.do("step", count=24)["ok"]
        page.stand(24)
        assert not next(row for row in lab.json("/api/runs") if row["id"] == run)["running"]
        branch = page.do("branch", at=20, settings={"learning_rate": 0.9})["run"]
        same, other = page.do("reset")["run"], page.do("reset", seed=99)["run"]
    frames = {name: unpack(lab.ask("GET", f"/api/runs/{name}/frame?step=0")[2])[0]["parameters"] for name in (same, other)}
    assert (frames[same] == unpack(first)[0]["parameters"]).all()
    assert (frames[other] != frames[same]).any()
    hello = lab.json(f"/api/runs/{branch}/hello")
    assert hello["parent"] == {"run": run, "step": 20}
    assert hello["settings"]["learning_rate"] == 0.9
    assert len({run, branch, same, other} & {row["id"] for row in lab.json("/api/runs")}) == 4
    with lab.watch(branch) as page:
        assert page.do("pause")["ok"]


def test_a_finished_training_can_be_gone_on_with(lab: Client):
    """After its last epoch, a step begins one more; the recording goes on where it was."""
    run = lab.start(training={"epochs": 2, "batch_size": 8}, paused=False)
    with lab.watch(run) as page:
        last = page.until(lambda e: e.get("finished"))["step"]
        page.events.clear()
        assert page.do("step")["ok"]
        assert page.stand(last + 1)["step"] == last + 1
    assert json.loads(lab.ask("GET", f"/api/runs/{run}/curves?buckets=1")[2])["costs"]["steps"] == [last + 1]
