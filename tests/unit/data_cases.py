"""A bad file as a row of a table, and how it is held to its error."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from chainrule.errors import ChainruleError, DataError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@dataclass(frozen=True)
class Case:
    """One bad file: its bytes (or a function that makes it), options, and the words of its error."""

    name: str
    content: bytes | Callable[[Path], object]
    words: tuple[str, ...]
    options: dict[str, Any] = field(default_factory=dict)
    error: type[ChainruleError] = DataError


def make(case: Case, path: Path) -> None:
    """Write the file of a case."""
    if isinstance(case.content, bytes):
        path.write_bytes(case.content)
    else:
        case.content(path)


def check(case: Case, read: Callable[[], object]) -> None:
    """Require the error and its words, printable and of bearable length."""
    with pytest.raises(case.error) as caught:
        read()
    message = str(caught.value)
    for word in case.words:
        assert word in message
    assert message.isprintable()
    assert len(message) < 800
