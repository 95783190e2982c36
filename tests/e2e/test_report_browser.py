"""The page of a run in a real browser: nothing is asked for, nothing goes wrong, nothing is wider than the screen."""

from __future__ import annotations

import functools
import http.server
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator

import numpy as np
import pytest

from chainrule import Network, report
from chainrule.data import Dataset, toy

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(BROWSER is None, reason="no Chromium is installed (Debian: apt-get install chromium)"),
]
QUIET = (
    "--headless=new --no-sandbox --disable-gpu --disable-background-networking --disable-component-update --disable-sync "
    "--no-first-run --hide-scrollbars --enable-logging=stderr --virtual-time-budget=4000"
)
FRAME = """<!doctype html><body style="margin:0">
<iframe src="report.html" style="border:0;width:{width}px;height:900px"></iframe>
<script>onload = () => {{ const page = document.querySelector("iframe").contentDocument;
document.body.dataset.width = page.documentElement.scrollWidth; document.body.dataset.images =
[...page.images].every(i => i.complete && i.naturalWidth > 0); }}</script>"""


class Logged(http.server.SimpleHTTPRequestHandler):
    """A server that remembers what it was asked for."""

    asked: list[str]

    def log_request(self, *_):
        """Remember the path."""
        self.asked.append(self.path)

    def log_message(self, *_):
        """Stay quiet."""


@pytest.fixture
def server(tmp_path) -> Iterator[tuple[str, list[str]]]:
    """The address of the folder, and what has been asked of it."""
    asked: list[str] = []
    handler = functools.partial(type("Handler", (Logged,), {"asked": asked}), directory=str(tmp_path))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as found:
        threading.Thread(target=found.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{found.server_port}", asked
        found.shutdown()


def browse(address: str, profile, *flags: str) -> tuple[str, list[str]]:
    """The page's content after loading, and what stood in the console."""
    assert BROWSER
    words = [BROWSER, *QUIET.split(), f"--user-data-dir={profile}", *flags, "--dump-dom", address]
    done = subprocess.run(words, capture_output=True, check=True, encoding="utf-8", timeout=120)
    return done.stdout, [line for line in done.stderr.splitlines() if "CONSOLE" in line]


def images() -> tuple[Network, Dataset]:
    """A classifier of images of noise, with one label that would like to be markup."""
    rng = np.random.default_rng(0)
    labels = ("<script>document.title='owned'</script>", *"123456789")
    data = Dataset(rng.random((200, 784), dtype=np.float32), np.arange(200) % 10, classes=labels, image_shape=(28, 28))
    return Network([784, 12, 10], cost="log_likelihood", seed=0), data


def of_toy(name: str) -> tuple[Network, Dataset]:
    """An untrained network for a toy, with its test points."""
    splits = toy(name, n=80)
    assert splits.test is not None
    return Network([splits.train.n_features, 5, splits.train.n_outputs], seed=0), splits.test


CASES = {"images": images, "regions": lambda: of_toy("spirals"), "curve": lambda: of_toy("sine")}


@pytest.mark.parametrize("case", CASES)
def test_the_page_asks_for_nothing_and_fits_every_screen(case, tmp_path, server):
    """One request, the page itself; no line in the console; every picture is shown; no telephone has to scroll sideways."""
    net, data = CASES[case]()
    records = [{"epoch": e, "cost": 1 / e, "metrics": {"accuracy": 1 - 0.5 / e}, "seconds": 1.0} for e in (1, 2, 3)]
    report.write(tmp_path, title="in a browser", config={"a": "b" * 300}, history=records, network=net, test=data)
    address, asked = server
    content, console = browse(f"{address}/report.html", tmp_path / "profile")
    assert console == []
    assert asked == ["/report.html"]
    assert re.search(r"<title>([^<]*)</title>", content)[1] == "in a browser · chainrule"
    for width in (320, 390, 1280):
        (tmp_path / f"frame-{width}.html").write_text(FRAME.format(width=width), "utf-8")
        content, _ = browse(f"{address}/frame-{width}.html", tmp_path / "profile", "--window-size=1400,1000")
        assert f'data-width="{width}"' in content
        assert 'data-images="true"' in content


def test_the_page_opens_from_a_folder(tmp_path):
    """It needs no server: opened as a file, it is all there and the console is empty."""
    net, data = images()
    path = report.write(tmp_path, title="from a file", config={}, history=[], network=net, test=data)
    content, console = browse(path.as_uri(), tmp_path / "profile")
    assert console == []
    assert content.count("<img") == path.read_text("utf-8").count("<img")
