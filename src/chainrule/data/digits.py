"""The MNIST database of handwritten digits, which comes with the package."""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING

import numpy as np

from chainrule.data.dataset import Dataset, Splits, hold_out
from chainrule.data.idx import read_array
from chainrule.data.source import find
from chainrule.errors import DataError

if TYPE_CHECKING:
    from pathlib import Path

SHA256 = {
    "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "t10k-images-idx3-ubyte": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "t10k-labels-idx1-ubyte": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}


def mnist(*, validation: int = 0) -> Splits:
    """Load MNIST: 60,000 training and 10,000 test images of handwritten digits.

    Y. LeCun and C. Cortes hold the copyright (CC BY-SA 3.0, see ``data/mnist/LICENSE.md``). The bytes are compared with
    the published ones (sha256) at each load. Pixels become float32 while they are unpacked, so that loading takes no
    more memory than the result, 220 MB.

    Parameters
    ----------
    validation : int
        How many of the last training images to hold out; 10,000 gives the classic 50,000 / 10,000 / 10,000.

    Returns
    -------
    Splits
        x: (n, 784), pixels from 0 (background) to 1 (ink); y: (n,), the digits. Training and validation are views of
        one array. There is no validation set for ``validation=0``.

    Raises
    ------
    DataError
        When a file of the package is missing or is not the published one.
    ConfigError
        When `validation` is not a number from 0 to 59,999.

    Examples
    --------
    >>> digits = mnist(validation=10_000)
    >>> digits
    Splits('mnist': 50,000 train, 10,000 validation, 10,000 test; 784 features, classification)
    >>> digits.train.y[:10]
    array([5, 0, 4, 1, 9, 2, 1, 3, 1, 4])
    """
    train, held = hold_out(_part("train"), validation)
    return Splits("mnist", train, held, _part("t10k"))


def _part(name: str) -> Dataset:
    x = _checked(f"{name}-images-idx3-ubyte", unit=True)
    y = _checked(f"{name}-labels-idx1-ubyte", unit=False)
    classes = tuple("0123456789")
    return Dataset(x.reshape(len(x), -1), y.astype(np.int64), classes=classes, image_shape=(28, 28))


def _checked(name: str, *, unit: bool) -> np.ndarray:
    """Read one file of the package, and compare its bytes with the published ones."""
    with resources.as_file(resources.files("chainrule.data") / "mnist" / f"{name}.gz") as path:
        return read_published(path, SHA256[name], unit=unit)


def read_published(path: Path, sha256: str, *, unit: bool = False) -> np.ndarray:
    """Read an IDX file whose unpacked bytes must have this sha256."""
    array, found = read_array(find(path), unit=unit)
    if found != sha256:
        raise DataError(
            f"{path.name}: the sha256 of its unpacked bytes is {found}, but that of the published file is {sha256};"
            " the file is damaged or another one. Install chainrule again."
        )
    return array
