"""Which runs there are in a folder, and what is known of each from its small files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from chainrule.errors import ChainruleError
from chainrule.record.reading import Recording
from chainrule.runs.folder import Run


def listed(folder: Path) -> list[dict[str, Any]]:
    """What is known of each run in a folder, or of the folder itself, newest first; of one that cannot be read, why."""
    return sorted(_rows(folder), key=lambda row: str(row["begun"]), reverse=True)


def _rows(folder: Path) -> Iterator[dict[str, Any]]:
    if not folder.is_dir():
        return
    for place in sorted({folder, *folder.iterdir()}):
        if (place / "config.toml").is_file():
            yield row(place)


def row(place: Path) -> dict[str, Any]:
    """What is known of one run."""
    run = Run(place)
    return _row(place, run.config_file, lambda: _of_run(run))


def alone(file: Path) -> dict[str, Any]:
    """What is known of a recording that has no run's folder."""
    return _row(file, file, lambda: _of_recording(file))


def _row(place: Path, dated: Path, about: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """A row, begun when this file was written; where no more can be read, with the reason."""
    known: dict[str, Any] = {"run": str(place), "begun": ""}
    try:
        known["begun"] = datetime.fromtimestamp(dated.stat().st_mtime).isoformat(" ", "minutes")
        return known | about()
    except (ChainruleError, OSError) as error:
        return known | {"error": str(error).splitlines()[0]}


def _of_run(run: Run) -> dict[str, Any]:
    """Its settings and results."""
    config, lines = run.config(), run.metrics()
    return {
        "data": Path(config.source).name, "hidden": list(config.network["hidden"]),
        "of": config.training["epochs"], "finished": run.finished(), "recorded": run.recorded_bytes,
        "parent": None if config.parent is None else dict(config.parent), **_reached(lines),
    }  # fmt: skip


def _of_recording(file: Path) -> dict[str, Any]:
    """The same, of a recording."""
    with Recording(file) as recording:
        facts, lines = recording.facts, recording.epochs()
    return {
        "data": facts.get("name") or "–", "hidden": facts["network"]["sizes"][1:-1], "of": facts["epochs"],
        "finished": len(lines) >= facts["epochs"], "recorded": file.stat().st_size,
        "parent": facts.get("parent"), **_reached(lines),
    }  # fmt: skip


def _reached(lines: list[dict[str, Any]]) -> dict[str, Any]:
    """How far it has come, and the figure that says it best, after the last epoch."""
    last = lines[-1] if lines else {}
    metrics = last.get("metrics") or {}
    name = next((key for key in ("accuracy", "r2") if key in metrics), "cost")
    return {"epochs": len(lines), "figure": name, "value": metrics.get(name, last.get("cost"))}
