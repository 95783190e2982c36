"""Grading an exercise: the student's function is called, its answers are compared, and a wrong one gets a hint."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from chainrule.auditing import audit
from chainrule.auditing.exercise import Exercise
from chainrule.auditing.exercises_compare import difference, right, seen, slip_of
from chainrule.auditing.student import Limits, StudentFile
from chainrule.auditing.student_candidate import found_in
from chainrule.auditing.student_errors import StudentError
from chainrule.auditing.student_verdict import judged
from chainrule.document import Block, Document, Listing, Note, Paragraph

WIDEST = 400  # characters of an argument that is written out
SHAPES = re.compile(r"not aligned|mismatch|broadcast", re.IGNORECASE)
UNFIT = "The shapes do not fit: write the shape of each factor beside the line, and of what must come out."
FEW, MANY = 2, 3  # the cases of an exercise without a loop that differ in the number of examples alone


@dataclass(frozen=True)
class Grade:
    """How an exercise was done.

    Attributes
    ----------
    state : str
        "right", "wrong", "unfinished" (the starter as it was) or "failed" (it could not be run).
    sentence : str
        What was found.
    hint : str
        What it comes from, where that is known.
    example : str
        The example's numbers: yours, and the right ones.
    error : StudentError, optional
        Why it could not be run.
    verdict : Document, optional
        The report of ``audit``, where it has found something; its findings are shown.
    """

    exercise: Exercise
    state: str
    sentence: str
    hint: str = ""
    example: str = ""
    error: StudentError | None = None
    verdict: Document | None = field(default=None, repr=False)

    def document(self, hints: int = 0) -> Document:
        """The report; with so many of the exercise's own hints."""
        words = {"right": ("Right", "good"), "wrong": ("Not right yet", "bad"), "unfinished": ("To do", "note"),
                 "failed": ("It could not be run", "bad")}  # fmt: skip
        title, kind = words[self.state]
        blocks: list[Block] = [Paragraph((self.sentence,))]
        if self.example:
            blocks.append(Listing(self.example))
        if self.error is not None:
            if lines := self.error.lines():
                blocks.append(Listing("\n".join(line[2:] for line in lines)))
            blocks.append(Paragraph((self.error.remedy,)))
        if self.hint:
            blocks.append(Paragraph((self.hint,)))
        found: list[Block] = [Note((title,), tuple(blocks), kind)]
        if self.verdict is not None:
            found = [block for block in self.verdict.blocks if isinstance(block, Note)]
        of = len(self.exercise.hints)
        if self.state != "right":
            shown = enumerate(self.exercise.hints[:hints], 1)
            found += [Note((f"Hint {k} of {of}",), (Paragraph((hint,)),)) for k, hint in shown]
        return Document(self.exercise.title, tuple(found))

    def as_dict(self) -> dict[str, Any]:
        """What was found, for a program."""
        return {
            "exercise": self.exercise.name, "state": self.state, "sentence": self.sentence, "hint": self.hint,
            "example": self.example, "error": None if self.error is None else self.error.as_dict(),
        }  # fmt: skip


def grade(exercise: Exercise, path: str | os.PathLike[str], limits: Limits | None = None) -> Grade:
    """Grade a student's file.

    Raises
    ------
    DataError
        There is no such file.
    """
    try:
        with StudentFile.open(path, limits) as file:
            return _audited(exercise, file) if exercise.right is None else _compared(exercise, file)
    except StudentError as error:
        shapes = error.kind == "exception" and SHAPES.search(error.sentence)
        return Grade(exercise, "failed", error.sentence, UNFIT if shapes else "", error=error)


