"""A small training, and who looks on at it."""

from __future__ import annotations

from typing import Any

import numpy as np

from chainrule import Network
from chainrule.io.blobs import unpack
from chainrule.lab.watching import Watch

X = np.random.default_rng(0).normal(size=(40, 2)).astype(np.float32)
Y = (X[:, 0] * X[:, 1] > 0).astype(int)
HOW: dict[str, Any] = {"batch_size": 8, "learning_rate": 0.3, "engine": "numpy"}  # 5 steps an epoch


def network() -> Network:
    """The same one each time."""
    return Network([2, 4, 2], "tanh", "log_likelihood", seed=5)


def trained(epochs: int, **how: Any) -> Network:
    """It, without anybody who looks on."""
    net = network()
    net.fit(X, Y, epochs=epochs, **HOW, **how)
    return net


class Script:
    """An outlet that gives a command whenever the training stands paused, and keeps what it is told."""

    def __init__(self, watch: Watch, *commands: dict[str, Any]) -> None:
        self.watch, self.commands = watch, list(commands)
        self.events: list[Any] = []
        self.answers: list[Any] = []
        watch.outlets.append(self)

    def begun(self, history: Any) -> None:
        """A training has begun."""
        self.events.append("begun")
        self._next()

    def due(self) -> bool:
        """Each frame is wanted."""
        return True

    def told(self, said: Any) -> None:
        """An event, or a frame."""
        self.events.append(said)
        if isinstance(said, dict) and said["event"] == "state" and not said["running"]:
            self._next()

    def ended(self, history: Any) -> None:
        """The training has ended."""
        self.events.append("ended")

    def _next(self) -> None:
        if self.watch.under_way and self.commands:
            self.watch.ask(self.commands.pop(0), self.answers.append)

    @property
    def steps(self) -> list[int]:
        """The steps of the frames that it was given."""
        return [unpack(said)[1]["state"]["updates"] for said in self.events if isinstance(said, bytes)]
