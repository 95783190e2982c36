"""What a run can be asked over HTTP; each answers ``/api/runs/ID/NAME``, and changes nothing.

hello, frame?step, curves?from&to&buckets, examples    what was recorded
findings?step, measures?step, confusion?step, example?row    what the engine says of it (`study`)
batch?step                                             the mini-batch that comes after a step
size?most&precision&from&to, file?(the same), cell     to take it away: one file, or Python that trains it again
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from chainrule.lab import study
from chainrule.lab.cell import cell as written
from chainrule.lab.export import Extent
from chainrule.lab.frames import BUCKETS, MOST
from chainrule.lab.library import Entry
from chainrule.lab.slow import Files

SIZES = (2, 8, 32)  # megabytes that a file may have


class Refusal(Exception):  # noqa: N818  an answer
    """A request that is answered with a status and words."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status = status


async def hello(entry: Entry, _: Files, __: Request) -> Response:
    """The facts."""
    return json(await asyncio.to_thread(entry.history.hello, live=entry.live.under_way))


async def frame(entry: Entry, _: Files, request: Request) -> Response:
    """The frame after a step, exact."""
    slots = True if request.query_params.get("slots") == "1" else None
    return _bytes(await asyncio.to_thread(entry.history.frame, number(request, "step"), slots=slots))


async def curves(entry: Entry, _: Files, request: Request) -> Response:
    """Costs and measures, in buckets."""
    first, last = number(request, "from") or 1, number(request, "to")
    buckets = number(request, "buckets")
    most = BUCKETS if buckets is None else max(1, min(buckets, MOST))
    stop = None if last is None else last + 1
    return json(await asyncio.to_thread(entry.history.curves, first, stop, most))


async def examples(entry: Entry, _: Files, __: Request) -> Response:
    """The examples that are kept with it."""
    return _bytes(await asyncio.to_thread(entry.history.examples))


async def findings(entry: Entry, _: Files, request: Request) -> Response:
    """What `diagnose` says after a step."""
    step = number(request, "step")
    return json(await entry.studied.of("findings", step, lambda: study.findings(entry.history, step)))


async def measures(entry: Entry, _: Files, request: Request) -> Response:
    """The figures of each layer at a step, also where it was not measured."""
    step = number(request, "step")
    if step is None:
        raise Refusal(400, "step is missing: the step that is to be measured.")
    return json(await entry.studied.of("measures", step, lambda: study.measures(entry.history, step)))


async def confusion(entry: Entry, _: Files, request: Request) -> Response:
    """Which classes are taken for which after a step."""
    step = number(request, "step")
    return json(await entry.studied.of("confusion", step, lambda: study.confusion(entry.history, step)))


async def example(entry: Entry, _: Files, request: Request) -> Response:
    """One of the examples that `confusion` judges by."""
    row = number(request, "row")
    if row is None:
        raise Refusal(400, "row is missing: the place of an example.")
    return _bytes(await asyncio.to_thread(study.examples, entry.history, [row]))


async def batch(entry: Entry, _: Files, request: Request) -> Response:
    """The mini-batch that comes after a step."""
    step = number(request, "step")
    if step is None:
        raise Refusal(400, "step is missing: the step before the mini-batch.")
    return _bytes(await asyncio.to_thread(study.batch, entry.history, step))


async def size(entry: Entry, files: Files, request: Request) -> Response:
    """How large the run is as one file."""
    found = await files.of(entry.history, _extent(request))
    return json({"bytes": found.size, "frames": found.frames, "of": found.of})


async def file(entry: Entry, files: Files, request: Request) -> Response:
    """The run as one file, to be saved."""
    found = await files.of(entry.history, _extent(request))
    head = {"Content-Disposition": f'attachment; filename="{request.path_params["id"]}.html"'}
    return Response(found.html, media_type="text/html; charset=utf-8", headers=head)


async def cell(entry: Entry, _: Files, __: Request) -> Response:
    """Python that trains it once more."""
    return json({"text": await asyncio.to_thread(written, entry.history)})


ANSWERS: dict[str, Callable[[Entry, Files, Request], Awaitable[Response]]] = {
    answer.__name__: answer
    for answer in (hello, frame, curves, examples, findings, measures, confusion, example, batch, size, file, cell)
}  # fmt: skip
SLOW = (findings, measures, confusion, size, file)


def number(request: Request, name: str) -> int | None:
    """A whole number of the query."""
    text = request.query_params.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 15):
        raise Refusal(400, f"{name} = {text[:40]!r}: it is a whole number.")
    return int(text)


def _extent(request: Request) -> Extent:
    """How much of the run a file is to hold."""
    megabytes = number(request, "most") or SIZES[1]
    if megabytes not in SIZES:
        raise Refusal(400, f"most = {megabytes}: {', '.join(map(str, SIZES))} megabytes.")
    precision = request.query_params.get("precision", "float32")
    return Extent(megabytes * 2**20, precision, number(request, "from") or 0, number(request, "to"))


def json(value: Any, status: int = 200) -> Response:
    """Plain data."""
    return JSONResponse(value, status)


def _bytes(value: bytes) -> Response:
    return Response(value, media_type="application/octet-stream")
