"""The commands, as programs: they print an address, and end in good order, their trainings too."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from lab_helpers import Client
from watch_helpers import HOW, X, Y, network

from chainrule import Recorder
from chainrule.lab.assets import Assets

PROGRAM = """
import sys
from chainrule.lab import assets
assets.Assets.{what}
from chainrule.cli import main
main(sys.argv[1:])
"""
BUILT, NOT_BUILT = "built = property(lambda self: True)", "get = lambda self, name: None"


def program(*words: str, what: str = BUILT) -> list[str]:
    """The command line, where the page is built or not, whatever is the case here."""
    return [sys.executable, "-c", PROGRAM.format(what=what), *words]


def ended(*words: str, what: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """What a command says that ends by itself."""
    return subprocess.run(program(*words, what=what), cwd=cwd, capture_output=True, text=True, timeout=60, check=False)


@contextmanager
def begun(cwd: Path, *words: str) -> Iterator[tuple[subprocess.Popen[str], Client]]:
    """A lab that is served by a program, and the user who has opened what it printed."""
    process = subprocess.Popen(program(*words), cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        found = re.search(r":(\d+)/\?(?:run=([^&]*)&)?token=(\S+)", process.stdout.readline())
        client = Client(int(found[1]), found[3], cwd / "runs")
        client.enter()
        yield process, client
    finally:
        process.kill()
        process.communicate()


def lives(pid: int) -> bool:
    """Whether a process runs."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in {"Z", "X"}
    except OSError:
        return False


def gone(pid: int, seconds: float = 15.0) -> bool:
    """Whether a process ends in time."""
    end = time.monotonic() + seconds
    while lives(pid) and time.monotonic() < end:
        time.sleep(0.05)
    return not lives(pid)


def test_a_page_that_is_closed_does_not_end_the_lab(tmp_path: Path):
    """Whoever writes to a connection that is gone gets SIGPIPE; the lab goes on, and so does its training."""
    with begun(tmp_path, "lab", "--no-browser", "--port", "0") as (process, client):
        run = client.start(paused=False, speed=100.0, training={"epochs": 10_000})
        for _ in range(5):
            process.send_signal(signal.SIGPIPE)
            time.sleep(0.05)
        assert process.poll() is None
        assert lives(client.trainer(run))


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, -signal.SIGTERM)])
def test_a_signal_ends_the_lab_and_saves_its_trainings(tmp_path: Path, number: int, code: int):
    """The training ends after a step, with a checkpoint from which it goes on; no process is left."""
    with begun(tmp_path, "lab", "--no-browser", "--port", "0") as (process, client):
        run = client.start(paused=False, speed=100.0, training={"epochs": 10_000})
        pid = client.trainer(run)
        time.sleep(0.3)
        process.send_signal(number)
        process.wait(30)
        assert process.returncode == code
        assert gone(pid)
    resumed = ended("resume", f"runs/{run}", "--epochs", "1", "-q", what=BUILT, cwd=tmp_path)
    assert resumed.returncode == 0, resumed.stderr


def test_a_trainer_ends_with_its_server(tmp_path: Path):
    """Killed without a word, the server leaves no process behind, and the run is saved."""
    with begun(tmp_path, "lab", "--no-browser", "--port", "0") as (process, client):
        run = client.start(paused=False, speed=100.0, training={"epochs": 10_000})
        pid = client.trainer(run)
        os.kill(process.pid, signal.SIGKILL)
        assert gone(pid)
    assert not (tmp_path / "runs" / run / ".chainrule.lock").exists()


def test_a_training_is_watched_in_the_lab(tmp_path: Path):
    """``train --lab`` waits for its page, records into the run's folder, and shows it as live."""
    words = ("train", "moons", "--hidden", "4", "--epochs", "100000", "--engine", "numpy", "--seed", "3", "--lab")
    with begun(tmp_path, *words, "--no-browser", "--port", "0") as (process, client):
        assert [row["id"] for row in client.json("/api/runs")] == ["moons-1"]
        hello = client.json("/api/runs/moons-1/hello")
        assert (hello["live"], hello["last"]) == (True, 0)
        with client.watch("moons-1") as page:
            assert page.until(lambda e: e.get("running"))["step"] >= 0
            assert page.do("pause")["ok"]
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 130
        assert "chainrule resume runs/moons-1" in process.stderr.read()


