"""What an exercise is: a goal, a file to begin with, a right answer to compare with, and hints for wrong ones."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

WIDTH = 88  # characters of a line of prose in a starter
BRACKETS = re.compile(r"[(\[][^()\[\]]{1,40}[)\]]")
SIGMOID = '''
def sigmoid(z):
    """1 / (1 + e^-z), element by element."""
    return 1 / (1 + np.exp(-z))


def sigmoid_prime(z):
    """Its slope at z."""
    return sigmoid(z) * (1 - sigmoid(z))
'''


@dataclass(frozen=True)
class Slip:
    """A wrong answer that is often given, as a function of the same arguments, and the hint that it gets."""

    wrong: Callable[..., Any]
    hint: str


@dataclass(frozen=True)
class Exercise:
    """One exercise.

    Attributes
    ----------
    name, title : str
    goal : str
        What is to be done, in paragraphs.
    call : str
        The function to write, with its parameters; of one that ``audit`` grades, what is to be written.
    doc : str
        What the function is given and what it gives back: its docstring in the starter.
    hints : tuple of str
        In steps; the last says nearly all, but not the line itself.
    right : callable, optional
        The right answer, from the same arguments. Without it, the exercise is graded by ``audit``.
    cases : callable, optional
        Gives the arguments of each case; those of the first are the example that is shown.
    slips : tuple of Slip
    given : str
        Source that stands above the function in the starter.
    starter : str
        The whole source under the introduction, where it is more than one function.
    source : str
        Where it is from.
    view : callable, optional
        What is done to an answer before it is compared: sorting, where the order is free.
    without_loop : bool
        Whether the lines that are run may not depend on the number of examples.
    audit : dict, optional
        The options that ``audit`` is given.
    """

    name: str
    title: str
    goal: str
    call: str
    doc: str
    hints: tuple[str, ...]
    source: str
    right: Callable[..., Any] | None = None
    cases: Callable[[], Sequence[tuple[Any, ...]]] | None = None
    slips: tuple[Slip, ...] = ()
    given: str = ""
    starter: str = ""
    view: Callable[[Any], Any] | None = None
    without_loop: bool = False
    audit: dict[str, Any] | None = None

    @property
    def function(self) -> str:
        """The name of the function to write."""
        return self.call.partition("(")[0]

    @property
    def file_name(self) -> str:
        """The file that its starter is written to."""
        return f"{self.name.replace('-', '_')}.py"

    def starter_source(self) -> str:
        """The file to begin with: the goal, what is given, and a line to do."""
        prose = "\n\n".join(wrapped(part) for part in self.goal.strip().split("\n\n"))
        grade = f"Grade it:   chainrule learn check {self.file_name}"
        head = f'"""{self.title}.\n\n{prose}\n\n{grade}\n"""\n\nimport numpy as np\n'
        doc = wrapped(self.doc, WIDTH - 4, "    ")
        end = "" if len(doc) <= WIDTH - 8 else "\n    "
        body = self.starter or f'\n\ndef {self.call}:\n    """{doc}{end}"""\n    return None  # TODO\n'
        return head + (f"\n{self.given.rstrip()}\n" if self.given else "") + body


def wrapped(prose: str, width: int = WIDTH, indent: str = "") -> str:
    """Prose in lines; short brackets, such as shapes, are not broken."""
    tied = BRACKETS.sub(lambda found: found[0].replace(" ", "\0"), " ".join(prose.split()))
    return textwrap.fill(tied, width, subsequent_indent=indent).replace("\0", " ")


def numbers(*shape: int, seed: int) -> np.ndarray:
    """Numbers with two digits after the point, for a case: as they are, they can be typed into a calculator."""
    return np.round(np.random.default_rng(seed).normal(size=shape), 2)
