"""Comparing an answer with the right one, and finding the slip that it comes from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from chainrule.auditing.exercise import Exercise, Slip

NEAR = 1e-9  # of the largest number: answers in float64 agree to 1e-12, and those typed from a screen to 8 digits do not
ANY = (  # slips of any exercise
    (lambda right: _each(right, lambda x: -x), "The sign is turned round."),
    (lambda right: _each(right, lambda x: 2 * x), "It is twice what it should be."),
    (lambda right: _each(right, lambda x: x / 2), "It is half of what it should be."),
    (lambda right: _each(right, lambda x: x.T), "It is transposed: rows and columns are exchanged."),
)


def difference(found: Any, wanted: Any, place: str = "") -> str:
    """What is the first difference, in words; empty where there is none.

    >>> difference([1.0, 2.5], [1.0, 2.0])
    'part [1] of the result is 2.5, and it should be 2'
    >>> difference(np.zeros(3), np.zeros((3, 1)))
    'the result has the shape (3,), and it should be (3, 1)'
    """
    what = f"part {place} of the result" if place else "the result"
    if isinstance(wanted, dict):
        return _of_dicts(found, wanted, what)
    if isinstance(wanted, list | tuple):
        if not isinstance(found, list | tuple | np.ndarray):
            return f"{what} is {_type(found)}, and it should be a list of {len(wanted)}"
        if len(found) != len(wanted):
            return f"{what} has {len(found)} parts, and it should have {len(wanted)}"
        pairs = enumerate(zip(found, wanted, strict=True))
        return next(filter(None, (difference(f, w, f"{place}[{i}]") for i, (f, w) in pairs)), "")
    return _of_arrays(found, np.asarray(wanted, float), what)


def _of_dicts(found: Any, wanted: dict[Any, Any], what: str) -> str:
    if not isinstance(found, dict):
        return f"{what} is {_type(found)}, and it should be a dict with the keys {', '.join(map(repr, wanted))}"
    if missing := [repr(key) for key in wanted if key not in found]:
        return f"{what} has no {', '.join(missing)}"
    if extra := [repr(key)[:30] for key in found if key not in wanted]:
        return f"{what} has {', '.join(extra[:3])}, which nobody asked for"
    return next(filter(None, (difference(found[key], w, f"[{key!r}]") for key, w in wanted.items())), "")


def _of_arrays(found: Any, wanted: np.ndarray, what: str) -> str:
    try:
        numbers = np.asarray(found, float)
    except (TypeError, ValueError):
        return f"{what} is {_type(found)}, and it should be {'an array' if wanted.ndim else 'a number'}"
    if wanted.ndim == 0 and numbers.size == 1:
        numbers = numbers.reshape(())
    if numbers.shape != wanted.shape:
        return f"{what} has the shape {numbers.shape}, and it should be {wanted.shape or 'a number'}"
    if not np.isfinite(numbers).all():
        return f"{what} is not finite: {numbers[~np.isfinite(numbers)][0]}"
    wrong = np.abs(numbers - wanted) > NEAR * max(float(np.abs(wanted).max(initial=0)), 1e-12)
    if not wrong.any():
        return ""
    at = tuple(int(i[0]) for i in np.nonzero(wrong)) if wanted.ndim else ()
    where = f" at {list(at)}" if at else ""
    return f"{what} is {numbers[at]:.8g}{where}, and it should be {wanted[at]:.8g}"


def _type(value: Any) -> str:
    if value is None:
        return "None"
    name = "an array" if isinstance(value, np.ndarray) else f"a {type(value).__name__}"
    return name.replace("a int", "a whole number").replace("a float", "a number")


def right(exercise: Exercise, case: tuple[Any, ...]) -> Any:
    """The right answer of a case."""
    assert exercise.right is not None
    return seen(exercise, exercise.right(*case))


def seen(exercise: Exercise, answer: Any) -> Any:
    """An answer as it is compared; one that does not fit stays as it is."""
    if exercise.view is None:
        return answer
    try:
        return exercise.view(answer)
    except (TypeError, ValueError):
        return answer


def slip_of(exercise: Exercise, cases: Sequence[tuple[Any, ...]], answers: Sequence[Any]) -> str:
    """The hint of the slip that gives just these answers; empty where none does."""
    for slip in exercise.slips:
        if _explains(exercise, slip, cases, answers):
            return slip.hint
    for change, hint in ANY:
        general = Slip(lambda *case, change=change: change(right(exercise, case)), hint)
        if _explains(exercise, general, cases, answers):
            return hint
    return ""


def _explains(exercise: Exercise, slip: Slip, cases: Sequence[tuple[Any, ...]], answers: Sequence[Any]) -> bool:
    """Whether the slip gives these answers wherever it gives any, and is not the right answer everywhere."""
    told = False
    for case, answer in zip(cases, answers, strict=True):
        try:
            with np.errstate(all="ignore"):
                wrong = seen(exercise, slip.wrong(*case))
            if difference(answer, wrong):
                return False
            told |= bool(difference(wrong, right(exercise, case)))
        except (TypeError, ValueError, IndexError, AttributeError):
            continue  # shapes that it does not fit, or a change that such an answer does not have
    return told


def _each(value: Any, change: Any) -> Any:
    """Every array of an answer changed."""
    if isinstance(value, dict):
        return {key: _each(v, change) for key, v in value.items()}
    if isinstance(value, list | tuple):
        return [_each(v, change) for v in value]
    return change(np.asarray(value, float))
