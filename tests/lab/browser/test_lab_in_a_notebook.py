"""A run in a notebook: a network that a cell trains, watched in JupyterLab; and what stays of it without a kernel."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from browser_helpers import fact, missing, numbers, opened, settled, step, wait_for_step
from jupyter_helpers import Jupyter, jupyterlab

from chainrule.lab import show

pytestmark = pytest.mark.slow
TRAIN = """
import numpy as np
from pathlib import Path
from chainrule import Network, lab
x = np.random.default_rng(0).normal(size=(400, 2)).astype(np.float32)
y = (x[:, 0] * x[:, 1] > 0).astype(int)
net = Network([2, 6, 2], "tanh", cost="log_likelihood", seed=1)
watched = lab.watch(net)
watched
"""
FIT = """
stop = lambda record: Path("stop").exists()
history = net.fit(x, y, epochs=10**6, batch_size=10, learning_rate=0.01, callbacks=[stop])
print("trained", net.state.updates, "steps")
"""
ASK = """
pass_ = net.backprop(x[:1], y[:1])
strongest = np.unravel_index(abs(net.weights[1]).argmax(), net.weights[1].shape)
print("gradient", float(pass_.nabla_w[3][strongest]))
"""


def test_the_document_in_a_stored_notebook_opens(browser: Any, recorded: Path, tmp_path: Path):
    """As a stored notebook has it: in a sandboxed frame, without a network and without a kernel; its controls work."""
    pytest.importorskip("anywidget")
    frame = show(recorded / "runs" / "circle-1", static=True)._repr_html_()
    page = tmp_path / "notebook.html"
    page.write_text(f"<!doctype html><meta charset='utf-8'><body>{frame}</body>", "utf-8")
    with opened(browser, page.as_uri(), offline=True) as seen:
        inside = seen.page.frame_locator("iframe")
        inside.get_by_label("Timeline").wait_for()
        inside.get_by_role("button", name="A hidden neuron").click()
        inside.get_by_label("Inspector").get_by_role("heading", name="Neuron 1 of layer 2").wait_for()
        settled(seen.page.frames[1])
        assert [url for url in seen.requests if not url.startswith(("file:", "data:", "about:"))] == []


@pytest.fixture(scope="module")
def jupyter(recorded: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Jupyter]:
    """JupyterLab, beside the recorded run."""
    if find_spec("jupyterlab") is None or find_spec("anywidget") is None:
        pytest.skip("jupyterlab and anywidget are not installed (pip install jupyterlab anywidget)")
    if why := missing():
        pytest.skip(why)
    with jupyterlab(tmp_path_factory.mktemp("jupyter")) as found:
        yield found


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    """A page for it; what it writes to the console is its own affair."""
    context = browser.new_context(viewport={"width": 1280, "height": 1000})
    context.set_default_timeout(60_000)
    yield context.new_page()
    context.close()


def open_notebook(page: Any, jupyter: Jupyter, name: str, cells: int) -> None:
    """Go to a notebook, and wait until its cells are there."""
    page.goto(jupyter.address(name))
    page.locator(".jp-Notebook .jp-CodeCell").nth(cells - 1).wait_for()
    page.get_by_text("(ipykernel) | Idle").wait_for()


def at_rest(page: Any) -> int:
    """The step, once the training is paused there."""
    page.locator(".crl-app").get_by_role("button", name="Run", exact=True).wait_for()
    page.wait_for_function("() => /^Step ([\\d,]+) of/.test(document.querySelector('.crl-aloud').textContent)")
    return step(page)


def run_all(page: Any) -> None:
    """Run all cells, from the menu."""
    page.locator(".lm-MenuBar-item").filter(has_text=re.compile("^Run$")).click()
    page.get_by_text("Run All Cells", exact=True).click()


def stored(page: Any, jupyter: Jupyter, name: str, words: str) -> None:
    """Store the notebook, once a picture in it has these words."""
    for _ in range(60):
        page.keyboard.press("Control+s")
        page.wait_for_timeout(500)
        if any(words in "".join(output.get("data", {}).get("text/html", "")) for output in jupyter.outputs(name)):
            return
    raise AssertionError(f"no {words!r} among {jupyter.outputs(name)}")


def test_a_training_is_watched_from_the_cell_above(page: Any, jupyter: Jupyter):
    """While a cell trains, its page runs, pauses, steps and goes back; then it stays as a picture, without a kernel too."""
    jupyter.write("live.ipynb", [TRAIN, FIT, ASK])
    open_notebook(page, jupyter, "live.ipynb", 3)
    run_all(page)
    page.locator(".crl-app .crl-timeline").wait_for()
    wait_for_step(page, 20)
    page.get_by_role("button", name="Pause").click()
    at = at_rest(page)
    page.get_by_role("button", name="One step", exact=True).click()
    assert wait_for_step(page, at) == at_rest(page) == at + 1
    assert page.locator(".crl-still").is_hidden()
    page.get_by_label("Timeline").get_by_label("Step", exact=True).fill("3")
    assert step(page) == 3
    page.get_by_role("button", name="Back to the newest").click()
    (jupyter.root / "stop").touch()
    page.get_by_role("button", name="Run", exact=True).click()
    end = page.get_by_text(re.compile(r"^trained \d+ steps"))
    end.wait_for(state="attached")
    last = int(numbers(end.text_content())[0])
    assert last > at
    page.wait_for_function("n => Number(document.querySelector('.crl-timeline input').value) === n", arg=last)
    check_gradient(page)

    stored(page, jupyter, "live.ipynb", f"after {last:,} steps")
    jupyter.shut_down()
    open_notebook(page, jupyter, "live.ipynb", 3)
    page.locator(".crl-still").wait_for()
    assert f"after {last:,} steps" in page.locator(".crl-still").inner_text()
    assert page.locator(".crl-still img").evaluate("picture => picture.naturalWidth") == 760
    assert page.locator(".crl-app").count() == 0


def check_gradient(page: Any) -> None:
    """The strongest weight of layer 3 is chosen; its gradient on the screen is the one that the network itself gives."""
    said = page.get_by_text(re.compile(r"^gradient "))
    said.wait_for(state="attached")
    page.get_by_role("button", name="The strongest weight of layer 3").click()
    page.get_by_text("They agree to").wait_for()
    value = float(said.text_content().split()[1])
    assert float(fact(page, "Backpropagation")) == pytest.approx(value, rel=1e-4)


def test_a_recorded_run_is_shown(page: Any, jupyter: Jupyter, recorded: Path):
    """A cell shows the page of a run; another opens it as a picture where the notebook is not trusted."""
    run = recorded / "runs" / "circle-1"
    jupyter.write("shown.ipynb", [f"from chainrule import lab\nlab.show({str(run)!r})"])
    open_notebook(page, jupyter, "shown.ipynb", 1)
    run_all(page)
    page.locator(".crl-app .crl-timeline").wait_for()
    page.wait_for_function("() => /^Step ([\\d,]+) of/.test(document.querySelector('.crl-aloud').textContent)")
    last = step(page)
    page.get_by_label("Timeline").get_by_label("Step", exact=True).focus()
    page.keyboard.press("Home")
    assert step(page) == 0
    stored(page, jupyter, "shown.ipynb", f"after {last} steps")
    jupyter.shut_down()
    text = (jupyter.root / "shown.ipynb").read_text()
    (jupyter.root / "foreign.ipynb").write_text(text.replace("from chainrule", "# of somebody else\\nfrom chainrule"))
    open_notebook(page, jupyter, "foreign.ipynb", 1)
    page.locator(".jp-OutputArea img").wait_for()
    assert f"after {last} steps" in page.locator(".jp-OutputArea").inner_text()
