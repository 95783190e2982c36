"""The lab: a training to watch, to pause and to ask, in the browser, in one file, or in a notebook.

    control     a recorder that pauses, does single steps, sets the learning rate, and hands out frames between two steps
    trainer     a training in a process of its own; process: how the server holds it
    wire        what a page may ask for: a closed table
    history     what a recorded run can be asked: frames, curves, examples
    server      HTTP and the socket; guard: who may come in; live: what everybody who looks at one run is sent
    start       new runs from the start screen; library: the runs that there are
    export      a run as one file; widget: a run in a notebook

The server's libraries are imported in these modules alone: nothing else of chainrule needs them.
"""

from __future__ import annotations

from typing import Any

__all__ = ["show"]


def show(run: Any, *, static: bool = False) -> Any:
    """Show a run in a notebook.

    Parameters
    ----------
    run : path
        A run's folder, or a recording.
    static : bool
        Show one HTML document, which stays when the notebook is stored, in place of a widget, which needs a kernel.

    Raises
    ------
    DataError
        There is no such run, or it was not recorded.
    ResourceError
        The extra ``notebook`` is not installed, or the page was not built.
    """
    from chainrule.lab.widget import shown

    return shown(run, static=static)
