"""The shape of the program: small files, short functions, and every public name explained."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

import chainrule

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = sorted((ROOT / "src").rglob("*.py"))
FILES = PACKAGE + [path for folder in ("tests", "bench", "examples") for path in sorted((ROOT / folder).rglob("*.py"))]
MOST_LINES_OF_A_FILE, MOST_LINES_OF_A_BODY = 300, 40

# A place on one machine, or outside of the checkout.
PRIVATE = re.compile(r"(?<![\w.~-])/(?:home|root|Users|work|opt|mnt|tmp)/\w|\.\./\.\./|[A-Z]:\\\\")

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)

every_file = pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
every_module = pytest.mark.parametrize("path", PACKAGE, ids=lambda path: str(path.relative_to(ROOT / "src")))


def tree(path: Path) -> ast.Module:
    """The file, parsed."""
    return ast.parse(path.read_text(encoding="utf-8"))


def lines_of_body(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """The lines from the first statement after the docstring to the last."""
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    return body[-1].end_lineno - body[0].lineno + 1 if body else 0


def public(parent: ast.Module | ast.ClassDef) -> Iterator[Definition]:
    """The public classes, functions and methods, at any depth of classes."""
    for node in parent.body:
        if isinstance(node, Definition) and not node.name.startswith("_"):
            yield node
            if isinstance(node, ast.ClassDef):
                yield from public(node)


@every_file
def test_a_file_can_be_read_in_one_sitting(path):
    """No file has more than 300 lines."""
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MOST_LINES_OF_A_FILE


@every_file
def test_a_function_can_be_seen_at_once(path):
    """No body of a function, its docstring apart, has more than 40 lines."""
    functions = [node for node in ast.walk(tree(path)) if isinstance(node, FUNCTIONS)]
    assert {f.name: n for f in functions if (n := lines_of_body(f)) > MOST_LINES_OF_A_BODY} == {}


@every_module
def test_every_public_name_is_explained(path):
    """A module and its public classes, functions and methods have docstrings."""
    assert ast.get_docstring(tree(path)) or not path.read_text(encoding="utf-8").strip()
    assert [node.name for node in public(tree(path)) if not ast.get_docstring(node)] == []


@every_module
def test_no_module_knows_the_machine_that_it_was_written_on(path):
    """Nothing names a folder of one machine, or one outside of the checkout."""
    assert PRIVATE.findall(path.read_text(encoding="utf-8")) == []


def test_all_is_what_the_package_offers():
    """``chainrule.__all__`` lists each public name once, and each of them is there."""
    names = chainrule.__all__
    found = {name for name in dir(chainrule) if not name.startswith("_")}
    modules = {name for name in found if isinstance(getattr(chainrule, name), ModuleType)}
    assert len(names) == len(set(names))
    assert {name for name in names if not name.startswith("_")} == found - (modules - set(names)) - {"annotations"}
    assert all(hasattr(chainrule, name) for name in names)
