"""The published runs that ``chainrule repro`` does again, one row each, and what counts as having reproduced them.

The figures are those of the sources, one run each. A band says how far a run with another seed may lie from it. A figure
without a band is shown beside ours and not judged.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Values = Mapping[str, float]  # what was measured after one epoch: "accuracy" in percent, "cost", "output" ...
Pick = Callable[[Sequence[Values]], float]  # a figure from these, the first of which were measured before training


@dataclass(frozen=True)
class Figure:
    """One published number.

    Parameters
    ----------
    what : str
        What it is, in words.
    pick : callable
        How it comes from what was measured after each epoch.
    published : float or str
        What the source has, or says.
    band : (float, float), optional
        Where ours must lie.
    """

    what: str
    pick: Pick = field(repr=False)
    published: float | str
    band: tuple[float, float] | None = None

    def holds(self, found: float) -> bool | None:
        """Whether ours lies in the band; None where there is none."""
        return None if self.band is None else self.band[0] <= found <= self.band[1]


@dataclass(frozen=True)
class Published:
    """One published run.

    Parameters
    ----------
    name, says : str
        What it is called here, and what the source found, in our words.
    network, training : mapping
        What :class:`~chainrule.Network` and its ``fit`` are given.
    figures : tuple of Figure
    data : str
        ``"mnist"``, or ``"neuron"``: the one example x = 1, y = 0.
    examples : int
        How many of the training images are used, from the first.
    """

    name: str
    says: str
    network: Mapping[str, Any]
    training: Mapping[str, Any]
    figures: tuple[Figure, ...]
    data: str = "mnist"
    examples: int = 50_000

    @property
    def epochs(self) -> int:
        """How many the source trained for."""
        return int(self.training["epochs"])

    @property
    def settings(self) -> str:
        """Network and training in one line."""
        network, training = self.network, self.training
        words = [str(network["sizes"]), f"{network['cost']} cost".replace("_", "-")]
        words += [f"initial {network['initial']}"] if isinstance(network["initial"], str) else []
        words += [f"eta {training['learning_rate']:g}", f"m {training['batch_size']}"]
        words += [f"lambda {training['lmbda']:g}"] if training.get("lmbda") else []
        return ", ".join([*words, f"{self.epochs} epochs", f"{self.examples:,} example{'s' * (self.examples > 1)}"])


# ------------------------------------------------------------------------------------------------ how figures are read


def best(measured: Sequence[Values]) -> float:
    """The highest accuracy after any epoch."""
    return max(m["accuracy"] for m in measured[1:] or measured)


def after(epoch: int, what: str = "accuracy") -> Pick:
    """What was measured after an epoch, or after the last one if there were fewer."""
    return lambda measured: measured[min(epoch, len(measured) - 1)][what]


def lowest_cost(measured: Sequence[Values]) -> float:
    """The epoch after which the cost on the test set was lowest."""
    costs = [m["cost"] for m in measured]
    return float(costs.index(min(costs)))


def all_learned(measured: Sequence[Values]) -> float:
    """The first epoch from which on every training image is always right; infinite if there is none."""
    epoch = 1 + max(i for i, m in enumerate(measured) if not i or m["training_accuracy"] < 100)
    return float(epoch) if epoch < len(measured) else float("inf")


# ----------------------------------------------------------------------------------------------------------- the rows

CHANCE = (0.0, 15.0)  # one class said of every image is right for at most 1,135 in 10,000


def _digits(hidden: int, cost: str, initial: str = "large") -> dict[str, Any]:
    return {"sizes": [784, hidden, 10], "activation": "sigmoid", "cost": cost, "initial": initial}


def _sgd(epochs: int, eta: float, lmbda: float = 0.0, **more: Any) -> dict[str, Any]:
    return {"epochs": epochs, "batch_size": 10, "learning_rate": eta, "lmbda": lmbda, **more}


def _accuracy(published: float, off: float, *more: Figure) -> tuple[Figure, ...]:
    """The best test accuracy, with a band of so many points to both sides."""
    band = round(published - off, 2), round(published + off, 2)
    return Figure("best test accuracy, %", best, published, band), *more


def _neuron(name: str, says: str, cost: str, eta: float, start: float, *outputs: tuple[int, float]) -> Published:
    """A single sigmoid neuron that learns to turn 1 into 0; its outputs after so many updates, to the last digit."""
    w, b = (0.6, 0.9) if start == 0.6 else (start, start)
    figures = []
    for updates, value in outputs:
        half = 0.5000001 * 10.0 ** -len(f"{value}".partition(".")[2])
        figures.append(
            Figure(f"output after {updates} updates", after(updates, "output"), value, (value - half, value + half))
        )
    network = {"sizes": [1, 1], "activation": "sigmoid", "output": "sigmoid", "cost": cost, "dtype": "float64"}
    network["initial"] = ([[[w]]], [[[b]]])
    training = {"epochs": outputs[-1][0], "batch_size": 1, "learning_rate": eta}
    return Published(name, says, network, training, tuple(figures), "neuron", 1)


ROWS = (
    Published(
        "nielsen-30", "The book's first network: 30 hidden neurons read about 95 digits in 100.",
        _digits(30, "quadratic"), _sgd(30, 3.0),
        _accuracy(95.42, 0.6, Figure("after the first epoch, %", after(1), 91.29)),
    ),
    Published(
        "nielsen-100", "100 hidden neurons do better, if no output stays dead from the start: with about half of all "
        "seeds one does, and accuracy ends at 67 to 87.",
        _digits(100, "quadratic"), _sgd(30, 3.0), _accuracy(96.59, 0.6),
    ),
    Published(
        "nielsen-slow-eta", "With a learning rate of 0.001, 30 epochs teach next to nothing.",
        _digits(100, "quadratic"), _sgd(30, 0.001), (Figure("test accuracy at the end, %", after(30), 21.42, (5.0, 50.0)),),
    ),
    Published(
        "cross-entropy-30", "The cross-entropy with an L2 penalty, 30 hidden neurons.",
        _digits(30, "cross_entropy"), _sgd(30, 0.5, 5.0), _accuracy(96.49, 0.6),
    ),
    Published(
        "cross-entropy-100", "The same with 100 hidden neurons.",
        _digits(100, "cross_entropy"), _sgd(30, 0.5, 5.0), _accuracy(97.92, 0.4),
    ),
    Published(
        "cross-entropy-100-slow", "The same, trained for 60 epochs at a fifth of the learning rate.",
        _digits(100, "cross_entropy"), _sgd(60, 0.1, 5.0), _accuracy(98.04, 0.4),
    ),
    Published(
        "overfit-1000", "1,000 images are learned by heart: the training set is all right, the test set stays bad.",
        _digits(30, "cross_entropy"), _sgd(400, 0.5, training_metrics=True),
        (
            Figure("test accuracy at the end, %", after(400), 82.27, (80.27, 84.27)),
            Figure("lowest test cost after epoch", lowest_cost, 14, (5, 30)),
            Figure("training set all right from epoch", all_learned, 67, (30, 150)),
        ), examples=1_000,
    ),
    Published(
        "overfit-1000-l2", "The same 1,000 images with an L2 penalty: less is learned by heart, more is understood.",
        _digits(30, "cross_entropy"), _sgd(400, 0.5, 0.1),
        (Figure("test accuracy at the end, %", after(400), 87.1, (85.6, 88.6)),), examples=1_000,
    ),
    Published(
        "too-fast", "With eta 10 and lambda 1000 the network never gets better than guessing.",
        _digits(30, "cross_entropy", "small"), _sgd(30, 10.0, 1000.0),
        (Figure("best test accuracy, %", best, "at chance", CHANCE),),
    ),
    Published(
        "elastic-800",
        "Simard, Steinkraus and Platt (2003): one hidden layer, and elastic distortions of every digit, new in each epoch. "
        "They stepped by SGD; Adam and one cycle of the rate get there in 40 epochs.",
        {"sizes": [784, 800, 10], "activation": "sigmoid", "cost": "log_likelihood", "initial": "small"},
        {
            "epochs": 40, "batch_size": 128, "learning_rate": 0.003, "optimizer": "adam", "schedule": "one_cycle",
            "distort": {"alpha": 34, "sigma": 4, "rotate": 0, "scale": 0, "shear": 0, "shift": 0},
        },
        (Figure("test accuracy at the end, %", after(40), 99.3, (98.9, 99.7)),), examples=60_000,
    ),
    _neuron("neuron", "A neuron that starts a little wrong soon learns.", "quadratic", 0.15, 0.6,
            (0, 0.817574), (150, 0.1527), (301, 0.093752)),
    _neuron("neuron-saturated", "One that starts very wrong hardly learns at first: its slope is small.", "quadratic",
            0.15, 2.0, (0, 0.982014), (150, 0.9334), (301, 0.201262)),
    _neuron("neuron-cross-entropy", "With the cross-entropy the slope cancels. Along dC/dz; the book’s animation steps "
            "along dC/da, and ends lower.", "cross_entropy", 0.005, 0.6, (0, 0.817574), (150, 0.6053), (301, 0.4167)),
    _neuron("neuron-cross-entropy-saturated", "The very wrong one learns at full speed, again along dC/dz.",
            "cross_entropy", 0.005, 2.0, (0, 0.982014), (150, 0.9282), (301, 0.7782)),
)  # fmt: skip
TABLE: dict[str, Published] = {row.name: row for row in ROWS}
