"""A recording's file: it holds all when its training has ended, and what another training has recorded stays as it is."""

from __future__ import annotations

import shutil
import sqlite3

import numpy as np
import pytest

from chainrule import DataError, Network, Recorder, Recording

X = np.random.default_rng(0).normal(size=(40, 2)).astype(np.float32)
Y = (X[:, 0] * X[:, 1] > 0).astype(int)
HOW = {"epochs": 3, "batch_size": 8, "learning_rate": 0.3, "engine": "numpy"}  # 5 steps an epoch


def network(sizes=(2, 4, 2), seed=5):
    """A small one, the same each time."""
    return Network(list(sizes), "tanh", "log_likelihood", seed=seed)


def trained(path, net=None, x=X, y=Y, **how):
    """A network after a training that was recorded."""
    net = net or network()
    net.fit(x, y, recorder=Recorder(path), **HOW | how)
    return net


def content(path):
    """All that a recording has of costs, key frames and facts."""
    with Recording(path) as recording:
        return recording.last, recording.costs().tolist(), recording.key_frames.tolist(), recording.facts


OTHERS = {
    "sizes": ({"net": lambda: network((2, 3, 2))}, r"sizes = \[2, 4, 2\] there, \[2, 3, 2\] here"),
    "seed": ({"net": lambda: network(seed=6)}, "seed = 5 there, 6 here"),
    "data": ({"x": X[:30], "y": Y[:30]}, "examples = 40 there, 30 here"),
    "batch": ({"batch_size": 10}, "batch_size = 8 there, 10 here"),
    "setting": ({"dropout": 0.1}, "dropout = 0.0 there, 0.1 here"),
    "optimizer": ({"optimizer": "adam"}, "optimizer = 'sgd' there, 'adam:beta_1=0.9,.* here"),
    "fresh": ({}, "15 steps, and this one begins at step 0"),
}


@pytest.mark.parametrize("name", OTHERS)
def test_a_recording_of_another_training_stays_as_it_is(tmp_path, name):
    """The message has both numbers and what to do; nothing of the file has changed."""
    how, words = OTHERS[name]
    trained(tmp_path / "a.sqlite")
    before = content(tmp_path / "a.sqlite")
    net = how.get("net", network)()
    with pytest.raises(DataError, match=words) as told:
        trained(tmp_path / "a.sqlite", net, **{key: value for key, value in how.items() if key != "net"})
    assert "15 steps" in str(told.value)
    assert "Give another name, or delete that file" in str(told.value)
    assert content(tmp_path / "a.sqlite") == before
    assert net.state.updates == 0


@pytest.mark.parametrize("how", [{"epochs": 7}, {"learning_rate": 0.1}, {"early_stopping": 9, "validation": (X, Y)}])
def test_a_training_goes_on_in_its_recording(tmp_path, how):
    """With other epochs, another learning rate, other rules for its end."""
    net = trained(tmp_path / "a.sqlite")
    trained(tmp_path / "a.sqlite", net, **how)
    with Recording(tmp_path / "a.sqlite") as recording:
        assert recording.last == net.state.updates
        assert np.isfinite(recording.costs()).all()


def test_somebody_elses_data_base_is_not_written_to(tmp_path):
    """A data base with tables of its own gets none of ours."""
    base = sqlite3.connect(tmp_path / "mine.db")
    base.execute("CREATE TABLE birds (name)")
    base.commit()
    base.close()
    before = (tmp_path / "mine.db").read_bytes()
    with pytest.raises(DataError, match="a data base with birds"):
        trained(tmp_path / "mine.db")
    assert (tmp_path / "mine.db").read_bytes() == before


def test_the_file_holds_all_when_its_training_has_ended(tmp_path):
    """Also where somebody reads it at that moment: copied alone, without its journal, it is whole."""
    readers = []
    trained(tmp_path / "first.sqlite")
    net = network()
    net.fit(
        X, Y, recorder=Recorder(tmp_path / "a.sqlite"),
        callbacks=[lambda _: readers.append(Recording(tmp_path / "a.sqlite")) if not readers else None], **HOW,
    )  # fmt: skip
    shutil.copy(tmp_path / "a.sqlite", tmp_path / "copy.sqlite")
    assert content(tmp_path / "copy.sqlite")[:2] == content(tmp_path / "first.sqlite")[:2]
    assert readers[0].last == 15
    readers[0].close()


def test_a_reader_in_the_middle_of_a_question_does_not_spoil_the_end(tmp_path):
    """The journal stays then, and with it all that was recorded."""
    path = tmp_path / "a.sqlite"
    net = trained(path)
    base = sqlite3.connect(path, isolation_level=None)

    def look(_):
        if not base.in_transaction:
            base.execute("BEGIN")
            base.execute("SELECT * FROM facts").fetchone()

    net.fit(X, Y, recorder=Recorder(path), callbacks=[look], **HOW)
    assert content(path)[0] == net.state.updates == 30
    base.close()
    assert content(path)[0] == 30


@pytest.mark.parametrize("size", [0, 4096])
def test_an_empty_or_cut_off_recording_is_called_so(tmp_path, size):
    """The file alone of a training under way has no table: the message says where the rest stands."""
    path = tmp_path / "a.sqlite"
    if size:
        base = sqlite3.connect(path)
        base.execute("PRAGMA journal_mode = WAL")
        base.close()
        assert path.stat().st_size == size
    else:
        path.touch()
    with pytest.raises(DataError, match=r"empty, or was cut off.*\n.*'a.sqlite-wal': copy both"):
        Recording(path)
