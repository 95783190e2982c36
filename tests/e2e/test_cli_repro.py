"""``chainrule repro``: the published runs come out again, and a failure to do so is seen."""

from __future__ import annotations

import json

import pytest

from chainrule.cli import main
from chainrule.cli.repro_table import ROWS, TABLE, after, all_learned, best, lowest_cost


@pytest.fixture
def chainrule(capfd):
    """A command line in this process: the exit code, what went to stdout, what went to stderr."""

    def run(*words: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as end:
            main(words)
        return int(end.value.code or 0), *capfd.readouterr()

    return run


@pytest.mark.parametrize("name", [row.name for row in ROWS if row.data == "neuron"])
def test_the_single_neuron_follows_the_published_course(chainrule, name):
    """Each output of the neuron is the published one to its last digit."""
    code, out, _ = chainrule("repro", name, "--json", "--quiet")
    found = json.loads(out)
    assert code == 0
    assert found["reproduced"] is True
    assert [f["inside"] for f in found["figures"]] == [True, True, True]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["nielsen-30", "nielsen-slow-eta", "cross-entropy-100", "too-fast", "overfit-1000"])
def test_the_published_run_on_mnist_comes_out(chainrule, name):
    """With the seed that nobody chose, the figures lie in their bands."""
    code, out, _ = chainrule("repro", name, "--json", "--quiet")
    assert (code, json.loads(out)["reproduced"]) == (0, True)


def test_a_shorter_run_is_shown_and_not_judged(chainrule):
    """With another number of epochs nothing is inside or outside; published and obtained stand side by side."""
    code, out, err = chainrule("repro", "nielsen-30", "--epochs", "1", "--seed", "2")
    assert code == 0
    assert "nothing is judged" in out
    assert "95.42" in out
    assert "seed 2" in out
    assert "epoch 1/1  test accuracy " in err


def test_a_figure_outside_of_its_band_is_a_failure(chainrule, monkeypatch):
    """Where a judged figure lies elsewhere, the exit code is 1 and the line says OUTSIDE."""
    row = TABLE["neuron"]
    monkeypatch.setitem(row.training, "learning_rate", 0.16)
    code, out, _ = chainrule("repro", "neuron", "--quiet")
    assert code == 1
    assert "OUTSIDE" in out
    assert "Not reproduced." in out


def test_without_a_name_all_runs_are_listed(chainrule):
    """Each run has its name, what it says, its settings and the published figure."""
    code, out, _ = chainrule("repro")
    assert code == 0
    for row in ROWS:
        assert row.name in out
        assert row.settings in out
    assert len(json.loads(chainrule("repro", "--json")[1])["runs"]) == len(ROWS)


def test_an_unknown_run_is_a_usage_error(chainrule):
    """The exit code is 2, and the nearest name is suggested."""
    code, out, err = chainrule("repro", "nielson-30")
    assert (code, out) == (2, "")
    assert "Did you mean 'nielsen-30'?" in err


def test_every_band_is_about_its_published_figure():
    """What was published lies in the band, so that a band is never fitted to what we obtain."""
    assert len(TABLE) == len(ROWS)
    for row in ROWS:
        for figure in row.figures:
            assert isinstance(figure.published, str) or figure.holds(figure.published) is not False


def test_figures_are_read_from_the_epochs_after_the_start():
    """The first measurement is before training: it is epoch 0, and never the best."""
    measured = [{"accuracy": a, "cost": c, "training_accuracy": t} for a, c, t in
                ((99, 9, 0), (50, 3, 90), (80, 1, 100), (70, 2, 99), (60, 5, 100), (61, 6, 100))]  # fmt: skip
    assert best(measured) == 80
    assert (after(0)(measured), after(3)(measured), after(5)(measured)) == (99, 70, 61)
    assert lowest_cost(measured) == 2
    assert all_learned(measured) == 4
    assert all_learned(measured[:4]) == float("inf")
