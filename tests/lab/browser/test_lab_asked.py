"""What a person asks the lab for comes, and stays where it is: step mode, what if, copies, the list of keys, the table."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser_helpers import Lab, Seen, chainrule, fact, near, opened, settled, show

pytestmark = pytest.mark.slow
SIZES = {"wide": (1280, 800), "narrow": (390, 844)}
INSIDE = """(e) => {
  const [box, line] = [e.getBoundingClientRect(), document.querySelector(".crl-timeline").getBoundingClientRect()];
  return [box.top >= 0, box.bottom <= (e.closest(".crl-stage") ? line.top : innerHeight), e.scrollHeight >= e.clientHeight];
}"""
SAME = """() => new Promise((done) => {
  const seen = [];
  const look = () => {
    const textOf = (name) => document.querySelector(name)?.textContent;
    const [title, step] = [textOf(".crl-inspector h2"), textOf(".crl-update .crl-say")];
    if (title && step?.includes("→")) seen.push([/= (\\S+)/.exec(title)[1], /→ (\\S+)\\.$/.exec(step)[1]]);
    if (new Set(seen.map(String)).size < 8) requestAnimationFrame(look);
    else done(seen);
  };
  look();
})"""

RACE = """() => {
  setTimeout(() => { location.hash = "#at=2.1.0"; }, 300);
  for (const button of document.querySelectorAll("button")) if (button.textContent === "History") button.click();
  for (const end = performance.now() + 500; performance.now() < end;);
}"""  # the page's own writing of its address is due when another comes, and runs before that one's event


@pytest.fixture(scope="module")
def file(recorded: Path) -> Path:
    """The run as a file."""
    chainrule(recorded, "report", "runs/circle-1", "-o", "asked.html")
    return recorded / "asked.html"


@pytest.fixture(params=SIZES)
def seen(browser: Any, file: Path, request: pytest.FixtureRequest) -> Iterator[Seen]:
    """The file, on a wide and on a narrow screen."""
    width, height = SIZES[request.param]
    with opened(browser, file.as_uri(), width=width, height=height, offline=True, reduced_motion="reduce") as found:
        settled(found.page)
        yield found


def test_an_address_that_is_typed_is_not_overwritten(seen: Seen):
    """Not even at the moment at which the page writes its own."""
    page = seen.page
    page.evaluate(RACE)
    page.get_by_label("New value").first.wait_for()
    page.wait_for_url(re.compile("#mode=history&at=2.1.0$"))


def test_step_mode_stays_where_it_is(seen: Seen):
    """Next is under the pointer in every phase, and ] moves no page, although the inspector opens by itself."""
    page = seen.page
    show(page, "#mode=step")
    following = page.get_by_role("button", name="Next ›")
    following.scroll_into_view_if_needed()
    top = following.bounding_box()["y"]
    phases = page.get_by_label("Phases").get_by_role("button")
    for at in range(1, phases.count()):
        following.click()
        page.locator(f".crl-phases li:nth-child({at + 1}).is-now").wait_for()
        assert following.bounding_box()["y"] == pytest.approx(top, abs=2)
    assert page.locator(".crl-inspector").count() == 1
    page.evaluate("scrollTo(0, 0)")
    for _ in range(phases.count()):
        page.keyboard.press("[")
    assert page.evaluate("scrollY") == 0


def test_what_is_chosen_by_hand_comes_into_view(seen: Seen):
    """An arrow key in the network opens the inspector where it is seen; going to another mode scrolls nothing."""
    page = seen.page
    page.locator(".crl-net-box").focus()
    page.keyboard.press("ArrowRight")
    page.locator(".crl-inspector").wait_for()
    page.wait_for_function("() => document.querySelector('.crl-inspector').getBoundingClientRect().top < innerHeight - 100")
    page.evaluate("scrollTo(0, 0)")
    page.get_by_role("button", name="History", exact=True).click()
    page.locator(".crl-inspector").wait_for(state="attached")
    assert page.evaluate("scrollY") == 0


def test_a_what_if_wants_a_finite_number(seen: Seen):
    """What is none stays as it was typed, with words beside it, and nothing is edited; a number is taken."""
    page = seen.page
    show(page, "#at=2.1.0")
    field = page.get_by_label("New value").first
    for typed in ("1e400", "abc", "nan", ""):
        field.fill(typed)
        field.press("Tab")
        page.get_by_role("status").filter(has_text="New value: a finite number").wait_for()
        assert (field.input_value(), field.get_attribute("aria-invalid")) == (typed, "true")
        assert page.locator(".crl-edited").count() == 0
    field.fill("−0,25")
    assert field.get_attribute("aria-invalid") is None
    field.press("Enter")
    page.get_by_text("What if: not recorded.").wait_for()
    assert field.input_value() == "-0.25"


def test_a_gradient_is_copied_as_numpy(seen: Seen):
    """The text runs, and comes to the number that is on the screen: of a weight, and of a bias."""
    page = seen.page
    for where, name in (("#at=3.0.2", "BP4"), ("#at=2.4.b", "BP3")):
        show(page, where)
        page.evaluate("navigator.clipboard.writeText = async (text) => { globalThis.copied = text; }")
        page.get_by_role("button", name="NumPy", exact=True).click()
        page.wait_for_function("globalThis.copied")
        text = page.evaluate("copied")
        names: dict[str, Any] = {}
        exec(text, names)
        assert name in text
        assert near(fact(page, "Backpropagation"), names["gradient"])
        assert page.locator(".crl-card").first.inner_text().count(name) == 1


def test_the_list_of_keys_is_opened_by_its_key(seen: Seen):
    """Anywhere in the page it is seen whole or scrolls; Escape closes it alone, and gives the focus back."""
    page, box = seen.page, seen.page.get_by_role("dialog", name="Keys and words")
    show(page, "#at=2.1")
    network = page.locator(".crl-net-box")
    network.focus()
    page.evaluate("scrollTo(0, 300)")
    page.keyboard.press("?")
    box.wait_for()
    assert (box.evaluate(INSIDE), page.evaluate("scrollY")) == ([True, True, True], 300)
    page.keyboard.press("Escape")
    box.wait_for(state="hidden")
    assert network.evaluate("(e) => document.activeElement === e")
    assert page.locator(".crl-inspector").count() == 1
    page.keyboard.press("Escape")
    page.locator(".crl-inspector").wait_for(state="detached")


def test_escape_in_a_field_is_not_the_labs(seen: Seen):
    """Who is typing keeps the inspector; Escape in the export menu closes that."""
    page = seen.page
    show(page, "#at=2.1.0")
    page.get_by_label("New value").first.press("Escape")
    page.locator("summary").filter(has_text="Export").click()
    page.get_by_text("The curves as a table").wait_for()
    page.keyboard.press("Escape")
    page.get_by_text("The curves as a table").wait_for(state="hidden")
    assert page.locator(".crl-inspector").count() == 1


def test_the_table_comes_into_view(seen: Seen):
    """T opens it where it is seen, above the timeline."""
    page = seen.page
    page.keyboard.press("t")
    table = page.get_by_role("region", name="as a table")
    table.wait_for()
    assert table.evaluate(INSIDE) == [True, True, True]


def test_the_inspector_speaks_of_one_moment(browser: Any, served: Lab):
    """While a training runs, the weight in the title is the one to which its last step led."""
    with opened(browser, served.url) as found:
        page = found.page
        page.goto(f"{served.base}?run=circle-1#at=3.1.3")
        page.reload()
        settled(page)
        page.locator(".crl-topbar select").first.select_option("100")
        page.get_by_role("button", name=re.compile("Run$")).click()
        pairs = page.evaluate(SAME)
        assert [title for title, _ in pairs] == [led_to for _, led_to in pairs]
