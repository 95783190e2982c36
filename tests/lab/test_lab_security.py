"""Who may come in, what they may say, and how much of it: refused or bounded, and the training goes on."""

from __future__ import annotations

import contextlib
import json
import socket
import tempfile
import time
from pathlib import Path

import pytest
from lab_helpers import SMALL, Client, until
from websockets.exceptions import InvalidStatus

from chainrule.lab import server, wire
from chainrule.lab.guard import SOCKETS
from chainrule.lab.serve import CONNECTIONS
from chainrule.lab.uploads import AT_ONCE

PATHS = ["/", "/assets/lab.js", "/api/runs", "/api/options", "/api/runs/moons-1/hello", "/api/runs/moons-1/frame?step=0"]
FOREIGN_HOSTS = [
    "evil.example",
    "evil.example:{port}",
    "127.0.0.1.evil.example:{port}",
    "127.0.0.1",
    "127.0.0.1:1",
    "",
    "localhost",
]
FOREIGN_ORIGINS = [
    "http://evil.example",
    "https://127.0.0.1:{port}",
    "http://127.0.0.1:1",
    "null",
    "http://localhost:{port}",
    "",
]


@pytest.mark.parametrize("path", PATHS)
def test_without_the_cookie_there_is_nothing(stranger: Client, path: str):
    """The page, what it loads, and what it asks for are behind the token, all of them."""
    assert stranger.ask("GET", path)[0] == 403


@pytest.mark.parametrize("host", FOREIGN_HOSTS)
def test_a_foreign_host_is_refused(lab: Client, run: str, host: str):
    """A name that was made to point at this machine does not get in, with the cookie or with the token."""
    name = host.format(port=lab.port)
    assert lab.ask("GET", "/", Host=name)[0] == 403
    assert lab.ask("GET", f"/?token={lab.token}", Host=name)[0] == 403
    with pytest.raises(InvalidStatus) as refused:
        lab.socket(run, Host=name)
    assert refused.value.response.status_code in {400, 403}


@pytest.mark.parametrize("origin", FOREIGN_ORIGINS)
def test_a_foreign_origin_is_refused(lab: Client, run: str, origin: str):
    """A page from elsewhere can neither ask, nor begin a run, nor open a socket, though the browser sends the cookie."""
    name = origin.format(port=lab.port)
    assert lab.ask("GET", "/api/runs", Origin=name)[0] == 403
    assert lab.ask("POST", "/api/start", json.dumps(SMALL), Origin=name)[0] == 403
    with pytest.raises(InvalidStatus) as refused:
        lab.socket(run, Origin=name)
    assert refused.value.response.status_code == 403


def test_without_an_origin_nothing_is_changed(lab: Client, run: str):
    """A socket and a POST must say where they come from; a GET need not."""
    assert lab.ask("GET", "/api/runs", Origin=None)[0] == 200
    assert lab.ask("POST", "/api/start", json.dumps(SMALL), Origin=None)[0] == 403
    assert lab.ask("POST", "/api/upload?name=a.csv", b"a,b\n1,2\n", Origin=None)[0] == 403
    with pytest.raises(InvalidStatus):
        lab.socket(run, Origin=None)


def test_a_socket_needs_the_cookie(stranger: Client, lab: Client, run: str):
    """The right Host and Origin are not enough; nor is a cookie that is nearly right."""
    for cookie in (None, "crl-1=x", f"crl-{lab.port}=", lab.cookie[:-1], lab.cookie + "x"):
        with pytest.raises(InvalidStatus) as refused:
            stranger.socket(run, Cookie=cookie)
        assert refused.value.response.status_code == 403


