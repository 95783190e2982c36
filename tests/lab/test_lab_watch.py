"""A network that is watched: nothing of its training changes, all of it is seen, and it does as the page says."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator

import numpy as np
import pytest
from lab_helpers import Client
from watch_helpers import HOW, Script, X, Y, network, trained

from chainrule import ConfigError, DataError, Network, Recorder, Recording
from chainrule.io.blobs import unpack
from chainrule.lab.here import Served
from chainrule.lab.watching import Watch


def test_watching_changes_no_number(tmp_path):
    """A training that is watched, stepped and paused ends with the bits of one that is not."""
    net = network()
    watch = Watch(net, tmp_path / "a.sqlite", paused=True)
    step, run = {"command": "step", "count": 2}, {"command": "run"}
    script = Script(watch, step, step, run)
    net.fit(X, Y, epochs=3, **HOW)
    assert (net.parameters.flat == trained(3).parameters.flat).all()
    assert script.answers == [{"ok": True}] * 3
    assert {0, 2, 4, 15} <= set(script.steps)
    assert script.events[-1] == "ended"


@pytest.mark.parametrize("how", [{}, {"validation": 0.25, "dropout": 0.3, "optimizer": "adam"}])
def test_every_step_is_there_exactly(tmp_path, how):
    """Any step is done again from the data that the process holds, whatever the training draws and holds out."""
    net = network()
    watch = Watch(net, tmp_path / "a.sqlite")
    net.fit(X, Y, epochs=4, **HOW, **how)
    for epochs in (1, 3):
        same = trained(epochs, **how)
        frame = unpack(watch.history.frame(same.state.updates))[0]["parameters"]
        assert (frame == same.parameters.flat).all()
    x, y = unpack(watch.history.examples())[0]["points_x"], unpack(watch.history.examples())[0]["points_y"]
    assert len(x) == len(y) == (30 if how else 40)


def test_one_may_come_and_go_while_it_trains(tmp_path):
    """Attached after the second epoch and gone after the third, it has recorded the third."""
    net, watches = network(), []

    def look(record):
        if record.epoch == 2:
            watches.append(Watch(net, tmp_path / "a.sqlite"))
        if record.epoch == 3:
            watches[0].detach()

    net.fit(X, Y, epochs=5, callbacks=[look], **HOW)
    assert (net.parameters.flat == trained(5).parameters.flat).all()
    with Recording(tmp_path / "a.sqlite") as recording:
        assert (recording.key_frames[0], recording.last) == (10, 15)
        assert np.isfinite(recording.costs(11)).all()
    assert not watches[0].under_way


def test_a_paused_training_goes_on_when_nobody_looks_any_more(tmp_path):
    """Detaching lets it run to its end."""
    net = network()
    watch = Watch(net, tmp_path / "a.sqlite", paused=True)
    Script(watch)
    fit = threading.Thread(target=lambda: net.fit(X, Y, epochs=3, **HOW))
    fit.start()
    while not watch.under_way:
        fit.join(0.01)
    watch.detach()
    fit.join(30)
    assert not fit.is_alive()
    assert (net.parameters.flat == trained(3).parameters.flat).all()


@pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="signals")
def test_ctrl_c_ends_a_paused_training(tmp_path):
    """It is heard while the training waits; what was done is kept, and fit goes on from there."""
    net = network()
    watch = Watch(net, tmp_path / "a.sqlite", paused=True)
    script = Script(watch, {"command": "step", "count": 3})

    fits = threading.main_thread().ident

    def press():
        while 3 not in script.steps:
            time.sleep(0.01)
        signal.pthread_kill(fits, signal.SIGINT)

    hand = threading.Thread(target=press)
    hand.start()
    with pytest.raises(KeyboardInterrupt):
        net.fit(X, Y, epochs=3, **HOW)
    hand.join()
    assert (net.state.updates, script.events[-1], watch.under_way) == (3, "ended", False)
    watch.detach()
    net.fit(X, Y, epochs=3, **HOW)
    assert (net.parameters.flat == trained(3).parameters.flat).all()


def test_there_is_one_watch_and_no_other_recorder(tmp_path):
    """A second watch takes the place of the first; a recorder beside it is refused in words."""
    net = network()
    first = Watch(net)
    with Watch(net) as second:
        assert net.watcher is second
        with pytest.raises(ConfigError, match="leave recorder out, or detach"):
            net.fit(X, Y, epochs=1, recorder=Recorder(tmp_path / "b"), **HOW)
    first.detach()
    assert net.watcher is None


def test_a_recording_of_another_training_is_not_watched_over(tmp_path):
    """It is refused as soon as it is asked for, where that can be known; the watch that was there stays."""
    net = network()
    with Watch(net, tmp_path / "a.sqlite") as watch:
        for _ in range(2):
            net.fit(X, Y, epochs=1, **HOW)
        with pytest.raises(DataError, match="holds another training, of 10 steps: seed = 5 there, 6 here"):
            Watch(Network([2, 4, 2], "tanh", "log_likelihood", seed=6), tmp_path / "a.sqlite")
        assert net.watcher is watch
    fresh = network()
    earlier = Watch(fresh)
    with pytest.raises(DataError, match=r"10 steps, and this one begins at step 0(.|\n)*Give another name"):
        Watch(fresh, tmp_path / "a.sqlite")
    assert fresh.watcher is earlier
    with Recording(tmp_path / "a.sqlite") as recording:
        assert recording.last == 10


def test_without_a_training_a_command_is_answered_in_words():
    """Nobody waits for an answer that cannot come, before a training or at its end."""
    net = network()
    watch, answers = Watch(net, paused=True), []
    watch.ask({"command": "run"}, answers.append)
    watch.ask({"command": "pause"}, answers.append)
    assert ("call fit" in answers[0]["error"], answers[1]) == (True, {"ok": True})
    script = Script(watch, {"command": "run"})
    net.fit(X, Y, epochs=1, callbacks=[lambda _: watch.ask({"command": "pause"}, answers.append)], **HOW)
    assert (script.answers, "call fit" in answers[2]["error"]) == ([{"ok": True}], True)


@pytest.fixture
def page(tmp_path, monkeypatch, assets) -> Iterator[tuple[Network, Watch, Client]]:
    """A network that a thread trains, paused at its beginning, and somebody who has opened its page."""
    monkeypatch.chdir(tmp_path)
    net, addresses = network(), []
    watch = Watch(net, tmp_path / "a.sqlite", paused=True)
    served = Served(watch, addresses.append)
    watch.outlets.append(served)
    fit = threading.Thread(target=lambda: net.fit(X, Y, epochs=3, **HOW))
    fit.start()
    while not addresses:
        fit.join(0.01)
    client = Client(int(addresses[0].split(":")[2].split("/")[0]), addresses[0].partition("token=")[2], tmp_path)
    client.enter()
    yield net, watch, client
    watch.detach()
    fit.join(30)
    served.close()
    assert not fit.is_alive()


def test_the_page_of_a_program_pauses_steps_and_runs(page):
    """It is the lab's own page, behind the same guard; when the training has ended, the recording is there."""
    net, watch, client = page
    assert client.json("/api/runs/a.sqlite/hello")["live"] is True
    with client.watch("a.sqlite") as seen:
        assert seen.do("step", count=4) | {"id": 0} == {"id": 0, "ok": True}
        seen.stand(4)
        assert (unpack(seen.frame(4))[0]["parameters"] == net.parameters.flat).all()
        assert "that program's own" in seen.do("reset")["error"]
        assert "call fit again" in seen.do("branch", at=2)["error"]
        assert seen.do("run")["ok"]
        seen.until(lambda e: e.get("event") == "state" and e.get("live") is False)
        assert "call fit" in seen.do("run")["error"]
        watch.wishes.running = True
        net.fit(X, Y, epochs=1, **HOW)
        seen.frame(20)
    _, _, body = client.ask("GET", "/api/runs/a.sqlite/frame?step=10")
    assert (unpack(body)[0]["parameters"] == trained(2).parameters.flat).all()
