"""New runs from the start screen: settings that are checked, and the folder in which a trainer finds them."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

from chainrule.activations import ACTIVATIONS
from chainrule.architecture import INITIAL
from chainrule.costs import COSTS
from chainrule.data.toys import TOYS
from chainrule.errors import ChainruleError, ConfigError
from chainrule.lab.uploads import DATA, Uploads
from chainrule.lab.wire import SPEED, is_whole
from chainrule.optimizers import OPTIMIZERS
from chainrule.runs import folder
from chainrule.runs.config import Config, checked, config
from chainrule.runs.recorded import refuse_finished
from chainrule.train.rates import RATES

WIDEST, DEEPEST = 4_096, 32  # neurons of a hidden layer, hidden layers
MOST_POINTS = 20_000  # of a toy
MOST_EPOCHS = 1_000_000
MOST_TRAININGS = 4  # at the same time
KEYS = ("data", "network", "training", "seed", "speed", "paused")
ENGINES = ("auto", "compiled", "numpy", "reference")


def options() -> dict[str, Any]:
    """What the start screen can offer."""
    return {
        "data": ["mnist", *TOYS], "activations": list(ACTIVATIONS), "costs": list(COSTS), "optimizers": list(OPTIMIZERS),
        "schedules": list(RATES), "initial": list(INITIAL),
        "limits": {"neurons": WIDEST, "layers": DEEPEST, "points": MOST_POINTS, "epochs": MOST_EPOCHS},
    }  # fmt: skip


def asked(said: Any) -> tuple[Config, dict[str, Any]]:
    """The settings that a page asks for, and how the training is to begin.

    A file that was dropped has the source ``upload:ID``, which only `begun` can make into a path.

    Raises
    ------
    ConfigError
        Something in them is not allowed, or out of its range.
    """
    if not isinstance(said, dict):
        raise ConfigError("settings are one JSON object.")
    if unknown := [key for key in said if key not in KEYS]:
        raise ConfigError(f"there is no setting {unknown[0][:40]!r}; there are {', '.join(KEYS)}.")
    table = {key: said[key] for key in ("data", "network", "training") if key in said}
    if not all(isinstance(section, dict) for section in table.values()):
        raise ConfigError("data, network and training are tables.")
    data = dict(table.get("data", {}))
    data["source"] = _source(data)
    found = config({**table, "data": data, "seed": said.get("seed")}, where="the start screen")
    _check_sizes(found)
    speed = {"speed": said["speed"]} if "speed" in said else {}
    if speed and not SPEED.fits(said["speed"]):
        raise ConfigError(f"speed = {str(said['speed'])[:40]!r}: it must be {SPEED.words}.")
    training = {"optimizer": "sgd", "learning_rate": 0.1} if "optimizer" not in found.training else {}
    training |= {"schedule": "constant"} | dict(found.training)
    return replace(found, training=training), {"running": said.get("paused") is not True, **speed}


def _source(data: dict[str, Any]) -> str:
    """A data set of chainrule's own, or what was dropped; never a path."""
    source, upload = data.pop("source", None), data.pop("upload", None)
    if isinstance(upload, str) and source is None and upload.isalnum():
        return f"upload:{upload}"
    if source not in {"mnist", *TOYS}:
        raise ConfigError(f"data.source = {str(source)[:40]!r}: it is mnist, {', '.join(TOYS)}, or a file dropped here.")
    return str(source)


def _check_sizes(found: Config) -> None:
    """What one page may ask of this machine."""
    hidden, data, training = found.network.get("hidden", []), found.data, found.training
    if len(hidden) > DEEPEST or not all(is_whole(n, 1, WIDEST) for n in hidden):
        raise ConfigError(f"hidden = {str(hidden)[:60]}: at most {DEEPEST} hidden layers, each of 1 to {WIDEST:,} neurons.")
    if not is_whole(data.get("n", 2), 2, MOST_POINTS):
        raise ConfigError(f"n = {data['n']}: 2 to {MOST_POINTS:,} points.")
    if not is_whole(training.get("epochs", 1), 1, MOST_EPOCHS):
        raise ConfigError(f"epochs = {training['epochs']}: 1 to {MOST_EPOCHS:,}.")
    if training.get("engine", "auto") not in ENGINES:
        raise ConfigError(f"engine = {str(training['engine'])[:40]!r}: {', '.join(ENGINES)}.")
    if training.get("optimizer") == "lbfgs":
        raise ConfigError("optimizer = 'lbfgs' has no mini-batches that could be watched: use chainrule train for it.")


def begun(root: Path, settings: Config, uploads: Uploads | None = None) -> Path:
    """A new run's folder with its settings, and with the files that were dropped for it.

    Raises
    ------
    ConfigError, DataError, ResourceError
    """
    number = settings.source.partition("upload:")[2]
    name = uploads.title(number) if number and uploads else Path(settings.source).name
    place = new_folder(root, name)
    try:
        with folder.held(place):
            if number and uploads:
                settings = replace(settings, source=str(uploads.copied(number, place).absolute()))
            folder.begin(folder.Run(place), settings, force=False)
    except ChainruleError:
        discard(place)
        raise
    return place


def again(root: Path, old: Path, seed: int | None) -> Path:
    """A new run with the settings of another: the same first weights, unless another seed is given."""
    settings = replace(folder.find(old).config(), parent=None)
    settings = settings if seed is None else replace(settings, seed=seed)
    place = next_folder(root, old)
    own = old.absolute() / DATA
    if Path(settings.source).is_relative_to(own):  # files that were dropped: each run has its own
        shutil.copytree(own, place / DATA)
        settings = replace(settings, source=str(place.absolute() / DATA / Path(settings.source).relative_to(own)))
    with folder.held(place):
        folder.begin(folder.Run(place), settings, force=False)
    return place


def changes(said: Any, step: int, old: Config, steps_in_epoch: int) -> dict[str, Any]:
    """The settings of training that a branch changes; it gets as many epochs more as its parent had, if these are over.

    Raises
    ------
    ConfigError
    """
    found: dict[str, Any] = checked({"training": said or {}}, where="the branch").get("training", {})
    _check_sizes(replace(old, training=found, network={}, data={}))
    had = int(old.training["epochs"])
    if "epochs" not in found and had <= step // steps_in_epoch + 1:
        found["epochs"] = step // steps_in_epoch + had
    refuse_finished(step, step // steps_in_epoch, int(found.get("epochs", had)))
    return found


def new_folder(root: Path, name: str) -> Path:
    """A folder for a new run."""
    return folder.prepare(folder.numbered(root, name), force=False).folder


def next_folder(root: Path, old: Path) -> Path:
    """A folder for a run that is made of another: its name with the next number."""
    return folder.prepare(folder.beside(old, root), force=False).folder


def discard(place: Path) -> None:
    """Delete the folder of a run that never began: it holds nothing but what was put into it just now."""
    if not (place / "metrics.jsonl").exists() and not (place / "recording.sqlite").exists():
        shutil.rmtree(place, ignore_errors=True)