def test_a_token_opens_the_page_once(stranger: Client, lab: Client):
    """Wrong or used, it opens nothing; who is in already is let through; the terminal gets another link."""
    for token in ("wrong", stranger.token[:-1], stranger.token + "x"):
        assert stranger.ask("GET", f"/?token={token}")[0] == 403
    assert not lab.links
    status, headers, _ = stranger.ask("GET", f"/?token={lab.token}")
    assert (status, headers.get("set-cookie")) == (403, None)
    assert len(lab.links) == 1
    status, headers, _ = lab.ask("GET", f"/?token={lab.token}&run=moons-1")
    assert (status, headers["location"]) == (302, "/?run=moons-1")
    status, headers, _ = stranger.ask("GET", lab.links[0][lab.links[0].index("/?") :])
    assert status == 302
    assert {"HttpOnly", "SameSite=Strict"} <= set(headers["set-cookie"].split("; "))


def test_a_redirect_stays_here(lab: Client):
    """What comes with a token is a run's id, or nothing."""
    for run in ("//evil.example", "a%0d%0aSet-Cookie:x=1", "../x", "a" * 81):
        status, headers, _ = lab.ask("GET", f"/?token={lab.token}&run={run}")
        assert (status, headers["location"]) == (302, "/")
        assert "set-cookie" not in headers


@pytest.mark.parametrize("path", ["/", "/nothing", "/api/runs", "/assets/lab.css"])
def test_every_answer_has_the_headers(lab: Client, stranger: Client, path: str):
    """What is refused, too: no frame, no guessing of types, no referrer, nothing kept."""
    for client in (lab, stranger):
        headers = client.ask("GET", path)[1]
        assert headers["content-security-policy"].startswith("default-src 'none'; script-src 'self'; ")
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cross-origin-opener-policy"] == headers["cross-origin-resource-policy"] == "same-origin"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cache-control"] == "no-store"
        assert "access-control-allow-origin" not in headers


@pytest.mark.parametrize("path", [
    "/assets/../pyproject.toml", "/assets/..%2f..%2fpyproject.toml", "/assets/lab.js%00", "/assets//etc/passwd",
    "/assets/LAB.JS", "/api/runs/..%2f..%2fetc/hello", "/api/runs/%2e%2e/hello", "/api/runs/.hidden/hello",
    "/api/runs/no-such-run/hello", "/api/runs/moons-1/../../x", "//etc/passwd", "/api/runs/moons-1/recording.sqlite",
])  # fmt: skip
def test_no_path_leads_anywhere_else(lab: Client, run: str, path: str):
    """Names are looked up among those that there are; none of them is made into a path."""
    assert lab.ask("GET", path)[0] in {400, 404}


BAD = [
    "", "x", "[]", "1", "null", '{"id": 1}', '{"id": 1, "command": "eval"}', '{"id": 1, "command": "__init__"}',
    '{"id": 1, "command": ["run"]}', '{"command": "run"}', '{"id": -1, "command": "run"}', '{"id": 1.5, "command": "run"}',
    '{"id": true, "command": "run"}', '{"id": "1", "command": "run"}', '{"id": 1, "command": "run", "x": 1}',
    '{"id": 1, "command": "run", "command": "pause"}', '{"id": 1, "command": "step", "count": 0}',
    '{"id": 1, "command": "step", "count": 1e3}', '{"id": 1, "command": "step", "count": 10000000}',
    '{"id": 1, "command": "step", "unit": "run"}', '{"id": 1, "command": "set", "learning_rate": NaN}',
    '{"id": 1, "command": "set", "learning_rate": -1}', '{"id": 1, "command": "set", "learning_rate": 1e400}',
    '{"id": 1, "command": "set", "learning_rate": "0.1"}', '{"id": 1, "command": "set", "learning_rate": true}',
    '{"id": 1, "command": "reset", "seed": -1}', '{"id": 1, "command": "branch"}',
    '{"id": 1, "command": "branch", "at": "0"}', '{"id": 1, "command": "branch", "at": 0, "settings": []}',
    '{"id": 1, "command": "view"}',
    '{"id": 1, "command": "view", "fps": 1000}', '{"id": 1, "command": "frame"}', '{"id": 1, "command": "end"}',
    '{"id": 1, "command": "watch", "on": true}', "[" * 60_000, '{"a":' * 10_000, "\ud800",
]  # fmt: skip


