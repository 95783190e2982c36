"""What a loop nest goes over, and where an element of each kind of array is found."""

from __future__ import annotations

from dataclasses import dataclass, field

from chainrule.notation import LEGEND, Key


@dataclass(frozen=True)
class Space:
    """The elements that a nest goes over: loop headers, and how an element of each kind of array is found.

    Parameters
    ----------
    outer, inner : str
        The two loop headers; an empty ``outer`` means one loop.
    full, along_inner, along_outer : str
        The index of an array that has an element for both, for the inner, for the outer index.
    axis : int
        The axis, in the equations' own orientation, that the inner index runs along.
    base : str
        The name and the value of the offset that is set once per outer index.
    origin : tuple of str
        Where the part that the nest works on begins: in arrays of every element, along the inner, along the outer index.
        The loops count from 0 in views that begin there: an index that is plainly not negative needs no look at its sign.
    """

    outer: str
    inner: str
    full: str
    along_inner: str
    along_outer: str
    axis: int
    base: str = ""
    origin: tuple[str, str, str] = ("", "", "")

    def index(self, key: Key) -> str:
        """Where the element of an array is."""
        return (self.full, self.along_inner, self.along_outer)[_extent(key)]

    def begins(self, key: Key) -> str:
        """Where the part of an array begins; empty for all of it."""
        return self.origin[_extent(key)]


def _extent(key: Key) -> int:
    """What indices an array has: 0 for both, 1 for the inner, 2 for the outer."""
    shape = LEGEND[key.symbol].shape if key.symbol in LEGEND else "(n^l, 1)"
    return {"(n^l, 1)": 1, "(1, m)": 2}.get(shape, 0)


@dataclass
class Segment:
    """One inner loop, and what comes before and after it for each outer index."""

    before: list[str] = field(default_factory=list)
    body: list[str] = field(default_factory=list)
    after: list[str] = field(default_factory=list)


class Lost(LookupError):  # noqa: N818  a signal to the printer of the nest
    """A value is needed in a later inner loop than the one that computes it: it has to be stored."""

    def __init__(self, key: Key) -> None:
        super().__init__(key)
        self.key = key
