"""``chainrule learn``: exercises in backpropagation that grade themselves."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Annotated, Any

import typer

from chainrule.auditing.exercise import Exercise
from chainrule.auditing.exercises import CHAPTERS, EXERCISES, exercise
from chainrule.auditing.exercises_grading import Grade, grade
from chainrule.auditing.exercises_progress import Done, Progress
from chainrule.auditing.student import Limits
from chainrule.choices import similar
from chainrule.cli import output
from chainrule.document import Document, Paragraph
from chainrule.errors import ConfigError, DataError
from chainrule.io.words import named

CHECK = "check"
CODES = {"right": 0, "wrong": 1, "unfinished": 1, "failed": 3}


def command(
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME|check]", help="An exercise: its starter file is written.")
    ] = None,
    files: Annotated[
        list[Path] | None, typer.Argument(metavar="[FILE]...", help="What you have written: it is graded.")
    ] = None,
    progress: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Keep progress in this file.", envvar="CHAINRULE_PROGRESS")
    ] = None,
    out: Annotated[Path | None, typer.Option("-o", metavar="FILE", help="Write the starter to this file.")] = None,
    all_hints: Annotated[bool, typer.Option("--hints", help="All hints of an exercise, at once.")] = False,
    timeout: Annotated[float, typer.Option(metavar="SECONDS", help="What your file may take.", min=0.1)] = 10,
    memory: Annotated[float, typer.Option(metavar="MB", help="Memory that it may take.", min=16)] = 1024,
    json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Learn backpropagation by exercises that grade themselves.

    [bold]Examples[/]

    [cyan]chainrule learn[/]   what there is, and how far you are

    [cyan]chainrule learn bp1[/]   write bp1.py, with a line to do

    [cyan]chainrule learn check bp1.py[/]   grade it; each wrong answer gets another hint

    [cyan]chainrule learn check[/]   grade all exercises in this folder

    Your file runs in a process of its own, with limits on time and memory, and with your own rights: it is no sandbox.
    Exit codes: 0 right, 1 not right yet, 2 usage, 3 the file could not be run.
    """
    limits = Limits(timeout, memory)
    if name is None:
        show(Progress.read(progress), json=json)
    elif name == CHECK:
        grade_all([(_of_file(file), file) for file in files or []] or _in_folder(), progress, limits, json=json)
    elif all_hints:
        _hints(exercise(name))
    elif files:
        grade_all([(exercise(name), file) for file in files], progress, limits, json=json)
    else:
        begin(exercise(name), out)


# ------------------------------------------------------------------------------------------------------ what there is


def show(progress: Progress, *, json: bool) -> None:
    """Print the exercises, chapter by chapter, and which are done."""
    if json:
        output.as_json({
            "exercises": [_row(chapter, row, progress) for chapter, rows in CHAPTERS.items() for row in rows],
            "next": progress.next(), "progress": str(progress.path),
        })  # fmt: skip
        return
    width = max(map(len, EXERCISES))
    for chapter, rows in CHAPTERS.items():
        output.say((chapter, "bold"))
        for row in rows:
            done = progress.done.get(row.name, Done())
            mark, style = ("✓", "green") if done.right else ("·", "yellow") if done.digest else (" ", "")
            title = row.title.partition(": ")[2] or row.title
            output.say("  ", (mark, style), " ", (f"{row.name:<{width}}", "cyan"), "  ", title[0].upper() + title[1:])
        output.say("")
    n = sum(progress.done.get(name, Done()).right for name in EXERCISES)
    output.say(f"{n} of {len(EXERCISES)} done. ", *_next(progress))


def _row(chapter: str, row: Exercise, progress: Progress) -> dict[str, Any]:
    done = progress.done.get(row.name, Done())
    facts = {"chapter": chapter, "name": row.name, "title": row.title, "source": row.source, "hints": len(row.hints)}
    return facts | {"right": done.right, "wrong_attempts": done.wrong}


