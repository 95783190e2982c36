"""``chainrule compile``: the program that is shown, and kept, is the program that trains."""

from __future__ import annotations

import ast
import builtins
import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from chainrule.cli.compile import WORDS

SMALL = ["--epochs", "2", "--hidden", "8", "--seed", "1"]
SIZES = ["compile", "6,5,3", "--optimizer", "sgd", "--batch", "4"]


@pytest.fixture
def kept(tmp_path) -> Path:
    """The folder that compiled programs are kept in."""
    return tmp_path / "kept"


def shown(text: str) -> ast.Module:
    """A program as Python reads it."""
    return ast.parse(text)


# ------------------------------------------------------------------------------------------------------- it is shown


def test_the_program_of_sizes_is_python_with_every_equation_beside_its_loop(chainrule):
    """No data is needed; on stdout there is a program, a comment above it, and nothing else."""
    code, out, err = chainrule(*SIZES, "--show")
    assert (code, err) == (0, "")
    (run,) = shown(out).body
    assert isinstance(run, ast.FunctionDef)
    assert run.name == "run"
    for name in ("FP1", "FP2", "BP1c", "BP2", "BP3", "BP4", "GD"):
        assert re.search(rf"# (\w+, )*{name}[:,]", out), name


def test_the_head_says_what_the_program_is_for(chainrule):
    """Sizes, cost, optimizer, mini-batch and dtype as they were asked for; lines and products as they are there."""
    out = chainrule(*SIZES, "--dtype", "float64", "--cost", "cross_entropy", "--examples", "5000", "--show")[1]
    head, program = out.split("\n\n\n")
    assert all(line.startswith("#") for line in head.splitlines())
    for words in ("6 → 5 relu → 3 sigmoid", "cross_entropy", "sgd", "batch 4", "float64", "5,000 to train on"):
        assert words in head
    lines, products = re.search(r"(\d+) lines, (\d+) products", head).groups()
    assert int(lines) == len(program.splitlines())
    assert int(products) == 5  # forward and gradient of two layers, backward of one


def test_one_output_is_a_number_and_several_are_classes(chainrule):
    """Sizes have no data to say so; --task says otherwise."""
    assert "3 softmax" in chainrule(*SIZES, "--show")[1]
    assert "3 identity · 53 parameters · quadratic" in chainrule(*SIZES, "--task", "regression", "--show")[1]
    assert "1 identity" in chainrule("compile", "6,5,1", "--show")[1]


