"""``chainrule branch``: go on from a recorded step with other settings."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from chainrule.cli import output, training
from chainrule.cli.flags import option, with_settings


def command(source: str, **flags: Any) -> None:
    """Go on from any step of a recorded run with other settings.

    The new run has a folder of its own.

    [bold]Examples[/]

    [cyan]chainrule branch runs/mnist-1 --at 500 --learning-rate 0.01[/]   what if it had been slower from there?

    [cyan]chainrule branch runs/mnist-1 --at 0 --optimizer sgd[/]   the same first weights, trained otherwise

    The data, the network and the seed stay; the new run remembers its parent.
    """
    threads = output.use_threads(flags["threads"])
    from chainrule.errors import ConfigError
    from chainrule.runs import folder
    from chainrule.runs.config import said
    from chainrule.runs.recorded import RecordedRun

    changes = said(flags)
    if other := [name for name in changes if name != "training"]:
        raise ConfigError(f"a branch keeps the {other[0]} of its parent: change settings of training alone.")
    if flags["at"] is None:
        raise ConfigError("from which step? Give --at STEP; chainrule show RUN says how many there are.")
    with RecordedRun(source) as recorded:
        place = Path(flags["out"]) if flags["out"] else training.default_folder(recorded.splits.name)
        with folder.taken(place) as run:
            begun = recorded.branched(flags["at"], run.folder, changes.get("training", {}))
            training.trained(begun, quiet=flags["quiet"], json=flags["json"], every=None, threads=threads)


Text, Flag = str | None, bool
RUN = typer.Argument(help="The folder of the recorded run.", metavar="RUN", show_default=False)
OWN: tuple[tuple[str, Any, Any], ...] = (
    ("at", Annotated[int | None, option("--at", "The step to go on from.", "STEP")], None),
    ("out", Annotated[Text, option("--out", "The new run's folder (runs/NAME-1, runs/NAME-2 ...).", "DIR")], None),
    ("json", Annotated[Flag, option("--json", "Results as JSON, one object a line.")], False),
    ("quiet", Annotated[Flag, option("--quiet", "No progress on stderr.", "", "-q")], False),
    ("threads", Annotated[Text, option("--threads", "Processors to compute with (as many as are faster).", "N")], None),
)

with_settings(command, RUN, OWN)
