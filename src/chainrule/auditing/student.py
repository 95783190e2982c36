"""A student's file in a process of its own: under limits, asked for numbers, and ended with all that it started."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from io import BufferedReader
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np

from chainrule.auditing.student_errors import StudentError, failure, not_numbers
from chainrule.auditing.student_offers import made_of, offers_of, pair_of, values_of
from chainrule.auditing.student_wire import Other, WireError, pack, read, unpack
from chainrule.errors import DataError
from chainrule.io.words import named, nearest

SOURCE_BYTES = 1 << 20
PRINTED_BYTES = 1 << 20
KEPT_BYTES = 20_000  # of what is printed
STARTING = 60  # seconds that Python and NumPy may take to start
MORE_PROCESSES = 256  # beside those that the user has; other programs start some, too
ONE_THREAD = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")


@dataclass(frozen=True)
class Limits:
    """What a student's file may take: seconds for all of its own work, and megabytes beside Python and NumPy."""

    seconds: float = 10.0
    megabytes: float = 1024.0


@dataclass
class StudentFile:
    """A student's file that is running: ``with StudentFile.open(path) as file``.

    Attributes
    ----------
    offers : dict
        What the file offers by name: functions, classes, objects, values.
    printed : str
        The first 20,000 bytes of what it has printed, on whichever stream.
    failure : StudentError or None
        The first thing that went wrong; and where nothing more can be asked, why.
    over : bool
        Whether it went so wrong that nothing more can be asked.
    """

    path: Path
    limits: Limits
    source: bytes
    offers: dict[str, Any] = field(default_factory=dict)
    failure: StudentError | None = None
    over: bool = False

    @classmethod
    def open(cls, path: str | os.PathLike[str], limits: Limits | None = None) -> StudentFile:
        """Read the file; nothing of it is run before ``with``.

        Raises
        ------
        DataError
            There is no such file, or it is no Python file that somebody has written by hand.
        """
        return cls(Path(path), limits or Limits(), source_of(Path(path)))

    # ------------------------------------------------------------------------------------------------ its life

    def __post_init__(self) -> None:
        self._left, self._printed, self._n_printed = self.limits.seconds, bytearray(), 0
        self._news: queue.SimpleQueue[bytes | str | None] = queue.SimpleQueue()

    def __enter__(self) -> StudentFile:
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "chainrule.auditing.student_child"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=_environment(),
            start_new_session=True,
        )  # fmt: skip
        pipes = ((self._hear, self._process.stdout), (self._watch, self._process.stderr))
        self._ears = [threading.Thread(target=target, args=(pipe,), daemon=True) for target, pipe in pipes]
        try:
            for ear in self._ears:
                ear.start()
            self._answer(STARTING)
            self.offers = self._ask(
                offers_of, do="load", path=str(self.path.absolute()), source=np.frombuffer(self.source, np.uint8),
                seconds=self.limits.seconds, megabytes=self.limits.megabytes, processes=_processes_allowed(),
            )  # fmt: skip
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """End the process and everything that it has started."""
        if hasattr(os, "killpg"):
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
        self._process.kill()
        self._process.wait()
        for ear, pipe in zip(self._ears, (self._process.stdout, self._process.stderr), strict=True):
            if ear.ident:
                ear.join(2)  # what was printed is read to its end; a process that has fled keeps the pipe open for longer
            if pipe and not ear.is_alive():
                pipe.close()
        if self._process.stdin:
            with suppress(OSError):
                self._process.stdin.close()

    @property
    def printed(self) -> str:
        """The beginning of what the file has printed."""
        return bytes(self._printed).decode("utf-8", "replace")

    # ------------------------------------------------------------------------------------- what can be asked of it

    def call(self, name: str, *args: Any, **named_args: Any) -> Any:
        """Call a function of the file; gives numbers, arrays, lists and dicts."""
        return self._plain(self._ask(_anything, do="call", of=0, name=name, args=args, named=named_args), name)

    def method(self, of: int, name: str, args: Any, named_args: Any, change: Any) -> tuple[Any, dict[str, Any]]:
        """Change values of an object and call a method of it; gives the result, and the object's values after it."""
        found, values = self._ask(pair_of, do="method", of=of, name=name, args=args, named=named_args, change=change)
        return self._plain(found, name), self._looked_at(values_of, values)

    def get(self, name: str) -> Any:
        """A value of the file."""
        return self._plain(self._ask(_anything, do="get", of=0, name=name), name)

    def make(self, name: str, *args: Any, call: bool = True) -> dict[str, Any]:
        """Make an object of a class, or take one that the file has made; gives its number and what it offers."""
        found: dict[str, Any] = self._ask(made_of, do="make", of=0, name=name, args=args, call=call)
        return found

    def lines(self, name: str, *args: Any) -> tuple[Any, int]:
        """Call a function; gives its result, and how many lines of the file were run for it."""
        found, n = self._ask(pair_of, do="lines", name=name, args=args)
        return self._plain(found, name), n if isinstance(n, int) else 0

    def _plain(self, value: Any, name: str) -> Any:
        if found := next(_others(value), None):
            raise self._first(not_numbers(name, found.type))
        return value

    # ---------------------------------------------------------------------------------------------- the conversation

    def _ask(self, read_as: Callable[[Any], Any], /, **request: Any) -> Any:
        if self.over and self.failure:
            raise self.failure
        try:
            answer = self._asked(pack(request))
        except StudentError as error:
            self.failure, self.over = error, True
            raise
        if "error" in answer:
            raise self._first(failure(answer["error"]["kind"], self, answer["error"]))
        return self._looked_at(read_as, answer["value"])

    def _looked_at(self, read_as: Callable[[Any], Any], told: Any) -> Any:
        """What was told, as it must look; the student's process may tell anything."""
        try:
            return read_as(told)
        except (TypeError, ValueError, KeyError, AttributeError):
            self.failure, self.over = failure("channel", self), True
            raise self.failure from None

    def _first(self, error: StudentError) -> StudentError:
        """Remember the first thing that goes wrong: others may follow from it."""
        self.failure = self.failure or error
        return error

    def _asked(self, request: bytes) -> dict[str, Any]:
        """Send a request; gives the answer, and takes the time until it comes from what the student has."""
        begun, stdin = time.monotonic(), self._process.stdin
        assert stdin is not None  # it was opened as a pipe
        try:
            with suppress(BrokenPipeError):  # it has ended: what there is to say of it is among the news
                stdin.write(request)
                stdin.flush()
            answer = self._answer(self._left)
        finally:
            self._left -= time.monotonic() - begun
        told = answer.get("error") if isinstance(answer, dict) else None
        if not isinstance(answer, dict) or ("value" not in answer and not (isinstance(told, dict) and "kind" in told)):
            raise failure("channel", self)
        return answer

    def _answer(self, seconds: float) -> Any:
        """The next answer, if it comes within so many seconds."""
        try:
            news = self._news.get(timeout=max(seconds, 0.001))
        except queue.Empty:
            raise failure("time", self) from None
        if isinstance(news, str):
            raise failure(news, self)
        if news is None:
            raise self._died()
        try:
            return unpack(news)
        except WireError as error:
            raise failure("channel", self) from error

    def _died(self) -> StudentError:
        """Why there will be no more answers."""
        try:
            status = self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            return failure("channel", self)
        if status == -getattr(signal, "SIGXCPU", 0):
            return failure("time", self)
        return failure("killed" if status < 0 else "ended", self, {"status": abs(status)})

    def _hear(self, stream: BufferedReader) -> None:
        """Take the answers, in a thread."""
        try:
            while message := read(stream):
                self._news.put(message)
        except WireError:
            self._news.put("channel")
        self._news.put(None)

    def _watch(self, stream: BufferedReader) -> None:
        """Take what is printed, in a thread: keep its beginning, and end a flood."""
        while piece := stream.read1(1 << 16):
            self._n_printed += len(piece)
            self._printed += piece[: KEPT_BYTES - len(self._printed)]
            if self._n_printed > PRINTED_BYTES:
                self._news.put("flood")
                return


