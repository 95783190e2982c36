"""chainrule resume."""

from __future__ import annotations

from typing import Annotated

import typer

from chainrule.cli import output, training


def command(
    run: Annotated[str, typer.Argument(help="The run's folder.", metavar="RUN")],
    epochs: Annotated[str | None, typer.Option("--epochs", help="Train to so many epochs in all.", metavar="N")] = None,
    force: Annotated[bool, typer.Option("--force", help="Even where settings or data have changed.", metavar="")] = False,
    json: Annotated[bool, typer.Option("--json", help="Results as JSON, one object a line.", metavar="")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress on stderr.", metavar="")] = False,
    threads: Annotated[
        str | None, typer.Option("--threads", help="Processors to compute with (as many as are faster).", metavar="N")
    ] = None,
    checkpoint_every: Annotated[
        str | None, typer.Option("--checkpoint-every", help="Save so often, also within an epoch.", metavar="SECONDS")
    ] = None,
    record: Annotated[bool, typer.Option("--record/--no-record", help="Write down what happens, step by step.")] = True,
) -> None:
    """Go on with a run where it was interrupted, as if nothing had happened.

    [bold]Examples[/]

    [cyan]chainrule resume runs/mnist-1[/]   after Ctrl-C, a crash or a power failure

    [cyan]chainrule resume runs/mnist-1 --epochs 30[/]   train a finished run further

    The result has the same bits as that of a run that was never interrupted.
    """
    most = output.use_threads(threads)
    from chainrule.runs import folder, session
    from chainrule.runs.kinds import KINDS

    every = training.seconds(checkpoint_every)
    total = None if epochs is None else KINDS["whole"].checked(epochs, "--epochs")
    found = folder.find(run)
    with folder.held(found.folder):
        under_way = session.resumed(found, epochs=total, force=force)
        if under_way.done and found.finished() and not json:
            epoch, why = under_way.network.state.epoch, under_way.network.history.stopped
            done = f" after {output.counted(epoch, 'epoch')}{f' ({why})' if why else ''}"
            output.note(("finished", "bold"), f"{done}: nothing is left to train.")
            output.note(f"  train longer   chainrule resume {run} --epochs {2 * max(epoch, 1)}")
            return
        training.trained(under_way, quiet=quiet, json=json, every=every, threads=most, record=record)
