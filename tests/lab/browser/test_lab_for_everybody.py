"""The lab by keyboard alone, on a small screen, and as axe-core reads it, light and dark."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from browser_helpers import Lab, Seen, opened, settled, step, wait_for_step

pytestmark = pytest.mark.slow
SCREENS = {
    "start": "", "the network's form": "", "train": "?run=circle-1", "a neuron": "?run=circle-1#at=2.1",
    "a weight": "?run=circle-1#at=2.1.0", "step": "?run=circle-1#mode=step&phase=4",
    "history": "?run=circle-1#mode=history", "reverse": "?run=circle-1#reverse=1", "lessons": "#lessons",
    "a lesson": "#lesson=four-equations&part=2", "a graph": "#lesson=forward-and-reverse&part=3",
}  # fmt: skip
OPTIONS = {"resultTypes": ["violations"], "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
WIDER = """() => {
  const wide = [...document.querySelectorAll(".crl *")].filter((e) => {
    const box = e.getBoundingClientRect();
    const scrolls = (p) => p && (/auto|scroll|hidden|clip/.test(getComputedStyle(p).overflowX) || scrolls(p.parentElement));
    return box.width > 0 && box.right > innerWidth + 1 && !scrolls(e.parentElement);
  });
  return [document.documentElement.scrollWidth - innerWidth, wide.slice(0, 5).map((e) => e.outerHTML.slice(0, 120))];
}"""
OUT_OF_REACH = """() => [...document.querySelectorAll("button, input, select, summary, a[href]")].flatMap((e) => {
  e.scrollIntoView({ block: "center", inline: "center" });
  const box = e.getBoundingClientRect();
  if (box.width === 0 || getComputedStyle(e).opacity === "0") return [];
  return box.left < -1 || box.right > innerWidth + 1 ? [e.outerHTML.slice(0, 120)] : [];
})"""
FOCUS = """() => {
  const e = document.activeElement;
  const name = e.getAttribute("aria-label") ?? e.labels?.[0]?.textContent ?? e.textContent;
  globalThis.visited ??= new Map();
  if (!globalThis.visited.has(e)) globalThis.visited.set(e, globalThis.visited.size);
  return [globalThis.visited.get(e), e.tagName, name.trim()];
}"""


@pytest.fixture(scope="module")
def page(browser: Any, served: Lab) -> Iterator[Any]:
    """One page, which has been let in."""
    with opened(browser, served.url) as found:
        yield found


def show(page: Any, base: str, name: str) -> None:
    """Go to a screen, and wait until it is there."""
    page.goto("about:blank")
    page.goto(base + SCREENS[name])
    if name == "the network's form":
        page.get_by_role("button", name="Moons: choose the network").click()
        page.get_by_label("Network and training").wait_for()
    elif name == "lessons":
        page.get_by_role("heading", name="Lessons", exact=True).wait_for()
    elif name.startswith("a ") and SCREENS[name].startswith("#"):
        page.get_by_role("button", name="All lessons").wait_for()
        page.locator(".crl-lesson-lab .crl-panel").first.wait_for()
    elif SCREENS[name]:
        page.get_by_label("Timeline").wait_for()
        settled(page)
    else:
        page.get_by_role("heading", name="Or open a recorded run").wait_for()


@pytest.mark.parametrize("name", SCREENS)
def test_a_screen_is_for_everybody(page: Seen, served: Lab, name: str):
    """In light colours and in dark ones, axe-core finds nothing serious; 390 points wide, all of it can be reached."""
    page.page.emulate_media(reduced_motion="reduce")
    show(page.page, served.base, name)
    found = [problem for scheme in ("dark", "light") for problem in problems(page.page, scheme)]
    assert found == []
    page.page.set_viewport_size({"width": 390, "height": 844})
    page.page.evaluate("() => new Promise((painted) => requestAnimationFrame(() => requestAnimationFrame(painted)))")
    wider, out_of_reach = page.page.evaluate(WIDER), page.page.evaluate(OUT_OF_REACH)
    page.page.set_viewport_size({"width": 1280, "height": 800})
    assert (wider, out_of_reach) == ([0, []], [])


def problems(page: Any, scheme: str) -> list[Any]:
    """What axe-core calls serious or critical."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    return [
        (scheme, problem["id"], [(node["target"], node.get("failureSummary", "")[:300]) for node in problem["nodes"][:3]])
        for problem in axe.run(page, options=OPTIONS).response["violations"]
        if problem["impact"] in {"serious", "critical"}
    ]


def test_by_keyboard_alone(browser: Any, page: Seen, served: Lab):
    """From the start screen into a run, to every control and out again; the network, its table, the timeline, the run."""
    with opened(browser, served.base, storage_state=page.page.context.storage_state()) as found:
        page = found.page
        link = page.get_by_role("link", name="circle-1", exact=True)
        link.wait_for()
        tab_to(page, lambda _, name: name == "circle-1")
        page.keyboard.press("Enter")
        page.get_by_label("Timeline").wait_for()
        settled(page)

        network = tab_to(page, lambda _, name: name.startswith("Network: arrow keys"))
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowDown")
        assert page.locator(".crl-inspector h2").inner_text().startswith(("Neuron", "Input"))
        page.keyboard.press("t")
        page.get_by_role("region", name="as a table").wait_for()
        page.keyboard.press("t")
        page.get_by_role("region", name="as a table").wait_for(state="detached")

        slider = tab_to(page, lambda tag, name: (tag, name) == ("INPUT", "Step"))
        page.keyboard.press("Home")
        assert step(page) == 0
        page.keyboard.press("ArrowRight")
        assert step(page) > 0
        last = int(page.locator(".crl-timeline input").get_attribute("max"))
        run = tab_to(page, lambda tag, name: tag == "BUTTON" and name.endswith("Run"))
        page.keyboard.press("Enter")  # the recorded training is taken up again
        wait_for_step(page, last)
        assert len({network, slider, run}) == 3


def tab_to(page: Any, fits: Any, most: int = 150) -> int:
    """Press Tab until the focus is where it fits; each press must move it, and in the end it comes round."""
    before = None
    for _ in range(most):
        page.keyboard.press("Tab")
        at, tag, name = page.evaluate(FOCUS)
        assert at != before, f"the focus is caught in {tag} {name!r}"
        if fits(tag, name):
            return int(at)
        before = at
    raise AssertionError(f"not reached with {most} presses of Tab")
