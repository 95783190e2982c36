"""The flags of a command that takes the settings of a run: one for each row of their table, and its own."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from typing import Annotated, Any

import typer

from chainrule.runs.keys import SETTINGS, Setting

PANELS = {"data": "Data", "network": "Network", "training": "Training", "": "Run"}
Own = tuple[str, Any, Any]  # a flag of the command itself: name, annotation, default


def with_settings(command: Callable[..., None], argument: Any, own: Iterable[Own]) -> None:
    """Give a command ``source`` and ``**flags`` the parameters that typer reads its options from."""
    source = inspect.Parameter(
        "source", inspect.Parameter.POSITIONAL_OR_KEYWORD, default=None, annotation=Annotated[str | None, argument]
    )
    parameters = [source, *map(_parameter, SETTINGS), *(_keyword(*row) for row in own)]
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # a function may have one
    command.__annotations__ = {p.name: p.annotation for p in parameters}


def option(flag: str, help_: str, hint: str = "", *others: str) -> Any:
    """An option of the command itself."""
    return typer.Option(flag, *others, help=help_, metavar=hint, rich_help_panel=PANELS[""], show_default=False)


def _parameter(row: Setting) -> inspect.Parameter:
    """The flag of a setting; texts are read by the table, so that flags, environment and files are judged alike."""
    truth = row.of == "truth"
    flags = (f" /{row.flag}",) if row.flag.startswith("--no-") else row.flags
    found = typer.Option(
        *flags, help=row.help, rich_help_panel=PANELS[row.section], envvar=row.variables, show_envvar=False,
        metavar="" if truth else row.kind.hint, show_default=False,
    )  # fmt: skip
    return _keyword(row.parameter, Annotated[bool | None if truth else str | None, found], None)


def _keyword(name: str, annotation: Any, default: Any) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
