"""The lessons, in a browser: each is played to its end by pressing, typing and choosing, with the engine's own numbers."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from browser_helpers import Lab, chainrule, opened

from chainrule.network import Network

pytestmark = pytest.mark.slow
FOLDER = Path(__file__).parents[3] / "web" / "src" / "lessons"
FILES = sorted(FOLDER.glob("*.md"))
FENCE = re.compile(r"^```(\w+)[ \t]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
CHECK = "Check the answer"


def read(path: Path) -> tuple[dict[str, Any], list[tuple[dict[str, Any], dict[str, Any] | None]]]:
    """The facts of a lesson, and of each of its steps the lab that stands there, and the goal."""
    head, *sections = re.split(r"^(?=## )", path.read_text(), flags=re.MULTILINE)
    facts = json.loads(dict(FENCE.findall(head))["lesson"])
    lab, steps = facts["lab"], []
    for section in sections:
        fences = dict(FENCE.findall(section))
        lab = json.loads(fences["lab"]) if "lab" in fences else lab
        steps.append((lab, json.loads(fences["goal"]) if "goal" in fences else None))
    return facts, steps


def network_of(lab: dict[str, Any], edits: list[dict[str, Any]]) -> Network:
    """The engine's own network, with the parameters of a lab and what was set since."""
    said, at = lab["network"], 0
    network = Network(said["sizes"], said["activations"], said["cost"], biases=said["biases"], dtype="float64")
    for array in (*network.weights, *(network.biases if said["biases"] else ())):
        array[...] = np.reshape(lab["parameters"][at : at + array.size], array.shape)
        at += array.size
    for edit in edits:
        layer, j, k = edit["l"] - 2, edit["j"] - 1, edit["k"]
        if k == "bias":
            network.biases[layer][j, 0] = edit["to"]
        else:
            network.weights[layer][j, k - 1] = edit["to"]
    return network


def answer(lab: dict[str, Any], goal: dict[str, Any], edits: list[dict[str, Any]]) -> float:
    """What the engine says to a question."""
    if not isinstance(goal["value"], str):
        return float(goal["value"])
    name, *places = goal["value"].split(".")
    l, j, k = (*map(int, places), 1, 1, 1)[:3]
    network = network_of(lab, edits)
    pass_ = network.backprop(np.array(lab["x"][0], float), np.array(lab["y"][0], float))
    if name == "cost":
        return float(pass_.cost)
    if name in {"z", "a", "delta"}:
        return float(getattr(pass_, name)[l][j - 1, 0])
    slope, gradient = float(pass_.sigma_prime[l][j - 1, 0]), float(pass_.nabla_w[l][j - 1, k - 1])
    weight = float(network.weights[l - 2][j - 1, k - 1])
    return {"slope": slope, "nablaW": gradient, "update": -lab["learning_rate"] * gradient, "factor": weight * slope}[name]


# ------------------------------------------------------------------------------------------------ what a learner does


def choose(page: Any, lab: dict[str, Any], l: int, j: int) -> None:
    """Choose a neuron, in the table of the network or of the reverse network."""
    if "reverse" in lab["panels"]:
        table = page.get_by_label("Reverse network", exact=True).locator("details")
        table.evaluate("e => { e.open = true }")
        row = sum(lab["network"]["sizes"][l:]) + j - 1
        table.locator("tbody tr").nth(row).get_by_role("button").click()
        return
    box = page.locator(".crl-table-box")
    if not box.count():
        page.get_by_label("Network", exact=True).get_by_role("button", name="Table").click()
    box.get_by_label("Layer").select_option(value=str(l))
    box.locator("tbody tr").nth(j - 1).get_by_role("button").click()


def put(page: Any, lab: dict[str, Any], goal: dict[str, Any]) -> None:
    """Give a weight or a bias another value."""
    choose(page, lab, goal["l"], goal["j"])
    terms = page.locator(".crl-inspector .crl-term[title]")
    terms.and_(page.get_by_title("the bias", exact=True)).click() if goal["k"] == "bias" else terms.first.click()
    page.get_by_label("New value").first.fill(str(goal["to"]))
    page.get_by_label("New value").first.press("Enter")


