"""``chainrule compile`` in parts: what it makes of sizes, and what it cannot print."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from chainrule.activations import Activation
from chainrule.cli.compile import compiled, described, program_of, stepper_of, zeros
from chainrule.errors import ConfigError

NOTHING = {"config": None}


def test_data_of_zeros_takes_the_memory_of_one_example():
    """Sizes are for a million examples as well as for one."""
    data = zeros([784, 10], 1_000_000, "classification").train
    assert (data.x.shape, data.x.strides[0]) == ((1_000_000, 784), 0)
    assert (data.n_classes, data.x.dtype) == (10, np.float32)


def test_the_stepper_of_sizes_has_the_steps_of_the_whole_training():
    """It holds one example, and counts all of them."""
    stepper = stepper_of(*described("784,30,10", {**NOTHING, "batch_size": "10", "batch": "10", "examples": "1005"}))
    assert (len(stepper.source), stepper.steps_in_epoch) == (1005, 101)
    assert stepper.source.x.shape == (1, 784)


def test_the_stepper_of_data_has_the_examples_that_are_trained_on():
    """What is held out for validation is no part of n, which the program is given beside the penalty."""
    stepper = stepper_of(*described("moons", {**NOTHING, "examples": "200", "lmbda": "0.5"}))
    assert len(stepper.source) == 144  # 200, less a fifth for the test, less a tenth for validation
    assert "examples = settings[0]" in program_of(stepper).text
    assert program_of(stepper).settings[0] == 144.0


def test_a_network_that_cannot_be_printed_is_refused_in_words():
    """The message names what has no form, and which engine has it."""
    stepper = stepper_of(*described("3,4,2", NOTHING))
    own = Activation("sorted", lambda z: np.take(np.asarray(z, float), 0), lambda z, a: z)
    a = replace(stepper.a, activations=(own, stepper.a.activations[1]))
    with pytest.raises(ConfigError, match=r"no program: .*\nIt is trained by the numpy engine"):
        program_of(replace(stepper, a=a))


def test_compiling_without_numba_is_refused_in_words():
    """The exit code is 2, and the message says what to install."""
    code = (
        "import sys\nsys.modules['numba'] = sys.modules['llvmlite'] = None\n"
        "from chainrule.cli import main\nmain(['compile', '3,4,2'])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert "needs Numba" in done.stderr


def test_what_train_would_choose_is_what_it_chooses_by_itself(tmp_path, monkeypatch):
    """Short epochs go to numpy, though the program has just been compiled; long ones to the program."""
    pytest.importorskip("numba")
    monkeypatch.setenv("CHAINRULE_CACHE", str(tmp_path))
    steppers = [stepper_of(*described(sizes, NOTHING)) for sizes in ("3,4,2", "784,300,10", "784,300,10")]
    found = [compiled(program_of(stepper), stepper) for stepper in steppers]
    assert [row["engine"] for row in found] == ["numpy", "compiled", "compiled"]
    assert [row["compiled"] for row in found] == [True, True, False]
