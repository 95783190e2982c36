"""``chainrule compile``: the program that trains a network, printed to be read, or compiled and kept."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from importlib.util import find_spec
from typing import TYPE_CHECKING, Annotated, Any

import typer

from chainrule.cli import output
from chainrule.cli.flags import Own, option, with_settings

if TYPE_CHECKING:
    from chainrule.data import Splits
    from chainrule.engine.compiled.program import Program
    from chainrule.engine.stepper import Stepper
    from chainrule.network import Network
    from chainrule.runs.config import Config

SIZES = re.compile(r"\s*\d{1,9}(\s*,\s*\d{1,9})+\s*")
EXAMPLES = 60_000  # of sizes without data
PRODUCT = re.compile(r"# .*\((?:forward|backward|gradient), layer \d+\)")
EQUATION = re.compile(r"# [A-Z]\w+(, [A-Z]\w+)*: .*")  # what a reader looks for
WORDS = {  # what a program calls that is no function of Python's, and that --functions does not show
    "part": ("part(x, k, n)", "n numbers of x, from number k on; stretch: likewise"),
    "beyond": ("beyond(x, k)", "all numbers of x from number k on"),
    "forward": ("forward(z, a, w, ...)", "z[i, j] = sum over k of a[i, k] w[j, k]"),
    "backward": ("backward(d, e, w, ...)", "d[i, k] = sum over j of e[i, j] w[j, k]"),
    "gradient": ("gradient(g, d, a, ..., f, h)", "g[j, k] = h g[j, k] + f times the sum over i of d[i, j] a[i, k]"),
    "packed": ("packed_forward(...)", "the same product, with parts of the right matrix copied together first"),
    "T": ("T(x)", "the number x in the network's dtype"),
    "wait": ("wait(control, ...)", "go on when all threads have come this far"),
    "take": ("take(control, k)", "the number of the next part that no thread has done: word k of control counts them"),
    "tell": ("tell(control, ...)", "let the other threads know if this one had to wait long"),
    "told": ("told(control)", "whether one of them had to: then it is time to see how many threads are best"),
    "uint32": ("uint32(x)", "the whole number x, of 32 bits"),
    "prefetch": ("prefetch(x, k)", "have x[k] fetched from memory, for later"),
    "half_word": ("half_word(words, k)", "the k-th 32 random bits"),
    "stored": ("stored(place, k)", "the k-th number from an address on, as a mapped file keeps it"),
}


def command(source: str | None = None, **flags: Any) -> None:
    """Show the program that trains a network, or compile it ahead of its first training.

    [bold]Examples[/]

    [cyan]chainrule compile mnist --hidden 30 --show[/]   every equation as a loop, to be read

    [cyan]chainrule compile 784,30,10 --optimizer sgd --batch 10 --show[/]   for layers of these sizes, without data

    [cyan]chainrule compile mnist[/]   compile it now: training then starts at once

    All settings of chainrule train may be given; for the same settings, it is the same program.
    """
    config, splits, network = described(source, flags)
    stepper = stepper_of(config, splits, network)
    program = program_of(stepper)
    facts = [*about(config, splits, network), ("program", in_words(program))]
    if flags["show"] or flags["functions"]:
        show(program, facts, functions=flags["functions"], json=flags["json"])
        return
    found = compiled(program, stepper)
    if flags["json"]:
        output.as_json({**size(program), **found})
    else:
        output.facts([*facts, *results(found)])


# ------------------------------------------------------------------------------------------------------ which program


def described(source: str | None, flags: Mapping[str, Any]) -> tuple[Config, Splits, Network]:
    """What is to be trained: on data, or on none where ``source`` says the sizes of the layers.

    Raises
    ------
    ConfigError, DataError
    """
    from chainrule.cli.train import settled
    from chainrule.runs import build

    if source is not None and SIZES.fullmatch(source):
        config, splits = without_data([int(part) for part in source.split(",")], flags)
    else:
        config = settled(source, flags)
        splits = build.data_of(config)
    config = build.completed(config, splits)
    return config, splits, build.network_of(config, splits)


def without_data(sizes: list[int], flags: Mapping[str, Any]) -> tuple[Config, Splits]:
    """The config and a data set of zeros for layers of these sizes; classes, unless there is one output alone."""
    from chainrule.errors import ConfigError
    from chainrule.runs import toml
    from chainrule.runs.config import checked, config, said

    given = said(flags)
    table = checked(toml.read(flags["config"]), where=flags["config"]) if flags["config"] else {}
    data = {"n": EXAMPLES, "task": "regression" if sizes[-1] == 1 else "classification"} | given.get("data", {})
    if len(data) > 2:
        raise ConfigError(f"{list(data)[2]} is a setting of data, and sizes have none: give --examples or --task alone.")
    if "hidden" in given.get("network", {}):
        raise ConfigError(f"{','.join(map(str, sizes))} says the size of every layer: leave out --hidden.")
    parts = {name: {**table.get(name, {}), **given.get(name, {})} for name in ("network", "training")}
    parts["network"]["hidden"] = sizes[1:-1]
    usual = {"source": "moons", "n": data["n"], "validation": 0}  # the points of a toy are made when they are loaded: never
    return config({**parts, "data": usual, "seed": given.get("seed", 0)}), zeros(sizes, data["n"], data["task"])


def zeros(sizes: list[int], n: int, task: str) -> Splits:
    """A data set of n equal examples, which take the memory of one.

    Raises
    ------
    ConfigError
        There can be no such data.
    """
    import numpy as np

    from chainrule.choices import nearest
    from chainrule.data import Dataset, Splits
    from chainrule.errors import ConfigError

    classifies = nearest({"classification": True, "regression": False}, task, "task")
    least = 2 if classifies else 1
    if min(sizes[:-1]) < 1 or sizes[-1] < least or n < 1:
        said = f"sizes {','.join(map(str, sizes))} and {output.counted(n, 'example')}"
        raise ConfigError(f"{said}: a {task} needs neurons in every layer, at least {least} in the last, and an example.")
    x = np.broadcast_to(np.zeros((1, sizes[0]), np.float32), (n, sizes[0]))
    if not classifies:
        return Splits("assumed", Dataset(x, np.broadcast_to(np.zeros((1, sizes[-1]), np.float32), (n, sizes[-1]))))
    return Splits("assumed", Dataset(x, np.zeros(n, np.int64), classes=tuple(map(str, range(sizes[-1])))))


def stepper_of(config: Config, splits: Splits, network: Network) -> Stepper:
    """What would do the mini-batches of this training; of the data it sees the first example, as often as there are some.

    Raises
    ------
    ConfigError
        There are no mini-batches.
    """
    import numpy as np

    from chainrule import checks
    from chainrule.engine.choice import step_engine
    from chainrule.engine.stepper import Source, Stepper
    from chainrule.errors import ConfigError
    from chainrule.runs import build
    from chainrule.train.settings import recipe

    s, a, n = build.settings_of(config.training), network.architecture, build.counts(config, splits).train
    if s.batch_size is None:
        raise ConfigError("optimizer 'lbfgs' has no program: SciPy minimises the cost of the whole set. Take another one.")
    weighted = config.training.get("class_weight") is not None
    r = recipe(s, a, frozen=network.fixed.layers, pinned=frozenset(network.fixed.elements), weighted=weighted)
    network.parameters.remember(s.rule.slots)
    x = splits.train.x
    rows = checks.inputs(x[:1] if isinstance(x, np.ndarray) else x, a)
    weight = np.ones(1, a.dtype) if weighted else None
    source = Source(rows, np.zeros((1, a.neurons(a.L)), a.dtype), weight, np.zeros(n, np.int64))
    return Stepper(a, r, network.parameters, source, min(s.batch_size, n), network.seed, step_engine("auto"), network.fixed)


def program_of(stepper: Stepper) -> Program:
    """The stepper's program.

    Raises
    ------
    ConfigError
        Something of the network has no form in it.
    """
    from chainrule.engine.compiled import runner
    from chainrule.engine.compiled.scalars import Unprintable
    from chainrule.errors import ConfigError

    try:
        return runner.printed(stepper)
    except Unprintable as error:
        raise ConfigError(f"this network has no program: {error}.\nIt is trained by the numpy engine.") from None


# ------------------------------------------------------------------------------------------------------------ showing


def about(config: Config, splits: Splits, network: Network) -> Iterator[tuple[str, Any]]:
    """The data, the network and the training, as ``chainrule train`` says them."""
    from chainrule.cli import summary

    return (fact for fact in summary.about(config, splits, network) if fact[0] != "seed")


def size(program: Program) -> dict[str, Any]:
    """How long the program is, and of which numbers."""
    text = program.text
    products = len(PRODUCT.findall(text))
    return {"lines": text.count("\n"), "products": products, "dtype": program.code.dtype, "parts": program.plan.parts}


def in_words(program: Program) -> str:
    """The program's size in words."""
    found = size(program)
    shared = f", shared out in up to {found['parts']} parts" if found["parts"] > 1 else ", on one thread"
    lines, products = output.counted(found["lines"], "line"), output.counted(found["products"], "product")
    return f"{lines}, {products}, {found['dtype']}{shared}"


