"""``chainrule repro``: published runs, done again, with published and obtained figures side by side."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Annotated, Any

import typer

from chainrule.choices import nearest
from chainrule.cli import output
from chainrule.cli.live import shown_epochs
from chainrule.cli.repro_table import ROWS, TABLE, Figure, Published, Values
from chainrule.network import Network
from chainrule.train.history import Epoch

Watch = Callable[[int, Values], None]


def command(
    name: Annotated[str | None, typer.Argument(help="The run; without it, all of them are listed.")] = None,
    seed: Annotated[int, typer.Option(help="Of first weights and shuffles.")] = 0,
    epochs: Annotated[int | None, typer.Option(min=1, help="Train for so many; then nothing is judged.")] = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No lines of progress.")] = False,
) -> None:
    """Do a published run again, and compare.

    [bold]Examples[/]

    [cyan]chainrule repro[/]   all of them, with what was published

    [cyan]chainrule repro nielsen-30[/]

    [cyan]chainrule repro cross-entropy-100 --seed 3 --json[/]

    Ends with 0 where every judged figure lies in its band, and with 1 where one does not.
    """
    if name is None:
        _list(json=json)
        return
    row = nearest(TABLE, name, "published run")
    length = row.epochs if epochs is None else epochs
    if not quiet:
        output.note(f"{row.name}, seed {seed}: {row.settings}")
    watch = None if quiet else partial(_progress, length)
    found = results(row, measure(row, seed, length, watch), judge=length == row.epochs)
    inside = all(figure["inside"] is not False for figure in found)
    if json:
        data = {"name": row.name, "seed": seed, "epochs": length, "reproduced": inside, "figures": found}
        output.as_json(data)
    else:
        _print(row, seed, length, found, inside=inside)
    if not inside:
        raise typer.Exit(1)


# ------------------------------------------------------------------------------------------------------- measuring


def measure(row: Published, seed: int, epochs: int, watch: Watch | None = None) -> list[Values]:
    """Train as the source did; what was measured before training, and after each epoch."""
    net = Network(**{**row.network, "seed": seed})
    tell = watch or (lambda epoch, values: None)
    training = {**row.training, "epochs": epochs}
    return list((_on_digits if row.data == "mnist" else _on_one_example)(row, net, training, tell))


def _on_digits(row: Published, net: Network, training: dict[str, Any], tell: Watch) -> Iterator[Values]:
    """The first training images, judged on the test images."""
    from chainrule.data import mnist

    digits = mnist(validation=10_000)
    test, train = digits.test, digits.train.take(slice(0, row.examples))
    assert test is not None
    before = net.evaluate(test.x, test.y)
    yield {"accuracy": 100 * before.accuracy, "cost": before.cost}

    def told(record: Epoch) -> None:
        tell(record.epoch, _measured(record))

    history = net.fit(train.x, train.y, validation=(test.x, test.y), callbacks=[told], **training)
    yield from map(_measured, history)


def _measured(record: Epoch) -> Values:
    values = {"accuracy": 100 * record.metrics["accuracy"], "cost": record.metrics["cost"]}
    if record.training_metrics:
        values["training_accuracy"] = 100 * record.training_metrics["accuracy"]
    return values


def _on_one_example(_: Published, net: Network, training: dict[str, Any], tell: Watch) -> Iterator[Values]:
    """The neuron that is to turn 1 into 0; an epoch is one update."""
    outputs: list[Values] = []

    def look(record: Epoch | None = None) -> None:
        outputs.append({"output": float(net.feedforward([[1.0]])[0, 0])})
        if record is not None:
            tell(record.epoch, outputs[-1])

    look()
    net.fit([[1.0]], [[0.0]], callbacks=[look], **training)
    yield from outputs


def results(row: Published, measured: Sequence[Values], *, judge: bool) -> list[dict[str, Any]]:
    """Each figure as plain data: published, obtained, and whether it lies in its band (None: not judged)."""
    return [_result(figure, figure.pick(measured), judge=judge) for figure in row.figures]


def _result(figure: Figure, obtained: float, *, judge: bool) -> dict[str, Any]:
    return {
        "what": figure.what, "published": figure.published,
        "obtained": round(obtained, 6) if math.isfinite(obtained) else None,
        "band": figure.band if judge else None, "inside": figure.holds(obtained) if judge else None,
    }  # fmt: skip


# -------------------------------------------------------------------------------------------------------- printing


def _progress(epochs: int, epoch: int, values: Values) -> None:
    """A line after an epoch, of many epochs after some of them."""
    if epoch % shown_epochs(epochs) == 0 or epoch in {1, epochs}:
        words = {"accuracy": "test accuracy {:.2f} %", "cost": "test cost {:.4g}", "training_accuracy": "training {:.2f} %"}
        said = "  ".join(words.get(key, key + " {:.6f}").format(value) for key, value in values.items())
        output.note(f"epoch {epoch:>{len(str(epochs))}}/{epochs}  {said}")


def _list(*, json: bool) -> None:
    """The table of runs."""
    if json:
        keys = ("what", "published", "band")
        rows = [
            {"name": r.name, "says": r.says, "settings": r.settings,
             "figures": [{key: getattr(f, key) for key in keys} for f in r.figures]} for r in ROWS
        ]  # fmt: skip
        output.as_json({"runs": rows})
        return
    margin = max(len(row.name) for row in ROWS) + 2
    for row in ROWS:
        figure = row.figures[-1 if row.data == "neuron" else 0]
        output.say((row.name.ljust(margin), "bold cyan"), row.says)
        output.say((" " * margin + row.settings, "dim"))
        output.say(" " * margin + f"{figure.what}: {figure.published}")


def _print(row: Published, seed: int, epochs: int, found: list[dict[str, Any]], *, inside: bool) -> None:
    """Published and obtained, side by side."""
    output.say((row.name, "bold"), f", seed {seed}. {row.says}")
    output.say((row.settings, "dim"))
    width = max(len(figure["what"]) for figure in found)
    output.say((f"{'':{width}}  {'published':>10}  {'obtained':>10}  band", "dim"))
    for figure in found:
        line = f"{figure['what']:<{width}}  {_number(figure['published']):>10}  {_number(figure['obtained']):>10}  "
        style = {True: "green", False: "bold red", None: "dim"}[figure["inside"]]
        output.say(line, (_verdict(figure), style))
    if epochs != row.epochs:
        output.say(f"{output.counted(epochs, 'epoch')}, not {row.epochs}: nothing is judged.")
    else:
        output.say(("Reproduced.", "green") if inside else ("Not reproduced.", "bold red"))


def _number(value: float | str | None) -> str:
    return "never" if value is None else value if isinstance(value, str) else f"{value:.6g}"


def _verdict(figure: dict[str, Any]) -> str:
    if figure["inside"] is None:
        return "not judged"
    low, high = figure["band"]
    return f"{low:.7g} to {high:.7g}: {'inside' if figure['inside'] else 'OUTSIDE'}"
