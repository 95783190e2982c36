"""The lab: a training to watch, to pause and to ask, in the browser, in one file, or in a notebook.

    control     a recorder that pauses, does single steps, sets the learning rate, and hands out frames between two steps
    trainer     a training in a process of its own; process: how the server holds it
    wire        what a page may ask for: a closed table
    history     what a recorded run can be asked: frames, curves, examples; subject: what stands behind it, a run with its
                data or a training of this process; study: what the engine says of it
    server      HTTP and the socket; guard: who may come in; live: what everybody who looks at one run is sent
    start       new runs from the start screen; library: the runs that there are
    export      a run as one file; widget: a run in a notebook; still: a picture of it
    watching    a network that this process trains; here: its page, served; beside: its page in a notebook

The server's libraries are imported in these modules alone: nothing else of chainrule needs them.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chainrule.lab.watching import Watch
    from chainrule.network import Network

__all__ = ["show", "watch"]


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


def watch(network: Network, path: str | os.PathLike[str] | None = None, *, paused: bool = False) -> Watch:
    """Watch a network while it is trained, by whatever calls its ``fit``, before or during that call.

    In a notebook, what is given back is a page when it is displayed. In a program, the page is served to this machine
    alone, as soon as a training begins, until the program ends; its address is printed. What is seen is recorded, so that
    all of it can be looked at later. ``detach()`` ends it; a network that is not watched is trained at full speed.

    Parameters
    ----------
    network : Network
    path : path, optional
        Where to keep the recording (:func:`show` and ``chainrule lab`` open it); else it goes with the program.
    paused : bool
        Let each training wait at its beginning until it is told to run.

    Returns
    -------
    Watch
        Also a context manager, which detaches at its end; ``stay()`` keeps a program from ending.

    Raises
    ------
    ResourceError
        The extra ``notebook`` (in a notebook) or ``lab`` is not installed, or the page was not built.

    Examples
    --------
    >>> import chainrule
    >>> net = chainrule.Network([2, 3, 1], seed=0)
    >>> watched = chainrule.lab.watch(net)
    >>> watched.detach()
    """
    from chainrule.lab.watching import watched

    return watched(network, path, paused=paused, notebook=_in_notebook())


def _in_notebook() -> bool:
    """Whether a kernel runs this."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return getattr(shell, "kernel", None) is not None
