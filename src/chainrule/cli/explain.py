"""``chainrule explain``: the derivation for a network, or where its numbers come from."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from chainrule.cli import output
from chainrule.errors import ConfigError

if TYPE_CHECKING:
    from chainrule.document import Block, Document

FORMATS = ("text", "md", "tex", "html")  # what can be printed; a file may be .pdf, too
NETWORK, STEP, SHOWN = "Sizes", "Step of training", "How it is written"


def command(
    given: Annotated[
        str, typer.Argument(help="A run's folder, a model file, sizes, or the name of a worked example.", metavar="TARGET")
    ],
    x: Annotated[str | None, typer.Option("--x", help="An input: 0.5,0.1 (several: 0.5,0.1;0.2,0.3).", metavar="X")] = None,
    y: Annotated[str | None, typer.Option("--y", help="Its desired output.", metavar="Y")] = None,
    example: Annotated[str | None, typer.Option("--example", help="Of a run: an example of its data.", metavar="N")] = None,
    weight: Annotated[str | None, typer.Option("--weight", help="Where one gradient comes from.", metavar="L,J,K")] = None,
    neuron: Annotated[str | None, typer.Option("--neuron", help="Where one error comes from.", metavar="L,J")] = None,
    reverse: Annotated[
        bool, typer.Option("--reverse", help="The reverse network: its drawing and its matrices.", metavar="")
    ] = False,
    activation: Annotated[
        str | None, typer.Option(help="Of the hidden layers, or one for each: tanh,relu.", metavar="NAME",
                                 rich_help_panel=NETWORK)
    ] = None,
    output_: Annotated[
        str | None, typer.Option("--output", help="Of the output layer.", metavar="NAME", rich_help_panel=NETWORK)
    ] = None,
    cost: Annotated[str | None, typer.Option(help="The cost.", metavar="NAME", rich_help_panel=NETWORK)] = None,
    optimizer: Annotated[
        str | None, typer.Option(help="sgd, momentum, adam ... (the run's).", metavar="NAME", rich_help_panel=STEP)
    ] = None,
    rate: Annotated[str | None, typer.Option(help="The learning rate.", metavar="X", rich_help_panel=STEP)] = None,
    penalty: Annotated[str | None, typer.Option(help="l2, l1 or elastic.", metavar="NAME", rich_help_panel=STEP)] = None,
    lmbda: Annotated[str | None, typer.Option(help="Its strength.", metavar="X", rich_help_panel=STEP)] = None,
    language: Annotated[str, typer.Option(help="en or zh-Hant.", metavar="CODE", rich_help_panel=SHOWN)] = "en",
    sign: Annotated[
        str, typer.Option(help="subtract (a − y) or add (target − output).", metavar="WORD", rich_help_panel=SHOWN)
    ] = "subtract",
    numbering: Annotated[
        str, typer.Option(help="book: from 1; zero: from 0.", metavar="WORD", rich_help_panel=SHOWN)
    ] = "book",
    rows: Annotated[bool, typer.Option("--rows", help="Examples are rows.", metavar="", rich_help_panel=SHOWN)] = False,
    digits: Annotated[str, typer.Option(help="Of a number.", metavar="N", rich_help_panel=SHOWN)] = "6",
    file: Annotated[
        Path | None, typer.Option("-o", "--out", help="Write it: .html, .pdf, .md, .tex or .txt.", metavar="FILE",
                                  rich_help_panel=SHOWN)
    ] = None,
    form: Annotated[
        str, typer.Option("--format", help="Print it as text, md, tex or html.", metavar="WORD", rich_help_panel=SHOWN)
    ] = "text",
    json: Annotated[bool, typer.Option("--json", help="Its formulas as one JSON object.", metavar="",
                                       rich_help_panel=SHOWN)] = False,
) -> None:  # fmt: skip
    """Explain a network: the derivation, or where its numbers come from.

    [bold]Examples[/]

    [cyan]chainrule explain 2,3,1[/]   from the chain rule to the update

    [cyan]chainrule explain 4,5,3 --activation tanh --cost log_likelihood --optimizer adam -o mine.pdf[/]

    [cyan]chainrule explain udacity[/]   a worked example, with its numbers

    [cyan]chainrule explain runs/mnist-1 --example 7 --weight 3,1,2[/]   one gradient of a run

    [cyan]chainrule explain lecture --reverse -o reverse.html[/]   backpropagation as a network that runs forward

    Every formula and every number is read back from what is printed, and compared, before it is shown.
    """
    if form not in FORMATS:
        raise ConfigError(f"--format {form!r}: it is one of {', '.join(FORMATS)}. A .pdf is written with -o.")
    network, training = subject(given, {"activation": activation, "output": output_, "cost": cost})
    of_x, of_y = _example(given, x, y, example)
    step: dict[str, Any] = {
        **training,
        "optimizer": optimizer or training.get("optimizer", "sgd"),
        "learning_rate": _number("--rate", rate) if rate else None if optimizer else training.get("learning_rate"),
        "penalty": penalty or training.get("penalty"),
        "lmbda": _number("--lmbda", lmbda) if lmbda else training.get("lmbda", 0.0),
    }
    from chainrule.explaining import explain

    shown: dict[str, Any] = {
        "language": language,
        "sign": sign,
        "numbering": numbering,
        "examples": "rows" if rows else "columns",
    }
    found = explain(
        network, of_x, of_y, weight=_places("--weight", weight, 3), neuron=_places("--neuron", neuron, 2),
        reverse=reverse, digits=_whole("--digits", digits), **step, **shown,
    )  # fmt: skip
    _write(found, file, form, json=json)


def _write(found: Document, file: Path | None, form: str, *, json: bool) -> None:
    """Give the explanation out: to a file, or to be read here."""
    if file is not None:
        output.note(("written  ", "dim"), str(found.save(file)))
    if json:
        output.as_json({"title": found.title, "language": found.language, "formulas": list(_formulas(found.blocks))})
    elif file is None and form == "text":
        output.document(found)
    elif file is None:
        sys.stdout.write({"md": found.markdown, "tex": found.latex, "html": found.html}[form]())


def _formulas(blocks: tuple[Block, ...]) -> Any:
    """Every formula of a document, with its lines in text and in LaTeX."""
    from chainrule.document import Formula, Note

    for block in blocks:
        if isinstance(block, Note):
            yield from _formulas(block.blocks)
        elif isinstance(block, Formula):
            lines = [
                {"left": line.left and line.left.text, "sign": line.sign, "right": line.right.text,
                 "latex": f"{line.left.latex if line.left else ''} {line.sign} {line.right.latex}".strip()}
                for line in block.lines
            ]  # fmt: skip
            yield {"name": block.name, "lines": lines}


# ------------------------------------------------------------------------------------------------- what it is about


def subject(given: str, how: Mapping[str, str | None]) -> tuple[Any, Mapping[str, Any]]:
    """The network, or the name of a worked example, and the settings of a run's training.

    Raises
    ------
    ConfigError
        It is none of these, or a setting is for sizes alone.
    """
    from chainrule.cli.target import SIZES
    from chainrule.explaining.worked import EXAMPLES

    chosen: dict[str, Any] = {key: value for key, value in how.items() if value is not None}
    if SIZES.fullmatch(given):
        from chainrule.network import Network

        if "," in chosen.get("activation", ""):
            chosen["activation"] = [name.strip() for name in chosen["activation"].split(",")]
        return Network([int(n) for n in re.findall(r"\d+", given)], dtype="float64", seed=0, **chosen), {}
    if chosen:
        raise ConfigError(f"--{next(iter(chosen))} is for sizes, such as 2,3,1; {given} has a network of its own.")
    if given in EXAMPLES and not Path(given).exists():
        return given, {}
    if not Path(given).exists():
        raise ConfigError(
            f"there is no {given}. Give the folder of a run, a model file, sizes such as 2,3,1, or a worked example: "
            f"{', '.join(EXAMPLES)}."
        )
    return _of_file(given)


def _of_file(given: str) -> tuple[Any, Mapping[str, Any]]:
    """The network of a run or a model file, and how the run trained it."""
    from chainrule.optimizers import optimizer
    from chainrule.runs.folder import Run
    from chainrule.runs.model import load_model

    run = Run(Path(given) if Path(given).is_dir() else Path(given).parent)
    training = dict(run.config().training) if run.config_file.is_file() else {}
    row = training.get("optimizer", "sgd")
    if isinstance(row, Mapping):
        row = optimizer(row["name"], **{name: rate for name, rate in row.items() if name != "name"})
    training["optimizer"] = row
    training.pop("engine", None)
    training["penalty"] = training.get("penalty", "l2") if training.get("lmbda") else None
    return load_model(given).network, training


def _example(given: str, x: str | None, y: str | None, example: str | None) -> tuple[Any, Any]:
    """The example that is asked for: numbers on the command line, or one of a run's data."""
    if example is None:
        return _numbers("--x", x), _numbers("--y", y)
    if x is not None or y is not None:
        raise ConfigError("--example is one of the run's data, and --x and --y are another one: give either.")
    if not Path(given).exists():
        raise ConfigError(f"--example is for a run, which has data; {given} has none. Give --x and --y.")
    from chainrule.cli.evaluate import measured_on
    from chainrule.runs.model import load_model

    _, part, data = measured_on(load_model(given), given, None, None, None)
    n = _whole("--example", example)
    if not 1 <= n <= len(data):
        where = "test part of the data" if part == "test" else "data"
        raise ConfigError(f"--example {n}: the {where} has the examples 1 to {len(data):,}.")
    return data.x[n - 1], data.y[n - 1]


# --------------------------------------------------------------------------------------------------------- numbers


def _numbers(flag: str, text: str | None) -> Any:
    """The numbers of one example, or of several that semicolons part."""
    if text is None:
        return None
    found = [[_number(flag, word) for word in row.split(",")] for row in text.strip("[]").split(";")]
    return found[0] if len(found) == 1 else found


def _number(flag: str, word: str) -> float:
    try:
        return float(word)
    except ValueError:
        raise ConfigError(f"{flag}: {word.strip()[:20]!r} is no number.") from None


def _whole(flag: str, word: str) -> int:
    if not (word.isascii() and word.isdigit()):
        raise ConfigError(f"{flag} {word!r}: it is a whole number.")
    return int(word)


def _places(flag: str, text: str | None, n: int) -> Any:
    """A layer and its neurons, as they are printed."""
    if text is None:
        return None
    found = tuple(_whole(flag, word.strip()) for word in text.strip("()").split(","))
    if len(found) != n:
        raise ConfigError(f"{flag} {text!r}: give {n} whole numbers, such as {','.join('312'[:n])}.")
    return found
