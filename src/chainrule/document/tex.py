r"""Formulas as trees: the part of LaTeX that documents are written in, and nothing beyond it.

The writers of MathML and Typst translate the tree, so both know exactly the same formulas. A command that is not in the
tables here is an error, never a gap in a page.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NoReturn

from chainrule.document.tree import Atom, Dressed, Fenced, Fraction, Grid, Node, Row, Scripts
from chainrule.errors import ConfigError

_LETTERS = """alpha α beta β gamma γ delta δ epsilon ϵ varepsilon ε zeta ζ eta η theta θ iota ι kappa κ lambda λ mu μ nu ν
xi ξ pi π rho ρ sigma σ tau τ upsilon υ phi ϕ varphi φ chi χ psi ψ omega ω vartheta ϑ ell ℓ"""
_UPRIGHT = """Gamma Γ Delta Δ Theta Θ Lambda Λ Xi Ξ Pi Π Sigma Σ Upsilon Υ Phi Φ Psi Ψ Omega Ω partial ∂ nabla ∇ infty ∞
ldots … dots … cdots ⋯ vdots ⋮ ddots ⋱ top ⊤ emptyset ∅ checkmark ✓ % % # # & & $ $ _ _"""
_OPERATORS = """cdot ⋅ times × odot ⊙ otimes ⊗ oplus ⊕ pm ± mp ∓ div ÷ circ ∘ ast ∗ star ⋆ le ≤ leq ≤ ge ≥ geq ≥ ne ≠ neq ≠
ll ≪ gg ≫ approx ≈ equiv ≡ sim ∼ simeq ≃ propto ∝ in ∈ notin ∉ subset ⊂ cup ∪ cap ∩ to → rightarrow → leftarrow ← gets ←
leftrightarrow ↔ mapsto ↦ Rightarrow ⇒ Leftarrow ⇐ Leftrightarrow ⇔ implies ⟹ iff ⟺ uparrow ↑ downarrow ↓ mid ∣ colon :
forall ∀ exists ∃ neg ¬ land ∧ lor ∨"""
_BRACKETS = (
    "{ { } } lbrace { rbrace } langle ⟨ rangle ⟩ lfloor ⌊ rfloor ⌋ lceil ⌈ rceil ⌉ vert | lvert | rvert | | ‖ Vert ‖"
)
_FUNCTIONS = "ln log exp sin cos tan sinh cosh tanh arctan arcsin arccos arg det deg dim tr"
_LIMITS = "max min lim sup inf"
_LARGE = "sum ∑ prod ∏ int ∫"
_SPACES = {",": 0.167, ":": 0.222, ";": 0.278, "!": -0.167, "quad": 1.0, "qquad": 2.0, " ": 0.25}


def _pairs(kind: str, table: str) -> Iterator[tuple[str, Atom]]:
    words = iter(table.split())
    return ((name, Atom(kind, char)) for name, char in zip(words, words, strict=True))


SYMBOLS: dict[str, Atom] = {
    **dict(_pairs("letter", _LETTERS)),
    **dict(_pairs("upright", _UPRIGHT)),
    **dict(_pairs("operator", _OPERATORS)),
    **dict(_pairs("bracket", _BRACKETS)),
    **dict(_pairs("large", _LARGE)),
    **{name: Atom("function", name) for name in _FUNCTIONS.split()},
    **{name: Atom("limits", name) for name in _LIMITS.split()},
    **{name: Atom("space", str(width)) for name, width in _SPACES.items()},
}
SIGNS: dict[str, Atom] = {  # what needs no command
    **{sign: Atom("operator", sign) for sign in "+*=<>/:,;!?←≈≤≥≠→∈⊙×·∘"},
    **{sign: Atom("bracket", sign) for sign in "()[]|"},
    "-": Atom("operator", "−"),
    ".": Atom("upright", "."),
    "~": Atom("space", "0.25"),
}
COMMANDS: dict[str, str] = {  # how a sign is written in LaTeX; the first name of several
    atom.text: "\\" + name
    for name, atom in reversed(SYMBOLS.items())
    if atom.kind in {"letter", "upright", "operator", "large", "bracket"}
}

# What is done to one part; below, what is written in words, and what has rows.
DRESSES = {
    "hat", "bar", "tilde", "vec", "dot", "overline", "underline", "boxed", "mathcal", "mathbf", "mathbb", "boldsymbol",
    "underbrace", "overbrace", "sqrt",
}  # fmt: skip
COLOURS = ("red", "green", "blue", "orange", "gray")
_NAMES = {"operatorname": "function", "operatorname*": "limits", "mathrm": "upright", "text": "text", "textbf": "text"}
_GRIDS = {"matrix": ("", ""), "pmatrix": ("(", ")"), "bmatrix": ("[", "]"), "vmatrix": ("|", "|"), "cases": ("{", "")}
TOKEN = re.compile(r"\\[A-Za-z]+\*?|\\.|\d+(?:\.\d+)?|\s+|.", re.DOTALL)
_ENDS = {"}", "&", r"\\", r"\right", r"\end"}


@lru_cache(4096)
def parse(latex: str) -> Node:
    r"""The tree of a formula.

    Raises
    ------
    ConfigError
        It has a command that documents do not know, or its braces do not match.

    Examples
    --------
    >>> parse(r"\frac{1}{m}")
    Fraction(top=Atom(kind='number', text='1'), bottom=Atom(kind='letter', text='m'))
    """
    reader = _Reader(latex)
    found = reader.row()
    return found if reader.token is None else reader.refuse(f"{reader.token!r} closes nothing")


def check(latex: str) -> str:
    """The formula itself, once it is known that every writer can write it."""
    parse(latex)
    return latex


