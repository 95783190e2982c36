"""The lab as a program, in a browser: a training is begun, watched, paused, gone back in, branched off and begun again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from browser_helpers import Lab, Seen, fact, lab, mode, opened, run_of, settled, show, step, truth, wait_for_step

from chainrule.io.blobs import unpack
from chainrule.lab.history import History
from chainrule.runs.recorded import RecordedRun

pytestmark = pytest.mark.slow
PETS = "weight,ears,kind\n" + "".join(
    f"{w:.2f},{e:.2f},{'dog' if w + e > 7 else 'cat'}\n" for w in np.linspace(1, 8, 12) for e in np.linspace(1, 4, 10)
)
DROP = """([name, text]) => {
  const data = new DataTransfer();
  data.items.add(new File([text], name, { type: "text/csv" }));
  return data;
}"""


@pytest.fixture(scope="module")
def live(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Any, Lab, Any]]:
    """A lab whose printed address has been opened, and the address for more pages of the same user."""
    with lab(tmp_path_factory.mktemp("live")) as served, opened(browser, served.url) as first:
        yield browser, served, first.page.context.storage_state()


@pytest.fixture
def seen(live: tuple[Any, Lab, Any]) -> Iterator[Seen]:
    """The start screen."""
    browser, served, let_in = live
    with opened(browser, served.base, storage_state=let_in) as found:
        found.page.get_by_role("heading", name="Pick what the network learns").wait_for()
        yield found


def begin(page: Any, name: str = "Circle") -> Any:
    """Press a card, and wait for its network."""
    page.get_by_role("button", name=f"{name}: train now").click()
    page.get_by_label("Timeline").wait_for()
    return page


def pause(page: Any) -> int:
    """Pause; the step at which it stands."""
    page.get_by_role("button", name="Pause").click()
    return settled(page)


def test_a_network_learns_within_twenty_seconds(seen: Seen):
    """One press on a card; the cost falls, and most points come to their side of the line: at a hundred steps a second."""
    page = seen.page
    page.get_by_role("button", name="Circle: choose the network").wait_for()
    assert page.locator(".crl-pick-card").count() == 8
    begin(page)
    page.wait_for_function(
        """() => {
          const [right, all] = (/([\\d,]+) of ([\\d,]+) points/.exec(document.body.textContent) ?? []).slice(1).map(Number);
          return right / all > 0.9;
        }"""
    )
    assert 0 < step(page) < 20 * 100


def test_pause_step_and_back(seen: Seen, live: tuple[Any, Lab, Any]):
    """A pause holds the step; one step adds one; an earlier step is shown exactly, and the newest again after it."""
    page = begin(seen.page, "Moons")
    wait_for_step(page, 5)
    at = pause(page)
    assert 5 < at < 60 * 22
    page.get_by_role("button", name="One step", exact=True).click()
    assert wait_for_step(page, at) == settled(page) == at + 1
    page.keyboard.press(".")
    assert wait_for_step(page, at + 1) == settled(page) == at + 2

    slider = page.get_by_label("Timeline").get_by_label("Step", exact=True)
    slider.fill("3")
    assert step(page) == 3
    assert show(page, "#at=2.0.1&step=3") == 3
    page.get_by_text("They agree to").wait_for()
    exact = float(truth(live[1].root / run_of(page), 3).nabla_w[2][0, 1])
    assert float(fact(page, "Backpropagation")) == pytest.approx(exact, rel=1e-4)
    page.get_by_role("button", name="Back to the newest").click()
    assert wait_for_step(page, 3) == at + 2


def test_branch_and_reset(seen: Seen, live: tuple[Any, Lab, Any]):
    """A branch begins at its step with the same weights; a reset begins with the same first weights, new weights do not."""
    page, root = begin(seen.page, "Xor"), live[1].root
    wait_for_step(page, 4)
    pause(page)
    run = run_of(page)
    page.get_by_label("Timeline").get_by_label("Step", exact=True).fill("4")
    page.get_by_role("button", name="Branch here").click()
    page.get_by_label("Timeline").get_by_label("η").fill("0.05")
    with page.expect_navigation(url=re.compile(r"\?run=(?!" + run + r"\b)")):
        page.get_by_role("button", name="Branch", exact=True).click()
    page.get_by_label("Timeline").wait_for()
    branch = run_of(page)
    there, here = (unpack(History(root / name).frame(4))[0]["parameters"] for name in (run, branch))
    assert (branch != run, there.tobytes() == here.tobytes()) == (True, True)
    page.get_by_role("heading", level=1).get_by_text(f"branched off from {run} at step 4").wait_for()

    first = [weights(root, run)]
    for name in ("Reset", "New weights"):
        with page.expect_navigation(url=re.compile(r"\?run=(?!" + run_of(page) + r"\b)")):
            page.get_by_role("button", name=name).click()
        page.get_by_label("Timeline").wait_for()
        first.append(weights(root, run_of(page)))
    assert np.array_equal(first[0], first[1])
    assert not np.array_equal(first[0], first[2])


def weights(root: Path, run: str) -> np.ndarray:
    """All weights that a run began with."""
    with RecordedRun(root / run) as recorded:
        return recorded.recording.frame(0).tensors["parameters"]


def test_a_dropped_table_is_learned(seen: Seen):
    """A CSV is read, its last column proposed as what is to be predicted, and a network for it trains."""
    page = seen.page
    data = page.evaluate_handle(DROP, ["pets.csv", PETS])
    page.locator(".crl-drop").dispatch_event("drop", {"dataTransfer": data})
    assert page.get_by_label("Learn to predict").input_value() == "kind"
    page.get_by_role("button", name="Train", exact=True).click()
    page.get_by_label("Timeline").wait_for()
    wait_for_step(page, 20)
    page.get_by_text(re.compile("network says (cat|dog)")).wait_for()


def test_a_dragged_folder_is_learned(seen: Seen, live: tuple[Any, Lab, Any], tmp_path: Path):
    """A folder of IDX files comes in by the browser's own drag; what else lies in it is not asked for."""
    page, folder = seen.page, tmp_path / "shapes"
    folder.mkdir()
    images = np.random.default_rng(0).integers(0, 256, (60, 4, 3), np.uint8)
    for name, array in (("train-images-idx3-ubyte", images), ("train-labels-idx1-ubyte", images[:, 0, 0] // 86)):
        header = bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">u4").tobytes()
        (folder / name).write_bytes(header + array.astype(np.uint8).tobytes())
    (folder / "README").write_text("not data")
    drag(page, page.locator(".crl-drop"), folder)
    page.get_by_role("button", name="Train", exact=True).click()
    page.get_by_label("Timeline").wait_for()
    wait_for_step(page, 20)
    with RecordedRun(live[1].root / run_of(page)) as recorded:
        assert list(recorded.at(0).sizes) == [12, 16, 3]


def drag(page: Any, onto: Any, path: Path) -> None:
    """Drag a file or folder from the desktop."""
    onto.scroll_into_view_if_needed()
    box, devtools = onto.bounding_box(), page.context.new_cdp_session(page)
    data = {"items": [], "files": [str(path)], "dragOperationsMask": 1}
    for kind in ("dragEnter", "dragOver", "drop"):
        devtools.send("Input.dispatchDragEvent", {"type": kind, "x": box["x"] + 20, "y": box["y"] + 20, "data": data})


def test_history_shows_what_was_recorded(seen: Seen):
    """The run is in the list of the start screen, and opens there with its curves."""
    page = begin(seen.page, "Circle")
    wait_for_step(page, 30)
    pause(page)
    run = run_of(page)
    page.get_by_role("link", name="All runs").click()
    page.get_by_role("link", name=run, exact=True).click()
    page.get_by_label("Timeline").wait_for()
    mode(page, "History")
    page.get_by_role("heading", name="Gradient health").wait_for()
    assert page.locator(".crl-app canvas").count() >= 3