def _next(progress: Progress, after: str = "") -> list[Any]:
    name = progress.next(after)
    return ["Next: ", (f"chainrule learn {name}", "cyan")] if name else ["All exercises are done."]


# ------------------------------------------------------------------------------------------------------ to begin, to grade


def begin(row: Exercise, out: Path | None) -> None:
    """Write the starter; a file that is there stays as it is.

    Raises
    ------
    DataError, ConfigError
        It is there already, or cannot be written.
    """
    path = out or Path(row.file_name)
    again = f"Grade it: chainrule learn {row.name} {path}\nTo begin anew, write to another file: -o FILE."
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(row.starter_source())
    except FileExistsError:
        raise ConfigError(f"{named(path)} is there already, and is left as it is.\n{again}") from None
    except OSError as error:
        raise DataError(f"{named(path)} cannot be written: {error.strerror}.\nWrite it elsewhere: -o FILE.") from error
    prose = tuple(Paragraph((" ".join(part.split()),)) for part in row.goal.split("\n\n"))
    output.document(Document(row.title, prose))
    output.say("written   ", (str(path), "cyan"))
    output.say("grade it  ", (f"chainrule learn {row.name} {path}", "cyan"))
    output.say(("source    " + row.source, "dim"))


def _of_file(file: Path) -> Exercise:
    """The exercise that a file is called after.

    Raises
    ------
    ConfigError
        It is called after none.
    """
    name = file.stem.lower().replace("_", "-")
    if name not in EXERCISES:
        raise ConfigError(
            f"{named(file)} is called after no exercise.{similar(name, EXERCISES)}\n"
            f"Say which it is: chainrule learn NAME {file}"
        )
    return EXERCISES[name]


def _in_folder() -> list[tuple[Exercise, Path]]:
    found = [(row, Path(row.file_name)) for row in EXERCISES.values() if Path(row.file_name).is_file()]
    if not found:
        raise ConfigError("there is no exercise in this folder.\nBegin one: chainrule learn output-error")
    return found


def grade_all(rows: list[tuple[Exercise, Path]], progress: Path | None, limits: Limits, *, json: bool) -> None:
    """Grade files, note it, and end with the exit code of the worst of them."""
    kept, grades, worst = _progress(progress), [], 0
    for row, path in rows:
        found = grade(row, path, limits)
        hints = _noted(kept, found, path)
        grades.append(found.as_dict() | {"file": str(path), "hints": list(row.hints[:hints])})
        if not json:
            _report(found, hints, path)
        worst = max(worst, CODES[found.state])
    if json:
        output.as_json({"grades": grades, "next": kept.next(rows[-1][0].name) if kept else ""})
    elif kept and not worst:
        output.say(*_next(kept, rows[-1][0].name))
    raise typer.Exit(worst)


def _progress(path: Path | None) -> Progress | None:
    """What is done so far; a grading goes on without it where it cannot be read."""
    try:
        return Progress.read(path)
    except DataError as error:
        output.warn(f"{error} This grading is not noted.")
        return None


def _noted(progress: Progress | None, found: Grade, path: Path) -> int:
    """Note a grade; gives how many hints are due."""
    if progress is None:
        return 1
    try:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        digest = ""  # it has deleted itself
    right = {"right": True, "unfinished": None}.get(found.state, False)
    try:
        return progress.attempt(found.exercise.name, digest, right=right)
    except OSError as error:
        output.warn(f"{error} This grading is not noted.")
        return 1


def _report(found: Grade, hints: int, path: Path) -> None:
    output.document(found.document(hints))
    left = len(found.exercise.hints) - hints
    if found.state in {"wrong", "failed"} and left > 0:
        output.say(("Change it and grade it again; another wrong answer gets another hint.", "dim"))
    elif found.state == "unfinished":
        output.say((f"Open {path} in an editor; the line to do is marked TODO.", "dim"))


def _hints(row: Exercise) -> None:
    output.say((row.title, "bold"))
    for k, hint in enumerate(row.hints, 1):
        output.say(f"  {k}. {hint}")