@pytest.mark.parametrize("text", BAD, ids=range(len(BAD)))
def test_a_message_that_is_not_of_the_protocol_is_refused(text: str):
    """What is not in the table of commands, or not in its bounds, is refused in words."""
    with pytest.raises(wire.Refused) as refused:
        wire.command(text)
    assert len(str(refused.value)) < 400


def test_a_page_that_talks_nonsense_is_answered_and_then_closed(lab: Client, run: str):
    """Each message is answered with what is wrong; after too many of them, the socket is closed."""
    with lab.watch(run) as page:
        page.socket.send('{"id": 7, "command": "eval", "code": "1"}')
        found = page.until(lambda e: "error" in e)
        assert found["id"] == 7
        assert "there are run, pause, step" in found["error"]
        assert page.is_closed(*[b"\x80\x04pickle"] * 100)


def test_a_message_that_is_too_large_closes_the_socket(lab: Client, run: str):
    """Sixty-four kilobytes and no more, of the socket and of settings; a file has its own bound."""
    with lab.watch(run) as page:
        assert page.is_closed('{"id": 1, "command": "run", "x": "' + "a" * 70_000 + '"}')
    assert lab.ask("POST", "/api/start", b" " * 70_000)[0] == 413


def test_a_flood_of_messages_closes_the_socket(lab: Client, run: str):
    """More than a page can mean is not listened to."""
    with lab.watch(run) as page:
        assert page.is_closed(*[json.dumps({"id": i, "command": "view", "fps": 15}) for i in range(5_000)])


@pytest.mark.parametrize(("changes", "word"), [
    ({"data": {"source": "/etc/passwd"}}, "data.source"), ({"data": {"source": "../x.csv"}}, "data.source"),
    ({"data": {"upload": "../../x"}}, "data.source"), ({"data": {"upload": "0123456789abcdef"}}, "drop it again"),
    ({"data": {"source": "moons", "n": 10**9}}, "points"), ({"network": {"hidden": [10**9]}}, "hidden"),
    ({"network": {"hidden": [1] * 100}}, "hidden"),
    ({"network": {"activation": "os.system"}}, "os.system"), ({"network": {"dtype": "object"}}, "object"),
    ({"training": {"engine": "array"}}, "engine"), ({"training": {"optimizer": "lbfgs"}}, "mini-batches"),
    ({"training": {"epochs": 10**9}}, "epochs"), ({"training": {"learning_rate": -1}}, "learning_rate"),
    ({"out": "/tmp/x"}, "out"), ({"seed": -1}, "seed"), ({"speed": 1e9}, "speed"), ({"network": {"code": "1"}}, "code"),
])  # fmt: skip
def test_settings_that_are_not_allowed_are_refused(lab: Client, changes: dict, word: str):
    """A start names data of chainrule's own or a file that was dropped; numbers have bounds; nothing is left behind."""
    before = {path.name for path in lab.root.iterdir()}
    status, _, body = lab.ask("POST", "/api/start", json.dumps(SMALL | changes))
    assert (status, word in json.loads(body)["error"]) == (400, True)
    assert {path.name for path in lab.root.iterdir()} == before


@pytest.mark.parametrize("name", ["x.py", "x.pkl", "x.safetensors", "", "..", "train-images-idx3-ubyte/../x", "x.csv/"])
def test_a_file_of_another_kind_is_refused(lab: Client, name: str):
    """Tables, archives of numbers and IDX files; a pickle by any name is none of them."""
    assert lab.ask("POST", f"/api/upload?name={name}", b"\x80\x04K\x01.")[0] in {400, 429}