def _compared(exercise: Exercise, file: StudentFile) -> Grade:
    """Call the function on every case."""
    assert exercise.cases is not None
    if exercise.function not in file.offers["functions"]:
        there = ", ".join(file.offers["functions"]) or "none"
        sentence = f"There is no function {exercise.function} in {file.path.name}; its functions: {there}."
        return Grade(exercise, "wrong", sentence, f"Write it as {exercise.call}.")
    cases, answers, lines = list(exercise.cases()), [], []
    for case in cases:
        answer, n = file.lines(exercise.function, *case)
        if answer is None:
            return Grade(exercise, "unfinished", f"{exercise.function} gives nothing back yet: its line is still to do.")
        answers.append(seen(exercise, answer))
        lines.append(n)
    found = [difference(answer, right(exercise, case)) for case, answer in zip(cases, answers, strict=True)]
    wrong = next((i for i, words in enumerate(found) if words), None)
    if wrong is not None:
        sentence = f"Of {exercise.function}, {found[wrong]}."
        return Grade(
            exercise, "wrong", sentence, slip_of(exercise, cases, answers), _example(exercise, cases[wrong], answers[wrong])
        )
    if exercise.without_loop and len({lines[i] for i in (FEW - 1, MANY - 1)}) > 1:
        return Grade(
            exercise, "wrong", _looped(lines, cases), "A product of matrices does for all columns what it does for one."
        )
    sentence = "Both cases agree." if len(cases) == 2 else f"All {len(cases)} cases agree."
    return Grade(exercise, "right", sentence, example=_example(exercise, cases[0], answers[0]))


def _looped(lines: list[int], cases: list[Any]) -> str:
    """That more examples took more lines."""
    few, many = FEW - 1, MANY - 1
    m = [cases[i][2].shape[1] for i in (few, many)]
    return (
        f"The gradients are right, but there is a loop over the examples: for {m[0]} of them {lines[few]} lines were run, "
        f"for {m[1]} of them {lines[many]}."
    )


def _audited(exercise: Exercise, file: StudentFile) -> Grade:
    found = found_in(file, exercise.function)
    before = _numbers_of(found.candidate)
    verdict = judged(file, found.name, lambda: audit(found.candidate, **{**found.options, **(exercise.audit or {})}))
    if verdict.right:
        return Grade(exercise, "right", "Every gradient is right." if "backprop" in found.name else "Every step is right.")
    if _nothing_done(found, before):
        return Grade(exercise, "unfinished", f"{exercise.function} does nothing yet: its lines are still to do.")
    return Grade(exercise, "wrong", "The audit found something.", verdict=verdict.document())


def _numbers_of(candidate: Any) -> tuple[np.ndarray, np.ndarray]:
    """One example of the right size."""
    weights = candidate.weights
    return np.ones((weights[0].shape[1], 1)), np.zeros((len(weights[-1]), 1))


def _nothing_done(found: Any, example: tuple[np.ndarray, np.ndarray]) -> bool:
    """Whether the method is still the starter's: gradients of 0, or a step that changes nothing."""
    candidate, method = found.candidate, found.options["method"]
    before = [w.copy() for w in candidate.weights]
    if method == "backprop":
        gradients = candidate.backprop(*example)
        return gradients is None or not any(np.any(g) for part in gradients for g in part)
    candidate.update_mini_batch([example], 1.0)
    return all(map(np.array_equal, before, candidate.weights))


def _example(exercise: Exercise, case: tuple[Any, ...], answer: Any) -> str:
    """The call, what it gave and what is right, as a program would print them."""
    names = exercise.call.partition("(")[2].rstrip(")").split(", ")
    rows = [(name, _written(value)) for name, value in zip(names, case, strict=True)]
    rows += [("yours", _written(answer)), ("right", _written(right(exercise, case)))]
    if not difference(answer, right(exercise, case)):
        rows = [*rows[:-2], (exercise.function, rows[-2][1])]
    width = max(len(name) for name, _ in rows)
    return "\n".join(f"{name:<{width}} = {text}".replace("\n", "\n" + " " * (width + 3)) for name, text in rows)


def _written(value: Any) -> str:
    """A value as it is printed; a long one is cut."""
    if isinstance(value, list | tuple) and any(isinstance(v, np.ndarray) for v in value):
        text = "[" + ",\n ".join(_written(v).replace("\n", "\n ") for v in value) + "]"
    elif isinstance(value, np.ndarray) and value.ndim:
        text = np.array2string(value, precision=8, threshold=40, edgeitems=2)
    else:
        text = repr(value.item() if isinstance(value, np.ndarray | np.generic) else value)
    return text if len(text) <= WIDEST else f"{text[:WIDEST]} ..."
