"""The shape of the program: small files, short functions, and every public name explained."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import chainrule

ROOT = Path(__file__).resolve().parents[2]


def texts(*folders: str) -> dict[str, str]:
    """Every Python file under the folders: its path and what it holds."""
    paths = [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]
    return {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in paths}


PROGRAM = texts("src")
FILES = texts("src", "tests", "bench", "examples")

# A folder of one machine, or one outside of the checkout.
PRIVATE = re.compile(r"(?<![\w.~-])/(?:home|mnt|opt|root|tmp|Users|work)/\w|\.\./\.\./|\b[A-Z]:\\\w")

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
DEFINITIONS = (*FUNCTIONS, ast.ClassDef)


def lines_of_body(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """How many lines the statements span, the docstring apart."""
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    return body[-1].end_lineno - body[0].lineno + 1 if body else 0


def needs_no_words(node: ast.AST) -> bool:
    """Whether its property or its implementation carries the docstring for it."""
    return any(ast.unparse(d).endswith((".setter", ".deleter", "overload")) for d in node.decorator_list)


def unexplained(parent: ast.Module | ast.ClassDef) -> Iterator[str]:
    """The public classes, functions and methods without a docstring, and the module itself if it has none."""
    if not ast.get_docstring(parent):
        yield getattr(parent, "name", "the module")
    for node in parent.body:
        if isinstance(node, DEFINITIONS) and not node.name.startswith("_"):
            if isinstance(node, ast.ClassDef):
                yield from unexplained(node)
            elif not ast.get_docstring(node) and not needs_no_words(node):
                yield node.name


def test_a_file_can_be_read_in_one_sitting():
    """No file has more than 300 lines."""
    lines = {path: len(text.splitlines()) for path, text in FILES.items()}
    assert {path: n for path, n in lines.items() if n > 300} == {}


def test_a_function_can_be_seen_at_once():
    """No function has more than 40 lines, its docstring apart."""
    functions = [
        (path, node) for path, text in FILES.items() for node in ast.walk(ast.parse(text)) if isinstance(node, FUNCTIONS)
    ]
    assert len(functions) > 100
    assert {f"{path}: {f.name}": n for path, f in functions if (n := lines_of_body(f)) > 40} == {}


def test_every_public_name_is_explained():
    """Modules, and their public classes, functions and methods, have docstrings."""
    found = {path: [*unexplained(ast.parse(text))] for path, text in PROGRAM.items() if text.strip()}
    assert {path: names for path, names in found.items() if names} == {}


def test_the_program_does_not_know_the_machine_that_it_was_written_on():
    """No file names a folder of one machine, or one outside of the checkout."""
    assert {path: PRIVATE.findall(text) for path, text in PROGRAM.items() if PRIVATE.search(text)} == {}


def test_all_is_what_the_package_offers():
    """``chainrule.__all__`` lists each public name once, and each of them is there."""
    listed = [name for name in chainrule.__all__ if not name.startswith("_")]
    there = {name for name in dir(chainrule) if not name.startswith("_")} - {"annotations"}
    modules = {name for name in there if isinstance(getattr(chainrule, name), ModuleType)}
    assert len(listed) == len(set(listed))
    assert set(listed) == there - (modules - set(listed))