def show(program: Program, facts: Iterable[tuple[str, str]], *, functions: bool, json: bool) -> None:
    """Print the program, and before it the functions that it calls, if they are asked for."""
    if json:
        code = {"program": program.text, **({"functions": program.code.functions} if functions else {})}
        output.as_json({**size(program), **code})
        return
    parts = [head(program, facts), program.code.functions.strip("\n") if functions else "", program.text]
    text = "\n\n\n".join(part for part in parts if part)
    from rich.syntax import Syntax

    shown = Syntax("", "python", theme="ansi_dark").highlight(text)
    shown.rstrip()
    shown.highlight_regex(EQUATION, "not dim cyan")
    output.out().print(shown, soft_wrap=True)


def head(program: Program, facts: Iterable[tuple[str, str]]) -> str:
    """The comment above a program: what it is for, and the words that it uses."""
    called = set(re.findall(r"\b(\w+)\(", program.text.replace("packed_", "packed( ")))  # packed_forward is both
    n = program.layout.a.neurons(2)
    words = [row for name, row in WORDS.items() if name in called]
    width = max(len(word) for word, _ in words)
    lines = [
        "The program that trains this network: all steps of an epoch in one call, which Numba compiles.", "",
        *(f"  {label:<8}   {value}" for label, value in facts), "",
        f"Arrays are flat, one example after the other: z_2[i * {n} + j] is example i and neuron j of layer 2.", "",
        *(f"  {word:<{width}}   {meaning}" for word, meaning in words),
    ]  # fmt: skip
    return "\n".join(f"# {line}".rstrip() for line in lines)


