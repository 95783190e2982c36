"""The numbers that the page's arithmetic is tested with are what the engine gives now."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from fixtures import FOLDER, fixtures

NOW = fixtures()


def same(now: Any, then: Any) -> bool:
    """Equal, numbers to 1e-13 of their size: exp and its kin differ in their last place between machines."""
    if isinstance(now, dict):
        return isinstance(then, dict) and now.keys() == then.keys() and all(same(now[key], then[key]) for key in now)
    if isinstance(now, list):
        return isinstance(then, list) and len(now) == len(then) and all(map(same, now, then))
    if isinstance(now, float):
        return isinstance(then, int | float) and then == pytest.approx(now, rel=1e-13, abs=1e-16)
    return bool(now == then)


@pytest.mark.parametrize("name", NOW)
def test_the_page_is_tested_with_what_the_engine_gives(name):
    """Otherwise: python tests/lab/fixtures.py, and see whether the page's arithmetic still agrees (npm test in web)."""
    then = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    assert same(json.loads(json.dumps(NOW[name])), then)


def test_every_activation_and_every_cost_is_among_them():
    """A new row of a table is in the fixtures, and so must be in the page."""
    from chainrule.activations import ACTIVATIONS
    from chainrule.costs import COSTS

    networks = [case["network"] for case in NOW["passes"]]
    pairs = {(sigma, network["cost"]) for network in networks for sigma in network["activations"] if isinstance(sigma, str)}
    assert {(sigma, cost) for sigma in ACTIVATIONS for cost in COSTS} <= pairs


def test_the_page_judges_by_the_bounds_of_diagnose():
    """Of a recording alone the page says itself whether it has learned well, and when a layer is saturated."""
    from chainrule.diagnosing.case import LEARNED
    from chainrule.diagnosing.table import BY_ID

    text = (FOLDER.parents[1] / "src" / "ui" / "healthparts.ts").read_text(encoding="utf-8")
    found = {name: float(value) for name, value in re.findall(r"^const ([A-Z]+) = ([0-9.]+);", text, re.MULTILINE)}
    assert (found["LEARNED"], found["DEAD"]) == (LEARNED, pytest.approx(1 - BY_ID["saturated"].bound))