def source_of(path: Path) -> bytes:
    """The bytes of a student's file.

    Raises
    ------
    DataError
        It is not there, is no file, or is no Python file that somebody has written by hand.
    """
    if path.is_dir():
        raise DataError(f"{named(path)} is a folder.\nGive the Python file in it.")
    if not path.exists():
        raise DataError(f"there is no file {named(path)}.\n{nearest(path)}")
    if not path.is_file():
        raise DataError(f"{named(path)} is a pipe or a device, not a file.\nGive the name of a Python file.")
    try:
        with path.open("rb") as file:
            source = file.read(SOURCE_BYTES + 1)
    except OSError as error:
        raise DataError(f"{named(path)} cannot be read: {error.strerror}.\nCheck its permissions.") from error
    if len(source) > SOURCE_BYTES:
        raise DataError(
            f"{named(path)} has more than {SOURCE_BYTES:,} bytes: that is no program that somebody has written."
        )
    if path.suffix == ".ipynb":
        raise DataError(f"{named(path)} is a notebook.\nExport it as a Python file: jupyter nbconvert --to script FILE")
    return source


def _anything(told: Any) -> Any:
    return told


def _others(value: Any) -> Any:
    """What in a value came as the name of its type alone."""
    if isinstance(value, Other):
        yield value
    elif isinstance(value, list | tuple | dict):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _others(part)


def _environment() -> dict[str, str]:
    """The user's environment; windows of plots do not open, and products run on one thread."""
    return {**os.environ, "MPLBACKEND": "Agg", "PYTHONUTF8": "1", **dict.fromkeys(ONE_THREAD, "1")}


def _processes_allowed() -> int:
    """How many processes and threads the user may have at once: those that there are, and some more. 0 is no limit."""
    try:
        mine = [entry for entry in Path("/proc").iterdir() if entry.name.isdigit() and entry.stat().st_uid == os.getuid()]
        return sum(len(list((entry / "task").iterdir())) for entry in mine) + MORE_PROCESSES
    except (OSError, AttributeError):
        return 0
