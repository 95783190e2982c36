"""What is wrong before any number can be compared: exceptions, shapes, results that change from call to call."""

from __future__ import annotations

from collections.abc import Sequence

from chainrule.architecture import Architecture
from chainrule.auditing.slips import table
from chainrule.auditing.trial import Call, Trial, place_of
from chainrule.auditing.verdict import Finding, Verdict

LONGEST = 300  # letters of somebody else's message


def repeated(trial: Trial, a: Architecture) -> Finding:
    """The same call gives other numbers again."""
    if trial.state == "adds up":
        row = table()["not_reset"]
        return Finding(row.id, "BP4", a.L, "nabla_w", row.sentence, row.hint, row.answer, layers=tuple(a.layers))
    return Finding(
        "varies", "", 0, "", "Two calls with the same numbers give different results.",
        "What does your program draw at random, or keep from one call to the next?",
        "Gradients follow from the parameters and the examples alone: leave the random part out, or set its seed.",
    )  # fmt: skip


def raised(call: Call) -> Finding:
    """The candidate raised an exception, or gave nothing."""
    if call.error is None:
        return Finding(
            "nothing", "", 0, "", "It gives nothing back.", "Is there a return at the end?",
            "Return the gradients of the biases and of the weights.",
        )  # fmt: skip
    place, m = place_of(call.error), call.probe.m
    said = f"{type(call.error).__name__}: {call.error}"[:LONGEST].rstrip(".")
    return Finding(
        "raises", "", 0, "", f"It raises {said}" + (f" ({place})." if place else "."),
        f"It was called with {m} example{'s' * (m > 1)}. Which shapes meet in that line?",
        "Write the shapes of both operands beside the line, and compare them with those of the equation.",
    )  # fmt: skip


def no_gradients(trials: Sequence[Trial], a: Architecture) -> Verdict:
    """The verdict where nothing came back that could be gradients."""
    call = next((call for trial in trials for call in trial.done), None)
    if call is None:
        return Verdict(right=False, findings=(raised(next(call for trial in trials for call in trial.calls)),))
    shapes = ", ".join(str(leaf.value.shape) for leaf in call.leaves[:12])
    expected = ", ".join(str(shape) for _, shape in a.shapes())
    row = Finding(
        "shapes", "", 0, "", f"It gives arrays of shapes {shapes}; the parameters have {expected}.",
        "A gradient has a number for each parameter. Which of your arrays belongs to which?",
        "Give the gradient of each parameter in that parameter's shape.",
    )  # fmt: skip
    return Verdict(right=False, findings=(row,))
