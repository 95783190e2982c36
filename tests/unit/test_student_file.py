"""A student's file is run under limits, and whatever it does ends in a sentence."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from chainrule.auditing.student import PRINTED_BYTES, Limits, StudentFile
from chainrule.auditing.student_errors import KINDS, StudentError
from chainrule.errors import DataError

POSIX = pytest.mark.skipif(os.name == "nt", reason="limits of a process, and groups of processes")
SHORT = Limits(seconds=1.0, megabytes=256)
ALLOWED = Limits(seconds=60.0, megabytes=256)

# What a file does; the kind of its end; words that are in the message; and whether it takes all of its time.
HOSTILE = {
    "loops": ("while True: pass", "time", "after 1 seconds", True),
    "sleeps": ("import time; time.sleep(1000)", "time", "--timeout", True),
    "stays in C": ("x = 7 ** (10 ** 9)", "time", "after 1 seconds", True),
    "ignores signals": (
        "import signal, time\nfor n in (1, 2, 15): signal.signal(n, signal.SIG_IGN)\ntime.sleep(1000)", "time", "", True,
    ),
    "forks and forks": ("import os\nwhile True:\n    try: os.fork()\n    except OSError: pass", "time", "", True),
    "takes memory bit by bit": ("x = []\nwhile True: x.append([0] * 1000000)", "memory", "256 MB", False),
    "takes memory at once": ("import numpy as np\nx = np.ones((100000, 100000))", "memory", "--memory", False),
    "exits": ("import sys; sys.exit(0)", "exit", "__main__", False),
    "exits at once": ("import os; os._exit(0)", "ended", "status 0", False),
    "forks": ("import os\nos.fork()", "processes", "line 2", False),
    "runs a program": ("import os; os.system('sleep 1000 &')", "processes", "another process", False),
    "runs a program by subprocess": ("import subprocess; subprocess.run(['sleep', '1000'])", "processes", "", False),
    "spawns": (
        "import multiprocessing as m\nm.get_context('spawn').Process(target=print).start()", "processes", "", False,
    ),
    "starts threads": (
        "import threading, time\nwhile True: threading.Thread(target=time.sleep, args=(1000,)).start()", "exception",
        "thread", False,
    ),
    "kills its parent": ("import os; os.kill(os.getppid(), 9)", "exception", "may not end processes", False),
    "floods stdout": ("while True: print('x' * 1000)", "flood", "more than 1 MB", False),
    "floods stderr": ("import sys\nwhile True: sys.stderr.write('x' * 1000)", "flood", "", False),
    "writes a large file": ("f = open('large', 'wb')\nwhile True: f.write(b'0' * 1000000)", "output", "64 MB", False),
    "reads stdin": ("n = input('how many? ')", "input", "nobody is there", False),
    "raises": ("def f(x):\n    return x / 0\nf(1)", "exception", "line 2, in f:  return x / 0", False),
    "raises what cannot be printed": (
        "class E(Exception):\n    def __str__(self): raise SystemExit\nraise E", "exception", "raised E.", False,
    ),
    "raises with an escape": ("raise ValueError('\\x1b[31mred')", "exception", "?[31mred", False),
    "recurses": ("def f(): return f()\nf()", "exception", "RecursionError", False),
    "crashes": ("import ctypes; ctypes.string_at(0)", "killed", "SIGSEGV", False),
    "is no Python": ("def f(x)\n    return x", "syntax", "line 1: expected ':'", False),
    "has an open bracket": ("x = (1 +\ny = 2", "syntax", "line 1", False),
    "has null bytes": ("x = 1\0", "binary", "null bytes", False),
    "is not UTF-8": (b"x = '\xe9\xff'", "encoding", "coding: latin-1", False),
    "imports what is not there": ("import torchh", "missing", "torchh", False),
    "deletes itself": ("import os; os.remove(__file__); 1 / 0", "exception", "ZeroDivisionError", False),
    "closes everything": ("import os; os.closerange(0, 100)", "", "", False),
    "writes into every pipe": (
        "import os\nfor n in range(3, 20):\n    try: os.write(n, b'\\1\\2' + b'\\xff' * 20)\n    except OSError: pass",
        "channel", "could not be read", False,
    ),
}  # fmt: skip


def written(folder: Path, source: str | bytes) -> Path:
    """A student's file."""
    path = folder / "student.py"
    path.write_bytes(source if isinstance(source, bytes) else source.encode())
    return path


