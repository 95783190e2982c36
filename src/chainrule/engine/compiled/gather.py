"""How a program reads its examples: from one array, or from parts in mapped files that become floats on the way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from chainrule.engine.rows import Rows


@dataclass(frozen=True)
class Reading:
    """The inputs as the program sees them.

    Parameters
    ----------
    features : int
    stored : str
        The dtype of the numbers where they are kept; empty for one plain array in the network's own.
    parts : int
    scale : float
    """

    features: int
    stored: str = ""
    parts: int = 1
    scale: float = 1.0

    @classmethod
    def of(cls, x: Any) -> Reading:
        """How these examples are read."""
        if not isinstance(x, Rows):
            return cls(x.shape[1])
        return cls(x.shape[1], x.parts[0].dtype.name, len(x.parts), x.scale)

    @property
    def parameters(self) -> tuple[tuple[str, str], ...]:
        """What the program is given, where the inputs are not one array."""
        return (("places", "int64"), ("strides", "int64"), ("starts", "int64")) if self.stored else ()

    def lines(self, target: str, m: int) -> list[str]:
        """The lines that copy row ``row`` to the place of example i."""
        n = self.features
        example = f"example = beyond({target}, i * {n})"
        if not self.stored:
            return [f"{example}", f"source = beyond(inputs, row * {n})",
                    f"for k in range({n}):", "    example[k] = source[k]",
                    f"ahead = beyond(inputs, rows[min(step + 1, count - 1) * {m} + i] * {n})  # of the next step",
                    f"for k in range(0, {n}, 16):", "    prefetch(ahead, k)"]  # fmt: skip
        find = ["which = 0", "while row >= starts[which + 1]:", "    which += 1"] if self.parts > 1 else ["which = 0"]
        scale = f"T({self.scale!r}) * " if self.scale != 1 else ""
        return [
            *find,
            "place, at = places[which], (row - starts[which]) * strides[which]",
            example,
            f"for k in range({n}):",
            f"    example[k] = {scale}T(stored(place, at + k))",
        ]

    def arrays(self, source: Any) -> dict[str, np.ndarray]:
        """The arrays that go with ``parameters``, and the targets."""
        kind = source.y.dtype
        found = {"targets": np.ascontiguousarray(source.y, kind).reshape(-1)}
        if not isinstance(source.x, Rows):
            return found | {"inputs": np.ascontiguousarray(source.x).reshape(-1)}
        parts = source.x.parts
        return found | {
            "inputs": np.zeros(1, kind),
            "places": np.array([p.__array_interface__["data"][0] for p in parts], np.int64),
            "strides": np.array([p.strides[0] // p.itemsize for p in parts], np.int64),
            "starts": source.x.starts,
        }
