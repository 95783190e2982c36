"""Phases: a training that was gone on with in another way was trained differently up to some step, and is done again so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chainrule.io import strict_json
from chainrule.record.same import differences
from chainrule.train.loop import CONSTANT

OF = ("settings", "epochs", "batch_size", "examples", "frozen")  # the facts that a phase has of its own


def in_force(facts: Mapping[str, Any], step: int) -> Mapping[str, Any]:
    """The facts as they were when this step was done."""
    for phase in facts.get("earlier", ()):
        if step <= phase["until"]:
            return {**facts, **phase}
    return facts


def earlier(had: Mapping[str, Any], now: Mapping[str, Any], step: int, *, changed: bool) -> list[dict[str, Any]]:
    """The phases up to the step at which a training goes on, each with its last step.

    Parameters
    ----------
    had, now : mapping
        The facts of the recording, and those of the training that goes on in it.
    step : int
    changed : bool
        Whether the parameters are others than those that the recording has of this step.
    """
    if not had or not step:
        return []
    last = in_force(had, step)
    before = [phase for phase in had.get("earlier", ()) if phase["until"] < step]
    is_new = changed or _rate(last) != _rate(now) or any(differences(last, strict_json.loads(strict_json.dumps(now))))
    return [*before, {"until": step, **{name: last[name] for name in OF}}] if is_new else before


def _rate(facts: Mapping[str, Any]) -> Any:
    """What a learning rate hangs on: the setting, and with most schedules the length of the training."""
    settings = facts["settings"]
    return settings["learning_rate"], None if settings["schedule"]["name"] in CONSTANT else facts["epochs"]
