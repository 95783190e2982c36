"""A run as one file: the page, its program and its data, which opens from a disk, with no server and no network.

Data are gzip in base64. The frames are key frames, thinned until the file is as small as it is to be, in float32.
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

from chainrule.errors import ConfigError
from chainrule.io import strict_json
from chainrule.lab import study
from chainrule.lab.assets import Assets
from chainrule.lab.history import History
from chainrule.report.markup import Html, cut, element

SIZE = 8 * 2**20  # bytes of a file, unless another bound is given
CHUNK, CHUNK_BYTES = 64, 4 * 2**20  # frames in one piece, and their bytes
POLICY = (
    "default-src 'none'; script-src '{script}'; style-src 'unsafe-inline'; img-src data:; connect-src 'none'; "
    "base-uri 'none'; form-action 'none'"
)


@dataclass(frozen=True)
class Exported:
    """A run as a file.

    Attributes
    ----------
    html : str
    frames, of : int
        How many key frames are in it, and how many were recorded.
    """

    html: str
    frames: int
    of: int

    @property
    def size(self) -> int:
        """Its bytes."""
        return len(self.html.encode())


def exported(
    history: History, *, most: int = SIZE, assets: Assets | None = None, other: History | None = None,
    lesson: dict[str, str] | None = None,
) -> Exported:  # fmt: skip
    """Make the file.

    Parameters
    ----------
    history : History
    most : int
        Bytes that it may have.
    assets : Assets, optional
    other : History, optional
        Another run, whose curves are laid over those of this one.
    lesson : dict, optional
        The lesson that the page opens with, as `handout.lesson` gives it.

    Raises
    ------
    ConfigError
        It cannot be so small.
    ResourceError
        The page is not built.

    Examples
    --------
    ``exported(History(Path("runs/mnist-1"))).html`` is what ``chainrule report runs/mnist-1`` writes.
    """
    found = assets or Assets()
    hello = history.hello(live=False)
    steps: list[int] = hello["key_frames"]
    parts = {name: packed(value) for name, value in told(history, other, lesson).items()}
    rest = len(document(hello, parts, [], found).encode())
    costs = [
        len(packed(listed([history.frame(step, slots=False, dtype="float32")]))) for step in steps[:: len(steps) - 1 or 1]
    ]
    count = len(steps)
    while True:
        chosen = thinned(steps, min(count, int((most - rest) / (sum(costs) / len(costs)))))
        html = document({**hello, "key_frames": chosen}, parts, list(chunks(history, chosen)), found)
        if len(html.encode()) <= most:
            return Exported(html, len(chosen), len(steps))
        if len(chosen) <= 2:
            raise ConfigError(f"a file of this run has at least {len(html.encode()):,} bytes, more than {most:,}.")
        count = max(2, int(len(chosen) * 0.9 * most / len(html.encode())))


def told(
    history: History, other: History | None, lesson: dict[str, str] | None = None
) -> dict[str, bytes | dict[str, Any]]:
    """What a page is given beside the facts and the frames."""
    found: dict[str, Any] = {"curves": history.curves(), "examples": history.examples(), **study.carried(history)}
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


def chunks(history: History, steps: Sequence[int]) -> Iterator[tuple[list[int], str]]:
    """The frames of these steps in pieces: the steps of each, and its text."""
    held: list[bytes] = []
    first = 0
    for at, step in enumerate(steps):
        held.append(history.frame(step, slots=False, dtype="float32"))
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
