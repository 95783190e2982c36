"""A run as one file: the page, its program and its data, which opens from a disk, with no server and no network.

Data are gzip in base64. The frames are key frames, thinned until the file is as small as it is to be.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.errors import ConfigError, DataError
from chainrule.io import strict_json
from chainrule.lab import study
from chainrule.lab.assets import Assets
from chainrule.lab.history import History
from chainrule.report.markup import Html, cut, element

SIZE = 8 * 2**20  # bytes of a file, unless another bound is given
PRECISIONS = ("float16", "float32", "float64")
CHUNK, CHUNK_BYTES = 64, 4 * 2**20  # frames in one piece, and their bytes
POLICY = (
    "default-src 'none'; script-src '{script}'; style-src 'unsafe-inline'; img-src data:; connect-src 'none'; "
    "base-uri 'none'; form-action 'none'"
)


@dataclass(frozen=True)
class Extent:
    """How much of a run a file holds.

    Parameters
    ----------
    most : int
        Bytes that the file may have.
    precision : str
        The dtype of its parameters, one of ``PRECISIONS``.
    first, last : int, optional
        The steps between which key frames are taken, and these two, if the data is there to do them again; otherwise all.
        The file is the run until then. Where there is no room for all, step 0 (against which changes are shown) and the
        last are never left out.

    Raises
    ------
    ConfigError
    """

    most: int = SIZE
    precision: str = "float32"
    first: int = 0
    last: int | None = None

    def __post_init__(self) -> None:
        if self.precision not in PRECISIONS:
            raise ConfigError(f"precision {self.precision[:20]!r}: it is {', '.join(PRECISIONS)}.")

    def steps(self, key_frames: Sequence[int], last: int) -> list[int]:
        """The steps of the frames, where there is room for all.

        Raises
        ------
        ConfigError
            They are not recorded.

        Examples
        --------
        >>> Extent(first=5, last=17).steps([0, 4, 8, 16, 24], 31)
        [0, 5, 8, 16, 17]
        """
        end = last if self.last is None else self.last
        if not 0 <= self.first <= end <= last:
            raise ConfigError(f"steps {self.first:,} to {end:,}: the recording has steps 0 to {last:,}.")
        return sorted({0, self.first, end, *(step for step in key_frames if self.first <= step <= end)})


@dataclass(frozen=True)
class Exported:
    """A run as a file.

    Attributes
    ----------
    html : str
    frames, of : int
        How many frames are in it, and how many would be if it might be larger.
    """

    html: str
    frames: int
    of: int

    @property
    def size(self) -> int:
        """Its bytes."""
        return len(self.html.encode())


def exported(
    history: History, extent: Extent | None = None, *, assets: Assets | None = None, other: History | None = None,
    lesson: dict[str, str] | None = None,
) -> Exported:  # fmt: skip
    """Make the file.

    Parameters
    ----------
    history : History
    extent : Extent, optional
        How much of it: the steps, their precision, and the bytes of the file.
    assets : Assets, optional
    other : History, optional
        Another run, whose curves are laid over those of this one.
    lesson : dict, optional
        The lesson that the page opens with, as `handout.lesson` gives it.

    Raises
    ------
    ConfigError
        It cannot be so small; there are no such steps; a number is too large for the precision.
    ResourceError
        The page is not built.

    Examples
    --------
    ``exported(History(Path("runs/mnist-1"))).html`` is what ``chainrule report runs/mnist-1`` writes.
    """
    found, extent = assets or Assets(), extent or Extent()
    hello, most = history.hello(live=False), extent.most
    steps = extent.steps(hello["key_frames"], hello["last"])
    hello |= {"precision": extent.precision, "last": steps[-1]}
    parts = {name: packed(value) for name, value in told(history, steps[-1], other, lesson).items()}
    steps = [step for step in steps if step in hello["key_frames"] or _is_there(history, step)]
    rest = len(document(hello, parts, [], found).encode())
    costs = [len(packed(listed([_frame(history, step, extent.precision)]))) for step in {steps[0], steps[-1]}]
    count = len(steps)
    while True:
        chosen = thinned(steps, min(count, int((most - rest) / (sum(costs) / len(costs)))))
        pieces = list(chunks(history, chosen, extent.precision))
        html = document({**hello, "key_frames": chosen}, parts, pieces, found)
        if len(html.encode()) <= most:
            return Exported(html, len(chosen), len(steps))
        if len(chosen) <= 2:
            raise ConfigError(f"a file of this run has at least {len(html.encode()):,} bytes, more than {most:,}.")
        count = max(2, int(len(chosen) * 0.9 * most / len(html.encode())))


def told(
    history: History, last: int, other: History | None, lesson: dict[str, str] | None = None
) -> dict[str, bytes | dict[str, Any]]:
    """What a page is given beside the facts and the frames, of a run until its ``last`` step."""
    curves = history.curves(stop=last + 1)
    found: dict[str, Any] = {"curves": curves, "examples": history.examples(), **study.carried(history, last)}
    if other is not None:
        found["other"] = {"id": other.folder.name, "hello": other.hello(live=False), "curves": other.curves()}
    if lesson is not None:
        found["lesson"] = lesson
    return found


def thinned(steps: Sequence[int], count: int) -> list[int]:
    """So many of the steps at most, as evenly as may be, the first and the last always.

    >>> thinned([0, 1, 2, 4, 8, 16], 3)
    [0, 2, 16]
    """
    places = np.unique(np.linspace(0, len(steps) - 1, max(min(count, len(steps)), 2)).astype(int))
    return [int(steps[place]) for place in places]


def listed(frames: Sequence[bytes]) -> bytes:
    """Frames one after the other, each after its length."""
    return b"".join(len(frame).to_bytes(8, "little") + frame for frame in frames)


def _is_there(history: History, step: int) -> bool:
    """Whether a step between two key frames can be done again: its data may be gone."""
    try:
        return bool(history.frame(step))
    except DataError:
        return False


def _frame(history: History, step: int, precision: str) -> bytes:
    try:
        with np.errstate(over="raise"):
            return history.frame(step, slots=False, dtype=precision)
    except FloatingPointError:
        largest = f"{float(np.finfo(precision).max):.5g}, the largest {precision}"
        raise ConfigError(f"after step {step:,} a parameter is larger than {largest}: take another precision.") from None


def chunks(history: History, steps: Sequence[int], precision: str) -> Iterator[tuple[list[int], str]]:
    """The frames of these steps in pieces: the steps of each, and its text."""
    held: list[bytes] = []
    first = 0
    for at, step in enumerate(steps):
        held.append(_frame(history, step, precision))
        if len(held) == CHUNK or sum(map(len, held)) >= CHUNK_BYTES or at == len(steps) - 1:
            yield list(steps[first : at + 1]), packed(listed(held))
            held, first = [], at + 1


def packed(value: bytes | dict[str, Any]) -> str:
    """Bytes, or plain data as JSON, as base64 of gzip; the same each time."""
    raw = value if isinstance(value, bytes) else strict_json.dumps(value, sort_keys=False).encode()
    return base64.b64encode(gzip.compress(raw, 6, mtime=0)).decode()


def document(hello: dict[str, Any], parts: dict[str, str], frames: Sequence[tuple[list[int], str]], assets: Assets) -> str:
    """The text of the file."""
    script = Html(inline_script(assets.text("lab.js")))
    digest = base64.b64encode(hashlib.sha256(script.text.encode()).digest()).decode()
    data = {"hello": packed(hello), **parts}
    head = element(
        "head", element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=POLICY.format(script=f"sha256-{digest}")),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"), element("link", rel="icon", href="data:,"),
        element("title", f"{cut(hello['name'], 120)} · chainrule"),
        element("style", Html("body{margin:0}" + inline_style(assets.text("lab.css")))),
    )  # fmt: skip
    body = element(
        "body", element("div", data_crl_autoboot="embedded"),
        element("noscript", "This page is a program: allow scripts for it. It asks no network for anything."),
        [_data(name, text) for name, text in data.items()],
        [_data(f"frames-{i}", text, steps) for i, (steps, text) in enumerate(frames)],
        element("script", script, type="module"),
    )  # fmt: skip
    return "<!doctype html>\n" + element("html", head, body, lang="en").text + "\n"


def _data(name: str, text: str, steps: Sequence[int] | None = None) -> Html:
    said = None if steps is None else " ".join(map(str, steps))
    return element("script", Html(text), type="application/octet-stream", data_crl=name, data_steps=said)


def inline_script(text: str) -> str:
    """A program as it may stand within a page: nothing in it ends the element."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    return re.sub(r"<!--", r"<\\!--", re.sub(r"</(?=script)", r"<\\/", plain, flags=re.IGNORECASE))


def inline_style(text: str) -> str:
    """A style sheet as it may stand within a page."""
    return re.sub(r"</(?=style)", r"<\\/", text, flags=re.IGNORECASE)
