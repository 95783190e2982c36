"""What a student's file offers is found by name and audited, whatever its form; what cannot be run is said."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from student_files import CACHED, FUNCTION, GLOBALS, KEPT, NETWORK, OBJECT, SILENT

from chainrule.auditing.student import Limits, StudentFile
from chainrule.auditing.student_candidate import found_in
from chainrule.auditing.student_errors import StudentError
from chainrule.auditing.student_verdict import examined
from chainrule.auditing.testing import assert_right
from chainrule.auditing.verdict import Verdict
from chainrule.errors import ConfigError

FORMS = {
    "the book's class": (NETWORK, None, None, None, "Network.backprop"),
    "a method that is asked for": (NETWORK, "Network.update_mini_batch", None, None, "Network.update_mini_batch"),
    "a function of numbered parameters": (FUNCTION, None, None, None, "gradients"),
    "a function and the parameters of its file": (GLOBALS, None, None, None, "backprop"),
    "an object": (OBJECT, "net", None, None, "net"),
    "an object that is found": (OBJECT, None, None, None, "net.backprop"),
    "sizes that are given": (NETWORK, None, [2, 2, 2, 2], None, "Network.backprop"),
    "examples that are given": (FUNCTION, None, [2, 3, 1], 6, "gradients"),
    "weights that are changed, and the output as an argument": (SILENT, None, None, None, "Network.backward"),
    "what the forward pass has kept as an argument": (CACHED, None, None, None, "backward_propagation"),
    "gradients that are kept, and a layer of the same name": (KEPT, None, None, None, "Network.backward"),
    "one example at a time": (NETWORK, None, None, 1, "Network.backprop"),
}
WRONG = {
    "a slope is forgotten": (NETWORK.replace("@ delta * slope(zs[-l])", "@ delta"), "slope_missing", "BP2"),
    "a factor": (FUNCTION.replace("x.T @ d1", "(x.T @ d1) * 2"), None, "BP4"),
    "the sign in a class that gives nothing back": (SILENT.replace("y - o", "o - y"), "wrong_sign", "GD"),
    "a slope, found out from its own cost": (
        CACHED.replace('cache["A2"] - Y', '(cache["A2"] - Y) * cache["A2"] * (1 - cache["A2"])'),
        "slope_not_cancelled",
        "BP1",
    ),
    "an update": (KEPT.replace("w - self.lr", "w + self.lr"), "wrong_sign", "GD"),
    "the sign": (GLOBALS.replace("(a3 - y)", "(y - a3)"), None, "BP1"),
}
RETURN = "return nabla_b, nabla_w"
BEGIN = "a, activations, zs = x, [x], []"
UNUSABLE = {  # the file, the kind, and words of the message
    "a syntax error": ("def f(x)\n    pass", "syntax", "line 1: expected ':'"),
    "a loop": (NETWORK.replace(BEGIN, "while True: pass"), "time", "was not done after"),
    "memory": (NETWORK.replace(BEGIN, "np.ones((10**6, 10**6))"), "memory", "of memory"),
    "an exception": (NETWORK.replace(RETURN, "return nabla, nabla_w"), "exception", "'nabla' is not defined"),
    "an exit": (NETWORK.replace(RETURN, "exit()"), "exit", "ends the program by itself"),
    "an end": (NETWORK.replace(RETURN, "import os; os._exit(3)"), "ended", "status 3"),
    "no return": (NETWORK.replace(f"        {RETURN}", ""), "type", "gives nothing back"),
    "an object": (NETWORK.replace(RETURN, "return object()"), "type", "where numbers are expected"),
    "NaN": (NETWORK.replace(RETURN, "return nabla_b, [w * np.nan for w in nabla_w]"), "not_finite", "not finite"),
    "nothing to look at": ("def f(x): return x", "nothing", "It defines f."),
    "an empty file": ("", "nothing", "It defines no function"),
    "no arguments": (
        "class A:\n    def __init__(self): self.W1 = 0\n    def backprop(self): pass",
        "unfit",
        "takes no examples",
    ),
    "weights in objects": (
        "class A:\n    def __init__(self): self.layers = []\n    def backprop(self, x, y): pass",
        "unfit",
        "shows no weights",
    ),
    "a class of other arguments": (OBJECT.replace("\nnet =", "\n_net ="), "class", "needs sizes, name, rate"),
}


def looked_at(folder: Path, source: str, asked: str | None = None, sizes: list[int] | None = None, batch: int | None = None,
              seconds: float = 60.0) -> tuple[str, Verdict]:  # fmt: skip
    """What of a student's file was looked at, and the verdict."""
    (folder / "student.py").write_text(source)
    with StudentFile.open(folder / "student.py", Limits(seconds)) as file:
        found = found_in(file, asked, sizes)
        return found.name, examined(file, found, {}, batch)


