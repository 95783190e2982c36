"""Who may come in: this machine's user, from this server's own page, and nobody else.

    Host      a name of this machine, with our port: a foreign name that was made to point here (DNS rebinding) is refused
    Origin    ours, where there is one; a socket and a POST must have one
    token     once, in the address that was printed; it becomes a cookie (HttpOnly, SameSite=Strict)
    headers   a page that may load its own script and style, and nothing else; in no frame

Everything is behind it, the static files too. Secrets are compared in constant time.
"""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

NAMES = ("127.0.0.1", "localhost", "[::1]")
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self'; img-src 'self' data:; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)
HEADERS: dict[bytes, bytes] = {
    b"content-security-policy": POLICY.encode(),
    b"x-content-type-options": b"nosniff",
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
    b"referrer-policy": b"no-referrer",
    b"cache-control": b"no-store",
}
SOCKETS = 32
RUN = re.compile(r"[A-Za-z0-9._-]{1,80}")
CHANGING = ("POST", "PUT", "PATCH", "DELETE")


class Guard:
    """Stands before the application.

    Parameters
    ----------
    app : ASGI application
    port : int
        On which it is served.
    used : callable
        Called where a token comes a second time: the user may want to open the page in another browser.
    """

    def __init__(self, app: ASGIApp, port: int, used: Callable[[str], None] = lambda url: None) -> None:
        self.app, self.port, self.used = app, port, used
        self.hosts = {f"{name}:{port}" for name in NAMES} | (set(NAMES) if port == 80 else set())
        self.cookie = f"crl-{port}"
        self._secret = secrets.token_urlsafe(32)
        self._token = secrets.token_urlsafe(32)
        self._old: list[str] = []
        self._sockets = 0

    def url(self, run: str = "") -> str:
        """The address to print: it opens the page once, on a run where one is given."""
        return f"http://127.0.0.1:{self.port}/?{f'run={run}&' if run else ''}token={self._token}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or refuse it."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._socket(scope, receive, send)
        elif scope["type"] == "http":
            await self._request(scope, receive, send)

    async def _request(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = {name for name, _ in message.get("headers", ())}
                kept = [*message.get("headers", ()), *((k, v) for k, v in HEADERS.items() if k not in own)]
                message = {**message, "headers": kept}
            await send(message)

        why = self._refused(scope, origin=scope["method"] in CHANGING)
        asked = parse_qs(scope["query_string"].decode("latin-1"))
        token, run = asked.get("token", [""])[0], asked.get("run", [""])[0]
        if not why and token and scope["path"] == "/" and scope["method"] == "GET":
            cookie = self._entered(token, known=self._is_known(scope))
            if cookie is not None:
                location = f"/?run={run}" if RUN.fullmatch(run) else "/"
                head = [(b"location", location.encode()), *([(b"set-cookie", cookie.encode())] if cookie else [])]
                await _answer(with_headers, 302, "", head)
                return
            why = "This link has been used, or is not of this server. The terminal shows a new one."
        elif not why and not self._is_known(scope):
            why = "This page is for the user who started it: open the link that the terminal shows."
        if why:
            await _answer(with_headers, 403, why)
        else:
            await self.app(scope, receive, with_headers)

    async def _socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._refused(scope, origin=True) or not self._is_known(scope) or self._sockets >= SOCKETS:
            await receive()
            await send({"type": "websocket.close", "code": 1008})  # before it is accepted: the answer is 403
            return
        self._sockets += 1
        try:
            await self.app(scope, receive, send)
        finally:
            self._sockets -= 1

    def _refused(self, scope: Scope, *, origin: bool) -> str:
        """Why a request is not from our own page on this machine; empty where it is."""
        hosts, origins = _headers(scope, b"host"), _headers(scope, b"origin")
        if len(hosts) != 1 or hosts[0] not in self.hosts:
            return "The Host of this request is not this server."
        if len(origins) > 1 or (origin and not origins) or (origins and origins[0] != f"http://{hosts[0]}"):
            return "The Origin of this request is not this server's page."
        return ""

    def _is_known(self, scope: Scope) -> bool:
        """Whether the request carries our cookie."""
        pairs = [pair.strip().partition("=") for line in _headers(scope, b"cookie") for pair in line.split(";")]
        return any([name == self.cookie and _same(value, self._secret) for name, _, value in pairs])  # noqa: C419  all of them

    def _entered(self, token: str, *, known: bool) -> str | None:
        """The cookie that a token becomes; None where it is not the one that is valid now."""
        if _same(token, self._token):
            self._old, self._token = [*self._old[-9:], self._token], secrets.token_urlsafe(32)
            return f"{self.cookie}={self._secret}; Path=/; HttpOnly; SameSite=Strict"
        if any([_same(token, old) for old in self._old]):  # noqa: C419
            if known:
                return ""
            self.used(self.url())
        return None


def _same(a: str, b: str) -> bool:
    return hmac.compare_digest(a.encode("utf-8", "replace"), b.encode())


def _headers(scope: Scope, name: bytes) -> list[str]:
    return [value.decode("latin-1") for key, value in scope["headers"] if key.lower() == name]


async def _answer(send: Any, status: int, text: str, headers: list[tuple[bytes, bytes]] | None = None) -> None:
    body = text.encode()
    head = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": [*head, *(headers or [])]})
    await send({"type": "http.response.body", "body": body})
