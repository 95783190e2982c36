"""Tensors as bytes, for a place that is not a file of its own, such as a row of a data base."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np

from chainrule.io.header import LIMITS
from chainrule.io.tensors import packed, refused, sound

if TYPE_CHECKING:
    from collections.abc import Mapping


def pack(tensors: Mapping[str, np.ndarray[Any, Any]], metadata: Mapping[str, object]) -> bytes:
    """What `write_tensors` would write, NaN and infinity included."""
    with refused("a frame", "cannot be packed: it"):
        return b"".join(packed(tensors, metadata, LIMITS, allow_nonfinite=True))


def unpack(raw: bytes) -> tuple[dict[str, np.ndarray[Any, Any]], dict[str, object]]:
    """What `pack` was given, after the checks of `read_tensors`.

    Raises
    ------
    ModelFileError
        For anything else than sound bytes.

    Examples
    --------
    >>> unpack(pack({"b": np.zeros(2)}, {"step": 3}))
    ({'b': array([0., 0.])}, {'step': 3})
    """
    with refused("a frame", "is not sound: it"):
        tensors, header = sound(BytesIO(raw), len(raw), LIMITS, allow_nonfinite=True)
    return tensors, header.metadata