def test_five_hundred_connections_change_nothing(lab: Client, run: str):
    """They are turned away beyond the bound; the training goes on, a page that was there is served, and later a new one."""
    with lab.watch(run) as page, contextlib.ExitStack() as stack:
        assert page.do("set", speed=200.0)["ok"]
        assert page.do("run")["ok"]
        before = page.until(lambda e: e.get("running"))["step"]
        held = [stack.enter_context(socket.create_connection(("127.0.0.1", lab.port))) for _ in range(500)]
        page.events.clear()
        assert page.until(lambda e: e.get("event") == "state" and e["step"] > before + 20)["running"]
        end = time.monotonic() + 5
        while (open_ := sum(map(is_open, held))) > CONNECTIONS and time.monotonic() < end:
            time.sleep(0.1)
        assert 0 < open_ <= CONNECTIONS
        assert page.do("pause")["ok"]
    time.sleep(0.2)
    assert lab.ask("GET", "/api/runs")[0] == 200


def test_silent_connections_keep_nobody_out(lab: Client, run: str):
    """Where all places are held by who says nothing, a page that comes gets one at once; who has asked keeps its own."""
    with lab.watch(run) as page, contextlib.ExitStack() as stack:
        held = [stack.enter_context(socket.create_connection(("127.0.0.1", lab.port))) for _ in range(CONNECTIONS)]
        for _ in range(3):
            assert lab.ask("GET", "/api/runs")[0] == 200
        assert 0 < sum(map(is_open, held)) < CONNECTIONS
        assert page.do("pause")["ok"]


def begun(lab: Client, path: str) -> socket.socket:
    """A POST whose body has begun, and is still to come."""
    connection = socket.create_connection(("127.0.0.1", lab.port), timeout=20)
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{lab.port}\r\nOrigin: {lab.origin}\r\nCookie: {lab.cookie}\r\n"
    connection.sendall(f"{head}Content-Length: 1000\r\n\r\na,b\n".encode())
    return connection


@pytest.mark.parametrize("path", ["/api/upload?name=slow.csv", "/api/start"])
def test_a_slow_body_holds_no_place(lab: Client, monkeypatch: pytest.MonkeyPatch, path: str):
    """What has not come in time is refused, its connection closed, and nothing of it is kept."""
    monkeypatch.setattr(server, "PATIENCE", 0.3)
    with begun(lab, path) as slow:
        answer = b"".join(iter(lambda: slow.recv(4096), b""))
    assert (answer[:13], b"send it again" in answer) == (b"HTTP/1.1 408 ", True)
    assert left("slow.csv") == []


def test_an_upload_that_is_given_up_leaves_nothing(lab: Client):
    """Its connection ends in the middle of the file; beyond so many at once, one waits; then another is taken as ever."""
    with contextlib.ExitStack() as stack:
        for _ in range(AT_ONCE):
            stack.enter_context(begun(lab, "/api/upload?name=given-up.csv"))
        until(lambda: len(left("given-up.csv")) == AT_ONCE)
        assert lab.ask("POST", "/api/upload?name=one-more.csv", TABLE)[0] == 503
    until(lambda: left("given-up.csv") == [])
    until(lambda: lab.ask("POST", "/api/upload?name=whole.csv", TABLE)[0] == 200)


TABLE = b"a,b\n" + b"1,2\n2,3\n" * 20


def left(name: str) -> list[Path]:
    """What is kept of a file that was dropped."""
    return list(Path(tempfile.gettempdir()).glob(f"chainrule-lab-*/*/{name}"))


def is_open(connection: socket.socket) -> bool:
    """Whether the server still holds a connection on which nothing was said."""
    connection.setblocking(False)
    try:
        return connection.recv(1) != b""
    except BlockingIOError:
        return True
    except OSError:
        return False


def test_sockets_are_bounded(lab: Client, run: str):
    """Beyond thirty-two pages, a socket is refused."""
    with contextlib.ExitStack() as stack:
        for _ in range(SOCKETS):
            stack.enter_context(lab.socket(run))
        with pytest.raises(InvalidStatus) as refused:
            lab.socket(run)
        assert refused.value.response.status_code == 403
