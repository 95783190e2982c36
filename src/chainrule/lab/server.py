"""The server's routes: the page, runs and what they can be asked, new runs, and the socket.

    GET  /                                  the page
    GET  /assets/lab.js, lab.css            what it loads
    GET  /api/runs, /api/options            what there is; what a new run can be made of
    GET  /api/runs/ID/...                   what a run can be asked (`questions`)
    POST /api/start                         begin a run -> {id}
    POST /api/upload?name=NAME[&upload=ID]  a file that was dropped -> {upload, kind, columns ...}
    WS   /api/runs/ID/live                  frames, events; commands (`wire`)

What goes wrong is answered as ``{"error": words}``. GET changes nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from chainrule.errors import ChainruleError, ResourceError
from chainrule.io import strict_json
from chainrule.lab import start, wire
from chainrule.lab.assets import PAGE, Assets
from chainrule.lab.desk import Desk
from chainrule.lab.library import NoSuchRun
from chainrule.lab.limits import Bucket
from chainrule.lab.live import Viewer
from chainrule.lab.questions import ANSWERS, SLOW, Refusal, json
from chainrule.lab.slow import Files, Overtaken

MESSAGES = 400, 200.0  # of one page: at once, and a second
STARTS = 10, 0.5
UPLOADS = 20, 1.0
ASKED = 4  # questions to recordings that are answered at the same time
STUDIED = 2  # and of those that take longer
PATIENCE = 60.0  # seconds in which what is sent from this machine has come
TOO_SLOW = 408
WAITING = 64  # and that may wait
PENDING = 8  # commands of one page that are not answered yet
BAD = 20  # messages of one page that are not of the protocol, after which it is closed

STATUS: dict[type[Exception], int] = {Overtaken: 409, NoSuchRun: 404, ResourceError: 503, ChainruleError: 400}
Handler = Callable[[Request], Awaitable[Response]]


def app(desk: Desk, assets: Assets, lifespan: Any = None) -> Starlette:
    """The application, to be put behind a :class:`~chainrule.lab.guard.Guard`."""
    routes = Routes(desk, assets)
    return Starlette(lifespan=lifespan, routes=[
        Route("/", routes.page), Route("/assets/{name}", routes.asset),
        Route("/api/runs", told(routes.runs)), Route("/api/options", told(routes.options)),
        Route("/api/runs/{id}/{what}", told(routes.ask)),
        Route("/api/start", told(routes.start), methods=["POST"]),
        Route("/api/upload", told(routes.upload), methods=["POST"]),
        WebSocketRoute("/api/runs/{id}/live", routes.live),
    ])  # fmt: skip


def told(handler: Handler) -> Handler:
    """Answer in words where a handler has refused."""

    async def handle(request: Request) -> Response:
        try:
            return await handler(request)
        except Refusal as refusal:
            answer = json({"error": str(refusal)}, refusal.status)
            if refusal.status == TOO_SLOW:
                answer.headers["connection"] = "close"  # what is still to come is not waited for
            return answer
        except ClientDisconnect:
            return Response(status_code=400)
        except tuple(STATUS) as error:
            return json({"error": str(error)}, next(status for kind, status in STATUS.items() if isinstance(error, kind)))

    return handle


@contextlib.asynccontextmanager
async def in_time() -> AsyncIterator[None]:
    """Within it a body must come, so that who sends it slowly holds no place.

    Raises
    ------
    Refusal
    """
    try:
        async with asyncio.timeout(PATIENCE):
            yield
    except TimeoutError:
        raise Refusal(TOO_SLOW, f"It has not come within {PATIENCE:.0f} seconds; send it again.") from None


class Routes:
    """What answers each request."""

    def __init__(self, desk: Desk, assets: Assets) -> None:
        self.desk, self.assets = desk, assets
        self._starts, self._uploads = Bucket(*STARTS), Bucket(*UPLOADS)
        self._files = Files(assets)
        self._turn, self._study, self._waiting = asyncio.Semaphore(ASKED), asyncio.Semaphore(STUDIED), 0

    async def page(self, _: Request) -> Response:
        """The one page that there is."""
        return Response(PAGE, media_type="text/html; charset=utf-8")

    async def asset(self, request: Request) -> Response:
        """The script or the style, by its exact name."""
        found = self.assets.get(request.path_params["name"])
        if found is None:
            return Response("There is no such file.", 404, media_type="text/plain")
        return Response(found[0], media_type=found[1])

    async def runs(self, _: Request) -> Response:
        """All runs, newest first."""
        return json(await asyncio.to_thread(self.desk.library.rows))

    async def options(self, _: Request) -> Response:
        """What a new run can be made of."""
        return json(start.options())

    async def ask(self, request: Request) -> Response:
        """A question to a recording."""
        answer = ANSWERS.get(request.path_params["what"])
        if answer is None:
            raise Refusal(404, f"A run can be asked for {', '.join(ANSWERS)}.")
        if self._waiting >= WAITING:
            raise Refusal(503, "Too many questions at once; ask again in a moment.")
        self._waiting += 1
        try:
            async with self._study if answer in SLOW else self._turn:
                return await answer(self.desk.library.entry(request.path_params["id"]), self._files, request)
        finally:
            self._waiting -= 1

    async def start(self, request: Request) -> Response:
        """Begin a run."""
        body = b""
        async with in_time():
            async for part in request.stream():
                body += part
                if len(body) > wire.LONGEST:
                    raise Refusal(413, f"Settings have at most {wire.LONGEST:,} bytes.")
        try:
            said = strict_json.loads(body)
        except ValueError as error:
            raise Refusal(400, f"The settings are not JSON: the text {error}.") from None
        settings, how = start.asked(said)
        if not self._starts.takes():
            raise Refusal(429, "Too many runs were begun in the last seconds; wait a moment.")
        return json({"id": await self.desk.start(settings, how)})

    async def upload(self, request: Request) -> Response:
        """Keep a file that was dropped."""
        if not self._uploads.takes():
            raise Refusal(429, "Too many files were dropped in the last seconds; wait a moment.")
        said = request.query_params
        async with in_time():
            return json(await self.desk.uploads.take(said.get("name", "")[:300], request.stream(), said.get("upload", "")))

    async def live(self, socket: WebSocket) -> None:
        """Somebody looks at a run."""
        try:
            entry = self.desk.library.entry(socket.path_params["id"])
        except (NoSuchRun, ChainruleError):
            await socket.close(1008)
            return
        await socket.accept()
        viewer = Viewer(socket.send_text, socket.send_bytes)
        sender = asyncio.create_task(viewer.serve())
        pending: set[asyncio.Task[None]] = set()
        try:
            await entry.live.join(viewer)
            await self._listen(socket, viewer, pending)
        except ChainruleError as error:
            await socket.send_text(strict_json.dumps({"event": "error", "message": str(error)}))
            await socket.close(1011)
        finally:
            entry.live.leave(viewer)
            sender.cancel()
            await asyncio.gather(sender, return_exceptions=True)

    async def _listen(self, socket: WebSocket, viewer: Viewer, pending: set[asyncio.Task[None]]) -> None:
        """Do what a page asks for, as long as it keeps to the protocol."""
        name, bucket, bad = socket.path_params["id"], Bucket(*MESSAGES), 0
        live = self.desk.library.entry(name).live
        while (message := await socket.receive())["type"] == "websocket.receive":
            if not bucket.takes() or bad > BAD:
                await socket.close(1008)
                return
            try:
                command = wire.command(message.get("text") or message.get("bytes") or "")
            except wire.Refused as refusal:
                bad += 1
                viewer.tell({"id": refusal.number, "error": str(refusal)})
                continue
            if command.name == "ack":
                viewer.ack()
            elif command.name == "view":
                viewer.fps = float(command.values["fps"])
                viewer.tell({"id": command.number, "ok": True})
            elif len(pending) >= PENDING:
                viewer.tell({"id": command.number, "error": "too many commands at once; wait for the answers."})
            else:
                task = asyncio.create_task(self._do(name, command, viewer))
                pending.add(task)
                task.add_done_callback(pending.discard)
            live.changed()

    async def _do(self, name: str, command: wire.Command, viewer: Viewer) -> None:
        viewer.tell({"id": command.number, **await self.desk.do(name, command)})
