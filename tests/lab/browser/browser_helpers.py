"""A browser, the lab as a program, and what is read off the screen."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest

from chainrule.lab.assets import Assets
from chainrule.runs.recorded import RecordedRun

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage")
CIRCLE = ("train", "circle", "--optimizer", "sgd", "--batch-size", "10", "--examples", "300", "--seed", "1", "-q")
SIX = ("--hidden", "6", "--activation", "tanh", "--schedule", "constant")
PATIENCE = 30_000  # ms: a busy machine is no failure


def missing() -> str | None:
    """Why nothing can be tested here; None where it can."""
    try:
        import playwright.sync_api  # noqa: F401
    except ImportError:
        return "playwright is not installed (pip install playwright)"
    if BROWSER is None:
        return "no Chromium is installed (Debian: apt-get install chromium)"
    return None if Assets().built else "the lab's page is not built (cd web && npm ci --ignore-scripts && npm run build)"


@contextmanager
def chromium() -> Iterator[Any]:
    """The system's Chromium, without a window."""
    if why := missing():
        pytest.skip(why)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=BROWSER, args=list(FLAGS))
        yield browser
        browser.close()


@dataclass
class Seen:
    """A page, and all that went wrong in it."""

    page: Any
    wrong: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)


@contextmanager
def opened(browser: Any, url: str, *, width: int = 1280, height: int = 800, **options: Any) -> Iterator[Seen]:
    """A page of its own; at its end its console must be empty."""
    context = browser.new_context(viewport={"width": width, "height": height}, **options)
    context.set_default_timeout(PATIENCE)
    seen = Seen(context.new_page())
    seen.page.on("console", lambda said: said.type in {"error", "warning"} and seen.wrong.append(said.text))
    seen.page.on("pageerror", lambda error: seen.wrong.append(str(error)))
    seen.page.on("request", lambda request: seen.requests.append(request.url))
    try:
        seen.page.goto(url)
        yield seen
        assert seen.wrong == []
    finally:
        context.close()


@dataclass(frozen=True)
class Lab:
    """The lab as a program: where it is served, and its runs."""

    url: str
    root: Path

    @property
    def base(self) -> str:
        """The address of the start screen, for a browser that has been let in."""
        return self.url.partition("?")[0]


@contextmanager
def lab(folder: Path, *words: str) -> Iterator[Lab]:
    """Serve it from a folder, until its work is done; then no process of it is left."""
    command = [sys.executable, "-m", "chainrule", *(words or ("lab", "--no-browser", "--port", "0"))]
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        said = process.stdout.readline()
        found = re.search(r"http://\S+", said)
        assert found, said + process.stderr.read()
        yield Lab(found[0], folder / "runs")
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 130, process.stderr.read()
    finally:
        process.kill()
        process.communicate()


def chainrule(folder: Path, *words: str) -> None:
    """Run a command of the program."""
    done = subprocess.run(
        [sys.executable, "-m", "chainrule", *words], cwd=folder, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr


# ---------------------------------------------------------------------------------------------------- off the screen

NUMBER = re.compile(r"[-+]?(?:\d[\d,]*)(?:\.\d+)?(?:e-?\d+)?")


def numbers(text: str) -> list[str]:
    """The numbers of a text, as they are printed, with plain minus signs; 3.1 × 10⁻⁴ is 3.1e-4."""
    plain = re.sub(r"\s*×\s*10\s*(?=-?\d)", "e", text.replace("−", "-"))
    return [found.replace(",", "") for found in NUMBER.findall(plain)]


def near(printed: str, value: float) -> bool:
    """Whether a printed number is a value, to its last digit."""
    mantissa, _, power = printed.lower().partition("e")
    digits = len(mantissa.partition(".")[2])
    return abs(float(printed) - value) <= 1.001 * 10.0 ** (int(power or 0) - digits)


def fact(page: Any, name: str, within: str = ".crl-facts") -> str:
    """What stands beside a name in a list of facts."""
    text = page.locator(f"{within} > div").filter(has=page.locator("dt", has_text=re.compile(f"^{name}"))).locator("dd")
    return numbers(text.inner_text())[0]


def step(page: Any) -> int:
    """The step that is shown."""
    return int(page.get_by_label("Timeline").get_by_label("Step", exact=True).input_value())


def settled(page: Any) -> int:
    """The step, once it is the last that came, and nothing runs."""
    page.locator(".crl-topbar .crl-run").filter(has_text=re.compile("Run|Play")).wait_for()
    page.wait_for_function("() => /^Step ([\\d,]+) of/.test(document.querySelector('.crl-aloud').textContent)")
    return step(page)


def show(page: Any, where: str) -> int:
    """Load the page with this address; gives the step. ``goto`` may return at an address that the page itself writes."""
    page.evaluate("where => { location.hash = where; }", where)
    page.reload()
    return settled(page)


def wait_for_step(page: Any, above: int) -> int:
    """Wait until a step beyond this one is shown."""
    page.wait_for_function("n => Number(document.querySelector('.crl-timeline input').value) > n", arg=above)
    return step(page)


def mode(page: Any, name: str) -> None:
    """Go to a mode."""
    page.get_by_role("navigation", name="Mode").get_by_role("button", name=name).click()


def run_of(page: Any) -> str:
    """The run that is shown."""
    return parse_qs(urlsplit(page.url).query)["run"][0]


def kept(folder: Path) -> list[int]:
    """The steps of a run that were kept; which ones, the speed of the machine decides."""
    with RecordedRun(os.fspath(folder)) as recorded:
        return [int(step) for step in recorded.recording.key_frames]


def truth(folder: Path, at: int, example: int = 0) -> Any:
    """The engine's own pass for a recorded example, by the network after a step."""
    with RecordedRun(os.fspath(folder)) as recorded:
        x, y = recorded.recording.examples()
        return recorded.at(at).backprop(np.float64(x[example]), np.float64(y[example]))
