"""What the public names cost: NumPy, and nothing that only some users need."""

from __future__ import annotations

import os
import subprocess
import sys

LOADED = """
import sys
import numpy
before = set(sys.modules)
import chainrule
chainrule.Network
print(*set(sys.modules) - before)
"""

# Parts of NumPy and of the standard library that are slow to load; the few functions that use them import them.
LATER = {
    "argparse", "asyncio", "concurrent.futures", "csv", "email", "gzip", "http", "logging", "multiprocessing", "socket",
    "sqlite3", "ssl", "tomllib", "unittest", "urllib.request", "xml", "zipfile", "numpy.random", "numpy.testing",
}  # fmt: skip


def loaded_by_chainrule() -> set[str]:
    """The modules that a new Python loads for ``chainrule.Network``, beyond those of ``import numpy``."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
    return set(subprocess.check_output([sys.executable, "-c", LOADED], env=environment, text=True).split())


def test_import_loads_numpy_and_no_other_library():
    """Whoever uses chainrule waits for NumPy alone; every other library is loaded where it is used."""
    packages = {name.partition(".")[0] for name in loaded_by_chainrule()}
    assert packages - sys.stdlib_module_names <= {"chainrule", "numpy"}


def test_import_loads_no_slow_part_of_numpy_or_of_the_standard_library():
    """What only some programs need is loaded by the functions that need it."""
    assert not loaded_by_chainrule() & LATER
