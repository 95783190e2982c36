"""Why a student's file could not be run: each kind is a row, with what happened and what to do."""

from __future__ import annotations

import signal
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from chainrule.errors import ChainruleError

if TYPE_CHECKING:
    from chainrule.auditing.student import StudentFile


class Row(NamedTuple):
    """What happened, and what to do; names in braces are filled in."""

    sentence: str
    remedy: str


KINDS = {
    "syntax": Row(
        "{name} is no Python: line {line}: {words}.",
        "Mend the line; what is wrong may also be an open bracket or a missing colon on the line above it.",
    ),
    "encoding": Row(
        "{name} is not UTF-8: {words}.",
        'Save it as UTF-8 in your editor, or name its encoding in the first line: "# coding: latin-1".',
    ),
    "exception": Row("{name} raised {type}{words}.", "Mend the last line shown: it is where it happened."),
    "call": Row(
        "{name} could not be called as expected: {type}{words}.",
        "Compare the function's parameters with those that are asked for.",
    ),
    "binary": Row("{name} is no text: {words}.", "Give a Python file."),
    "missing": Row("{name} raised {type}{words}.", "Install the package, or do without it: NumPy is enough."),
    "exit": Row(
        "{name} ends the program by itself, with exit() or quit().",
        'Take it out, or put it under if __name__ == "__main__": where it runs only when you start the file yourself.',
    ),
    "input": Row(
        "{name} asks for input, and nobody is there to type it.",
        'Put the question under if __name__ == "__main__": where it runs only when you start the file yourself.',
    ),
    "time": Row(
        "{name} was not done after {seconds:g} seconds.",
        'Look for a loop that never ends. If it trains a network, put that under if __name__ == "__main__": or allow '
        "more time: --timeout SECONDS.",
    ),
    "memory": Row(
        "{name} wanted more than {megabytes:g} MB of memory.",
        "Look for a list that grows in a loop, or an array of the wrong shape (a column and a row added give a matrix). "
        "Or allow more: --memory MB.",
    ),
    "flood": Row("{name} printed more than 1 MB.", "Take out the print, or look for a loop that never ends."),
    "output": Row(
        "{name} wrote a file of more than 64 MB.",
        'Put it under if __name__ == "__main__": where it runs only when you start the file yourself.',
    ),
    "processes": Row(
        "{name} starts another process, or a program, which a file that is looked at may not.",
        'Put it under if __name__ == "__main__": where it runs only when you start the file yourself.',
    ),
    "ended": Row(
        "{name} ended its process with status {status}, without an answer.",
        "Take out the call that ends it, such as os._exit().",
    ),
    "killed": Row(
        "{name} was ended by the signal {signal}.",
        "Most often that is recursion without end, or compiled code that ran out of memory.",
    ),
    "channel": Row(
        "{name} gave an answer that could not be read.",
        "Does it write to files by number, or close them? It should only compute, and return.",
    ),
    "result": Row("{name} gave too much: {words}.", "Return the arrays alone: one for each layer."),
    "type": Row(
        "{what} gives a {type}, where numbers are expected.",
        "Return a number, a NumPy array, or a list of arrays, one for each layer.",
    ),
}


class StudentError(ChainruleError):
    """A student's file could not be run, or gave no numbers.

    Attributes
    ----------
    kind : str
        A key of ``KINDS``.
    sentence, remedy : str
        What happened, and what to do.
    traceback : tuple of (int, str, str, int)
        Lines of the student's file that led to it: number, function, text, and the column of a syntax error.
    """

    exit_code = 3

    def __init__(
        self, kind: str, sentence: str, remedy: str, traceback: tuple[tuple[int, str, str, int], ...] = ()
    ) -> None:
        self.kind, self.sentence, self.remedy, self.traceback = kind, sentence, remedy, traceback
        super().__init__("\n".join([sentence, *self.lines(), remedy]))

    def lines(self) -> list[str]:
        """The lines of the traceback, as they are printed."""
        found: list[str] = []
        for line, function, text, column in dict.fromkeys(self.traceback):  # recursion shows its line once
            where = f", in {function}" if function and function != "<module>" else ""
            found.append(f"  line {line}{where}:  {text}")
            if column > 0:
                found.append(" " * (len(found[-1]) - len(text) + column - 1) + "^")
        return found

    def as_dict(self) -> dict[str, Any]:
        """What happened, for a program."""
        rows = [{"line": line, "function": function, "text": text} for line, function, text, _ in self.traceback]
        return {"kind": self.kind, "sentence": self.sentence, "remedy": self.remedy, "traceback": rows}


def failure(kind: str, file: StudentFile, told: Mapping[str, Any] | None = None) -> StudentError:
    """The error of a kind; ``told`` is what the student's process says of it, and is only shown."""
    told = told or {}
    kind = _finer(kind if isinstance(kind, str) and kind in KINDS else "exception", told)
    frames = _frames(told.get("frames"))
    words, of = _text(told.get("words")), _text(told.get("type"))
    facts = {
        "name": file.path.name, "type": of, "line": frames[-1][0] if frames else 0,
        "words": words if kind not in {"exception", "missing", "call"} else f": {words}" * bool(words),
        "seconds": file.limits.seconds, "megabytes": file.limits.megabytes, "status": told.get("status", 0),
        "signal": _signal(told.get("status", 0)),
    }  # fmt: skip
    row = KINDS[kind]
    return StudentError(kind, row.sentence.format(**facts), row.remedy, frames)


def not_numbers(what: str, type_: str) -> StudentError:
    """The error of a result of the wrong type."""
    row = KINDS["type"]
    return StudentError("type", row.sentence.format(what=what, type=_text(type_)), row.remedy)


def _finer(kind: str, told: Mapping[str, Any]) -> str:
    if kind == "syntax" and ("decode" in _text(told.get("words")) or "encoding" in _text(told.get("words"))):
        return "encoding"
    if told.get("type") == "SyntaxError" and not told.get("frames"):
        return "binary"
    if kind == "exception" and not told.get("frames"):
        return "call"
    if kind == "exception" and _text(told.get("type")) in {"ModuleNotFoundError", "ImportError"}:
        return "missing"
    return kind


def _text(value: object) -> str:
    """A text of the student's process: one line, without what could steer a terminal."""
    words = " ".join(str(value or "").split())[:300].rstrip(".")
    return "".join(letter if letter.isprintable() else "?" for letter in words)


def _frames(rows: Any) -> tuple[tuple[int, str, str, int], ...]:
    """Lines of a traceback as they were told, or none where they are something else."""
    try:
        cleaned = [(int(n), _text(name), _line(text), int(column)) for n, name, text, column in rows]
    except (TypeError, ValueError, OverflowError):
        return ()
    return tuple(cleaned[-6:])


def _line(text: object) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in str(text)[:200])


def _signal(number: Any) -> str:
    try:
        return signal.Signals(int(number)).name
    except (ValueError, TypeError):
        return str(number)
