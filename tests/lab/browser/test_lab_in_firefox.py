"""A run as one file, in another browser: it opens from the disk, draws, asks for nothing, and has the engine's numbers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from browser_helpers import chainrule, numbers, truth
from firefox_helpers import FIREFOX, Firefox, firefox

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(FIREFOX is None, reason="no Firefox is installed (Debian: apt-get install firefox-esr)"),
]
LAST = 440  # 20 epochs of 22 steps
INK = """(() => {
  const canvas = document.querySelector("canvas.crl-net");
  const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
  const colours = new Set();
  for (let i = 0; i < data.length; i += 4) colours.add(data[i] << 16 | data[i + 1] << 8 | data[i + 2]);
  return colours.size;
})()"""
BUTTON = (
    """[...document.querySelectorAll("button")].find((b) => b.textContent.trim() === "The strongest weight of layer 3")"""
)
FACT = """[...document.querySelectorAll(".crl-facts > div")].find((d) => d.textContent.startsWith("Backpropagation"))"""


@pytest.fixture(scope="module")
def page(recorded: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Firefox]:
    """The file, opened from the disk."""
    chainrule(recorded, "report", "runs/circle-1", "-o", "firefox.html")
    with firefox(tmp_path_factory.mktemp("profile")) as found:
        found.open((recorded / "firefox.html").as_uri())
        found.wait(f"document.querySelector('.crl-timeline input')?.value === '{LAST}'")
        yield found


def test_it_draws_and_asks_for_nothing(page: Firefox):
    """The network has its colours; the only request is for the file itself, whose policy nothing runs against."""
    assert page.wait(f"{INK} > 20")
    outside = [url for url in page.requests if not url.startswith(("file:", "data:"))]
    assert (outside, page.evaluate("performance.getEntriesByType('resource').length")) == ([], 0)
    assert page.wrong == []


def test_a_weight_that_is_chosen_has_the_engines_gradient(page: Firefox, recorded: Path):
    """A press on it opens the inspector, where its gradient is the engine's, to the digits that are shown."""
    page.click(BUTTON)
    at = page.wait("/at=3\\.(\\d+)\\.(\\d+)/.exec(location.hash)?.[0]")
    j, k = (int(number) for number in at.split(".")[1:])
    shown = numbers(page.wait(f"{FACT}?.querySelector('dd').innerText"))[0]
    nabla = float(truth(recorded / "runs" / "circle-1", LAST).nabla_w[3][j, k])  # the engine's, in float32
    assert float(shown) == pytest.approx(nabla, rel=1e-4)
    assert page.wrong == []
