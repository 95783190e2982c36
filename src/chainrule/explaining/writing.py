"""Writing a derivation: blocks one after the other, and for each line of a formula the claim that it is true."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from typing import Any

from chainrule.activations import Activation
from chainrule.algebra.reading import evaluate
from chainrule.architecture import Architecture
from chainrule.document import Block, Formula, Heading, Inline, Line, Math, Note, Paragraph
from chainrule.explaining.claims import Claim, FalseLineError
from chainrule.explaining.convention import MOST_DIGITS, Convention
from chainrule.explaining.figures import printed
from chainrule.explaining.letters import Label, Letters
from chainrule.explaining.rewriting import tidy
from chainrule.explaining.textbook import short
from chainrule.explaining.words import Words
from chainrule.notation import Equation, Operand

BRACKET = re.compile(r"(?<! if )\[")  # a condition as a factor


class Writer:
    """The blocks so far, the claims so far, and what both are written with."""

    def __init__(self, a: Architecture, convention: Convention) -> None:
        self.a, self.convention = a, convention
        self.words, self.letters = Words(convention.language, "derivation"), Letters(convention)
        self.own = any(a.sigma(l).neurons for l in a.layers)  # whether sigma is written with an index
        self.brackets = False  # whether conditions in square brackets have been explained
        self.blocks: list[Block] = []
        self.claims: list[Claim] = []

    # --------------------------------------------------------------------------------------------------- prose

    def heading(self, key: str, level: int = 1, **parts: Any) -> None:
        """A heading of this key."""
        self.blocks.append(Heading(self.words(key, **parts), level))

    def say(self, key: str, **parts: Any) -> None:
        """A paragraph of this key."""
        self.blocks.append(Paragraph(self.words(key, **parts)))

    @contextmanager
    def note(self, kind: str, key: str, **parts: Any) -> Iterator[None]:
        """Blocks that stand apart under a title."""
        outside, self.blocks = self.blocks, []
        yield
        outside.append(Note(self.words(key, **parts), tuple(self.blocks), kind))
        self.blocks = outside

    def explain_brackets(self, first: int) -> None:
        """What a condition as a factor is, where one has been written since this claim, and not explained before."""
        written = " ".join(claim.line.right.text for claim in self.claims[first:])
        if BRACKET.search(written) and not self.brackets:
            self.brackets = True
            self.say("brackets", example=Math("[z > 0]", "[z > 0]"))

    def value(self, letter: Math, number: float) -> Math:
        """A letter with the number that it stands for: all its digits, so it reads back as itself."""
        digits = printed(number, 6 if float(f"{number:.6g}") == number else MOST_DIGITS)
        if evaluate(digits.text, {}) != number:
            raise FalseLineError(f"{letter.text} = {digits.text} is printed, but it is {number!r}")
        return Math(f"{letter.latex} = {digits.latex}", f"{letter.text} = {digits.text}")

    # ------------------------------------------------------------------------------------------------ formulas

    def equation(self, left: Any, right: Any, **where: Any) -> Math:
        """An equation within prose, which is a claim as any line is."""
        (line,) = self.lines(left, right, **where)
        side = Math.of(left)
        return Math(f"{side.latex} = {line.right.latex}", f"{side.text} = {line.right.text}")

    def formula(
        self, left: Any, *rights: Any, sign: str = "=", name: str = "", layers: Sequence[int] = (0,), **where: Any
    ) -> None:
        """A formula of one or more lines, each equal to the left side; ``where`` is where they hold (:class:`Claim`)."""
        lines = self.lines(left, *rights, sign=sign, layers=layers, **where)
        self.blocks.append(Formula(tuple(lines), name))

    def lines(self, left: Any, *rights: Any, sign: str = "=", layers: Sequence[int] = (0,), **where: Any) -> list[Line]:
        """The lines of a formula; lines that are written like the one before are one line."""
        side, found = Math.of(left), list[Line]()
        for right in map(Math.of, rights):
            if not found or found[-1].right != right:
                found.append(Line(None if found else side, sign, right))
                self.claims.append(Claim(found[-1], side, tuple(layers), **where))
        return found

    def stated(self, equation: Equation, at: Label, **given: Any) -> tuple[Any, Any]:
        """Both sides of an equation at a layer, in matrices, by the convention; ``given`` is filled in for its symbols."""
        operands = [self._operand(o, at, given) for o in equation.reads]
        left = self.letters.printed(equation.writes, at)
        return left, self.letters.solved(equation.writes, equation.function(*operands))

    def _operand(self, o: Operand, at: Label, given: dict[str, Any]) -> Any:
        if o.symbol.name in given:
            return given[o.symbol.name]
        if o.symbol.arity:
            return self.letters.sigma()
        return self.letters.matrix(o.symbol.name, at.plus(o.shift))

    # ------------------------------------------------------------------------------------------------ what is filled in

    def sigma_prime(self, at: Label, j: str = "") -> Any:
        """The slopes of a layer (of neuron j), as sigma' of z."""
        sigma = self.letters.sigma(own=self.own and bool(j), prime=True)
        return sigma(self.letters.component("z", at, j) if j else self.letters.matrix("z", at))

    def slope(self, row: Activation, at: Label, j: str = "") -> Any:
        """The same filled in where it is short enough."""
        step = short(row) if row.elementwise and not row.neurons else None
        if step is None:
            return self.sigma_prime(at, j)
        return tidy(step(*((self.letters.component(s, at, j) if j else self.letters.matrix(s, at)) for s in "za")))

    # --------------------------------------------------------------------------------------------- layers and neurons

    def label(self, layers: Sequence[int]) -> Label:
        """One layer by its number, several as l."""
        return self.letters.label(layers[0] if len(layers) == 1 else None)

    def numbers(self, layers: Sequence[int]) -> str:
        """Layers as they are printed: "2, 3"."""
        return ranges([self.convention.layer(l) for l in layers])

    def softmax_layers(self) -> list[int]:
        """The layers whose activations depend on all weighted inputs of the layer."""
        return [l for l in self.a.layers if not self.a.sigma(l).elementwise]

    def kinds(self, row: Activation) -> Iterator[tuple[tuple[int, ...] | None, Activation]]:
        """Each function of a layer's neurons with those that have it; None where all have the same."""
        for kind in dict.fromkeys(row.neurons):
            yield tuple(j for j, r in enumerate(row.neurons) if r == kind), kind
        if not row.neurons:
            yield None, row

    def neurons(self, listed: tuple[int, ...] | None) -> tuple[Inline, ...]:
        """Neurons as they are printed: "neurons 1, 3"."""
        found = ranges([self.convention.neuron(j) for j in listed or ()])
        return self.words("neuron" if len(listed or ()) == 1 else "neurons", neurons=found)


def ranges(numbers: list[int]) -> str:
    """Numbers in short: "1–3, 5"."""
    runs = [[n for _, n in run] for _, run in groupby(enumerate(numbers), key=lambda pair: pair[1] - pair[0])]
    return ", ".join(f"{run[0]}–{run[-1]}" if len(run) > 2 else ", ".join(map(str, run)) for run in runs)
