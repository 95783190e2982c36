"""What a run is made of: the data, the network, the training and the seed, as plain data that a file can hold."""

from __future__ import annotations

import hashlib
import os
import platform
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

import chainrule
from chainrule.choices import nearest
from chainrule.errors import ConfigError
from chainrule.io import strict_json
from chainrule.runs import toml
from chainrule.runs.keys import SECTIONS, SETTINGS, Setting

Table = Mapping[str, Any]
KNOWN: dict[str, dict[str, Setting]] = {
    section: {row.key: row for row in SETTINGS if row.section == section} for section in SECTIONS
}
ELSEWHERE = ("epochs", "schedule_epochs", "engine")  # what may change from one part of a run to the next


@dataclass(frozen=True)
class Config:
    """A run's settings, checked one by one; a setting that is absent has its default.

    Attributes
    ----------
    source : str
        The data set: a name, a folder or a file.
    seed : int, optional
        Of first weights, shuffles and dropout masks.
    data, network, training : mapping
        The sections of the table :data:`chainrule.runs.keys.SETTINGS`.
    parent : mapping, optional
        The ``run`` that it branched off from, and after which ``step``; no setting, but kept with them.
    """

    source: str
    seed: int | None = None
    data: Table = field(default_factory=dict)
    network: Table = field(default_factory=dict)
    training: Table = field(default_factory=dict)
    parent: Table | None = None

    def as_dict(self) -> dict[str, Any]:
        """The settings as one table, in the order of the table of settings."""
        found: dict[str, Any] = {} if self.seed is None else {"seed": self.seed}
        for section, rows in KNOWN.items():
            given = getattr(self, section)
            found[section] = {key: given[key] for key in rows if given.get(key) is not None}
        return found | {"data": {"source": self.source, **found["data"]}}

    def toml(self) -> str:
        """The settings as a config file, with the versions that they were used with."""
        again = "It branched off from another" if self.parent else "The same again: chainrule train --config FILE"
        parent = {"parent": dict(self.parent)} if self.parent else {}
        head = f"# A run of chainrule {chainrule.__version__}. {again}\n"
        return head + toml.dumps(self.as_dict() | parent | {"versions": versions()})

    def with_epochs(self, epochs: int) -> Config:
        """The same run, but so long."""
        return replace(self, training={**self.training, "epochs": epochs})

    @property
    def fingerprint(self) -> str:
        """The sha256 of all settings that a training under way must not change."""
        table = self.as_dict()
        table["training"] = {key: value for key, value in table["training"].items() if key not in ELSEWHERE}
        return hashlib.sha256(strict_json.dumps(table).encode()).hexdigest()


def versions() -> dict[str, str]:
    """What decides the last bits of a result, beside the settings."""
    return {"chainrule": chainrule.__version__, "numpy": np.__version__, "python": platform.python_version()}


def config(table: Table, *, where: str = "the config") -> Config:
    """The settings that a table holds.

    Raises
    ------
    ConfigError
        A name is unknown (the nearest is suggested), or a value is of another kind.

    Examples
    --------
    >>> config({"data": {"source": "moons"}, "training": {"epochs": "3"}}).training
    {'epochs': 3}
    """
    found = checked(table, where=where)
    source = found.get("data", {}).pop("source", None)
    if source is None:
        raise ConfigError(f"{where} names no data: give SOURCE, or source = ... in its table [data].")
    return Config(source, found.pop("seed", None), **found)


def checked(table: Table, *, where: str) -> dict[str, Any]:
    """A table of settings, each of its kind; the parent and the versions that a run's file names are left out.

    Raises
    ------
    ConfigError
    """
    for name in table:
        if name not in {"seed", "parent", "versions", *SECTIONS}:
            raise ConfigError(_unknown(name, where))
    found: dict[str, Any] = {name: _section(name, table[name], where) for name in SECTIONS if name in table}
    if table.get("seed") is not None:
        row = next(row for row in SETTINGS if row.key == "seed" and not row.section)
        found["seed"] = row.kind.checked(table["seed"], f"{where}: seed")
    return found


def parent_of(table: Table, *, where: str) -> Table | None:
    """The run that the one of this file branched off from.

    Raises
    ------
    ConfigError
        It is named in another way.
    """
    match table.get("parent"):
        case None:
            return None
        case {"run": str(run), "step": int(step), **rest} if not rest and type(step) is int:
            return {"run": run, "step": step}
        case other:
            raise ConfigError(f"{where}: parent = {str(other)[:60]}: it is a table with a run (text) and a step (number).")


def _section(section: str, values: Any, where: str) -> dict[str, Any]:
    if not isinstance(values, Mapping):
        raise ConfigError(f"{where}: {section} = {str(values)[:40]!r}: it is a table, [{section}].")
    found = {}
    for key, value in values.items():
        at = f"{where}: {section}.{key}"
        if (section, key) == ("data", "source"):
            if not isinstance(value, str):
                raise ConfigError(f"{at} = {str(value)[:40]!r}: it must be a text.")
            found[key] = value
        else:
            found[key] = nearest(KNOWN[section], key, f"setting in [{section}] of {where}").kind.checked(value, at)
    return found


def _unknown(name: str, where: str) -> str:
    """Say where a setting belongs that stands outside of its table."""
    home = next((row.section for row in SETTINGS if row.key == name and row.section), None)
    if home:
        return f"{where}: {name} belongs into the table [{home}]."
    tables = ", ".join(f"[{section}]" for section in SECTIONS)
    return f"{where}: there is nothing called {name[:40]!r}. There are: seed, {tables}."


def gathered(source: str | None, *layers: Table) -> Config:
    """One config of several tables; what a later one says goes before what an earlier one says."""
    found: dict[str, Any] = {}
    for layer in layers:
        for name, value in layer.items():
            found[name] = {**found.get(name, {}), **value} if isinstance(value, Mapping) else value
    if source is not None:
        found["data"] = {**found.get("data", {}), "source": _absolute(source)}
    return config(found)


def said(flags: Mapping[str, Any]) -> dict[str, Any]:
    """A table of what flags (or variables of the environment) say, by the names of their parameters."""
    found: dict[str, Any] = {}
    for row in SETTINGS:
        value = flags.get(row.parameter)
        if value is not None:
            checked = row.kind.checked(value, row.flag)
            if row.section:
                found.setdefault(row.section, {})[row.key] = checked
            else:
                found[row.key] = checked
    return found


def _absolute(source: str) -> str:
    """A file's full path, so that the run can be resumed from another folder; other names as they are."""
    try:
        source.encode("utf-8")
    except UnicodeEncodeError:
        raise ConfigError(f"{source!r}: the name is not UTF-8, and cannot be written into a config. Rename it.") from None
    return os.path.abspath(source) if os.path.exists(source) and source not in _built_in() else source  # noqa: PTH100, PTH110


def _built_in() -> frozenset[str]:
    """The names of data sets that are no files."""
    from chainrule.data import TOYS

    return frozenset({"mnist", *TOYS})
