"""Every error that chainrule raises on purpose, as one tree.

    ChainruleError
    ├── ShapeError       (ValueError)       arrays that do not fit the network or each other
    ├── DataError        (ValueError)       numbers, labels or files that cannot be learned from
    ├── ConfigError      (ValueError)       settings that contradict themselves or the network
    ├── ModelFileError   (ValueError)       a file that is not a sound chainrule model
    ├── GraphError       (TypeError)        a computation that cannot be differentiated, or not as it was asked for
    ├── DivergenceError  (ArithmeticError)  training met a number that is not finite
    └── ResourceError    (OSError)          disk, memory or a lock is missing

A message says the broken fact in numbers, then what it means, then what to do.
Each class carries the exit code that the command line ends with.
"""

from __future__ import annotations


class ChainruleError(Exception):
    """The root: ``except ChainruleError`` catches all of them."""

    exit_code = 1


class ShapeError(ChainruleError, ValueError):
    """Arrays that do not fit the network or each other."""

    exit_code = 3


class DataError(ChainruleError, ValueError):
    """Numbers, labels or files that cannot be learned from."""

    exit_code = 3


class ConfigError(ChainruleError, ValueError):
    """Settings that contradict themselves or the network."""

    exit_code = 2


class ModelFileError(ChainruleError, ValueError):
    """A file that is not a sound chainrule model."""

    exit_code = 4


class GraphError(ChainruleError, TypeError):
    """A computation that cannot be differentiated, or not as it was asked for."""

    exit_code = 3


class DivergenceError(ChainruleError, ArithmeticError):
    """Training met a number that is not finite; the last finite weights were kept.

    Attributes
    ----------
    epoch, step : int
        Where it happened: epochs count from 1, steps within the epoch from 1.
    layer : int
        The layer, counted as in the book (the input is layer 1).
    quantity : str
        The code name of the first quantity that was not finite, such as ``"z"``.
    """

    exit_code = 5

    def __init__(self, message: str, *, epoch: int, step: int, layer: int, quantity: str) -> None:
        super().__init__(message)
        self.epoch, self.step, self.layer, self.quantity = epoch, step, layer, quantity


class ResourceError(ChainruleError, OSError):
    """Disk, memory or a lock is missing."""

    exit_code = 6


class ChainruleWarning(UserWarning):
    """Something that works, and that the user would want to know."""
