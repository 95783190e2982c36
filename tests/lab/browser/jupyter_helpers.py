"""JupyterLab as a program, with folders of its own: what the user has set and keeps there is neither read nor written."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TOKEN = "a-token"
PATIENCE = 90.0  # seconds


@dataclass(frozen=True)
class Jupyter:
    """Where it is served, and the folder of its notebooks."""

    url: str
    root: Path

    def address(self, name: str) -> str:
        """Of a notebook, in a fresh work space."""
        return f"{self.url}/lab/tree/{name}?token={TOKEN}&reset"

    def write(self, name: str, cells: Sequence[str]) -> None:
        """A notebook with these cells."""
        code = [{"cell_type": "code", "id": f"c{i}", "metadata": {}, "source": text, "outputs": [], "execution_count": None}
                for i, text in enumerate(cells)]  # fmt: skip
        kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
        notebook = {"nbformat": 4, "nbformat_minor": 5, "metadata": kernel, "cells": code}
        (self.root / name).write_text(json.dumps(notebook))

    def outputs(self, name: str) -> list[dict[str, Any]]:
        """What a stored notebook displays."""
        return [output for cell in json.loads((self.root / name).read_text())["cells"] for output in cell["outputs"]]

    def shut_down(self) -> None:
        """End all kernels."""
        for session in self._ask("GET", "/api/sessions"):
            self._ask("DELETE", f"/api/sessions/{session['id']}")

    def _ask(self, method: str, path: str) -> Any:
        request = urllib.request.Request(self.url + path, method=method, headers={"Authorization": f"token {TOKEN}"})
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return json.loads(answer.read() or "null")


@contextmanager
def jupyterlab(place: Path) -> Iterator[Jupyter]:
    """Serve it from a folder; then no process of it is left."""
    names = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR", "JUPYTERLAB_SETTINGS_DIR",
             "JUPYTERLAB_WORKSPACES_DIR")  # fmt: skip
    root, log = place / "notebooks", place / "log.txt"
    root.mkdir()
    command = [
        sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1", "--port=0",
        f"--ServerApp.root_dir={root}", f"--IdentityProvider.token={TOKEN}", "--LabApp.news_url=None",
    ]  # fmt: skip
    with log.open("w") as out:
        environment = os.environ | {name: str(place / name.lower()) for name in names}
        process = subprocess.Popen(command, cwd=place, env=environment, stdout=subprocess.DEVNULL, stderr=out)
    try:
        end = time.monotonic() + PATIENCE
        while (found := re.search(r"http://127\.0\.0\.1:\d+", log.read_text())) is None:
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < end
            time.sleep(0.1)
        yield Jupyter(found[0], root)
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:  # it is JupyterLab's own ending, which no test is about
            process.kill()
            process.wait()
