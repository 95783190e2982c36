"""What is said of a run before and after its training."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from chainrule.cli import output
from chainrule.cli.live import shown
from chainrule.runs.figures import duration

if TYPE_CHECKING:
    from chainrule.cli.live import Watcher
    from chainrule.data import Splits
    from chainrule.network import Network
    from chainrule.runs.config import Config
    from chainrule.runs.session import Session

Fact = tuple[str, str | Sequence[str | tuple[str, str]]]  # a label, and a text or its parts with their styles


def about(config: Config, splits: Splits, network: Network) -> Iterator[Fact]:
    """The data, the network and the training in four lines."""
    from chainrule.runs.build import counts, settings_of

    s, n = settings_of(config.training), counts(config, splits)
    parts = [f"{n.train:,} to train on", f"{n.validation:,} validation" if n.validation else "", f"{n.test:,} test"]
    if not n.test:
        parts[-1] = ""
    yield "data", f"{splits.name}: {', '.join(part for part in parts if part)}"
    a = network.architecture
    yield "network", f"{layers(network)} · {a.n_parameters:,} parameters · {a.cost.name}"
    if s.batch_size is None:
        yield "training", f"{s.optimizer} on the full set, at most {output.counted(s.epochs, 'iteration')}"
    else:
        steps = output.counted(-(-n.train // min(s.batch_size, n.train)), "step")
        falling = "" if s.rates.name == "constant" else f" ({s.rates.name})"
        how = f"{s.rule.name}, rate {s.eta:g}{falling}, batch {s.batch_size:,}"
        yield "training", f"{output.counted(s.epochs, 'epoch')} of {steps}, {how}"
    yield "seed", str(config.seed)


def layers(network: Network) -> str:
    """784 → 128 relu → 10 softmax."""
    a = network.architecture
    return " → ".join([f"{a.neurons(1):,}", *(f"{a.neurons(l):,} {a.sigma(l).name}" for l in a.layers)])


def plan(config: Config, splits: Splits, network: Network, folder: Path) -> Iterator[Fact]:
    """What ``--dry-run`` shows."""
    from chainrule.runs.build import settings_of

    train = splits.train
    yield "task", f"{train.task}: {outputs(splits)}"
    yield from about(config, splits, network)
    for l in network.architecture.layers:
        w, b = network.weights[l - 2].shape, f" + {network.sizes[l - 1]:,} biases" if network.architecture.biases else ""
        yield f"layer {l}", f"{w[0]:,} × {w[1]:,} weights{b}, {network.architecture.sigma(l).name}"
    s, a = settings_of(config.training), network.architecture
    arrays = [part for part in (splits.train, splits.validation, splits.test) if part is not None]
    data = sum(part.x.nbytes + part.y.nbytes for part in arrays)
    numbers = a.n_parameters * (2 + len(s.rule.slots)) + 5 * (s.batch_size or len(train)) * sum(a.sizes)
    yield "memory", f"about {output.size(data + numbers * a.dtype.itemsize)}, {output.size(data)} of it data"
    yield "folder", f"{folder} (nothing has been written)"


def outputs(splits: Splits) -> str:
    """What is predicted."""
    train = splits.train
    if train.classes is None:
        return ", ".join(train.targets or ()) or f"{train.n_outputs} number(s)"
    some = ", ".join(train.classes[:10])
    return f"{train.n_classes} classes, {some}{' ...' if train.n_classes > 10 else ''}"


def result(session: Session, part: str, figures: Mapping[str, float], n: int, watcher: Watcher) -> Iterator[Fact]:
    """The figures at the end."""
    yield from ((f"{part} {label}", value) for label, value in measured(figures, n))
    if watcher.records:
        engine = session.network.state.engine
        yield (
            "time",
            f"{duration(watcher.seconds)}   {watcher.speed:,.0f} examples/s{f', {engine} engine' if engine else ''}",
        )
    if session.network.history.stopped:
        yield "stopped", session.network.history.stopped
    yield "seed", str(session.config.seed)


def measured(figures: Mapping[str, float], n: int) -> Iterator[Fact]:
    """How good a network is on n examples, the figure that matters most first."""
    for name, value in sorted(figures.items(), key=lambda item: item[0] not in MAIN):
        wrong = f"   {round((1 - value) * n):,} of {n:,} wrong" if name == "accuracy" else ""
        yield WORDS.get(name, name), [(shown(name, value), "bold green" if name in MAIN else ""), wrong]


MAIN = ("accuracy", "r2")
WORDS = {"r2": "R²", "top_5": "top 5", "mean_absolute_error": "mean error"}


def next_steps(session: Session, folder: Path) -> list[Fact]:
    """What can be done with a finished run."""
    more = 2 * session.epochs
    file = "FILE.csv" if session.splits.schema else "FILE"
    return [
        ("look", str(folder / "report.html")),
        ("predict", f"chainrule predict {folder} {file}"),
        ("evaluate", f"chainrule evaluate {folder}"),
        ("train longer", f"chainrule resume {folder} --epochs {more}"),
    ]
