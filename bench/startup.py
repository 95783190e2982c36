"""How long chainrule takes to be there: the best of several new processes, taken in turns."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from time import perf_counter

ROUNDS = 15
HIGHEST_RATIO, MOST_MILLISECONDS = 1.5, 300

PYTHON = sys.executable
COMMANDS = {
    "python": [PYTHON, "-c", "pass"],
    "import numpy": [PYTHON, "-c", "import numpy"],
    "import chainrule": [PYTHON, "-c", "import chainrule; chainrule.Network"],  # a name is loaded when it is asked for
    "chainrule --help": [str(Path(PYTHON).with_name("chainrule")), "--help"],
}
# Compiled modules are kept, as they are for every user who has not forbidden it; the first round makes them.
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def milliseconds(command: list[str]) -> float:
    """The time that one new process takes."""
    start = perf_counter()
    subprocess.run(command, check=True, env=ENVIRONMENT, stdout=subprocess.DEVNULL)
    return 1e3 * (perf_counter() - start)


def best(rounds: int = ROUNDS) -> dict[str, float]:
    """The shortest time of each command; they take turns, so that a busy moment of the machine meets them all."""
    times = [{name: milliseconds(command) for name, command in COMMANDS.items()} for _ in range(rounds)]
    return {name: min(row[name] for row in times) for name in COMMANDS}


def main() -> int:
    """Print the times and what they are held to; 1 where a target is missed."""
    time = best()
    for name, ms in time.items():
        print(f"{name:<18}{ms:6.0f} ms")
    ratio, answer = time["import chainrule"] / time["import numpy"], time["chainrule --help"]
    print(f"import chainrule takes {ratio:.2f} times as long as import numpy (at most {HIGHEST_RATIO})")
    print(f"chainrule --help answers in {answer:.0f} ms (under {MOST_MILLISECONDS})")
    return int(ratio > HIGHEST_RATIO or answer >= MOST_MILLISECONDS)


if __name__ == "__main__":
    sys.exit(main())
