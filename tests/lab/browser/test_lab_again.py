"""What can be had again: recorded steps are played, a link restores the form, and a second lab disturbs nothing."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser_helpers import Lab, Seen, lab, opened, settled, step

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def seen(browser: Any, served: Lab) -> Iterator[Seen]:
    """The start screen of a lab that has one run."""
    with opened(browser, served.url) as found:
        yield found


def test_recorded_steps_are_played(seen: Seen, served: Lab):
    """From the last step the timeline plays from the start, every step at the chosen speed; no training is begun by it."""
    page = seen.page
    page.goto(f"{served.base}?run=circle-1#mode=history")
    last = settled(page)
    page.get_by_label("Speed of playing").select_option("30")
    page.get_by_role("button", name="Play the recorded steps").click()
    page.wait_for_function("last => Number(document.querySelector('.crl-timeline input').value) < last / 2", arg=last)
    page.wait_for_function("() => Number(document.querySelector('.crl-timeline input').value) >= 5")
    page.get_by_role("button", name="Stop playing").click()
    assert 5 <= step(page) < last
    page.get_by_label("Speed of playing").select_option("10000")
    page.get_by_role("button", name="Play the recorded steps").click()
    page.get_by_role("button", name="Play the recorded steps").wait_for()
    assert (settled(page), page.locator(".crl-topbar .crl-run").inner_text()[-3:]) == (last, "Run")


def test_a_recording_alone_is_played(browser: Any, recorded: Path, tmp_path: Path):
    """A copy of the file, away from its run: its key frames are gone through, nothing is asked that it does not have."""
    shutil.copy(recorded / "runs" / "circle-1" / "recording.sqlite", tmp_path / "copy.sqlite")
    with lab(tmp_path, "lab", "copy.sqlite", "--no-browser", "--port", "0") as served, opened(browser, served.url) as found:
        page = found.page
        last = settled(page)
        page.get_by_text("This is a recording").wait_for()
        page.keyboard.press("Home")
        page.get_by_label("Speed", exact=True).select_option("100")
        page.get_by_role("button", name="Play", exact=True).click()
        page.wait_for_function("last => Number(document.querySelector('.crl-timeline input').value) === last", arg=last)
        page.get_by_role("link", name="All runs").click()
        page.get_by_role("link", name="copy.sqlite", exact=True).click()
        assert settled(page) == last


def test_a_wrong_learning_rate_is_refused(seen: Seen, served: Lab):
    """What is no learning rate stays as it was typed, is marked, and the words say what is wanted."""
    page = seen.page
    page.goto(f"{served.base}?run=circle-1")
    settled(page)
    field = page.get_by_label("Learning rate", exact=True)
    for text in ("abc", "-4", "1e400"):
        field.fill(text)
        field.press("Enter")
        page.get_by_text("a number above 0").wait_for()
        assert (field.input_value(), field.get_attribute("aria-invalid")) == (text, "true")
    page.goto("about:blank")


def test_a_link_restores_the_form(seen: Seen, served: Lab):
    """What is chosen stands in the address, and is there again after a reload; what cannot be is named, and left out."""
    page = seen.page
    page.goto(served.base)
    page.get_by_role("button", name="Moons: choose the network").click()
    page.get_by_label("Neurons of layer 2").fill("5")
    page.get_by_label("Optimizer").select_option("adam")
    page.get_by_label("Seed").fill("7")
    page.wait_for_url(re.compile(r"#data=moons&layers=5tanh,6tanh&optimizer=adam&seed=7$"))
    page.reload()
    assert page.get_by_label("Neurons of layer 2").input_value() == "5"
    assert [page.get_by_label(name).input_value() for name in ("Optimizer", "Learning rate", "Seed")] == [
        "adam",
        "0.005",
        "7",
    ]
    page.goto("about:blank")
    page.goto(f"{served.base}#data=xor&rate=abc&layers=1e9tanh&batch=3")
    page.get_by_text("the learning rate cannot be “abc”").wait_for()
    assert [page.get_by_label(name).input_value() for name in ("Learning rate", "Examples in a mini-batch")] == ["0.3", "3"]


def test_a_second_lab_says_that_the_run_is_taken(browser: Any, seen: Seen, served: Lab, recorded: Path):
    """Run in a second lab on a run that is trained in the first: it says so, and still stands at its step."""
    first = seen.page
    first.goto(f"{served.base}?run=circle-1")
    before = settled(first)
    first.get_by_role("button", name="One step", exact=True).click()
    first.wait_for_function("n => Number(document.querySelector('.crl-timeline input').value) > n", arg=before)
    with lab(recorded) as second, opened(browser, second.url) as other:
        page = other.page
        page.goto(f"{second.base}?run=circle-1")
        at = settled(page)
        page.locator(".crl-topbar .crl-run").click()
        page.get_by_text("two writers would spoil").wait_for()
        assert (settled(page), "NaN" in page.locator(".crl-app").inner_text()) == (at, False)
