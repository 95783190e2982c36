"""Two runs in one picture, what the engine says of them, and what can be taken away; in the live page and in a file."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from browser_helpers import CIRCLE, SIX, Seen, chainrule, lab, mode, numbers, opened, settled

from chainrule import diagnose
from chainrule.lab.history import History
from chainrule.lab.study import confusion
from chainrule.runs.model import load_model
from chainrule.runs.recorded import RecordedRun

pytestmark = pytest.mark.slow
OTHER = ("--hidden", "4,4,4", "--activation", "sigmoid", "--output", "sigmoid", "--cost", "quadratic", "--initial", "large")
SERIOUS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


@pytest.fixture(scope="module")
def two(recorded: Path) -> Path:
    """Beside circle-1 a run with another cost, which hardly learns: runs/circle-2."""
    chainrule(recorded, *CIRCLE, *OTHER, "--learning-rate", "0.1", "--epochs", "12")
    return recorded


@pytest.fixture(scope="module")
def alike(two: Path) -> Path:
    """And one of the same sizes as circle-1, with another rate: runs/circle-3."""
    chainrule(two, *CIRCLE, *SIX, "--learning-rate", "0.05", "--epochs", "5")
    return two


@pytest.fixture(scope="module")
def seen(browser: Any, two: Path) -> Iterator[Seen]:
    """The second run in the live lab."""
    with lab(two) as served, opened(browser, served.url, accept_downloads=True) as found:
        found.page.goto(f"{served.base}?run=circle-2#mode=history")
        found.page.get_by_label("Timeline").wait_for()
        settled(found.page)
        yield found


def legend(page: Any) -> dict[str, str]:
    """What the legend of the first chart reads, by the names of its lines."""
    rows = page.locator(".crl-curves .uplot").first.locator(".u-series").all()
    return {row.locator(".u-label").inner_text(): row.locator(".u-value").inner_text() for row in rows}


def saved(page: Any, press: Any, place: Path) -> Path:
    """The file that the browser saves when this is pressed."""
    with page.expect_download() as download:
        press.click()
    target = place / download.value.suggested_filename
    download.value.save_as(target)
    return target


def test_another_run_is_laid_over_this_one(seen: Seen, two: Path):
    """It is chosen, drawn, read by the cursor, in the address, and there again when the page is loaded again."""
    page = seen.page
    page.get_by_label("compare with").select_option("circle-1")
    page.get_by_text("circle-1 has another cost, log likelihood; here it is quadratic.").wait_for()
    page.wait_for_url(re.compile("with=circle-1"))
    page.reload()
    page.get_by_text("The same of circle-1").wait_for()
    settled(page)
    over = page.locator(".crl-curves .uplot").first.locator(".u-over")
    box = over.bounding_box()
    over.hover(position={"x": box["width"] * 0.25, "y": 20})
    read = legend(page)
    step = int(read["step"].replace(",", ""))
    for name, run in (("cost of the step", "circle-2"), ("circle-1: cost", "circle-1")):
        with RecordedRun(two / "runs" / run) as recorded:
            assert float(read[name]) == pytest.approx(recorded.recording.costs(step, step + 1)[0], rel=5e-3)
    assert float(read["circle-1: held-out"].split()[0]) > 0


def test_a_weight_has_both_histories(seen: Seen, alike: Path):
    """From the same first value each goes its way; the other's is dashed, and told with its numbers."""
    page = seen.page
    base = seen.page.url.partition("?")[0]
    page.goto(f"{base}?run=circle-3#at=2.3.1&with=circle-1")
    words = page.get_by_text("Dashed: the same weight of circle-1").inner_text()
    with RecordedRun(alike / "runs" / "circle-1") as run:
        first, last = (float(run.at(step).weights[0][3, 1]) for step in (0, 5 * 22))
    shown = numbers(words.partition("circle-1,")[2])[:2]
    assert [float(number) for number in shown] == [pytest.approx(value, rel=5e-3) for value in (first, last)]
    page.goto(f"{base}?run=circle-2#mode=history")
    page.get_by_label("Timeline").wait_for()
    settled(page)


def test_the_diagnosis_is_the_engines(seen: Seen, two: Path):
    """Every finding of the last step and of the first, with its equation and its remedy, in the engine's order."""
    page = seen.page
    panel = page.get_by_label("Gradient health")
    for key, step in (("End", None), ("Home", 0)):
        slider = page.get_by_label("Timeline").get_by_label("Step", exact=True)
        slider.focus()
        slider.press(key)
        with RecordedRun(two / "runs" / "circle-2") as run:
            wanted = diagnose(run, step=step).as_dict()["findings"]
        panel.locator("li", has_text=wanted[0]["sentence"][:60].replace("\u00a0", " ")).wait_for()
        items = [" ".join(text.split()) for text in panel.locator(".crl-diagnosis li").all_inner_texts()]
        assert len(items) == len(wanted)
        for said, finding in zip(items, wanted, strict=True):
            assert all(" ".join(str(finding[name]).split()) in said for name in ("title", "sentence", "equation", "remedy"))


