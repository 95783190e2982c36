"""A training's process ends in good order, whoever waits for what in it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from chainrule.lab.pipe import HEAD, head
from chainrule.runs import folder
from chainrule.runs.config import config


@pytest.mark.parametrize("running", [False, True])
def test_a_trainer_that_is_told_to_end_does(tmp_path: Path, running: bool):
    """Its exit code is 0 while its input is still open: Python would abort, were a thread to wait in sys.stdin."""
    settings = config({"seed": 1, "data": {"source": "moons", "n": 60}, "training": {"epochs": 9999, "engine": "numpy"}})
    with folder.held(tmp_path):
        folder.begin(folder.Run(tmp_path), settings, force=False)
    process = subprocess.Popen(
        [sys.executable, "-m", "chainrule.lab.trainer"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    try:
        process.stdin.write(json.dumps({"folder": str(tmp_path), "running": running}).encode() + b"\n")
        process.stdin.flush()
        _, length = head(process.stdout.read(HEAD.size))
        assert json.loads(process.stdout.read(length)) == {"event": "ready"}
        process.stdin.write(b'{"command": "end"}\n')
        process.stdin.flush()
        process.stdout.read()
        assert (process.wait(60), process.stderr.read()) == (0, b"")
    finally:
        process.kill()
        process.communicate()
