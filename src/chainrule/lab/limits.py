"""How much one page, or all of them, may ask for."""

from __future__ import annotations

import time
from dataclasses import dataclass, field


@dataclass
class Bucket:
    """So many things at once, and so many more each second.

    >>> bucket = Bucket(2, 0.0)
    >>> bucket.takes(), bucket.takes(), bucket.takes()
    (True, True, False)
    """

    most: float
    a_second: float
    level: float = field(init=False)
    at: float = field(init=False)

    def __post_init__(self) -> None:
        self.level, self.at = self.most, time.monotonic()

    def takes(self) -> bool:
        """Whether one more is in the bounds."""
        now = time.monotonic()
        self.level = min(self.most, self.level + (now - self.at) * self.a_second)
        self.at = now
        if self.level < 1:
            return False
        self.level -= 1
        return True
