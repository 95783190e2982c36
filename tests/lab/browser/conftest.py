"""A browser for all tests of a file: its start takes longer than most of them. They skip where there is none."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser_helpers import CIRCLE, SIX, Lab, chainrule, chromium, lab, missing


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium."""
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which a small run has been recorded: runs/circle-1."""
    if why := missing():
        pytest.skip(why)
    place = tmp_path_factory.mktemp("recorded")
    chainrule(place, *CIRCLE, *SIX, "--learning-rate", "0.3", "--epochs", "20")
    return place


@pytest.fixture(scope="module")
def served(recorded: Path) -> Iterator[Lab]:
    """The lab as a program, with that run in it."""
    with lab(recorded) as found:
        yield found
