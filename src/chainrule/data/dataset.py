"""A table of examples, and its parts for training, validation and test."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from chainrule.errors import ConfigError, ShapeError

if TYPE_CHECKING:
    from chainrule.data.schema import Schema


@dataclass(frozen=True, eq=False)
class Dataset:
    """One table of examples: a row is an example, a column is a feature.

    Parameters
    ----------
    x : ndarray (n, features), float32
        The inputs.
    y : ndarray
        (n,) int64, the class index of each example; or (n, k) float32, real targets.
    classes : tuple of str, optional
        The label of each class index; None for regression.
    features : tuple of str, optional
        The names of the columns of x.
    targets : tuple of str, optional
        The names of the columns of y, for regression.
    image_shape : (int, int), optional
        Rows and columns of pixels, where each example is an image.

    Raises
    ------
    ShapeError
        When x is not a matrix, or x, y and the names do not fit each other.

    Examples
    --------
    >>> import numpy as np
    >>> data = Dataset(np.zeros((3, 2), np.float32), np.array([0, 1, 1]), classes=("no", "yes"))
    >>> data
    Dataset(3 examples, 2 features, 2 classes)
    >>> len(data.take(slice(0, 2))), data.n_outputs
    (2, 2)
    """

    x: np.ndarray
    y: np.ndarray
    classes: tuple[str, ...] | None = None
    features: tuple[str, ...] | None = None
    targets: tuple[str, ...] | None = None
    image_shape: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        if self.x.ndim != 2:
            raise ShapeError(f"x has shape {self.x.shape}; a data set needs two dimensions, (examples, features).")
        if len(self.x) != len(self.y):
            raise ShapeError(f"x has {len(self.x):,} examples, but y has {len(self.y):,}; each example needs its target.")
        if self.y.ndim != (1 if self.classes is not None else 2):
            wanted = "(n,), the class indices" if self.classes is not None else "(n, k), a column for each target"
            raise ShapeError(f"y has shape {self.y.shape}; it must be {wanted}.")
        self._fits("features", self.features, self.x.shape[1])
        self._fits("targets", self.targets, self.y.shape[1] if self.y.ndim == 2 else 0)
        self._fits("image_shape", self.image_shape and range(int(np.prod(self.image_shape))), self.x.shape[1])

    def _fits(self, what: str, names: Any, width: int) -> None:
        """Refuse names that are not one for each column."""
        if names is not None and len(names) != width:
            raise ShapeError(f"{what} describes {len(names):,} columns, but there are {width:,}.")

    def __len__(self) -> int:
        """Return the number of examples."""
        return len(self.x)

    @property
    def task(self) -> str:
        """``"classification"`` or ``"regression"``."""
        return "regression" if self.classes is None else "classification"

    @property
    def n_features(self) -> int:
        """The number of columns of x, so the number of inputs of a network for it."""
        return int(self.x.shape[1])

    @property
    def n_classes(self) -> int:
        """The number of classes; 0 for regression."""
        return len(self.classes or ())

    @property
    def n_outputs(self) -> int:
        """The number of outputs of a network for it: one for each class, or for each target."""
        return self.n_classes if self.classes is not None else int(self.y.shape[1])

    def take(self, rows: slice | np.ndarray | list[int]) -> Dataset:
        """Return the chosen examples: a view for a slice, a copy for indices."""
        return replace(self, x=self.x[rows], y=self.y[rows])

    def __repr__(self) -> str:
        pixels = f" ({self.image_shape[0]} × {self.image_shape[1]} pixels)" if self.image_shape else ""
        outputs = _count(self.n_outputs, "target" if self.classes is None else "class")
        return f"Dataset({_count(len(self), 'example')}, {_count(self.n_features, 'feature')}{pixels}, {outputs})"


@dataclass(frozen=True, eq=False)
class Splits:
    """A named data set in its parts.

    Parameters
    ----------
    name : str
        What it is called in reports.
    train : Dataset
        What the network learns from.
    validation, test : Dataset or None
        What its learning is watched on, and what it is judged on.
    schema : Schema or None
        How a row of the user's file became a row of x; None where nothing was converted.
    """

    name: str
    train: Dataset
    validation: Dataset | None = None
    test: Dataset | None = None
    schema: Schema | None = None

    def __repr__(self) -> str:
        parts = (("train", self.train), ("validation", self.validation), ("test", self.test))
        counts = ", ".join(f"{len(part):,} {name}" for name, part in parts if part is not None)
        return f"Splits({self.name!r}: {counts}; {_count(self.train.n_features, 'feature')}, {self.train.task})"


def _count(n: int, noun: str) -> str:
    plural = noun + ("es" if noun.endswith("s") else "s")
    return f"{n:,} {noun if n == 1 else plural}"


def hold_out(data: Dataset, validation: int) -> tuple[Dataset, Dataset | None]:
    """Split off the last `validation` examples, as views; None for 0."""
    if not isinstance(validation, int) or isinstance(validation, bool) or not 0 <= validation < len(data):
        raise ConfigError(
            f"validation={validation!r}: it is the number of training examples to hold out for validation,"
            f" from 0 to {len(data) - 1:,}."
        )
    if validation == 0:
        return data, None
    border = len(data) - validation
    return data.take(slice(0, border)), data.take(slice(border, None))