def reach(page: Any, lab: dict[str, Any], goal: dict[str, Any]) -> None:
    """Train until the page says that it is reached; or type another bias."""
    if goal.get("by") == "editing":
        put(page, lab, {"l": 2, "j": 1, "k": "bias", "to": -3})
    elif goal.get("above") == 0:
        page.get_by_role("button", name="One step").click()
    else:
        page.get_by_role("button", name="Run", exact=True).click()
        page.locator(".crl-goal.is-done").wait_for()
        page.get_by_role("button", name="Pause").click()


def sweep(page: Any, goal: dict[str, Any]) -> None:
    """Touch every edge."""
    page.get_by_role("button", name=f"{goal['mode']} from {goal['from']}").click()
    following = page.get_by_role("button", name="Next edge")
    while following.is_enabled():
        following.click()


def check(page: Any, goal: dict[str, Any]) -> None:
    """Check all parameters of some layers."""
    for l in goal["layers"]:
        page.locator(".crl-check-panel select").first.select_option(value=str(l))
        page.get_by_role("button", name=f"Check all of layer {l}").click()


def reply(page: Any, number: float, wrong: float) -> None:
    """Type a wrong answer, which is refused, and the right one."""
    box, goal = page.locator(".crl-goal input"), page.locator(".crl-goal")
    box.fill(f"{wrong:.6g}")
    page.get_by_role("button", name=CHECK).click()
    goal.locator("output").filter(has_text=re.compile(r"\w")).wait_for()
    assert "is-done" not in goal.get_attribute("class")
    box.fill(f"{number:.6g}")
    page.get_by_role("button", name=CHECK).click()


def play(page: Any, lab: dict[str, Any], goal: dict[str, Any], edits: list[dict[str, Any]]) -> None:
    """Reach a goal as a learner does."""
    phases = {"BP1": "output error", "BP2": f"back to {goal.get('l')}"}
    number = answer(lab, goal, edits) if goal["kind"] == "number" else 0.0
    {
        "number": lambda: reply(page, number, 1.5 * number + 1),
        "choice": lambda: page.locator(".crl-goal").get_by_role("radio").nth(goal["answer"] - 1).check(),
        "select": lambda: choose(page, lab, goal["l"], goal.get("j", 1)), "set": lambda: put(page, lab, goal),
        "reach": lambda: reach(page, lab, goal), "sweep": lambda: sweep(page, goal), "check": lambda: check(page, goal),
        "phase": lambda: page.get_by_role("button", name=phases[goal["at"]]).click(),
    }[goal["kind"]]()  # fmt: skip


@pytest.fixture(scope="module")
def let_in(browser: Any, served: Lab) -> Iterator[Any]:
    """What a browser needs to be let in."""
    with opened(browser, served.url) as first:
        yield first.page.context.storage_state()


SIZES = ({"width": 1280, "height": 800, "color_scheme": "light"}, {"width": 390, "height": 844, "color_scheme": "dark"})


@pytest.mark.parametrize("at", range(len(FILES)), ids=[path.stem for path in FILES])
def test_a_lesson_is_played_to_its_end(browser: Any, served: Lab, let_in: Any, at: int):
    """Each goal is reached by doing what it asks, and by nothing less; at the end it is said what was learnt."""
    facts, steps = read(FILES[at])
    with opened(browser, served.base + f"#lesson={facts['id']}", storage_state=let_in, **SIZES[at % 2]) as seen:
        page, edits = seen.page, []
        for step, (lab, goal) in enumerate(steps):
            page.get_by_role("navigation", name=f"{step + 1} of {len(steps)}").wait_for()
            edits = edits if step and lab is steps[step - 1][0] else []
            if goal is None:
                break
            page.locator(".crl-goal:not(.is-done)").wait_for()
            page.locator(".crl-lesson-lab .crl-panel").first.wait_for()
            play(page, lab, goal, edits)
            page.locator(".crl-goal.is-done").wait_for()
            edits += [goal] if goal["kind"] == "set" else []
            page.locator(".crl-lesson-nav").get_by_role("button", name="Next ›").click()
        page.get_by_role("heading", name="What you have learnt").wait_for()
        page.get_by_text("✓ The lesson is done.").wait_for()


