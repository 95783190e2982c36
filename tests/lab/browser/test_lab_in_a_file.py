"""A run as one file, in a browser: nothing is asked of any network, and its numbers are the engine's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser_helpers import CIRCLE, Seen, chainrule, fact, kept, mode, near, numbers, opened, settled, show, step, truth

pytestmark = pytest.mark.slow
LAST = 440  # 20 epochs of 22 steps


@pytest.fixture(scope="module")
def file(recorded: Path) -> Path:
    """The run as a file."""
    chainrule(recorded, "report", "runs/circle-1", "-o", "run.html")
    return recorded / "run.html"


@pytest.fixture
def seen(browser: Any, file: Path) -> Iterator[Seen]:
    """The file, opened from the disk, without a network."""
    with opened(browser, file.as_uri(), offline=True) as found:
        found.page.get_by_label("Timeline").wait_for()
        settled(found.page)
        yield found
        assert [url for url in found.requests if not url.startswith(("file:", "data:"))] == []


def test_it_opens_from_the_disk_and_asks_for_nothing(seen: Seen, file: Path):
    """One request, for the file itself; the strict policy is in it, and nothing runs against it."""
    assert [url.partition("#")[0] for url in seen.requests if not url.startswith("data:")] == [file.as_uri()]
    assert "connect-src 'none'" in seen.page.locator("meta[http-equiv]").get_attribute("content")
    assert step(seen.page) == LAST


def test_the_timeline_is_scrubbed(seen: Seen, recorded: Path):
    """By keys and by marks, to recorded steps alone."""
    steps = kept(recorded / "runs" / "circle-1")
    timeline = seen.page.get_by_label("Timeline")
    slider = timeline.get_by_label("Step", exact=True)
    slider.focus()
    slider.press("Home")
    assert step(seen.page) == 0
    slider.press("ArrowRight")
    assert (step(seen.page), slider.get_attribute("aria-valuetext")) == (steps[1], f"step {steps[1]} of {LAST}, epoch 1")
    slider.press("Shift+ArrowRight")
    assert step(seen.page) == steps[min(11, len(steps) - 1)]
    slider.press("End")
    assert step(seen.page) == LAST
    timeline.get_by_role("button", name=re.compile("lowest held-out cost")).click()
    assert step(seen.page) in steps


def test_a_number_on_the_screen_is_the_engines(seen: Seen, recorded: Path):
    """A weight after an early step and after the last: its gradient, to the digits that are shown."""
    page = seen.page
    for at in (kept(recorded / "runs" / "circle-1")[2], LAST):
        assert show(page, f"#at=2.3.1&step={at}") == at
        page.get_by_text("They agree to").wait_for()
        nabla = float(truth(recorded / "runs" / "circle-1", at).nabla_w[2][3, 1])  # the engine's, in float32
        assert float(fact(page, "Backpropagation")) == pytest.approx(nabla, rel=1e-4)
        formulas = page.get_by_role("heading", name="its gradient").locator("xpath=..").locator("math").all_text_contents()
        assert any(near(shown, nabla) for formula in formulas for shown in numbers(formula)[-1:])


def test_the_gradient_is_checked_in_the_page(seen: Seen):
    """Each neuron's weights agree with the central difference; with an epsilon that is no good, it is said why."""
    page = seen.page
    page.get_by_role("button", name="The strongest weight of layer 3").click()
    page.get_by_text("They agree to").wait_for()
    assert float(fact(page, "Relative error")) < 1e-6
    page.get_by_label("epsilon, a power of ten").fill("-12")
    page.get_by_text("mostly rounding").wait_for()


