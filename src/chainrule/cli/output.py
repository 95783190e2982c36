"""What the command line prints, and where: results on stdout, everything else on stderr."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from chainrule.document import Document

# Matrices of a few hundred rows are multiplied faster by one thread than by several that must wait for each other.
THREADS = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")


def use_threads(n: str | None) -> int | None:
    """Let NumPy's matrix products use so many threads, or what the environment says, or else one; gives the number."""
    from chainrule.errors import ConfigError

    if n is not None and not (n.isascii() and n.isdigit() and 1 <= int(n) <= 1024):
        raise ConfigError(f"--threads {n!r}: it is a number from 1 to 1024.")
    for name in THREADS:
        if n is not None:
            os.environ[name] = n
        os.environ.setdefault(name, "1")
    return None if n is None else int(n)


@cache
def _console(stderr: bool, stream: Any) -> Console:
    from rich.console import Console

    dumb = os.environ.get("TERM", "") in {"dumb", ""} or not stream.isatty()
    return Console(file=stream, highlight=False, force_terminal=False if dumb else None, stderr=stderr)


def out() -> Console:
    """The terminal, or whatever takes the results."""
    return _console(False, sys.stdout)


def err() -> Console:
    """The terminal, or whatever takes progress and messages."""
    return _console(True, sys.stderr)


def plain(text: object) -> str:
    """A text of somebody else's, without what could steer a terminal."""
    return "".join(letter if letter.isprintable() or letter == "\n" else "?" for letter in str(text))


def styled(*parts: str | tuple[str, str]) -> Text:
    """A line of texts, some of them with a style; nothing in them is markup."""
    from rich.text import Text

    return Text.assemble(*(plain(part) if isinstance(part, str) else (plain(part[0]), part[1]) for part in parts))


def say(*parts: str | tuple[str, str]) -> None:
    """Print a line of results."""
    out().print(styled(*parts), soft_wrap=True)


def document(found: Document) -> None:
    """Print a document as results: as wide as the terminal, in its colours."""
    sys.stdout.write(found.text(color=out().color_system is not None) + "\n")
    sys.stdout.flush()


def note(*parts: str | tuple[str, str]) -> None:
    """Print a message beside the results."""
    err().print(styled(*parts), soft_wrap=True)


def fail(message: str) -> None:
    """Print an error: its first line is what is wrong, the others what to do."""
    first, _, rest = message.partition("\n")
    note(("error: ", "bold red"), (first, "bold"), f"\n{rest}" if rest else "")


def warn(message: object) -> None:
    """Print a warning."""
    note(("warning: ", "bold yellow"), str(message))


def as_json(value: Mapping[str, Any]) -> None:
    """Print one JSON object as a line of results."""
    sys.stdout.write(json.dumps(value, allow_nan=False) + "\n")
    sys.stdout.flush()


def facts(rows: Iterable[tuple[str, str | Sequence[str | tuple[str, str]]]], *, stderr: bool = False) -> None:
    """Print labels and what they stand for, one below the other; long ones are wrapped on a terminal alone."""
    from rich.table import Table

    lines = [(label, styled(*([value] if isinstance(value, str) else value))) for label, value in rows]
    console, width = err() if stderr else out(), max((len(label) for label, _ in lines), default=0)
    if not console.is_terminal:
        for label, text in lines:
            console.print(styled(f"  {label:<{width}}   ") + text, soft_wrap=True)
        return
    table = Table.grid(padding=(0, 3, 0, 0))
    table.add_column(style="cyan", no_wrap=True)
    for label, text in lines:
        table.add_row(f"  {label}", text)
    console.print(table)


def counted(n: int, noun: str) -> str:
    """A number of things: "1 epoch", "2,000 epochs"."""
    return f"{n:,} {noun}{'' if n == 1 else 's'}"


def figure(value: float) -> str:
    """A number with four digits after the point, or with an exponent where that says more.

    >>> figure(0.25), figure(0.00012)
    ('0.2500', '1.200e-04')
    """
    if value == 0 or 1e-3 <= abs(value) < 100:
        return f"{value:.4f}"
    return f"{value:,.1f}" if 100 <= abs(value) < 1e9 else f"{value:.3e}"


def size(n: float) -> str:
    """A number of bytes in the unit that suits it."""
    for unit in ("bytes", "kB", "MB", "GB"):
        if n < 1000 or unit == "GB":
            return f"{n:,.0f} {unit}" if unit == "bytes" or n >= 10 else f"{n:.1f} {unit}"
        n /= 1000
    raise AssertionError
