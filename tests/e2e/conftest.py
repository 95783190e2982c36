"""What the tests of the command line share: the program itself, and a table to learn from."""

from __future__ import annotations

import os
import random
import subprocess
import sys

import pytest


@pytest.fixture
def chainrule(tmp_path, monkeypatch):
    """The program, in an empty folder; gives its exit code, stdout and stderr."""
    monkeypatch.chdir(tmp_path)

    def call(*words: object, stdin: str = "", **environment: str) -> tuple[int, str, str]:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("CHAINRULE_")}
        done = subprocess.run(
            [sys.executable, "-m", "chainrule", *map(str, words)],
            input=stdin, capture_output=True, text=True, encoding="utf-8", env=clean | environment, check=False,
        )  # fmt: skip
        assert "Traceback" not in done.stderr or "--debug" in words
        return done.returncode, done.stdout, done.stderr

    return call


@pytest.fixture
def pets(tmp_path) -> list[str]:
    """A table pets.csv with numbers, a category and labels; gives the labels."""
    chance, rows = random.Random(4), []
    for _ in range(120):
        kind = chance.choice(["cat", "dog"])
        size = chance.gauss(30 if kind == "cat" else 60, 3)
        rows.append(f"{size:.1f},{'short' if kind == 'dog' else chance.choice(['short', 'long'])},{kind}")
    (tmp_path / "pets.csv").write_text("size,fur,kind\n" + "\n".join(rows) + "\n")
    return [row.split(",")[-1] for row in rows]