def test_step_mode_goes_forward_and_back(seen: Seen, recorded: Path):
    """From the input to the update, each result predicted first: a wrong one is refused, the right one shown."""
    page, pass_ = seen.page, truth(recorded / "runs" / "circle-1", LAST)
    mode(page, "Step")
    page.get_by_label("predict first").check()
    phases = {
        "The input": None, "Forward: layer 2": pass_.z[2], "Forward: the output layer": pass_.z[3],
        "The error of the output layer": pass_.delta[3], "Back: layer 2": pass_.delta[2],
        "The gradient of the biases": pass_.nabla_b[2], "The gradient of the weights": None, "A step downhill": None,
    }  # fmt: skip
    steps = page.get_by_label("Step by step")
    for title, value in phases.items():
        steps.get_by_role("heading", name=title).wait_for()
        if value is not None:
            right = float(value[0, 0])
            answer = steps.get_by_label("Your prediction")
            answer.fill(str(right + 10))
            steps.get_by_role("button", name="Check").click()
            steps.get_by_text("Not yet").or_(steps.get_by_text("The size is right")).first.wait_for()
            assert steps.locator(".crl-eq-result").count() == 0
            answer.fill(f"{right:.6g}")
            steps.get_by_role("button", name="Check").click()
            assert near(numbers(steps.locator(".crl-eq-result").first.inner_text())[0], right)
        if title != "A step downhill":
            steps.get_by_role("button", name="Next ›").click()


def test_what_if(seen: Seen):
    """Another value is tried, marked as not recorded, and taken back."""
    page = seen.page
    page.get_by_role("button", name="The strongest weight of layer 3").click()
    before = page.locator(".crl-verdict").inner_text()
    page.get_by_label("New value").first.fill("0")
    page.keyboard.press("Enter")
    page.get_by_text("What if: not recorded.").wait_for()
    assert page.locator(".crl-verdict").inner_text() != before
    page.get_by_role("button", name="Back to the recording").click()
    assert page.locator(".crl-verdict").inner_text() == before


def test_an_edit_is_marked_when_the_inspector_is_shut(seen: Seen):
    """What is drawn is still the edited network, so the network says so, and takes the edit back."""
    page = seen.page
    page.get_by_role("button", name="The strongest weight of layer 3").click()
    page.get_by_label("New value").first.fill("0")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Close the inspector").click()
    stage = page.locator(".crl-stage.crl-what-if")
    stage.get_by_text("What if: not recorded.").wait_for()
    stage.get_by_role("button", name="Undo", exact=True).click()
    stage.wait_for(state="detached")


def test_pictures_take_the_colours_of_the_page_and_what_is_open_stays(seen: Seen):
    """Light, dark by the system, dark by the button, light again: canvases are drawn anew, and no panel is built anew."""
    page = seen.page
    urls = "[...document.querySelectorAll('.crl-net, .crl-plane, .crl-chart canvas')].map((c) => c.toDataURL())"
    drawn, changed = f"() => {urls}", f"(before) => {urls}.every((now, i) => now !== before[i])"
    page.get_by_label("Log scale").check()
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    light = page.evaluate(drawn)
    assert len(light) > 2
    page.emulate_media(color_scheme="dark")
    page.wait_for_function(changed, arg=light)
    dark = page.evaluate(drawn)
    page.emulate_media(color_scheme="light")
    page.wait_for_function(changed, arg=dark)
    page.get_by_role("button", name="Dark colours").click()
    page.wait_for_function(changed, arg=light)
    assert page.get_by_label("Log scale").is_checked()
    page.reload()
    page.get_by_role("button", name="Light colours").wait_for()


def test_neurons_of_a_wide_layer_are_pictures_of_the_plane(browser: Any, recorded: Path):
    """Where there are two inputs; a press shows their edges instead, and the legend says which it is."""
    place = recorded / "wide"
    place.mkdir()
    chainrule(place, *CIRCLE, "--hidden", "100", "--epochs", "2")
    chainrule(place, "report", "runs/circle-1", "-o", "wide.html")
    with opened(browser, (place / "wide.html").as_uri(), offline=True) as found:
        page = found.page
        page.get_by_label("Timeline").wait_for()
        settled(page)
        legend, canvas = page.locator(".crl-stage .crl-legend"), page.locator(".crl-stage canvas").first
        assert "activation over the plane" in legend.inner_text()
        pictures = canvas.evaluate("e => e.toDataURL()")
        page.get_by_role("button", name="Edges").click()
        legend.get_by_text("layer 2: ±").wait_for()
        settled(page)
        assert "over the plane" not in legend.inner_text()
        assert canvas.evaluate("e => e.toDataURL()") != pictures