# ---------------------------------------------------------------------------------------------------------- compiling


def compiled(program: Program, stepper: Stepper) -> dict[str, Any]:
    """Compile the program unless it is known; gives what came of it, and what ``train`` would choose.

    Raises
    ------
    ConfigError
        Numba is not installed.
    """
    from chainrule.engine.choice import choose, step_engine
    from chainrule.engine.compiled import build

    begun = time.perf_counter()
    known = bool(find_spec("llvmlite")) and build.is_known(program.code)
    step_engine("compiled")  # refuses where it is not installed
    choose("compiled", stepper)
    seconds = time.perf_counter() - begun
    file = build.folder() / f"{program.code.key}.o"
    bytes_ = file.stat().st_size if file.exists() else None
    choice = choose("auto", replace(stepper, runner=None))
    return {
        "compiled": not known, "seconds": seconds, "file": str(file), "bytes": bytes_,
        "engine": choice.name, "engine_reason": choice.why,
    }  # fmt: skip


def results(found: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What came of it, in words."""
    yield "compiled", f"in {found['seconds']:.1f} s" if found["compiled"] else "earlier: the program is known"
    place, bytes_ = found["file"], found["bytes"]
    yield "kept", f"{place}, {output.size(bytes_)}" if bytes_ else f"not: {place} cannot be written"
    yield "engine", f"train would choose {found['engine']}: {found['engine_reason']}"


OWN: tuple[Own, ...] = (
    ("show", Annotated[bool, option("--show", "Print the program; compile nothing.")], False),
    ("functions", Annotated[bool, option("--functions", "Print its elementwise functions, too: exp, log ...")], False),
    ("recipe", Annotated[str | None, option("--recipe", "As for train.", "NAME")], None),
    ("config", Annotated[str | None, option("--config", "Settings from a TOML file, such as a run's own.", "FILE")], None),
    ("json", Annotated[bool, option("--json", "One JSON object.")], False),
)
SOURCE = typer.Argument(
    help="Data, as for train; or sizes of layers such as 784,30,10.", metavar="SOURCE|SIZES", show_default=False
)

with_settings(command, SOURCE, OWN)
