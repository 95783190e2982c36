"""``chainrule audit``: a student's file, right or wrong or not to be run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

NETWORK = """
import numpy as np

def sigmoid(z): return 1 / (1 + np.exp(-z))

class Network:
    def __init__(self, sizes):
        self.weights = [np.random.randn(n, k) for k, n in zip(sizes[:-1], sizes[1:])]
        self.biases = [np.random.randn(n, 1) for n in sizes[1:]]

    def backprop(self, x, y):
        activations = [x]
        for w, b in zip(self.weights, self.biases):
            activations.append(sigmoid(w @ activations[-1] + b))
        a = activations.pop()
        delta, nabla_b, nabla_w = (a - y) * a * (1 - a), [], []
        for w in self.weights[::-1]:
            a = activations.pop()
            nabla_b.insert(0, delta)
            nabla_w.insert(0, delta @ a.T)
            delta = w.T @ delta * a * (1 - a)
        return nabla_b, nabla_w
"""


@pytest.fixture
def student(tmp_path) -> Path:
    """Where the file of a student is written."""
    return tmp_path / "student.py"


def test_right_code_is_right(chainrule, student):
    """Exit code 0; the report says what was looked at."""
    student.write_text(NETWORK)
    code, out, err = chainrule("audit", "student.py")
    assert (code, err) == (0, "")
    assert "Audit of Network.backprop in student.py" in out
    assert "is right" in out


def test_wrong_code_is_told_which_equation_it_breaks(chainrule, student):
    """Exit code 1; the report names the equation, and holds the answer back unless it is asked for."""
    student.write_text(NETWORK.replace("w.T @ delta * a * (1 - a)", "w.T @ delta"))
    code, report, _ = chainrule("audit", "student.py")
    assert code == 1
    assert "The first quantity that is wrong: BP2" in report
    (told,) = json.loads(chainrule("audit", "student.py", "--json", "--answers")[1])["verdict"]["findings"]
    assert told["slip"] == "slope_missing"
    assert told["answer"]
    assert told["answer"] not in report


def test_json_has_the_documented_keys_whatever_happens(chainrule, student):
    """One object on stdout, with the same keys for right, wrong and what could not be run; prints do not disturb it."""
    noise = "\nprint('{\"right\": true}')\n"
    keys = {"format", "file", "right", "exit_code", "candidate", "verdict", "error", "printed"}
    for source, right, code in ((NETWORK, True, 0), (NETWORK.replace("(a - y)", "a"), False, 1), ("1 / 0", None, 3)):
        student.write_text(noise + source)
        found, out, err = chainrule("audit", "student.py", "--json")
        facts = json.loads(out)
        assert (found, facts["right"], facts["exit_code"], err) == (code, right, code, "")
        assert set(facts) == keys
        assert facts["printed"] == '{"right": true}\n'
    assert facts["error"]["kind"] == "exception"
    assert facts["error"]["traceback"] == [{"line": 3, "function": "<module>", "text": "1 / 0"}]


def test_what_could_not_be_run_is_said_on_stderr(chainrule, student):
    """Exit code 3; the student's own line, and no traceback of ours."""
    student.write_text(NETWORK.replace("return nabla_b, nabla_w", "return nabla, nabla_w"))
    code, out, err = chainrule("audit", "student.py")
    assert (code, out) == (3, "")
    assert "in backprop:  return nabla, nabla_w" in err
    assert "chainrule/" not in err


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["missing.py"], 3, "there is no file"),
        (["student.py", "--sizes", "3"], 2, "--sizes"),
        (["student.py", "--activation", "sigmod"], 2, "Did you mean 'sigmoid'"),
        (["student.py", "--function", "Network.backprob"], 2, "Did you mean 'backprop'"),
    ],
)
def test_usage_is_checked_in_words(words, code, said, chainrule, student):
    """Wrong names get the nearest one, and exit code 2."""
    student.write_text(NETWORK)
    found = chainrule("audit", *words)
    assert found[0] == code
    assert said in found[2]


def test_prints_are_shown_when_they_are_asked_for(chainrule, student):
    """On stderr, apart from the report."""
    student.write_text("print('seen')" + NETWORK)
    code, out, err = chainrule("audit", "student.py", "--prints")
    assert code == 0
    assert "seen" not in out
    assert "seen" in err
