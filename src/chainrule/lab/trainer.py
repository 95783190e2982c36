"""A training in a process of its own: ``python -m chainrule.lab.trainer``, held by a pipe.

The first line of its input is an order: which run to go on with, or which to branch off from. Each further line is a
command. It writes events, answers and frames (`pipe`). When its input ends, because the server has ended in whatever way,
its training is saved and ends, too.
"""

from __future__ import annotations

import os
import queue
import signal
import sys
import threading
import traceback
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from chainrule.errors import ChainruleError, ChainruleWarning, DataError
from chainrule.io import strict_json
from chainrule.lab.control import Control, Inbox, Tell, Wishes
from chainrule.lab.pipe import Teller, widened
from chainrule.runs import folder, session
from chainrule.runs.build import counts
from chainrule.runs.recorded import RecordedRun
from chainrule.runs.session import Session
from chainrule.runs.signals import Stopped
from chainrule.train.loop import CONSTANT

GENTLE = 100.0  # steps a second
LITTLE = 20_000  # steps of a training that would be over before one has seen it
PATIENCE = 20.0  # seconds to finish a step and to save, after which the process ends all the same


def main() -> int:
    """Train as the pipe says; gives the exit code."""
    out = widened(os.fdopen(os.dup(1), "wb"))
    os.dup2(2, 1)  # what a library prints is no message
    tell, inbox = Teller(out), queue.SimpleQueue[dict[str, Any]]()
    lines = open(0, "rb", buffering=0, closefd=False)  # noqa: SIM115  at exit Python aborts if a thread waits in sys.stdin
    order = strict_json.loads(lines.readline())
    assert isinstance(order, dict)
    codes: list[int] = []
    worker = threading.Thread(target=lambda: codes.append(work(order, inbox, tell)), daemon=True)
    threading.Thread(target=listen, args=(lines, inbox), daemon=True).start()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: inbox.put({"command": "end"}))
    worker.start()
    while worker.is_alive():
        worker.join(0.5)  # signals are heard between two waits
    return codes[0] if codes else 1


def listen(lines: Iterable[bytes], inbox: Inbox) -> None:
    """Pass the commands on; the end of the input is the command to end."""
    for line in lines:
        said = strict_json.loads(line)
        if isinstance(said, dict):
            inbox.put(said)
    inbox.put({"command": "end"})
    threading.Event().wait(PATIENCE)
    os._exit(1)


def work(order: Mapping[str, Any], inbox: Inbox, tell: Tell) -> int:
    """Train, and say in words what ended it; gives the exit code."""
    warnings.filterwarnings("error", ".*every example has the label", ChainruleWarning)  # the page shows no warnings
    try:
        with folder.held(order["folder"]):
            train(order, inbox, tell)
    except Stopped:
        return 0
    except ChainruleWarning as warning:
        tell({"event": "error", "message": str(warning), "kind": "DataError"})
        return DataError.exit_code
    except ChainruleError as error:
        tell({"event": "error", "message": str(error), "kind": type(error).__name__})
        return error.exit_code
    except MemoryError:
        tell({"event": "error", "message": "There is not enough memory for this training. Use fewer neurons or examples."})
        return 6
    except Exception as error:  # noqa: BLE001  whatever it is, the page is told
        traceback.print_exc()
        what = f"{type(error).__name__}: {str(error)[:500]}"
        tell({"event": "error", "message": f"The training has ended by an error of chainrule's own: {what}"})
        return 1
    return 0


def train(order: Mapping[str, Any], inbox: Inbox, tell: Tell) -> None:
    """Train to the end; and, whenever more is asked for, as many epochs again."""
    under_way = opened(order)
    speed = order["speed"] if "speed" in order else gentle(under_way)
    wishes = Wishes(running=bool(order.get("running")), speed=speed)
    if under_way.done:
        tell({"event": "ready"})
    while True:
        under_way.train(control=lambda recorder: Control(recorder, inbox, tell, wishes))
        steps, why = under_way.network.state.updates, closed(under_way)
        state = {"event": "state", "running": False, "step": steps, "last": steps, "epochs": under_way.epochs}
        tell(state | {"finished": True, "closed": why, "steps_per_second": None})
        await_more(why, inbox, tell, wishes)
        under_way = extended(under_way)


def gentle(under_way: Session) -> float | None:
    """How many steps a second a training takes at first: a short one so few that its learning can be seen."""
    examples = counts(under_way.config, under_way.splits).train
    steps = under_way.epochs * -(-examples // (under_way.config.training["batch_size"] or examples))
    return GENTLE if steps <= LITTLE else None


def opened(order: Mapping[str, Any]) -> Session:
    """The run that the order is about."""
    place = Path(order["folder"])
    if "parent" not in order:
        found = session.resumed(folder.find(place))
        if not found.run.checkpoint_file.exists():
            folder.write_config(found.run, found.config)  # with every default, now that the data is known
        return found
    with RecordedRun(order["parent"]) as recorded:
        return recorded.branched(order["at"], place, order.get("settings") or {})


def closed(under_way: Session) -> str | None:
    """Why a training that is finished cannot be gone on with, in words; None where it can."""
    config = under_way.config.training
    schedule = config.get("schedule", "constant")
    name = schedule["name"] if isinstance(schedule, dict) else schedule
    if config.get("early_stopping"):
        return "this training has stopped early and given its best weights back: branch off from a step, or start anew."
    if name not in CONSTANT:
        return f"this training is finished, and its schedule, {name}, at its end: branch off from a step, or start anew."
    return None


def await_more(why: str | None, inbox: Inbox, tell: Tell, wishes: Wishes) -> None:
    """Wait, after the last epoch, until more is asked for, unless there is a reason why there can be no more.

    What is set meanwhile counts from then on.
    """
    settings: list[dict[str, Any]] = []
    while True:
        said = inbox.get()
        number, command = said.get("id"), said["command"]
        if command == "end":
            raise Stopped(15, at_once=False)
        if command in {"run", "step"} and why is None:
            for each in (*settings, said):
                inbox.put(each)
            wishes.running = False
            return
        if command in {"watch", "frame"}:
            wishes.watched, wishes.wanted = bool(said.get("on", wishes.watched)), command == "frame" or wishes.wanted
        elif command == "set":
            settings.append({**said, "id": None})
        if number is not None:
            tell({"id": number, "error": why} if why and command in {"run", "step", "set"} else {"id": number, "ok": True})


def extended(under_way: Session) -> Session:
    """The same run with as many epochs again as it was begun with, or has by now."""
    run, config = under_way.run, under_way.config
    total = config.training.get("schedule_epochs") or config.training["epochs"]
    more = under_way.network.state.epoch + int(config.training["epochs"])
    folder.write_config(run, replace(config, training={**config.training, "schedule_epochs": total}))
    return session.resumed(run, epochs=more, load=lambda _: under_way.splits)


if __name__ == "__main__":
    sys.exit(main())