def left_running(printed: str) -> bool:
    """Whether the group of processes that a file has told of still has one."""
    try:
        os.killpg(int(printed.split(maxsplit=1)[0]), 0)
    except ProcessLookupError:
        return False
    return True


@POSIX
@pytest.mark.parametrize("what", HOSTILE)
def test_whatever_a_file_does_ends_in_a_sentence_and_nothing_is_left_running(what, tmp_path, monkeypatch):
    """Loops, memory, exits, processes, floods, crashes: a message of the right kind, and no process afterwards."""
    monkeypatch.chdir(tmp_path)
    source, kind, words, takes_its_time = HOSTILE[what]
    tells = b"import os; print(os.getpid(), flush=True)\n" if kind not in {"syntax", "binary", "encoding"} else b""
    lines = source if isinstance(source, bytes) else source.replace("line 2", "line 3").encode()
    file = StudentFile.open(written(tmp_path, tells + lines), SHORT if takes_its_time else ALLOWED)
    with pytest.raises(StudentError) as caught, file:
        pass
    assert caught.value.kind == kind or not kind
    assert (words if not tells else words.replace("line 2", "line 3")) in str(caught.value)
    assert caught.value.exit_code == 3
    assert not tells or not left_running(file.printed)


def test_every_kind_of_failure_says_what_to_do():
    """Each row of the table has a sentence and a remedy."""
    for row in KINDS.values():
        assert row.sentence.endswith(".")
        assert row.remedy.endswith((".", "SECONDS.", "MB.", '".'))


def test_a_traceback_has_the_lines_of_the_students_file_alone(tmp_path):
    """What happens inside NumPy is told by its message; the lines are the student's."""
    path = written(tmp_path, "import numpy as np\ndef f(x):\n    return np.linalg.inv(x)\n")
    with StudentFile.open(path, ALLOWED) as file, pytest.raises(StudentError) as caught:
        file.call("f", np.zeros((2, 2)))
    assert [row[:3] for row in caught.value.traceback] == [(3, "f", "return np.linalg.inv(x)")]
    assert "Singular matrix" in str(caught.value)


def test_a_loop_in_a_function_is_ended_when_it_is_called(tmp_path):
    """The time is that of all calls together; afterwards nothing more can be asked, and the reason stays the same."""
    with StudentFile.open(written(tmp_path, "def f():\n    while True: pass\ndef g(): return 1"), SHORT) as file:
        for name in ("f", "g"):
            with pytest.raises(StudentError) as caught:
                file.call(name)
            assert caught.value.kind == "time"
        assert file.over


def test_a_function_is_called_with_copies(tmp_path):
    """A file that overwrites its arguments does not reach ours."""
    x = np.ones(3)
    with StudentFile.open(written(tmp_path, "def f(x):\n    x[:] = 0\n    return x"), ALLOWED) as file:
        assert file.call("f", x).tolist() == [0, 0, 0]
    assert x.tolist() == [1, 1, 1]


@pytest.mark.parametrize("value", ["'text'", "object()", "(i for i in [1])", "[1, {2}]", "open", "[object()]"])
def test_a_result_of_the_wrong_type_is_named(value, tmp_path):
    """What is no number, array, list or dict arrives as the name of its type; a text is a text."""
    with StudentFile.open(written(tmp_path, f"def f(): return {value}"), ALLOWED) as file:
        if value == "'text'":
            assert file.call("f") == "text"
            return
        with pytest.raises(StudentError, match="numbers are expected") as caught:
            file.call("f")
    assert caught.value.kind == "type"


