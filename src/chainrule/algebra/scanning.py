"""A place in a text that goes on mark by mark."""

from __future__ import annotations

import re


class ReadingError(ValueError):
    """A text that is no formula, or has a name that nothing is known of."""


class Scanner:
    """A text, and how far it has been read."""

    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0

    def take(self, mark: str) -> bool:
        """Go past the mark, if it stands here."""
        here = self.text.startswith(mark, self.at)
        self.at += len(mark) * here
        return here

    def expect(self, mark: str) -> None:
        """Go past the mark, which must stand here."""
        if not self.take(mark):
            raise self.error(repr(mark))

    def match(self, pattern: re.Pattern[str]) -> re.Match[str]:
        """Go past what the pattern fits, which has been seen to."""
        found = pattern.match(self.text, self.at)
        assert found is not None
        self.at = found.end()
        return found

    def error(self, wanted: str) -> ReadingError:
        """What is said when something else stands here."""
        return ReadingError(f"{self.text!r} at {self.at} ({self.text[self.at :][:20]!r}): expected {wanted}.")
