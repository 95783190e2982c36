"""``chainrule lab``: the lab in the browser."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from chainrule.cli import output

if TYPE_CHECKING:
    from chainrule.lab.desk import Desk


def command(
    run: Annotated[str | None, typer.Argument(help="A recorded run to open; without one, the start screen.")] = None,
    runs: Annotated[str, typer.Option("--runs", help="Where runs are listed, and new ones kept.", metavar="DIR")] = "runs",
    port: Annotated[str | None, typer.Option("--port", help="0 for any that is free (7272).", metavar="N")] = None,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open the page.", metavar="")] = True,
) -> None:
    """Watch a network learn in the browser, and ask every number where it comes from.

    Pause it anywhere, go through a step, go back in time.

    [bold]Examples[/]

    [cyan]chainrule lab[/]   choose data and a network, and train

    [cyan]chainrule lab runs/mnist-1[/]   look back at a recorded run, and go on from any step of it

    [cyan]chainrule train moons --hidden 8,8 --lab[/]   watch this training

    The page is served to this machine alone. Ctrl-C ends it, and saves every training.
    """
    output.use_threads(None)
    ready(port)
    from chainrule.runs import folder

    place = folder.recorded(run) if run else None
    serve(Path(runs), port=port, browser=browser, first=None if place is None else lambda desk: _shown(desk, place))


async def _shown(desk: Desk, place: Path) -> str:
    name = desk.library.add(place)
    desk.library.entry(name)
    return name


def ready(port: str | None = None) -> None:
    """Refuse in words where the lab cannot be served.

    Raises
    ------
    ConfigError, ResourceError
    """
    from chainrule.errors import ConfigError
    from chainrule.lab import assets

    assets.ready()
    if port is not None and not (port.isascii() and port.isdigit() and int(port) < 2**16):
        raise ConfigError(f"--port {port[:20]!r}: it is a number from 0 to 65535.")


def serve(
    root: Path, *, port: str | None = None, browser: bool = True, first: Callable[[Desk], Awaitable[str]] | None = None
) -> None:
    """Serve until Ctrl-C.

    Raises
    ------
    ChainruleError
    """
    import asyncio
    import signal

    from chainrule.lab import serve as server

    if hasattr(signal, "SIGPIPE"):  # it ends other commands with the pipe that they print to; a closed page ends nothing
        signal.signal(signal.SIGPIPE, signal.SIG_IGN)

    def opened(url: str) -> None:
        output.say("The lab   ", (url, "bold cyan"))
        output.note("  It is served to this machine alone. Ctrl-C ends it, and saves every training.")
        if browser:
            _open(url)

    def again(url: str) -> None:
        output.note("  That link has been used. Another, for another browser:   ", (url, "bold cyan"))

    number = None if port is None else int(port)
    try:
        asyncio.run(server.serve(root, port=number, first=first, opened=opened, again=again))
    except KeyboardInterrupt:
        output.note("\n", ("ended", "bold"), "; every training is saved.")
        raise typer.Exit(130) from None


def _open(url: str) -> Any:
    """The user's browser, from a thread of its own: it may take a while, and may not be there."""
    import threading
    import webbrowser

    threading.Thread(target=lambda: webbrowser.open(url), daemon=True).start()
