"""What explanations say, as data: a table of sentences for each language, with the same keys.

A sentence has places for formulas and for words: ``"Neuron {j} of layer {l}"``. The tables stand in
:mod:`chainrule.explaining.language`; a further language is a further table.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from itertools import pairwise
from string import Formatter
from typing import Any

from chainrule.document import Inline, Math
from chainrule.notation import EQUATIONS, Equation

LANGUAGES = {"en": "english", "zh-Hant": "chinese"}  # the first word of the names of its modules
LETTERS = {  # formulas that sentences have in them by their names, such as {z}
    **{letter: Math(letter, letter) for letter in "abCIjklmnprwxyz"},
    **{
        letter: Math(rf"\{name}", letter)
        for letter, name in (("δ", "delta"), ("σ", "sigma"), ("θ", "theta"), ("⊙", "odot"))
    },
    "a − y": Math("a - y", "a − y"),
    "C/m": Math("C/m", "C/m"),
    "k = j": Math("k = j", "k = j"),
    "σⱼ": Math(r"\sigma_j", "σⱼ"),
    "∂Cₓ/∂z": Math(r"\partial C_x/\partial z", "∂Cₓ/∂z"),
}
PARTS = ("derivation", "numbers")  # each with a table of its own, beside the one that all share


def table(language: str, part: str) -> Mapping[str, str]:
    """The sentences of a part of the explanations in a language, by their keys."""
    name = f"chainrule.explaining.language.{LANGUAGES[language]}"
    return {**import_module(name).WORDS, **import_module(f"{name}_{part}").WORDS}


class Words:
    """The sentences of one language: ``words("layer", l=2)`` is that sentence, as the inlines that blocks are made of."""

    def __init__(self, language: str, part: str = "numbers") -> None:
        self.language, self.table = language, table(language, part)

    def __call__(self, key: str, **parts: Any) -> tuple[Inline, ...]:
        """The sentence of this key, with its places filled: by text, a formula, or several of these."""
        found: list[Inline] = []
        for before, place, _, _ in Formatter().parse(self.table[key]):
            found += [before] * bool(before)
            if place is not None:
                part = parts[place] if place in parts else LETTERS[place]
                found += part if isinstance(part, tuple | list) else [str(part) if isinstance(part, int) else part]
        return joined(spaced(found) if self.language.startswith("zh") else found)

    def text(self, key: str, **parts: Any) -> str:
        """The same as plain text, where all its parts are."""
        return "".join(part if isinstance(part, str) else str(getattr(part, "text", part)) for part in self(key, **parts))

    def name(self, name: str) -> str:
        """The name of a function or an optimizer in prose; a user's own has the name that it was given."""
        return self.table.get(f"name {name}", name)

    def sentence(self, equation: Equation) -> str:
        """What an equation says: its docstring, or the table's sentence where the language has one."""
        return self.table.get(f"equation {equation.name}", equation.sentence.replace("lambda", "λ").replace(" mu ", " μ "))

    def sentences(self, *said: tuple[Inline, ...]) -> tuple[Inline, ...]:
        """Sentences one after the other."""
        found: list[Inline] = []
        for sentence in said:
            found += [self.table["blank"]] * bool(found) + [*sentence]
        return joined([part for part in found if part != ""])

    def listed(self, items: list[Any]) -> tuple[Inline, ...]:
        """Items one after another: "a, b and c"."""
        found: list[Inline] = []
        for i, item in enumerate(items):
            mark = "" if i == 0 else self.table["and"] if i == len(items) - 1 else self.table["comma"]
            found += [mark, *(item if isinstance(item, tuple | list) else [item])]
        found = [part for part in found if part != ""]
        return joined(spaced(found) if self.language.startswith("zh") else found)


def joined(parts: list[Any]) -> tuple[Inline, ...]:
    """Inlines with neighbouring texts made one."""
    found: list[Inline] = []
    for part in parts:
        if isinstance(part, str) and found and isinstance(found[-1], str):
            found[-1] += part
        else:
            found.append(part)
    return tuple(found)


def spaced(parts: list[Any]) -> list[Any]:
    """Inlines with a blank where Chinese meets a formula or a word in Latin letters."""
    found = parts[:1]
    for before, after in pairwise(parts):
        pair = _edge(before, -1) + _edge(after, 0)
        found += [" "] * (pair in {"漢a", "a漢"}) + [after]
    return found


def _edge(part: Any, i: int) -> str:
    """What a part ends or begins with: 漢, or a for anything that a blank parts from it, or neither."""
    if not isinstance(part, str):
        return "a"
    letter = part[i : i + 1 or None]
    return "漢" if "\u4e00" <= letter <= "\u9fff" else "a" if letter.isalnum() else ""


def spoken() -> set[str]:
    """The keys of the equations' sentences, which every language but English has (those are the docstrings)."""
    return {f"equation {name}" for name in EQUATIONS}
