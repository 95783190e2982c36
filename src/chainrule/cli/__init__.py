"""The command line: one module a command, each with a function ``command``.

A module is imported when its command is called: ``chainrule --help`` loads neither NumPy nor a network.
"""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Sequence
from importlib import import_module
from typing import Annotated, NoReturn

import typer

COMMANDS = {  # in the order of the help: its panel there, and the first line of the command's own help
    "train": ("Train", "Train a network, and keep all of it in a run folder."),
    "resume": ("Train", "Go on with a run where it was interrupted, as if nothing had happened."),
    "branch": ("Train", "Go on from any step of a recorded run with other settings."),
    "predict": ("Use", "Print what a network says of examples, as a table: a label, or values in your units."),
    "evaluate": ("Use", "Measure a network: its accuracy and what it confuses, or how far its values are off."),
    "runs": ("See", "List the runs of a folder: data, network, epochs, result."),
    "show": ("See", "Draw how a run learned: the cost of every step, the health of every layer."),
    "lab": ("See", "Watch a network learn in the browser, and ask every number where it comes from."),
    "report": ("See", "Write a run as one file that anybody can open, with the lab in it."),
    "inspect": ("Understand", "Show what is in a model file or in a run: layers, numbers, training, data."),
    "diagnose": ("Understand", "Say what is wrong with a run, and what to try."),
    "explain": ("Understand", "Explain a network: the derivation, or where its numbers come from."),
    "equations": ("Understand", "Show the equations: name, formula, meaning, file and line."),
    "graph": ("Understand", "Draw an expression as a graph, and differentiate it in both modes."),
    "check": ("Understand", "Check every gradient of a network against four witnesses."),
    "compile": ("Understand", "Show the program that trains a network, or compile it ahead of its first training."),
    "audit": ("Understand", "Audit a hand-written backpropagation: whether it is right, and if not, which line is wrong."),
    "learn": ("Understand", "Learn backpropagation by exercises that grade themselves."),
    "repro": ("Understand", "Do a published run again, and compare."),
}
ANYWHERE = ("--debug", "--no-color")  # flags that may stand before or after the command


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line, and end the program with the exit code of what happened.

    0 all is well, 1 a failure, 2 usage or settings, 3 data, 4 a model file, 5 training diverged, 6 disk, memory or a lock,
    130 Ctrl-C, 143 SIGTERM.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    given = {flag for flag in ANYWHERE if flag in words}
    words = [word for word in words if word not in given]
    if "--no-color" in given:
        os.environ["NO_COLOR"] = "1"
    _prepare()
    try:
        app(words)(words, prog_name="chainrule")
    except Exception as error:
        if "--debug" in given:
            raise
        sys.exit(_explained(error))
    sys.exit(0)


def _prepare() -> None:
    """Set up the process: quiet pipes, any encoding, warnings in words, one thread for small matrices."""
    import signal

    from chainrule.cli import output

    if hasattr(signal, "SIGPIPE"):
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    warnings.showwarning = lambda message, *_, **__: output.warn(message)
    output.use_threads(None)


def _explained(error: Exception) -> int:
    """Say what went wrong, in words; gives the exit code."""
    from chainrule.cli.output import fail
    from chainrule.errors import ChainruleError

    if isinstance(error, ChainruleError):
        fail(str(error))
        return error.exit_code
    if isinstance(error, MemoryError):
        fail(f"there is not enough memory ({error}).\nClose other programs, or use fewer neurons or examples.")
        return 6
    fail(f"chainrule has met an error of its own: {type(error).__name__}: {error}\nRun it with --debug, and report it.")
    return 1


def app(words: Sequence[str] = ()) -> typer.Typer:
    """All commands; of those that are not among the words, no more than a line for the help is made."""
    found = typer.Typer(
        help=HELP, no_args_is_help=True, rich_markup_mode="rich", pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )  # fmt: skip
    found.callback()(_anywhere)
    asked = {*words, *_to_complete()}
    for name, (panel, line) in COMMANDS.items():
        command = import_module(f"chainrule.cli.{name}").command if name in asked else _unloaded
        found.command(name, rich_help_panel=panel, help=None if name in asked else line)(command)
    return found


def _unloaded() -> None:
    """Stand in the help for a command that was not called."""


def _to_complete() -> list[str]:
    """The words on the command line that a shell wants to complete."""
    return " ".join(os.environ.get(name, "") for name in ("COMP_WORDS", "_TYPER_COMPLETE_ARGS")).split()


HELP = """Neural networks with every equation in view.

[bold]Examples[/]

[cyan]chainrule train mnist[/]   train on handwritten digits, and watch it learn

[cyan]chainrule train data.csv --target price[/]   predict a column of a table

[cyan]chainrule predict runs/mnist-1 images.npz[/]   use what was learned

[cyan]chainrule equations[/]   the four equations of backpropagation
"""


def _version(asked: bool) -> None:
    if asked:
        import chainrule

        sys.stdout.write(f"chainrule {chainrule.__version__}\n")
        raise typer.Exit


def _anywhere(
    version: Annotated[
        bool, typer.Option("--version", help="Show the version.", callback=_version, is_eager=True, metavar="")
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.", metavar="")] = False,
    no_color: Annotated[
        bool, typer.Option("--no-color", help="No colours (as NO_COLOR in the environment).", metavar="")
    ] = False,
) -> None:
    """What may stand before any command; the last two are read in `main`, wherever they stand."""
