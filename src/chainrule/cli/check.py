"""``chainrule check``: the gradients of a network against four witnesses, and what each of them costs."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from chainrule.cli import output
from chainrule.errors import ConfigError


def command(
    given: Annotated[str, typer.Argument(help="A run's folder, a model file, or sizes.", metavar="TARGET")],
    source: Annotated[str | None, typer.Argument(help="Data with answers; the run's own.", metavar="SOURCE")] = None,
    count: Annotated[bool, typer.Option("--count", help="Count and time every way to the gradient.", metavar="")] = False,
    every: Annotated[bool, typer.Option("--all", help="Every entry of every array, not a sample.", metavar="")] = False,
    examples: Annotated[str, typer.Option("--examples", help="How many (10; 1 with --count).", metavar="N")] = "",
    activation: Annotated[str | None, typer.Option("--activation", help="Of sizes: hidden layers.", metavar="NAME")] = None,
    output_: Annotated[str | None, typer.Option("--output", help="Of sizes: the output layer.", metavar="NAME")] = None,
    cost: Annotated[str | None, typer.Option("--cost", help="Of sizes: the cost.", metavar="NAME")] = None,
    penalty: Annotated[str | None, typer.Option("--penalty", help="l2, l1 or elastic (the run's).", metavar="NAME")] = None,
    lmbda: Annotated[float | None, typer.Option("--lmbda", help="Its strength (the run's, or 0).", metavar="X")] = None,
    seed: Annotated[int, typer.Option("--seed", help="Of random numbers (0).", metavar="N", show_default=False)] = 0,
    file: Annotated[
        Path | None, typer.Option("-o", "--out", help="Write it: .txt, .md, .tex, .html or .pdf.", metavar="FILE")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON object.", metavar="")] = False,
) -> None:
    """Check every gradient of a network against four witnesses.

    They know nothing of backpropagation, and share nothing.

    [bold]Examples[/]

    [cyan]chainrule check runs/mnist-1[/]   a run, with examples of its own data

    [cyan]chainrule check 4,5,5,3 --activation tanh --cost cross_entropy[/]

    [cyan]chainrule check 784,30,10 --count[/]   47,720 forward passes against one forward and one backward

    The exit code is 1 if a gradient is wrong.
    """
    from chainrule import checking
    from chainrule.cli.target import target

    if examples and not (examples.isascii() and examples.isdigit() and int(examples)):
        raise ConfigError(f"--examples {examples!r}: it is a whole number, at least 1.")
    found = target(
        given, source, int(examples or (1 if count else 10)), seed, activation=activation, output=output_, cost=cost
    )
    result: Any
    if count:
        result = checking.count(found.network, found.x, found.y)
    else:
        strength = found.training.get("lmbda", 0.0) if lmbda is None else lmbda
        result = checking.check(
            found.network, found.x, found.y, penalty=penalty or found.training.get("penalty", "l2"), lmbda=strength,
            seed=seed, all=every,
        )  # fmt: skip
    if json:
        output.as_json({"target": given, "data": found.data} | result.as_dict())
    elif file is None:
        output.note(("examples  ", "dim"), found.data)
        sys.stdout.write(result.document().text(color=output.out().is_terminal and not output.out().no_color) + "\n")
    if file is not None:
        output.note(("written  ", "dim"), str(result.document().save(file)))
    if not count and not result:
        raise typer.Exit(1)
