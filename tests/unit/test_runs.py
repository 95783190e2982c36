"""Runs: their settings, their folders, and that an interruption leaves no trace in the result."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from chainrule.errors import ConfigError, DataError, DivergenceError, ModelFileError, ResourceError
from chainrule.runs import build, folder, session
from chainrule.runs.config import Config, config
from chainrule.runs.model import load_model
from chainrule.runs.signals import Stopped
from chainrule.train import loop

MOONS = {"data": {"source": "moons", "n": 200}, "training": {"epochs": 4, "batch_size": 16}, "network": {"hidden": [8]}}


def settled(**training: object) -> Config:
    """A config of a small run, complete."""
    wanted = config(MOONS | {"seed": 3, "training": MOONS["training"] | training})
    return build.completed(wanted, build.data_of(wanted))


def begin(place: Path, wanted: Config) -> session.Session:
    """A new run in a folder."""
    place.mkdir(exist_ok=True)
    splits = build.data_of(wanted)
    return session.new(folder.Run(place), wanted, splits, build.network_of(wanted, splits))


def result(run: folder.Run) -> tuple[bytes, list[dict[str, object]]]:
    """The model, and the log without its times."""
    return run.model_file.read_bytes(), [{**line, "seconds": 0} for line in run.metrics()]


class Interrupting:
    """A watch that stops the run like Ctrl-C, after so many looks."""

    def __init__(self, looks: int, *, at_once: bool = False) -> None:
        self.left, self.at_once = looks, at_once

    def step(self, *_: object) -> None:
        """Stop within an epoch."""
        self.left -= 1
        if self.left == 0:
            raise Stopped(2, at_once=self.at_once)

    def epoch(self, record: object) -> None:
        """Look on."""


# -------------------------------------------------------------------------------------------------------- folders


def test_runs_are_numbered(tmp_path):
    """Each run gets the next number of its name; a name is made fit for a folder."""
    assert folder.numbered(tmp_path, "my pets?.CSV.gz").name == "my-pets-1"
    for name in ("moons-1", "moons-9", "moons-x"):
        (tmp_path / name).mkdir()
    assert folder.numbered(tmp_path, "moons").name == "moons-10"


def test_nothing_is_overwritten_without_force(tmp_path):
    """A folder with any file of a run is refused; with force, the run's own files go and no others."""
    begin(tmp_path, settled()).train()
    (tmp_path / "notes.txt").write_text("mine")
    before = result(folder.Run(tmp_path))
    with pytest.raises(ConfigError, match="holds a run already"):
        folder.prepare(tmp_path, force=False)
    with pytest.raises(ConfigError, match="holds a run already"):
        begin(tmp_path, settled())
    assert result(folder.Run(tmp_path)) == before
    folder.begin(folder.prepare(tmp_path, force=True), settled(), force=True)
    assert {path.name for path in tmp_path.iterdir()} == {"config.toml", "notes.txt"}


def test_a_run_is_found_or_the_user_is_told_what_is_there(tmp_path):
    """A folder that does not exist, one without a run, and a file in a folder's place."""
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="holds no run"):
        folder.find(tmp_path)
    with pytest.raises(ConfigError, match="no folder"):
        folder.find(tmp_path / "fil")
    for force in (False, True):
        with pytest.raises(ConfigError, match="is a file"):
            folder.prepare(tmp_path / "file", force=force)
    with pytest.raises(ResourceError, match="cannot be made"):
        folder.prepare(tmp_path / "file" / "run", force=False)


# ------------------------------------------------------------------------------------- interrupted, and resumed


@pytest.mark.parametrize(
    "how", [{"optimizer": "adam", "dropout": 0.2}, {"optimizer": "lion", "early_stopping": 2}, {}], ids=str
)
@pytest.mark.parametrize("looks", [1, 7, 20])
def test_an_interrupted_run_goes_on_to_the_same_bits(tmp_path, monkeypatch, how, looks):
    """Stopped within an epoch, at a step that is nobody's choice, and resumed: the model and the log are the same."""
    monkeypatch.setattr(loop, "CHUNK_SECONDS", 0.0)  # a look at every step
    quiet, struck = begin(tmp_path / "quiet", settled(**how)), begin(tmp_path / "struck", settled(**how))
    quiet.train()
    with pytest.raises(Stopped):
        struck.train(Interrupting(looks))
    assert not struck.run.finished()
    session.resumed(struck.run).train()
    assert result(struck.run) == result(quiet.run)