def test_a_recording_alone_is_opened_and_written_as_a_file(tmp_path: Path):
    """``lab FILE`` shows it, ``report FILE`` puts the page beside it; a page that stands there is left as it is."""
    network().fit(X, Y, epochs=2, recorder=Recorder(tmp_path / "w.sqlite"), **HOW)
    with begun(tmp_path, "lab", "w.sqlite", "--no-browser", "--port", "0") as (_, client):
        hello, (row,) = client.json("/api/runs/w.sqlite/hello"), client.json("/api/runs")
    assert (hello["last"], hello["alone"]) == (10, True)
    assert (row["id"], row["hidden"], row["epochs"], row["of"], row["finished"]) == ("w.sqlite", [4], 2, 2, True)
    if not Assets().built:
        pytest.skip("the page is not built")
    assert ended("report", "w.sqlite", what=BUILT, cwd=tmp_path).returncode == 0
    written = (tmp_path / "w.html").read_bytes()
    assert b'data-crl="frames-0"' in written
    again = ended("report", "w.sqlite", what=BUILT, cwd=tmp_path)
    assert (again.returncode, "w.html is there already" in again.stderr) == (2, True)
    assert (tmp_path / "w.html").read_bytes() == written


def test_a_recorded_run_is_opened_and_goes_on(tmp_path: Path):
    """``lab RUN`` shows it; a step takes its training up."""
    ended("train", "moons", "--hidden", "4", "--epochs", "3", "--seed", "3", "-q", "--optimizer", "sgd",
          "--schedule", "constant", what=BUILT, cwd=tmp_path)  # fmt: skip
    with begun(tmp_path, "lab", "runs/moons-1", "--no-browser", "--port", "0") as (_, client):
        hello = client.json("/api/runs/moons-1/hello")
        assert (hello["live"], hello["alone"]) == (False, False)
        with client.watch("moons-1") as page:
            assert page.do("step")["ok"]
            page.stand(hello["last"] + 1)


@pytest.mark.parametrize(("words", "what", "code", "said"), [
    (["lab"], NOT_BUILT, 6, "is not built in this installation"), (["lab", "runs/none"], BUILT, 2, "There is no folder"),
    (["lab", "--port", "x"], BUILT, 2, "--port 'x'"), (["train", "moons", "--lab"], NOT_BUILT, 6, "is not built"),
    (["train", "moons", "--lab", "--no-record"], BUILT, 2, "no --no-record"),
    (["report", "runs/none"], BUILT, 2, "There is no folder"),
])  # fmt: skip
def test_what_is_missing_is_said_in_words(tmp_path: Path, words: list[str], what: str, code: int, said: str):
    """One sentence and what to do; nothing has been written."""
    found = ended(*words, what=what, cwd=tmp_path)
    assert (found.returncode, said in found.stderr) == (code, True), found.stderr
    assert not list(tmp_path.iterdir())


def test_a_port_that_is_taken_is_said(tmp_path: Path):
    """With what to do instead."""
    import socket

    with socket.create_server(("127.0.0.1", 0)) as taken:
        found = ended("lab", "--no-browser", "--port", str(taken.getsockname()[1]), what=BUILT, cwd=tmp_path)
    assert found.returncode == 6
    assert "--port 0" in found.stderr


def test_a_report_without_the_page_is_the_page_of_results(tmp_path: Path):
    """It says so, replaces nothing unasked, and needs a sound size."""
    ended("train", "moons", "--hidden", "4", "--epochs", "1", "-q", what=BUILT, cwd=tmp_path)
    found = ended("report", "runs/moons-1", "-o", "a.html", what=NOT_BUILT, cwd=tmp_path)
    assert (found.returncode, "without the lab" in found.stderr) == (0, True), found.stderr
    assert "<svg" in (tmp_path / "a.html").read_text()
    again = ended("report", "runs/moons-1", "-o", "a.html", what=NOT_BUILT, cwd=tmp_path)
    assert (again.returncode, "--force" in again.stderr) == (2, True)
    size = ended("report", "runs/moons-1", "--max-size", "huge", what=NOT_BUILT, cwd=tmp_path)
    assert (size.returncode, "such as 500kB" in size.stderr) == (2, True)


def test_without_the_libraries_of_the_server_the_rest_is_there():
    """No module of chainrule but those of the lab's server loads one of them."""
    code = "import sys, chainrule.api, chainrule.lab; print(*{'starlette', 'uvicorn', 'anywidget'} & set(sys.modules))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert found.stdout.split() == []
