"""A lab for all tests of a file: its start takes longer than most of them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("starlette")
pytest.importorskip("uvicorn")
pytest.importorskip("websockets")

from lab_helpers import Client, served


@pytest.fixture(scope="module")
def assets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page in the place of the one that is built: that one is tested elsewhere."""
    folder = tmp_path_factory.mktemp("assets")
    (folder / "lab.js").write_text('export const a = "</script><!--";\n')
    (folder / "lab.css").write_text(".crl { color: red }\n")
    return folder


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory, assets: Path) -> Iterator[Client]:
    """A lab, and somebody who has not opened its address."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tempfile, "tempdir", str(tmp_path_factory.mktemp("temporary")))  # no other lab's files are in it
        with served(tmp_path_factory.mktemp("runs"), assets) as client:
            yield client


@pytest.fixture(scope="module")
def lab(stranger: Client) -> Client:
    """A lab, and the user who has opened its address."""
    user = Client(stranger.port, stranger.token, stranger.root, links=stranger.links)
    user.enter()
    return user


@pytest.fixture(scope="module")
def run(lab: Client) -> str:
    """A small run, paused at its first step."""
    return lab.start()