def test_a_long_epoch_is_saved_before_its_end(tmp_path):
    """Ended at once within an epoch, a run that saves often goes on from within that epoch, to the same bits."""
    quiet, struck = begin(tmp_path / "quiet", settled()), begin(tmp_path / "struck", settled())
    quiet.train()
    with pytest.raises(Stopped):
        struck.train(Interrupting(2, at_once=True), every=0.0)
    again = session.resumed(struck.run)
    assert again.network.state.step > 0
    again.train()
    assert result(struck.run) == result(quiet.run)


def test_what_came_after_the_checkpoint_is_cut_off_the_log(tmp_path, monkeypatch):
    """Epochs that are trained again are not recorded twice."""
    monkeypatch.setattr(loop, "CHUNK_SECONDS", 0.0)
    quiet, struck = begin(tmp_path / "quiet", settled()), begin(tmp_path / "struck", settled())
    quiet.train()
    with pytest.raises(Stopped):
        struck.train(Interrupting(20))
    with struck.run.metrics_file.open("a") as file:
        file.write('{"epoch": 77}\n{"epo')
    session.resumed(struck.run).train()
    assert result(struck.run) == result(quiet.run)


def test_a_run_without_a_checkpoint_begins_again(tmp_path):
    """Killed before anything was saved, a run starts from its settings."""
    quiet, struck = begin(tmp_path / "quiet", settled()), begin(tmp_path / "struck", settled())
    quiet.train()
    session.resumed(struck.run).train()
    assert result(struck.run) == result(quiet.run)


def test_a_finished_run_has_nothing_left_and_can_be_made_longer(tmp_path):
    """Resumed with more epochs it is what a long run would have been, where the learning rate does not tell."""
    long, short = (
        begin(tmp_path / name, settled(epochs=n, schedule="constant")) for name, n in (("long", 6), ("short", 2))
    )
    long.train()
    short.train()
    assert session.resumed(short.run).done
    session.resumed(short.run, epochs=6).train()
    assert load_model(short.run.folder).network.weights[0].tobytes() == long.network.weights[0].tobytes()
    assert short.run.config().training["epochs"] == 6


def test_a_run_that_stopped_early_gets_its_patience_back_when_it_is_made_longer(tmp_path):
    """With more epochs it trains at least as many more as its patience; the best so far remains the best."""
    run = begin(tmp_path, settled(early_stopping=3, epochs=60, learning_rate=1e-6, optimizer="sgd"))
    run.train()
    stopped = len(run.run.metrics())
    assert stopped < 60
    again = session.resumed(run.run, epochs=100)
    best = again.network.state.best_score
    again.train()
    assert len(run.run.metrics()) >= stopped + 3
    assert again.network.state.best_score >= best


def test_changed_settings_or_data_are_no_continuation(tmp_path):
    """A run whose config or data has changed is refused, unless it is forced."""
    run = begin(tmp_path / "run", settled())
    with pytest.raises(Stopped):
        run.train(Interrupting(2))
    other = replace(run.splits, train=replace(run.splits.train, x=run.splits.train.x + 1))
    with pytest.raises(DataError, match="has changed"):
        session.resumed(run.run, load=lambda _: other)
    session.resumed(run.run, load=lambda _: other, force=True)
    text = run.run.config_file.read_text()
    run.run.config_file.write_text(text.replace("batch_size = 16", "batch_size = 32"))
    with pytest.raises(ConfigError, match="has been changed since"):
        session.resumed(run.run)
    session.resumed(run.run, force=True)


def test_a_log_that_lost_epochs_is_not_gone_on_with(tmp_path):
    """The log and the checkpoint must tell one story."""
    run = begin(tmp_path, settled())
    run.train()
    run.run.metrics_file.write_text("")
    with pytest.raises(DataError, match="0 epochs are recorded"):
        session.resumed(run.run, epochs=9)


def test_a_checkpoint_does_not_grow_with_the_epochs(tmp_path):
    """The log has the history; a run of a million epochs has a checkpoint like one of four."""
    sizes = []
    for n in (4, 40):
        run = begin(tmp_path / str(n), settled(epochs=n))
        run.train()
        sizes.append(run.run.checkpoint_file.stat().st_size)
    assert abs(sizes[1] - sizes[0]) < 200