@pytest.mark.parametrize(
    "how",
    [
        "6,5,3 --dropout 0.2 --lmbda 0.1 --optimizer adam --class-weight balanced --input-noise 0.1",
        "784,600,10 --dropout 0.2 --batch 64 --clip-norm 1 --activation tanh",
        "784,1200,1100,10 --batch 256 --dtype float64 --cost quadratic --max-norm 2",
    ],
    ids=lambda how: how.split()[0],
)
def test_every_word_that_a_program_calls_is_explained(chainrule, how):
    """It is Python's, or it is among the functions that are printed, or the comment above the program has it."""
    code, out, _ = chainrule("compile", *how.split(), "--functions")
    tree, head = shown(out), out.partition("\n\n\n")[0]
    (run,) = (node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "run")
    called = {node.func.id for node in ast.walk(run) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    defined = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    explained = {word for word in called if re.search(rf"\b{word.removeprefix('packed_')}\b", head)}
    assert code == 0
    assert called - defined - explained <= {*dir(builtins)}
    assert {re.match(r"#   (\w+)\(", line)[1] for line in head.splitlines() if re.match(r"#   \w+\(", line)} <= {
        form.partition("(")[0] for form, _ in WORDS.values()
    }


def test_a_terminal_gets_colours_and_whole_lines(chainrule):
    """Equations are coloured; without the colours, the text is that of a pipe, however narrow the terminal is."""
    plain = chainrule(*SIZES, "--show")[1]
    seen = on_a_terminal([*SIZES, "--show"])
    assert re.search("\x1b\\[[0-9;]*36m# FP1", seen)
    assert re.sub("\x1b\\[[0-9;]*m", "", seen).replace("\r\n", "\n") == plain
    assert "\x1b" not in plain


def on_a_terminal(words: list[str]) -> str:
    """What a terminal gets to see of a command."""
    main, end = pty.openpty()
    env = {name: value for name, value in os.environ.items() if name != "NO_COLOR"} | {"TERM": "xterm", "COLUMNS": "60"}
    process = subprocess.Popen([sys.executable, "-m", "chainrule", *words], stdout=end, stderr=end, stdin=end, env=env)
    os.close(end)
    seen = b""
    while True:
        try:
            seen += os.read(main, 65536)
        except OSError:
            break
    os.close(main)
    assert process.wait() == 0
    return seen.decode()


def test_nothing_is_compiled_to_be_shown(chainrule, kept):
    """--show and --functions leave no file, and work where Numba is not installed."""
    hidden = "import sys\nsys.modules['numba'] = sys.modules['llvmlite'] = None\n"
    code = f"{hidden}from chainrule.cli import main\nmain({[*SIZES, '--show']!r})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "def run(" in done.stdout
    assert chainrule(*SIZES, "--functions", CHAINRULE_CACHE=str(kept))[0] == 0
    assert not kept.exists()


# ------------------------------------------------------------------------------------------------------ it is compiled


def described(chainrule: Any, kept: Path, *words: str) -> dict[str, Any]:
    """What ``chainrule compile --json`` says."""
    code, out, err = chainrule(*words, "--json", CHAINRULE_CACHE=str(kept))
    assert (code, err) == (0, "")
    return json.loads(out)


def test_a_program_is_compiled_once(chainrule, kept):
    """The first time it is compiled and kept; then it is known, and the file is the same."""
    pytest.importorskip("numba")
    first, second = (described(chainrule, kept, *SIZES) for _ in range(2))
    (file,) = kept.iterdir()
    assert (first["compiled"], second["compiled"]) == (True, False)
    assert first["file"] == second["file"] == str(file)
    assert first["bytes"] == second["bytes"] == file.stat().st_size
    out = chainrule(*SIZES, CHAINRULE_CACHE=str(kept))[1]
    assert "the program is known" in out
    assert f"{file}, " in out
    assert "train would choose " in out


@pytest.mark.parametrize(
    "how",
    ["", "--dropout 0.2 --lmbda 0.5 --class-weight balanced", "--validation 0 --optimizer sgd --batch 7 --dtype float64"],
)
def test_what_is_compiled_is_what_trains(chainrule, kept, how):
    """Training with the same settings finds its program, and says so; no second one is kept."""
    pytest.importorskip("numba")
    words = ["moons", *SMALL, *how.split()]
    assert described(chainrule, kept, "compile", *words)["compiled"]
    code, out, _ = chainrule("train", *words, "--engine", "compiled", "--json", "--quiet", CHAINRULE_CACHE=str(kept))
    result = json.loads(out.splitlines()[-1])
    assert code == 0
    assert (result["engine"], result["engine_reason"]) == ("compiled", "its program is known")
    assert len([*kept.iterdir()]) == 1


def test_a_folder_that_cannot_be_written_is_said(chainrule, tmp_path):
    """The program is compiled all the same, and what is not kept is not said to be."""
    pytest.importorskip("numba")
    (tmp_path / "file").write_text("")
    code, out, _ = chainrule(*SIZES, CHAINRULE_CACHE=str(tmp_path / "file"))
    assert code == 0
    assert re.search(r"kept +not: .*cannot be written", out)


# ------------------------------------------------------------------------------------------------------- what is wrong


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        ("compile", 2, "names no data"),
        ("compile moosn --show", 3, "Did you mean 'moons'"),
        ("compile 5", 3, "no data set"),
        ("compile 5,0,2", 2, "neurons in every layer"),
        ("compile 5,1 --task classification", 2, "at least 2 in the last"),
        ("compile 5,2 --task sorting", 2, "no task 'sorting'"),
        ("compile 5,3,2 --hidden 4", 2, "leave out --hidden"),
        ("compile 5,3,2 --target y", 2, "target is a setting of data"),
        ("compile 5,3,2 --optimizer lbfgs", 2, "has no program"),
        ("compile 5,3,2 --activation rleu", 2, "Did you mean 'relu'"),
        ("compile 5,3,2 --show --config nowhere.toml", 2, "does not exist"),
    ],
)
def test_what_has_no_program_is_said_in_words(chainrule, words, code, says):
    """The exit code is that of its kind, and nothing is on stdout."""
    found, out, err = chainrule(*words.split())
    assert (found, out) == (code, "")
    assert re.search(says, re.sub(r"\s+", " ", err))


def test_a_config_file_serves_for_sizes_too(chainrule, tmp_path):
    """Its network and its training are taken; its data, and its hidden layers, are not."""
    (tmp_path / "c.toml").write_text(
        "[data]\nsource = 'moons'\nn = 90\n[network]\nhidden = [9]\nactivation = 'tanh'\n[training]\nbatch_size = 7\n"
    )
    out = chainrule("compile", "5,4,2", "--config", "c.toml", "--show")[1]
    for words in ("5 → 4 tanh → 2 softmax", "batch 7", "60,000 to train on"):
        assert words in out


# --------------------------------------------------------------------------------------------- training says its engine


def test_training_says_which_engine_it_takes_and_why(chainrule):
    """Below what is trained, before the first epoch; with its speed at the end; and as JSON."""
    code, out, err = chainrule("train", "moons", *SMALL, "--out", "run")
    assert code == 0
    assert re.search(r"folder +run\n  engine     numpy: short epochs, which compiling would not pay for\n\n  epoch ", err)
    assert re.search(r"time .*examples/s, numpy engine", out)
    _, out, err = chainrule("resume", "run", "--epochs", "3", "--json")
    result = json.loads(out.splitlines()[-1])
    assert "engine     numpy: as this training began" in err
    assert (result["engine"], result["engine_reason"]) == ("numpy", "as this training began")


def test_the_engine_may_be_chosen_and_its_threads_are_no_part_of_the_run(chainrule, kept, tmp_path):
    """One thread and two give the same bits, and the config has no word of them."""
    pytest.importorskip("numba")
    words = [
        "train",
        "moons",
        "--epochs",
        "1",
        "--hidden",
        "512,512",
        "--batch",
        "32",
        "--seed",
        "1",
        "--engine",
        "compiled",
    ]
    for n in ("1", "2"):
        code, _, err = chainrule(*words, "--threads", n, "--out", n, CHAINRULE_CACHE=str(kept))
        assert code == 0
        assert "engine     compiled: " in err
    one, two = ((tmp_path / n / "model.safetensors").read_bytes() for n in "12")
    assert one == two
    assert "threads" not in (tmp_path / "1/config.toml").read_text()
    assert (tmp_path / "1/config.toml").read_text() == (tmp_path / "2/config.toml").read_text()