class _Reader:
    """Reads from left to right; ``token`` is the next that is not a blank, None at the end."""

    def __init__(self, latex: str) -> None:
        self.latex = latex
        self.tokens: list[str] = TOKEN.findall(latex)
        self.at = -1
        self.token: str | None = None
        self.take()

    def take(self) -> str:
        """The next token, and go on."""
        taken, self.at = self.token or "", self.at + 1
        while self.at < len(self.tokens) and self.tokens[self.at].isspace():
            self.at += 1
        self.token = self.tokens[self.at] if self.at < len(self.tokens) else None
        return taken

    def expect(self, token: str) -> None:
        """Take this token."""
        if self.token != token:
            self.refuse(f"{token} is missing before {self.token or 'the end'!r}")
        self.take()

    def refuse(self, what: str) -> NoReturn:
        """Say what is wrong with the formula."""
        raise ConfigError(
            f"The formula {self.latex!r} cannot be written: {what}.\nDocuments know the LaTeX of chainrule's own formulas; "
            "its commands are listed in chainrule.document.tex."
        )

    def row(self) -> Node:
        """Parts up to whatever ends them."""
        items: list[Node] = []
        while self.token is not None and self.token not in _ENDS:
            items.append(self.scripted())
        return items[0] if len(items) == 1 else Row(tuple(items))

    def scripted(self) -> Node:
        """One part with its scripts."""
        base: Node = Row(()) if self.token in {"^", "_", "'"} else self.part()
        lower: Node | None = None
        upper: list[Node] = []
        while self.token in {"^", "_", "'"}:
            mark = self.take()
            if mark == "_":
                lower = self.argument() if lower is None else self.refuse("one part has two lower scripts")
            else:
                upper.append(Atom("upright", "′") if mark == "'" else self.argument())
        if isinstance(base, Dressed) and base.how in {"underbrace", "overbrace"} and (lower or upper):
            return base._replace(note=lower or upper[0])
        above = upper[0] if len(upper) == 1 else Row(tuple(upper)) if upper else None
        return base if lower is None and above is None else Scripts(base, lower, above)

    def argument(self) -> Node:
        """What a command takes: one part, or several in braces."""
        if self.token != "{":  # noqa: S105 - a brace
            if self.token and self.token[0].isdecimal() and len(self.token) > 1:
                self.refuse(f"only the {self.token[0]} of {self.token} would be there: put braces around it")
            return self.part()
        self.take()
        found = self.row()
        self.expect("}")
        # An operator in braces is a sign like any other, without room around it: 1{,}000.
        return Atom("upright", found.text) if isinstance(found, Atom) and found.kind == "operator" else found

    def part(self) -> Node:
        """One part without scripts."""
        token = self.token or ""
        if token == "{":  # noqa: S105 - a brace
            return self.argument()
        if token.startswith("\\"):
            return self.command(self.take()[1:])
        if token in SIGNS:
            return SIGNS[self.take()]
        if token.isascii() and token[:1].isdecimal():
            return Atom("number", self.take())
        if token.isalpha():
            return Atom("letter" if token.isascii() or token in _LETTERS else "upright", self.take())
        return self.refuse(f"{token!r} has no meaning there" if token else "it ends where something is missing")

    def command(self, name: str) -> Node:
        """What a command makes."""
        if name in SYMBOLS:
            return SYMBOLS[name]
        if name in _NAMES:
            return Atom(_NAMES[name], self.words())
        if name in DRESSES:
            return Dressed(name, self.argument())
        if name in {"frac", "dfrac", "tfrac"}:
            return Fraction(self.argument(), self.argument())
        larger = {"left": self.fenced, "begin": self.grid, "textcolor": self.coloured}.get(name)
        return larger() if larger else self.refuse(f"it has \\{name}, which documents do not know")

    def words(self) -> str:
        r"""The plain text of an argument; \_ and the like stand for the sign itself."""
        start = self.at
        self.expect("{")
        while self.token not in {None, "}"}:
            if (token := self.take())[0] in "{\\$#%" and token not in {r"\_", r"\%", r"\#", r"\&", r"\$", r"\ "}:
                self.refuse(f"{token!r} stands in a text")
        text = "".join(self.tokens[start + 1 : self.at])
        self.expect("}")
        return re.sub(r"\\(.)", r"\1", text)

    def coloured(self) -> Node:
        """A part in a colour."""
        colour = self.words()
        if colour not in COLOURS:
            self.refuse(f"{colour!r} is not one of its colours, {', '.join(COLOURS)}")
        return Dressed(colour, self.argument())

    def fenced(self) -> Node:
        """A part between brackets that grow with it."""
        left = self.bracket()
        inside = self.row()
        self.expect(r"\right")
        return Fenced(left, inside, self.bracket())

    def bracket(self) -> str:
        token = self.take()
        if token == ".":  # noqa: S105 - no bracket
            return ""
        found = SYMBOLS.get(token[1:]) if token.startswith("\\") else SIGNS.get(token)
        if found is None or found.kind != "bracket":
            self.refuse(f"{token!r} is no bracket")
        return found.text

    def grid(self) -> Node:
        """The rows of a matrix or of cases."""
        kind = self.words()
        if kind not in _GRIDS:
            self.refuse(f"it has a {kind!r}, which documents do not know")
        rows: list[list[Node]] = [[]]
        while True:
            rows[-1].append(self.row())
            end = self.take()
            if end == r"\\":
                rows.append([])
            elif end != "&":
                break
        if end != r"\end" or self.words() != kind:
            self.refuse(f"its {kind!r} has no end")
        if rows[-1] == [Row(())] and len(rows) > 1:
            rows.pop()  # \\ after the last row
        shape = "cases" if kind == "cases" else "matrix"
        return Grid(shape, tuple(tuple(row) for row in rows), *_GRIDS[kind])
