"""Which runs there are in a folder, and what is known of each from its small files."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from chainrule.errors import ChainruleError
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
    begun = datetime.fromtimestamp(run.config_file.stat().st_mtime).isoformat(" ", "minutes")
    known = {"run": str(place), "begun": begun}
    try:
        return known | _about(run)
    except (ChainruleError, OSError) as error:
        return known | {"error": str(error).splitlines()[0]}


def _about(run: Run) -> dict[str, Any]:
    """Its settings and results."""
    config, lines = run.config(), run.metrics()
    last = lines[-1] if lines else {}
    metrics = last.get("metrics") or {}
    name = next((key for key in ("accuracy", "r2") if key in metrics), "cost")
    return {
        "data": Path(config.source).name, "hidden": list(config.network["hidden"]), "epochs": len(lines),
        "of": config.training["epochs"], "finished": run.finished(), "figure": name,
        "value": metrics.get(name, last.get("cost")), "recorded": run.recorded_bytes,
        "parent": None if config.parent is None else dict(config.parent),
    }  # fmt: skip
