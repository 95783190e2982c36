"""``chainrule audit``: whether a student's backpropagation is right, and if not, which line is wrong.

The object of ``--json`` has these keys, which stay::

    format      1
    file        the file, as it was given
    right       true, false, or null where it could not be run
    exit_code   0, 1 or 3, as the program ends
    candidate   what was looked at, such as "Network.backprop"; null where nothing was found
    verdict     what ``Verdict.as_dict()`` gives: findings, layout, quantities, notes, error, seconds; or null.
                Each finding has slip, equation, layer, layers, neuron, quantity, numbers, sentence, hint, and with
                --answers the answer
    error       null, or kind, sentence, remedy, and traceback: a list of line, function, text
    printed     the first 20,000 bytes of what the file printed
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

from chainrule.activations import activation as activation_of
from chainrule.auditing.options import options_of
from chainrule.auditing.student import Limits, StudentFile
from chainrule.auditing.student_candidate import found_in
from chainrule.auditing.student_errors import StudentError
from chainrule.auditing.student_verdict import examined
from chainrule.auditing.verdict import Verdict
from chainrule.cli import output
from chainrule.costs import cost as cost_of
from chainrule.errors import ConfigError

FORMAT = 1
SPREAD = 100_000  # neurons of a network that is given


def command(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A Python file.")],
    function: Annotated[
        str | None, typer.Option(metavar="NAME", help="What is looked at: a function, a class, an object, or Class.method.")
    ] = None,
    sizes: Annotated[str | None, typer.Option(metavar="N,N,...", help="Neurons of each layer, such as 3,4,2.")] = None,
    activation: Annotated[str | None, typer.Option(metavar="NAME", help="Of the hidden layers. Else found out.")] = None,
    out: Annotated[str | None, typer.Option("--output", metavar="NAME", help="Activation of the output layer.")] = None,
    cost: Annotated[str | None, typer.Option(metavar="NAME", help="quadratic, cross_entropy, ... Else found out.")] = None,
    examples: Annotated[
        str | None, typer.Option(metavar="HOW", help="How it takes examples: columns, rows or single. Else found out.")
    ] = None,
    batch: Annotated[
        int | None, typer.Option(metavar="M", help="Examples in a mini-batch; 1: one at a time.", min=1)
    ] = None,
    l2: Annotated[float, typer.Option("--l2", metavar="LAMBDA", help="The gradients have the L2 penalty in them.")] = 0.0,
    n: Annotated[
        int | None, typer.Option("--n", metavar="N", help="Size of the training set, of the penalty.", min=1)
    ] = None,
    answers: Annotated[bool, typer.Option("--answers", help="How it should be, beside the hints.")] = False,
    prints: Annotated[bool, typer.Option("--prints", help="What the file printed, on stderr.")] = False,
    timeout: Annotated[float, typer.Option(metavar="SECONDS", help="What the file may take.", min=0.1)] = 10,
    memory: Annotated[float, typer.Option(metavar="MB", help="Memory that it may take.", min=16)] = 1024,
    json: Annotated[bool, typer.Option("--json", help="One JSON object, for autograders.")] = False,
) -> None:
    """Audit a hand-written backpropagation: whether it is right, and if not, which line is wrong.

    [bold]Examples[/]

    [cyan]chainrule audit network.py[/]   the class Network of the book, or a function backprop(x, y)

    [cyan]chainrule audit hw3.py --function gradients --activation tanh --cost cross_entropy[/]

    [cyan]chainrule audit hw3.py --json[/]   for an autograder

    Looked for, in this order: backprop, gradients, update_mini_batch and names like these, as a function or as a method of
    a class. A function is given its parameters by the names of its arguments (weights, biases, x, y, or W1, b1, ...).

    The file runs in a process of its own, with limits on time, memory and output. It is your own code, and runs with your
    own rights: the limits are no sandbox. Do not audit a file that you would not run.

    Exit codes: 0 right, 1 wrong, 2 usage, 3 the file could not be run.
    """
    options = {"activation": activation, "output": out, "cost": cost, "lmbda": l2, "n": n, "examples": examples}
    _checked(options)
    facts: dict[str, Any] = {"format": FORMAT, "file": str(file), "right": None, "exit_code": 3, "candidate": None,
                             "verdict": None, "error": None, "printed": ""}  # fmt: skip
    running = StudentFile.open(file, Limits(timeout, memory))
    try:
        with running:
            found = found_in(running, function, _sizes(sizes))
            facts["candidate"] = found.name
            verdict = examined(running, found, options, batch)
        facts |= {"right": verdict.right, "exit_code": int(not verdict.right), "verdict": _plain(verdict, answers=answers)}
        if not json:
            title = f"Audit of {found.name} in {file.name}"
            output.document(replace(verdict.document(answers), title=title))
    except StudentError as error:
        facts["error"] = error.as_dict()
        if not json:
            output.fail(str(error))
    facts["printed"] = output.plain(running.printed)
    if json:
        output.as_json(facts)
    elif facts["printed"]:
        _prints(facts["printed"], shown=prints)
    raise typer.Exit(facts["exit_code"])


def _checked(options: Mapping[str, Any]) -> None:
    """Look at the options before anything is run: a wrong one is the user's, and not the file's."""
    options_of(options)
    if options["cost"] is not None:
        cost_of(options["cost"])
    for name in ("activation", "output"):
        if options[name] is not None:
            activation_of(options[name])


def _sizes(text: str | None) -> list[int] | None:
    """The sizes as numbers.

    >>> _sizes("3, 4,2")
    [3, 4, 2]
    """
    if text is None:
        return None
    parts = [part.strip() for part in text.strip("[]").split(",")]
    if len(parts) < 2 or not all(part.isascii() and part.isdigit() and 1 <= int(part) <= SPREAD for part in parts):
        raise ConfigError(f"--sizes {text[:40]!r}: it is a list of numbers, the inputs first, such as 3,4,2.")
    return [int(part) for part in parts]


def _prints(text: str, *, shown: bool) -> None:
    n = len(text.splitlines())
    if not shown:
        output.note((f"The file printed {output.counted(n, 'line')}: --prints shows {'it' if n == 1 else 'them'}.", "dim"))
        return
    output.note(("printed by the file", "bold"))
    output.note(text.rstrip("\n"))


def _plain(verdict: Verdict, *, answers: bool) -> Any:
    """The verdict as JSON has it: NaN and infinity are null, and the answers are left out unless they are asked for."""
    found = _finite(dict(verdict.as_dict()))
    for finding in found["findings"]:
        if not answers:
            for key in ("answer", "right"):
                finding.pop(key, None)
    return found


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _finite(v) for key, v in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_finite(v) for v in value]
    if isinstance(value, np.generic | np.ndarray):
        return _finite(value.tolist())
    return None if isinstance(value, float) and not np.isfinite(value) else value
