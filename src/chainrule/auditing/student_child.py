"""The program of a student's process: loads a file under limits, and answers calls of what is in it.

It is started by :mod:`chainrule.auditing.student`, in a session of its own. The limits keep mistakes from harming the
machine: an endless loop, memory without end, a flood of prints, processes that start processes. They are no sandbox: the
file is the user's own, and runs with the user's rights.
"""

from __future__ import annotations

import errno
import inspect
import linecache
import os
import queue
import random
import signal
import sys
import threading
import types
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

import numpy as np

from chainrule.auditing.student_wire import WireError, pack, read, unpack

try:
    import resource
except ImportError:  # Windows
    resource = None  # type: ignore[assignment]  # asked for before it is used

FILE_BYTES = 1 << 26  # of a file that is written
STARTS = {"os.fork", "os.forkpty", "os.posix_spawn", "os.system", "os.exec", "subprocess.Popen", "os.startfile"}
KILLS = {"os.kill", "os.killpg"}
OVER = threading.Event()  # nobody asks any more
LARGE = 1 << 22  # bytes: a value beyond it is data, not parameters
FRAMES = 6  # lines of a traceback
WORDS = 500  # characters of an exception's message


def main() -> None:
    """Answer requests until there are none."""
    requests, replies = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what the file prints goes one way, whichever stream it takes; answers go another
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="replace", line_buffering=True)  # type: ignore[union-attr]  # both are text streams
    asked: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(requests, asked.put), daemon=True).start()
    host = Host()
    _send(replies, {"ready": True})
    while True:
        _send(replies, host.answer(unpack(asked.get())))


def _listen(requests: BinaryIO, put: Callable[[bytes], None]) -> NoReturn:
    """Hand on each request; when the program that asks has ended, end this one and all that it started."""
    while message := read(requests):
        put(message)
    OVER.set()
    with suppress(Exception):
        os.killpg(0, signal.SIGKILL)
    os._exit(0)


def _send(replies: BinaryIO, value: Any) -> None:
    try:
        message = pack(value)
    except WireError as error:
        message = pack({"error": {"kind": "result", "type": "", "words": f"{error}", "frames": []}})
    except MemoryError:
        message = pack({"error": {"kind": "memory", "type": "MemoryError", "words": "", "frames": []}})
    with suppress(Exception):
        sys.stdout.flush()
        sys.stderr.flush()
    replies.write(message)
    replies.flush()


# ---------------------------------------------------------------------------------------------------------- the limits


def limit(seconds: float, megabytes: float, processes: int) -> None:
    """Take from this process what it could do to the machine by mistake."""
    if resource is not None:
        _lower(resource.RLIMIT_CPU, int(seconds) + 5)  # the clock is watched outside; this is for when nobody watches
        _lower(resource.RLIMIT_FSIZE, FILE_BYTES)
        _lower(resource.RLIMIT_CORE, 0)
        _lower(resource.RLIMIT_AS, _memory_now() + int(megabytes * (1 << 20)))
        if processes:
            _lower(resource.RLIMIT_NPROC, processes)
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    with suppress(ImportError):
        import _posixsubprocess

        _posixsubprocess.fork_exec = _refuse  # the one way without an audit event
    sys.addaudithook(_guard)


def _lower(what: int, value: int) -> None:
    _, hard = resource.getrlimit(what)
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    with suppress(OSError, ValueError):
        resource.setrlimit(what, (value, value))


