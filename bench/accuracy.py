"""Time to accuracy: from the start of a process to a network that knows 97 %, and 98 %, of MNIST's test images.

A recipe is fixed beforehand: it was chosen on the last 10,000 training images, held out (``--choose`` shows how it does
there). Then it trains on all 60,000, and the test images are looked at once, at its end. Imports, reading the images and
compiling all count.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import Any

from bench.peers.table import OURS

SEEDS = (1, 2, 3)


@dataclass(frozen=True)
class Recipe:
    """A ReLU network with softmax outputs, trained along one cycle of the learning rate."""

    sizes: tuple[int, ...]
    m: int
    epochs: int
    eta: float
    threads: int = 1
    rule: str = "adam"  # or "sgd"
    compiled: bool = False  # torch: with torch.compile

    @property
    def title(self) -> str:
        """One line for tables."""
        how = ", compiled" * self.compiled
        rule = {"adam": "Adam", "sgd": "SGD"}[self.rule]
        sizes = ", ".join(map(str, self.sizes))
        return f"[{sizes}] {rule}, m = {self.m}, {self.epochs} epochs, {self.threads} threads{how}"

    def rates(self, n: int) -> Iterator[float]:
        """The learning rate of each step: from 4 % up to eta in the first 30 %, then down to 0.01 %, along cosines."""
        steps = self.epochs * (n // self.m)
        for step in range(steps):
            share = step / steps
            low, x = (0.04, share / 0.3) if share < 0.3 else (1e-4, (1 - share) / 0.7)
            yield self.eta * (low + (1 - low) * (1 - math.cos(math.pi * x)) / 2)


SMALL, MIDDLE, LARGER = (784, 128, 10), (784, 192, 10), (784, 256, 128, 10)
RECIPES: dict[
    str, dict[str, Recipe]
] = {  # target -> program -> recipe; fewer, larger steps where a step costs much in itself
    "0.97": {
        OURS: Recipe(SMALL, 128, 2, 1e-2),
        "jax": Recipe(SMALL, 128, 2, 1e-2),
        "torch": Recipe(SMALL, 256, 3, 1.2e-2),
        "sklearn": Recipe(SMALL, 128, 2, 1e-2),
    },
    "0.98": {
        OURS: Recipe(MIDDLE, 16, 4, 0.35, rule="sgd"),
        "jax": Recipe(MIDDLE, 16, 4, 0.35, threads=2, rule="sgd"),
        "torch": Recipe(LARGER, 256, 5, 6e-3, threads=2),
        "sklearn": Recipe(LARGER, 256, 5, 6e-3, threads=2),
    },
}
TITLES = {
    OURS: ("chainrule", "chainrule"),
    "jax": ("JAX", "jax"),
    "torch": ("PyTorch", "torch"),
    "sklearn": ("scikit-learn", "sklearn"),
}


def main() -> None:
    """Measure all programs, one process each and in turns, and add the medians to the kept results."""
    from bench.peers import record

    options = _options(record.folder())
    results = {target: _compare(target, options) for target in options.only or RECIPES}
    if not options.choose:
        kept = record.load(options.out)
        kept["accuracy"] = kept.get("accuracy", {}) | results
        if "machine" not in kept:
            from bench.peers import machine

            kept["machine"] = machine.describe()
        record.save(options.out, kept)


def _options(out: Path) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.accuracy", description=__doc__)
    parser.add_argument("--only", choices=RECIPES, action="append", help="this target (may be repeated)")
    parser.add_argument("--peer", choices=TITLES, action="append", help="this program (may be repeated)")
    parser.add_argument("--seeds", type=int, default=len(SEEDS), help="how many")
    parser.add_argument("--choose", action="store_true", help="train on 50,000 images, judge on the 10,000 held out")
    parser.add_argument("--out", type=Path, default=out, help="where results are kept")
    return parser.parse_args()


def _compare(target: str, options: argparse.Namespace) -> list[dict[str, Any]]:
    """The medians of each program for this target."""
    programs = [p for p in options.peer or RECIPES[target] if find_spec(TITLES[p][1])]
    runs: dict[str, list[dict[str, float]]] = {name: [] for name in programs}
    for seed in SEEDS[: options.seeds]:
        for name in programs:
            runs[name].append(one(name, RECIPES[target][name], seed, options.choose))
            print(target, name, seed, runs[name][-1], file=sys.stderr)
    return [
        {"peer": name, "title": TITLES[name][0], "recipe": RECIPES[target][name].title}
        | {key: median(run[key] for run in found) for key in ("seconds", "training", "accuracy")}
        for name, found in runs.items()
    ]


def one(name: str, recipe: Recipe, seed: int, choose: bool) -> dict[str, float]:
    """One process: seconds from its start until the network is trained, seconds of training in it, accuracy."""
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"), str(recipe.threads))
    begun = time.monotonic()  # one clock for all processes
    command = [sys.executable, "-m", "bench.accuracy_worker", name, str(seed), json.dumps(asdict(recipe)), "held" * choose]
    found = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=os.environ | threads)
    answer = json.loads(found.stdout.splitlines()[-1])
    return {"seconds": answer["ended"] - begun, "training": answer["training"], "accuracy": answer["accuracy"]}


if __name__ == "__main__":
    main()