OWN = """# Mine

For one class.

```lesson
{"id": "mine", "minutes": 5, "hide": ["tabs", "solutions"], "lock": ["run", "skip"],
 "lab": {"panels": ["stage", "inspector"], "parameters": [0.5, 0.1], "x": [[1]], "y": [[0]],
  "network": {"sizes": [1, 1], "activations": ["tanh"], "cost": "quadratic", "biases": true}}}
```

## First

```goal
{"kind": "number", "ask": "What is z?", "value": "z.2.1", "hint": "0.5 + 0.1"}
```

## Last

- Well done.
"""


def test_an_own_lesson_is_dropped_refused_and_mended(browser: Any, served: Lab, let_in: Any):
    """What is wrong is said with its line and field; mended, it is in the list, and there again after a reload."""
    with opened(browser, served.base + "#lessons", storage_state=let_in) as seen:
        page = seen.page

        def drop(text: str) -> None:
            data = page.evaluate_handle(
                "text => { const d = new DataTransfer(); d.items.add(new File([text], 'mine.md')); return d; }", text
            )
            page.get_by_label("Lessons", exact=True).dispatch_event("drop", {"dataTransfer": data})

        drop(OWN.replace('"ask"', '"aks"'))
        page.get_by_text('mine.md: Line 14, step “First”, ```goal: "aks" is not known here (did you mean ask?)').wait_for()
        drop(OWN)
        page.get_by_text("“Mine” is in the list").wait_for()
        page.reload()
        page.get_by_role("button", name="Mine For one class.").click()
        page.get_by_label("What is z?").wait_for()


def test_nobody_is_left_in_what_a_lesson_hides(browser: Any, recorded: Path):
    """Lesson 1 hides the reverse network: no button leads there, nor a key, and the rules lead back."""
    chainrule(recorded, "report", "runs/circle-1", "-o", "one.html")
    with opened(browser, f"{(recorded / 'one.html').as_uri()}#mode=lessons&lesson=one-neuron") as seen:
        page = seen.page
        page.get_by_role("region", name="Network", exact=True).wait_for()
        reverse = page.get_by_role("button", name="Reverse", exact=True)
        assert not reverse.is_visible()
        page.keyboard.press("r")
        page.get_by_role("button", name="Show and unlock everything").click()
        reverse.click()
        page.get_by_role("region", name="Reverse network").wait_for()
        page.get_by_role("button", name="As the lesson has it").click()
        page.get_by_role("region", name="Reverse network").wait_for(state="detached")
        assert page.get_by_role("region", name="Network", exact=True).is_visible()


def test_a_lesson_is_handed_out_in_a_file_and_its_answers_come_back(browser: Any, recorded: Path):
    """The file opens in it, offline; it hides and locks what it says, until that is lifted; the answers are saved."""
    (recorded / "mine.md").write_text(OWN)
    chainrule(recorded, "report", "runs/circle-1", "-o", "homework.html", "--lesson", "mine.md")
    with opened(browser, (recorded / "homework.html").as_uri(), offline=True, accept_downloads=True) as seen:
        page = seen.page
        page.get_by_role("heading", name="First").wait_for()
        run, tabs = page.get_by_role("button", name="Run", exact=True), page.get_by_role("navigation", name="Mode")
        assert (run.is_disabled(), tabs.is_visible(), page.get_by_role("button", name="Show me").is_visible()) == (
            True,
            False,
            False,
        )
        assert page.get_by_role("button", name="Skip this step").is_disabled()
        reply(page, 0.6, 7)
        page.get_by_text("Your answers (2)").click()
        with page.expect_download() as saved:
            page.get_by_role("button", name="Save as CSV").click()
        rows = Path(saved.value.path()).read_text().splitlines()
        assert [row.split(",")[1:] for row in rows[1:]] == [
            ["mine", "1", "First", "What is z?", "7", "no"], ["mine", "1", "First", "What is z?", "0.6", "yes"],
        ]  # fmt: skip
        with page.expect_download() as saved:
            page.get_by_role("button", name="Save as JSON").click()
        assert [it["right"] for it in json.loads(Path(saved.value.path()).read_text())["answers"]] == ["no", "yes"]
        page.get_by_role("button", name="Show and unlock everything").click()
        assert (run.is_enabled(), tabs.is_visible()) == (True, True)
        assert [url for url in seen.requests if not url.startswith(("file:", "data:", "blob:"))] == []
