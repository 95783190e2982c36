"""What stands behind a recording: a run's folder and a training of this process are asked the same, and say the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from chainrule import Network
from chainrule.errors import DivergenceError
from chainrule.lab import study
from chainrule.lab.history import History
from chainrule.lab.watching import Watch
from chainrule.runs import build, folder, session
from chainrule.runs.config import config

STEPS = (0, 1, 7, 30)


def both(place: Path, **changes: Any) -> tuple[History, History]:
    """The same training twice: as a run with a folder, and by a call of ``fit`` that is watched."""
    settings = config({
        "seed": 3, "data": {"source": "moons", "n": 120, **changes.pop("data", {})},
        "network": {"hidden": [4], "activation": "sigmoid"},
        "training": {"epochs": 5, "batch_size": 10, "learning_rate": 2.0, "optimizer": "sgd", "engine": "numpy", **changes},
    })  # fmt: skip
    splits = build.data_of(settings)
    settings = build.completed(settings, splits)
    (place / "run").mkdir()
    with folder.held(place / "run"):
        session.new(folder.Run(place / "run"), settings, splits, build.network_of(settings, splits)).train()
    net, how = build.network_of(settings, splits), build.settings_of(settings.training).__dict__
    net.classify = True
    watch = Watch(net, place / "watched.sqlite")
    net.fit(splits.train.x, splits.train.y, validation=build.validation_of(settings, splits), engine="numpy", **how)
    assert watch.history is not None
    return History(place / "run"), watch.history


@pytest.mark.parametrize("data", [{"validation": 30}, {"validation": 0, "test_fraction": 0}])
def test_both_say_the_same_at_any_step(tmp_path: Path, data: dict[str, Any]):
    """Findings, the table of classes with its examples, and the next mini-batch."""
    run, watched = both(tmp_path, data=data)
    for step in STEPS:
        assert study.findings(watched, step) == study.findings(run, step)
        assert study.confusion(watched, step) == study.confusion(run, step)
        assert study.batch(watched, step) == study.batch(run, step)
        assert study.measures(watched, step) == study.measures(run, step)
    assert study.examples(watched, [0, 7]) == study.examples(run, [0, 7])


def test_a_watched_training_that_diverged_is_told_why(tmp_path: Path):
    """The step that came to no number is named with the layer, and the network that is looked at stays as it was."""
    net = Network([1, 1], activation="identity", cost="quadratic", seed=0)
    watch = Watch(net, tmp_path / "a.sqlite")
    with pytest.raises(DivergenceError) as broken:
        net.fit([[1.0], [2.0]], [[1.0], [2.0]], epochs=200, batch_size=1, learning_rate=50.0, engine="numpy")
    assert watch.history is not None
    said = study.findings(watch.history)
    assert said["step"] == watch.history.hello(live=False)["last"]
    assert said["findings"][0]["layer"] == broken.value.layer
    assert f"epoch {broken.value.epoch}, step {broken.value.step} of training" in said["findings"][0]["sentence"]
    flat = watch.history.asked(lambda it, recording: it.case(recording, recording.last).network.parameters.flat)
    assert np.array_equal(flat, net.parameters.flat)


@pytest.mark.parametrize("changes", [{}, {"optimizer": "adam", "learning_rate": 0.01, "dropout": 0.3, "batch_size": 7}])
def test_any_step_is_measured_as_the_recorder_measures_it(tmp_path: Path, changes: dict[str, Any]):
    """To the last of seven digits, all layers, also where the mini-batch is short and at the ends of epochs."""
    run, watched = both(tmp_path, **changes)
    steps, recorded = run.asked(lambda _, recording: recording.measures())
    told = run.curves(buckets=len(steps))["measures"]
    assert told["steps"] == steps.tolist()
    assert {1, 2} < set(told["steps"])  # how many more is a matter of time
    assert set(recorded) == {"gradient", "bias_gradient", "weight", "update", "saturated"}
    for at, step in enumerate(told.pop("steps")):
        for found in (study.measures(run, step), study.measures(watched, step)):
            assert (found.pop("step"), found.pop("steps")) == (step, [step])
            for name, layers in found.items():
                for l, (value,) in layers.items():
                    assert value == (told[name][l][at] and pytest.approx(told[name][l][at], rel=2e-6)), (step, name, l)
