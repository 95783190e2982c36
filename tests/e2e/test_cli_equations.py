"""``chainrule equations``: what it prints is what the code says."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from chainrule import ACTIVATIONS, COSTS, EQUATIONS, OPTIMIZERS
from chainrule.cli import main

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def chainrule(capfd, monkeypatch):
    """A command line in this process: the exit code, what went to stdout, what went to stderr."""
    monkeypatch.chdir(ROOT)

    def run(*words: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as end:
            main(words)
        return int(end.value.code or 0), *capfd.readouterr()

    return run


def test_every_equation_is_listed_once_with_its_place(chainrule):
    """Each equation has a line with its name, its formula and where it stands; its sentence is below."""
    code, out, _ = chainrule("equations")
    assert code == 0
    lines = out.splitlines()
    for e in EQUATIONS.values():
        found = [i for i, line in enumerate(lines) if line.split()[:1] == [e.name]]
        assert len(found) == 1
        file, number = e.where
        left, _, right = e.text.partition(" = ")
        assert lines[found[0]].split(None, 1)[1].startswith(left if left == right else e.text)
        assert lines[found[0]].endswith(f"{Path(file).relative_to(ROOT)}:{number}")
        assert lines[found[0] + 1].strip() == e.sentence


def test_the_place_is_the_line_of_the_equation(chainrule):
    """The file and line that are shown hold the equation of this name."""
    for row in json.loads(chainrule("equations", "--json")[1])["equations"]:
        file, _, line = row["where"].rpartition(":")
        assert f'@equation("{row["name"]}"' in (ROOT / file).read_text("utf-8").splitlines()[int(line) - 1]


def test_equations_stand_under_the_headings_of_the_source(chainrule):
    """The sections are those of the files, in their order."""
    rows = json.loads(chainrule("equations", "--json")[1])["equations"]
    sections = {row["name"]: row["section"] for row in rows}
    assert [sections[name] for name in ("FP1", "C", "BP1", "BP2", "BP3", "BP4")] == ["forward", "cost", *["backward"] * 4]
    assert list(dict.fromkeys(sections.values()))[:3] == ["forward", "cost", "backward"]
    assert sections["MT"] == "optimizers"


def test_nothing_is_said_to_be_equal_to_itself(chainrule):
    """A symbol that an equation only gives its name to stands alone, and its sentence says what it is."""
    rows = json.loads(chainrule("equations", "--json")[1])["equations"]
    for row in rows:
        for formula in (row["formula"], row["latex"]):
            left, equals, right = formula.partition(" = ")
            assert left != right or not equals
    assert [row["name"] for row in rows if not {"=", "←"} & set(row["formula"])] == ["SP"]


def test_chosen_equations_come_in_the_order_asked_for(chainrule):
    """Names choose, in any case and from all tables; LaTeX is the formula's LaTeX."""
    code, out, _ = chainrule("equations", "bp4", "BP1", "relu", "--latex")
    assert code == 0
    assert [line.split()[0] for line in out.splitlines() if line.startswith("  ") and line[2] != " "] == [
        "BP4",
        "BP1",
        "relu",
    ]
    assert EQUATIONS["BP4"].latex in out
    assert ACTIVATIONS["relu"].latex in out


@pytest.mark.parametrize(("flag", "table"), [("activations", ACTIVATIONS), ("costs", COSTS), ("optimizers", OPTIMIZERS)])
def test_each_table_is_listed_whole(chainrule, flag, table):
    """A flag shows its table, each row with the line that it stands in."""
    rows = json.loads(chainrule("equations", f"--{flag}", "--json")[1])["equations"]
    assert [row["name"] for row in rows] == list(table)
    for row in rows:
        file, _, line = row["where"].rpartition(":")
        lines = (ROOT / file).read_text("utf-8").splitlines()[int(line) - 1 : int(line) + 1]
        assert f'"{row["name"]}"' in "".join(lines)


def test_an_unknown_name_is_a_usage_error_with_a_suggestion(chainrule):
    """The exit code is 2, stdout stays empty, and the nearest name is suggested."""
    code, out, err = chainrule("equations", "sigmod")
    assert (code, out) == (2, "")
    assert "Did you mean 'sigmoid'?" in err


def test_paths_are_relative_to_the_package_elsewhere(chainrule, tmp_path, monkeypatch):
    """Where the source is not below the working directory, the path begins with the package."""
    monkeypatch.chdir(tmp_path)
    _, out, _ = chainrule("equations", "BP2")
    assert f" chainrule/equations.py:{EQUATIONS['BP2'].where[1]}" in out.replace("\\", "/")


def test_a_pipe_gets_plain_text():
    """What goes to another program has no colours, and no line is cut."""
    out = subprocess.run(
        [sys.executable, "-m", "chainrule", "equations"], capture_output=True, check=True, encoding="utf-8", cwd=ROOT,
    ).stdout  # fmt: skip
    assert "\x1b" not in out
    assert EQUATIONS["AT"].text in out
