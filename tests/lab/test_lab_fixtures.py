"""The numbers that the page's arithmetic is tested with are what the engine gives now."""

from __future__ import annotations

import json
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