def _memory_now() -> int:
    """The bytes of address space that Python and NumPy have taken."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    except (OSError, ValueError):
        return 1 << 30
    return pages * os.sysconf("SC_PAGE_SIZE")


def _guard(event: str, _: Any) -> None:
    if event in STARTS:
        _refuse()
    if event in KILLS and not OVER.is_set():
        raise PermissionError(errno.EPERM, "a file that is looked at by chainrule may not end processes")


def _refuse(*_: Any, **__: Any) -> NoReturn:
    raise BlockingIOError(errno.EAGAIN, "a file that is looked at by chainrule may not start processes")


# ---------------------------------------------------------------------------------------------------------- the answers


class Host:
    """The student's module, the objects made of its classes, and what can be asked of them."""

    def __init__(self) -> None:
        self.objects: list[Any] = [types.ModuleType("student")]
        self.path = ""

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """Do what is asked; whatever the student's code does is caught and told."""
        try:
            return {"value": getattr(self, request.pop("do"))(**request)}
        except BaseException as error:  # noqa: BLE001  sys.exit() too
            return {"error": self.told(error)}

    def load(self, path: str, source: np.ndarray, seconds: float, megabytes: float, processes: int) -> dict[str, Any]:
        """Run the file; gives what it offers."""
        self.path, text = path, source.tobytes()
        sys.argv = [path]
        sys.path.insert(0, str(Path(path).parent))
        stem = Path(path).stem
        module = types.ModuleType("student" if stem in sys.modules else stem)
        module.__file__ = path
        linecache.cache[path] = (len(text), None, text.decode("utf-8", "replace").splitlines(keepends=True), path)
        sys.modules[module.__name__] = self.objects[0] = module
        random.seed(0)
        np.random.seed(0)  # noqa: NPY002  the file's own random weights: the same file gets the same report
        limit(seconds, megabytes, processes)
        exec(compile(text, path, "exec", dont_inherit=True), module.__dict__)  # noqa: S102  this is what it is for
        return offers(module)

    def get(self, of: int, name: str) -> Any:
        """A value of the module or of an object."""
        return getattr(self.objects[of], name)

    def call(self, of: int, name: str, args: tuple[Any, ...], named: dict[str, Any]) -> Any:
        """Call a function."""
        return getattr(self.objects[of], name)(*args, **named)

    def method(self, of: int, name: str, args: tuple[Any, ...], named: dict[str, Any], change: dict[str, Any]) -> Any:
        """Change values of an object, and call a method; gives its result, and the object's values after it."""
        for key, value in change.items():
            setattr(self.objects[of], key, value)
        return self.call(of, name, args, named), state(self.objects[of])

    def make(self, of: int, name: str, args: tuple[Any, ...], call: bool) -> dict[str, Any]:
        """Keep an object: one of the module, or one that a class is called to make; gives what it offers."""
        found = getattr(self.objects[of], name)
        self.objects.append(found(*args) if call else found)
        made = self.objects[-1]
        return {
            "object": len(self.objects) - 1,
            "type": type(made).__name__,
            "methods": methods(made),
            "values": state(made),
        }

    def lines(self, name: str, args: tuple[Any, ...]) -> tuple[Any, int]:
        """Call a function; gives its result, and how many lines of the file were run."""
        count = [0]

        def trace(frame: types.FrameType, event: str, _: Any) -> Any:
            if frame.f_code.co_filename != self.path:
                return None
            count[0] += event == "line"
            return trace

        sys.settrace(trace)
        try:
            found = self.call(0, name, args, {})
        finally:
            sys.settrace(None)
        return found, count[0]

    def told(self, error: BaseException) -> dict[str, Any]:
        """An exception in words: its kind, its message, and the lines of the student's file that led to it."""
        if isinstance(error, SyntaxError) and error.filename == self.path:
            frames = [[error.lineno or 0, "", (error.text or "").rstrip("\n")[:WORDS], error.offset or 0]]
            return {"kind": "syntax", "type": type(error).__name__, "words": str(error.msg)[:WORDS], "frames": frames}
        try:
            words = str(error)[:WORDS]
        except BaseException:  # noqa: BLE001  its own __str__ may do anything
            words = ""
        frames = self._frames(error.__traceback__)
        return {"kind": _kind(error), "type": type(error).__name__[:60], "words": words, "frames": frames}

    def _frames(self, trace: types.TracebackType | None) -> list[list[Any]]:
        found = []
        while trace is not None:
            code = trace.tb_frame.f_code
            if code.co_filename == self.path:
                text = linecache.getline(self.path, trace.tb_lineno).strip()[:WORDS]
                found.append([trace.tb_lineno, code.co_name[:60], text, 0])
            trace = trace.tb_next
        return found[-FRAMES:]


def _kind(error: BaseException) -> str:
    if isinstance(error, MemoryError):
        return "memory"
    if isinstance(error, SystemExit):
        return "exit"
    if isinstance(error, EOFError):
        return "input"
    if isinstance(error, BlockingIOError):
        return "processes"
    if isinstance(error, OSError) and error.errno == errno.EFBIG:
        return "output"
    return "exception"


def offers(module: types.ModuleType) -> dict[str, Any]:
    """The functions, classes and objects that the file itself makes, and how they are called."""
    mine = {name: x for name, x in vars(module).items() if not name.startswith("_")}
    own = {name: x for name, x in mine.items() if getattr(x, "__module__", None) == module.__name__}
    classes = {name: x for name, x in own.items() if isinstance(x, type)}
    return {
        "functions": {name: parameters(x) for name, x in own.items() if inspect.isfunction(x)},
        "classes": {name: {"parameters": parameters(x), "methods": methods(x)} for name, x in classes.items()},
        "objects": {name: methods(x) for name, x in mine.items() if type(x) in classes.values()},
        "values": [*state(module)],
    }


def methods(x: Any) -> dict[str, Any]:
    """The public methods of an object or a class, and how each is called (without its ``self``)."""
    skip = 1 if isinstance(x, type) else 0
    found = {name: inspect.getattr_static(x, name) for name in dir(x) if not name.startswith("_")}
    kept = {name: f for name, f in found.items() if inspect.isroutine(f) or isinstance(f, staticmethod | classmethod)}
    return {
        name: parameters(getattr(x, name))[0 if isinstance(f, staticmethod | classmethod) else skip :]
        for name, f in kept.items()
    }


def state(x: Any) -> dict[str, Any]:
    """The public values of an object that are numbers, arrays, or lists and dicts of them, and that are not large."""
    data = vars(x) if hasattr(x, "__dict__") else {}
    return {name: value for name, value in data.items() if not name.startswith("_") and _plain(value)}


def _plain(value: Any) -> bool:
    if isinstance(value, types.ModuleType | type) or callable(value):
        return False
    try:
        message = pack(value)
    except WireError:
        return False
    return len(message) < LARGE and b'"other"' not in message


def parameters(f: Callable[..., Any]) -> list[list[Any]]:
    """The names of the parameters, each with its kind and whether it may be left out."""
    try:
        found = inspect.signature(f).parameters.values()
    except (ValueError, TypeError):
        return [["args", "VAR_POSITIONAL", True]]
    return [[p.name, p.kind.name, p.default is not p.empty] for p in found]


if __name__ == "__main__":
    main()
