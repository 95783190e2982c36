"""Results as they are kept: one JSON file a machine, with a table and a picture that are made from it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from bench.peers import machine

Record = dict[str, Any]


def folder() -> Path:
    """Where the results of this machine are kept."""
    found = machine.description()
    slug = re.sub(r"[^a-z0-9]+", "-", found["cpu"].lower()).strip("-")
    return Path(__file__).parents[1] / "results" / f"{slug}-{found['cores']}-cores"


def load(place: Path) -> Record:
    """What is kept there; nothing at first."""
    file = place / "results.json"
    found: Record = json.loads(file.read_text()) if file.exists() else {}
    return found


def save(place: Path, record: Record) -> None:
    """Write the figures, the table and the picture."""
    from bench.peers import chart, report

    place.mkdir(parents=True, exist_ok=True)
    (place / "results.json").write_text(json.dumps(record, indent=1) + "\n")
    (place / "results.md").write_text(report.markdown(record))
    (place / "results.svg").write_text(chart.picture(record))