def test_a_diverged_run_keeps_its_last_finite_weights(tmp_path):
    """The checkpoint of a run that has diverged is sound."""
    wanted = config({"seed": 1, "data": {"source": "line"}, "training": {"optimizer": "sgd", "learning_rate": 1e6}})
    run = begin(tmp_path, build.completed(wanted, build.data_of(wanted)))
    with pytest.raises(DivergenceError):
        run.train()
    assert all(np.isfinite(w).all() for w in load_model(tmp_path).network.weights)


def full_batch() -> Config:
    """A config of a run with L-BFGS."""
    wanted = config(MOONS | {"seed": 3, "training": {"optimizer": "lbfgs", "epochs": 20}})
    return build.completed(wanted, build.data_of(wanted))


def test_the_full_batch_optimizer_leaves_a_run_too(tmp_path):
    """L-BFGS has one record, at its end, a model, and the reason why it stopped."""
    pytest.importorskip("scipy")
    run = begin(tmp_path, full_batch())
    run.train()
    assert len(run.run.metrics()) == 1
    assert run.run.finished()
    assert session.resumed(run.run).done


def test_the_full_batch_optimizer_can_be_stopped(tmp_path):
    """Ctrl-C between two iterations keeps what they reached; resumed, the run goes on from there."""
    pytest.importorskip("scipy")
    run = begin(tmp_path, full_batch())
    first = run.network.evaluate(run.splits.test.x, run.splits.test.y).cost
    with pytest.raises(Stopped):
        run.train(Interrupting(3))
    again = session.resumed(run.run)
    assert again.network.evaluate(run.splits.test.x, run.splits.test.y).cost < first
    again.train()
    assert len(run.run.metrics()) == 1


# ---------------------------------------------------------------------------------------------------------- models


def test_a_model_reads_what_its_network_was_trained_on(tmp_path):
    """A toy's columns by name from a table, or an array x from an archive: the same inputs."""
    run = begin(tmp_path / "run", settled())
    run.train()
    model, x = load_model(run.run.folder), run.splits.test.x.astype(np.float64)
    table, archive = tmp_path / "x.csv", tmp_path / "x.npz"
    table.write_text("x2,x1\n" + "".join(f"{b!r},{a!r}\n" for a, b in x.tolist()))
    np.savez(archive, x=x)
    assert (model.inputs(table) == run.splits.test.x).all()
    assert (model.inputs(archive) == x).all()
    assert model.labels(model.outputs(x[:3])) == [str(i) for i in run.network.predict(x[:3])]


def test_bytes_are_grey_levels_in_every_format(tmp_path):
    """Images in an archive and in an IDX file give rows of numbers from 0 to 1."""
    wanted = config({"seed": 1, "data": {"source": str(tmp_path / "t.npz")}, "training": {"epochs": 1}})
    images = np.arange(4 * 6, dtype=np.uint8).reshape(4, 2, 3)
    np.savez(tmp_path / "t.npz", x=images, y=np.array(["a", "b", "a", "b"]))
    (tmp_path / "x-idx3-ubyte").write_bytes(bytes([0, 0, 8, 3, 0, 0, 0, 4, 0, 0, 0, 2, 0, 0, 0, 3]) + images.tobytes())
    run = begin(tmp_path / "run", build.completed(wanted, build.data_of(wanted)))
    run.train()
    model = load_model(tmp_path / "run")
    for name in ("t.npz", "x-idx3-ubyte"):
        assert np.array_equal(model.inputs(tmp_path / name), run.splits.train.x)
    assert model.classes == ("a", "b")


def test_a_network_is_not_measured_on_another_task(tmp_path):
    """Numbers for a network of classes, and classes it does not know, are refused."""
    run = begin(tmp_path, settled())
    run.train()
    model = load_model(tmp_path)
    with pytest.raises(DataError, match="is for regression"):
        model.data("line")
    with pytest.raises(DataError, match="does not know"):
        model.part(replace(run.splits, test=replace(run.splits.test, classes=("0", "7"))))


def test_a_folder_without_a_model_is_refused(tmp_path):
    """Nothing has been trained there yet."""
    with pytest.raises(ModelFileError, match="no model yet"):
        load_model(tmp_path)