def test_the_same_file_gets_the_same_random_numbers(tmp_path):
    """Weights drawn with np.random or random are the same in each run: so is the report."""
    path = written(tmp_path, "import random\nimport numpy as np\nx = [random.random(), np.random.randn()]")
    seen = []
    for _ in range(2):
        with StudentFile.open(path, ALLOWED) as file:
            seen.append(file.get("x"))
    assert seen[0] == seen[1]


def test_what_is_printed_is_kept_apart_and_cut(tmp_path):
    """Prints on both streams are kept, and do not disturb the answers."""
    source = "import sys\nprint('one')\nsys.stderr.write('two\\n')\ndef f():\n    print('x' * 30000)\n    return 1"
    with StudentFile.open(written(tmp_path, source), ALLOWED) as file:
        assert file.call("f") == 1
    assert file.printed.startswith("one\ntwo\nxxx")
    assert 20_000 <= len(file.printed) < 30_000 < PRINTED_BYTES


def test_modules_beside_the_file_are_found_and_its_main_part_is_not_run(tmp_path):
    """It is imported as a module: its folder is where its imports are looked for."""
    (tmp_path / "helpers.py").write_text("two = 2")
    path = written(tmp_path, "from helpers import two\nif __name__ == '__main__': two = 1 / 0")
    with StudentFile.open(path, ALLOWED) as file:
        assert file.get("two") == 2


@pytest.mark.parametrize(
    ("name", "words"), [("missing.py", "there is no file"), (".", "is a folder"), ("notes.ipynb", "is a notebook")]
)
def test_what_is_no_python_file_is_refused_before_anything_runs(name, words, tmp_path):
    """The broken fact, and what to do."""
    (tmp_path / "notes.ipynb").write_text("{}")
    with pytest.raises(DataError, match=words):
        StudentFile.open(tmp_path / name)


@POSIX
def test_a_file_that_nobody_waits_for_any_more_is_ended(tmp_path):
    """Where the program that looks at it is killed, its process and its group end by themselves."""
    path = written(tmp_path, "import os\nprint(os.getpid(), flush=True)\nwhile True: pass")
    watcher = (
        "import sys, threading\nfrom chainrule.auditing.student import Limits, StudentFile\n"
        "file = StudentFile.open(sys.argv[1], Limits(seconds=600))\n"
        "threading.Thread(target=file.__enter__, daemon=True).start()\n"
        "while not file.printed: pass\nprint(file.printed, flush=True)\nsys.stdin.read()\n"
    )
    program = [sys.executable, "-c", watcher, str(path)]
    with subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        told = process.stdout.readline()
        process.kill()
    for _ in range(600):
        if not left_running(told):
            return
        time.sleep(0.1)
    pytest.fail("it is still running")


FORGED = [
    {"value": {"functions": 3}}, {"error": {"kind": []}}, 7,
    {"value": {"functions": {"f()": []}, "classes": {}, "objects": {}, "values": []}},
    {"value": {"functions": {"f": [["x", "SOME", 1]]}, "classes": {}, "objects": {}, "values": []}},
    {"error": {"kind": "exception", "type": [], "words": {}, "frames": [[1]]}},
]  # fmt: skip


@POSIX
@pytest.mark.parametrize("answer", FORGED)
def test_a_file_that_answers_in_place_of_its_process_is_not_believed(answer, tmp_path):
    """What it writes into the pipe of the answers is checked like any other message."""
    forger = (
        "import os\nfrom chainrule.auditing.student_wire import pack\n"
        f"for n in range(3, 12):\n    try: os.write(n, pack({answer!r}))\n    except OSError: pass\n"
    )
    with pytest.raises(StudentError), StudentFile.open(written(tmp_path, forger), ALLOWED):
        pass
