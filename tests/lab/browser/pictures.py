"""The pictures of docs/lab.md, taken anew: ``python tests/lab/browser/pictures.py``; look at each before it is kept."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
from browser_helpers import CIRCLE, SIX, Lab, chainrule, chromium, lab, opened

ASSETS = Path(__file__).parents[3] / "docs" / "assets"
DESK, PHONE = (1280, 800), (390, 844)
PAUSE = 2500  # ms until curves and diagnosis are there
SHOWN = (*CIRCLE, *SIX, "--learning-rate", "0.3", "--epochs", "30")
MNIST = ("train", "mnist", "--hidden", "30", "--epochs", "2", "--seed", "1", "-q")
RUNS = {"circle": SHOWN, "squares": (*SHOWN, "--cost", "quadratic"), "mnist": MNIST}


@dataclass(frozen=True)
class Picture:
    """One screen: which run (none: the start screen), what stands in the address, and how it is seen."""

    name: str
    run: str = ""
    at: str = ""
    size: tuple[int, int] = DESK
    dark: bool = False


PICTURES = [
    Picture("start"),
    Picture("start-phone", size=PHONE, dark=True),
    Picture("train", "circle"),
    Picture("train-dark", "circle", "show=gradient", dark=True),
    Picture("train-phone", "circle", size=PHONE),
    Picture("weight", "circle", "at=3.2.1"),
    Picture("step", "circle", "mode=step&phase=5"),
    Picture("step-phone", "circle", "mode=step&phase=4", size=PHONE, dark=True),
    Picture("reverse", "circle", "reverse=1", dark=True),
    Picture("history", "circle", "mode=history&with=squares&step=500"),
    Picture("lessons", "circle", "mode=lessons"),
    Picture("lessons-phone", "circle", "mode=lessons", size=PHONE),
    Picture("digits", "mnist"),
    Picture("digits-dark", "mnist", "show=change", dark=True),
]


def take(page: Any, served: Lab, picture: Picture) -> None:
    """One picture into the folder of the documentation."""
    page.set_viewport_size(dict(zip(("width", "height"), picture.size, strict=True)))
    page.emulate_media(color_scheme="dark" if picture.dark else "light", reduced_motion="reduce")
    page.goto("about:blank")
    page.goto(f"{served.base}?run={picture.run}#{picture.at}" if picture.run else served.base)
    page.wait_for_timeout(PAUSE)
    if picture.size == PHONE:  # all of it, with the timeline at its end
        page.set_viewport_size({"width": PHONE[0], "height": page.evaluate("document.documentElement.scrollHeight")})
        page.wait_for_timeout(PAUSE)
    page.screenshot(path=ASSETS / f"lab-{picture.name}.png")


def main() -> None:
    """Train what is shown, and take all pictures, or those whose names are given."""
    wanted = [p for p in PICTURES if not sys.argv[1:] or p.name in sys.argv[1:]]
    with TemporaryDirectory() as place:
        folder = Path(place)
        for name, words in RUNS.items():
            chainrule(folder, *words, "--out", f"runs/{name}")
        with chromium() as browser, lab(folder) as served, opened(browser, served.url) as seen:
            for picture in wanted:
                take(seen.page, served, picture)
                print(picture.name)


if __name__ == "__main__":
    main()