def test_a_cell_of_the_table_leads_to_an_example(seen: Seen, two: Path):
    """The table is the engine's; by keyboard one goes to a mistake, and follows it through the network."""
    page = seen.page
    page.get_by_label("Timeline").get_by_role("button", name="To the last step").click()
    page.get_by_text("Confusion matrix").first.click()
    table = page.locator(".crl-confused table")
    counts = np.array(confusion(History(two / "runs" / "circle-2"))["counts"])
    page.get_by_text(f"{np.trace(counts)} right").wait_for()
    shown = [
        [cell.replace("·", "0") for cell in row.locator("td").all_inner_texts()] for row in table.locator("tbody tr").all()
    ]
    assert np.array_equal(np.array(shown, int), counts)
    i, j = next((i, j) for i, j in ((0, 1), (1, 0)) if counts[i, j])
    cells = table.get_by_role("button")
    assert cells.evaluate_all("all => all.filter((e) => e.tabIndex === 0).length") == 1
    table.locator(f"[data-cell='{i}.{j}']").focus()
    page.keyboard.press("Enter")
    page.get_by_text(f"class {i}, network says {j}").wait_for()
    page.get_by_text("✗ wrong").wait_for()


def test_it_is_for_everybody(seen: Seen):
    """With the table, the comparison and the menu open, axe-core finds nothing serious, light or dark."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page = seen.page
    page.get_by_text("Export", exact=True).click()
    page.get_by_role("link", name=re.compile("^Save")).wait_for()
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        found = axe.run(page, options={"resultTypes": ["violations"], "runOnly": SERIOUS}).response["violations"]
        assert [(it["id"], it["nodes"][0]["target"]) for it in found if it["impact"] in {"serious", "critical"}] == []
    page.keyboard.press("Escape")
    page.emulate_media(color_scheme="light")


def exporting(seen: Seen) -> tuple[Any, Any]:
    """The page with its menu open, and the link by which the run is saved."""
    seen.page.reload()
    seen.page.get_by_text("Export", exact=True).click()
    link = seen.page.get_by_role("link", name=re.compile("^Save"))
    link.wait_for()
    return seen.page, link


def test_a_part_of_a_run_is_taken_away(seen: Seen, tmp_path: Path, browser: Any):
    """Up to a step, rounded; what is typed stays while the size is asked for, and what is no step is refused."""
    page, link = exporting(seen)
    page.get_by_label("precision").select_option("float16")
    page.get_by_label("to step").fill("4000")
    link.wait_for()
    page.get_by_label("to step").press("Enter")
    page.get_by_text("to step: a whole number from 0 to 264.").wait_for()
    page.get_by_label("to step").fill("40")
    page.get_by_label("to step").press("Enter")
    with opened(browser, saved(page, link, tmp_path).as_uri(), offline=True) as there:
        there.page.get_by_text("Step 40 of 40.").wait_for(state="attached")
        there.page.get_by_text("rounded to float16").wait_for()


def test_everything_can_be_taken_away(seen: Seen, two: Path, tmp_path: Path, browser: Any):
    """A file of the size that was told, which opens; a picture, the curves; Python that makes the same numbers."""
    page, link = exporting(seen)
    told = link.inner_text()
    file = saved(page, link, tmp_path)
    assert file.name == "circle-2.html"
    assert f"{file.stat().st_size / 1000:.0f} kB" in told
    with opened(browser, file.as_uri(), offline=True) as there:
        there.page.get_by_label("Timeline").wait_for()
        there.page.locator(".crl-diagnosis li").first.wait_for()

    svg = ElementTree.parse(saved(page, page.get_by_role("button", name="SVG"), tmp_path)).getroot()
    words = [text.text for text in svg.iter("{http://www.w3.org/2000/svg}text")]
    assert {"layer 1: input", "class 0", "class 1"} <= set(words)
    assert len(list(svg.iter("{http://www.w3.org/2000/svg}path"))) > 30
    assert saved(page, page.get_by_role("button", name="PNG"), tmp_path).read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"

    with saved(page, page.get_by_role("button", name="CSV"), tmp_path).open(newline="") as table:
        rows = {int(row["step"]): row for row in csv.DictReader(table)}
    with RecordedRun(two / "runs" / "circle-2") as run:
        for step in (1, 100, run.recording.last):
            assert float(rows[step]["cost"]) == pytest.approx(run.recording.costs(step, step + 1)[0], rel=1e-6)

    page.get_by_role("button", name="Show the cell").click()
    names: dict[str, Any] = {}
    exec(saved(page, page.get_by_role("button", name="Save as .py"), tmp_path).read_text(), names)
    theirs = load_model(two / "runs" / "circle-2").network.parameters.flat
    assert np.array_equal(names["net"].parameters.flat, theirs)


def test_a_file_carries_the_other_run(browser: Any, two: Path):
    """Written with it, it shows both from the start; nothing is asked of any network."""
    chainrule(two, "report", "runs/circle-2", "--with", "runs/circle-1", "-o", "two.html")
    with opened(browser, (two / "two.html").as_uri(), offline=True) as there:
        page = there.page
        page.get_by_label("Timeline").wait_for()
        settled(page)
        mode(page, "History")
        page.get_by_text("The same of circle-1").wait_for()
        assert {"circle-1: cost", "circle-1: held-out"} <= set(legend(page))
        page.get_by_label("compare with").select_option("no other run")
        page.get_by_text("The same of circle-1").wait_for(state="detached")
        assert not {"circle-1: cost"} & set(legend(page))
        assert [url for url in there.requests if not url.startswith(("file:", "data:"))] == []
