"""One name for every data set: a built-in one, a toy, a folder or a file."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chainrule.choices import similar
from chainrule.data.csv_file import TEST_FRACTION, csv_file
from chainrule.data.digits import mnist
from chainrule.data.idx import idx_folder
from chainrule.data.npz import npz_file
from chainrule.data.source import find, shown
from chainrule.data.toys import TOYS, toy
from chainrule.errors import ConfigError, DataError

if TYPE_CHECKING:
    from collections.abc import Callable

    from chainrule.data.dataset import Splits

_SUFFIXES: dict[str, Callable[..., Splits]] = {
    **dict.fromkeys((".csv", ".csv.gz", ".tsv", ".tsv.gz", ".txt"), csv_file),
    ".npz": npz_file,
}


def load(source: str, **given: Any) -> Splits:
    """Load a data set by its name or path.

    Parameters
    ----------
    source : str
        ``"mnist"``, the name of a toy, a folder of IDX files, or a file .csv, .csv.gz, .tsv, .txt or .npz. A folder
        that is called like a toy is meant by ``"./circle"``.
    **given
        Options: those of `mnist`, `toy`, `idx_folder`, `csv_file` or `npz_file`.

    Returns
    -------
    Splits

    Raises
    ------
    DataError
        When there is no such data set, with the nearest names.
    ConfigError
        When that kind of data has no such option.

    Examples
    --------
    >>> load("xor", n=100).train
    Dataset(80 examples, 2 features, 2 classes)
    """
    reader, arguments = _reader(str(source))
    known = list(_usual(reader))
    for name in given:
        if name not in known:
            raise ConfigError(
                f"{shown(source, 200)} has no option {shown(name)}; it has {', '.join(known)}.{similar(name, known)}"
            )
    return reader(*arguments, **given)


def options(source: str) -> dict[str, Any]:
    """Every option of a data set and what it is if nothing is said; None where there is no default.

    >>> options("moons")
    {'n': 500, 'noise': 0.1, 'seed': 0, 'test_fraction': 0.2}
    """
    reader, _ = _reader(source)
    return _usual(reader) | ({"test_fraction": TEST_FRACTION} if reader is csv_file else {})


def _usual(reader: Callable[..., Splits]) -> dict[str, Any]:
    """The options of a reader and their defaults."""
    return {name: p.default for name, p in inspect.signature(reader).parameters.items() if p.kind is p.KEYWORD_ONLY}


def _reader(source: str) -> tuple[Callable[..., Splits], tuple[str, ...]]:
    """Return the function that reads this data set, and its positional arguments."""
    if source == "mnist":
        return mnist, ()
    if source in TOYS:
        return toy, (source,)
    for suffix, reader in _SUFFIXES.items():
        if source.lower().endswith(suffix):
            return reader, (source,)
    if _is_folder(source):
        return idx_folder, (source,)
    raise DataError(_unknown(source))


def _is_folder(source: str) -> bool:
    try:
        return Path(source).is_dir()
    except (OSError, ValueError):  # a name that no file can have
        return False


def _unknown(source: str) -> str:
    """Say what there is, for a name that is none of it."""
    kinds = f"Data sets are mnist, the toys {', '.join(TOYS)}, a folder of IDX files, or a file {', '.join(_SUFFIXES)}."
    try:
        there = Path(source).exists()
        names = [entry.name for entry in Path(source).absolute().parent.iterdir()]
    except (OSError, ValueError):
        there, names = False, []
    if there:
        return f"{shown(find(source).path, 200)} is not a kind of file that can be read. {kinds}"
    return f"{shown(source, 200)} is no data set.{similar(Path(source).name, ['mnist', *TOYS, *names])} {kinds}"