@pytest.mark.parametrize("form", FORMS)
def test_right_code_in_any_form_is_right(form, tmp_path):
    """A class, a function, an object: found by name, and looked at across the processes."""
    source, asked, sizes, batch, name = FORMS[form]
    candidate, verdict = looked_at(tmp_path, source, asked, sizes, batch)
    assert candidate == name
    assert verdict.right, str(verdict)


@pytest.mark.parametrize("slip", WRONG)
def test_wrong_code_is_told_which_equation_it_breaks(slip, tmp_path):
    """The verdict is the one that the audit gives of the same program in our own process."""
    source, name, equation = WRONG[slip]
    verdict = looked_at(tmp_path, source)[1]
    assert [finding.equation for finding in verdict.findings] == [equation]
    assert name in {None, verdict.findings[0].slip}


@pytest.mark.parametrize("what", UNUSABLE)
def test_what_could_not_be_run_is_said_with_what_to_do(what, tmp_path):
    """Exceptions, limits and results that are no numbers: the kind, the sentence, a remedy, and no line of ours."""
    source, kind, words = UNUSABLE[what]
    with pytest.raises(StudentError) as caught:
        looked_at(tmp_path, source, seconds=1.0 if kind == "time" else 60.0)
    assert (caught.value.kind, caught.value.exit_code) == (kind, 3)
    assert words in caught.value.sentence
    assert caught.value.remedy
    assert "chainrule/" not in str(caught.value)


@pytest.mark.parametrize(
    ("asked", "words"),
    [("Netwrok", "Did you mean 'Network'"), ("Network.backprob", "Did you mean 'backprop'"), ("f", "there is no function")],
)
def test_a_name_that_is_not_there_gets_the_nearest(asked, words, tmp_path):
    """It is the user who has named it: a ConfigError."""
    with pytest.raises(ConfigError, match=words):
        looked_at(tmp_path, NETWORK, asked)


def test_an_object_keeps_its_state_between_calls(tmp_path):
    """What a method changes, and what we change, is seen on both sides."""
    (tmp_path / "student.py").write_text(NETWORK)
    with StudentFile.open(tmp_path / "student.py") as file:
        net = found_in(file, "Network", [1, 1]).candidate
        net.weights[0][...] = 2.0
        net.biases = [b * 0 for b in net.biases]
        x = net.weights[0] * 0
        (nabla_b,), (nabla_w,) = net.backprop(x, x)
        assert (nabla_b.item(), nabla_w.item()) == (0.125, 0.0)
        net.update_mini_batch([(x, x)], 8.0)
        assert net.weights[0].item() == 2.0
        assert net.biases[0].item() == -1.0


def test_the_assertion_of_a_test_has_the_report_as_its_message(tmp_path):
    """assert_right takes a file, or whatever audit takes."""
    (tmp_path / "right.py").write_text(NETWORK)
    assert assert_right(tmp_path / "right.py").right
    (tmp_path / "wrong.py").write_text(WRONG["a slope is forgotten"][0])
    with pytest.raises(AssertionError, match="BP2") as caught:
        assert_right(tmp_path / "wrong.py")
    assert "Every quantity" in str(caught.value)


def test_the_assertion_takes_whatever_the_audit_takes():
    """A function is called in our own process."""

    def backprop(weights, biases, x, y):
        a = 1 / (1 + np.exp(-(weights[0] @ x + biases[0])))
        return [(a - y).sum(axis=1, keepdims=True)], [(a - y) @ x.T]

    assert assert_right(backprop, [3, 2], cost="cross_entropy").right
    with pytest.raises(AssertionError, match="the backpropagation is wrong"):
        assert_right(backprop, [3, 2], cost="quadratic")
