"""The page of a run: whole, safe, right in its figures, and there for every kind of run."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import numpy as np
import pytest

from chainrule import EQUATIONS, Network, ResourceError, report
from chainrule.data import Column, Dataset, Schema, toy
from chainrule.report.page import page

HOSTILE = ("<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "two\nlines", "\u202eright to left", "שלום",
           "🦊\x00", "half \ud800", "x" * 1_000_000, "{{7*7}}", "'")  # fmt: skip
KNOWN_TAGS = """
    html head meta link title style body main h1 h2 h3 p dl div dt dd section figure figcaption span b bdi img svg line text
    tspan path circle g image table thead tbody tfoot tr th td code footer ul li
"""
KNOWN_ATTRIBUTES = """
    lang charset http-equiv content name rel href class src alt title viewbox role x y x1 x2 y1 y2 d r cx cy dy width height
    transform fill style scope tabindex aria-hidden preserveaspectratio
"""
TAGS, ATTRIBUTES = set(KNOWN_TAGS.split()), set(KNOWN_ATTRIBUTES.split())


class Read(HTMLParser):
    """What a page is made of; a tag that is not closed, or closed twice, is an error."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags, self.attributes, self.words, self.open = set(), set(), [], []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        """Note an element that begins."""
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag not in {"br", "img", "link", "meta"}:
            self.open.append(tag)

    def handle_endtag(self, tag):
        """See that the element that ends is the last one that began."""
        assert self.open.pop() == tag

    def handle_data(self, data):
        """Note a text."""
        if not self.open or self.open[-1] != "style":
            self.words.append(data)

    @property
    def text(self) -> str:
        """All words of the page."""
        return "".join(self.words)


def history(n: int = 3, **more) -> list[dict]:
    """The records of n epochs, each with something more."""
    return [
        {"epoch": e, "cost": 1 / e, "metrics": {"cost": 1.1 / e, "accuracy": 1 - 0.5 / e}, "training_metrics": {},
         "eta": 0.1, "seconds": 0.5, "examples": 1000} | more for e in range(1, n + 1)
    ]  # fmt: skip


def digits(n: int = 60, shape: tuple[int, int] = (6, 5), labels: tuple[str, ...] = ("0", "1", "2")) -> Dataset:
    """Images of noise."""
    rng = np.random.default_rng(0)
    x = rng.random((n, shape[0] * shape[1]), dtype=np.float32)
    return Dataset(x, np.arange(n) % len(labels), classes=labels, image_shape=shape)


def classifier(data: Dataset, hidden: int = 7) -> Network:
    """A network for this data, as it is before training."""
    return Network([data.n_features, hidden, data.n_classes], cost="log_likelihood", seed=0)


def test_the_page_is_whole_and_asks_for_nothing(tmp_path):
    """One file, with a policy that forbids all requests and scripts, and nothing in it that would need one."""
    path = report.write(tmp_path, title="t", config={}, history=history(), network=classifier(digits()), test=digits())
    text = path.read_text("utf-8")
    assert [p.name for p in tmp_path.iterdir()] == ["report.html"]
    assert "default-src 'none'; style-src 'unsafe-inline'; img-src data:" in text.replace("&#x27;", "'")
    assert "<script" not in text
    assert not re.search(r"""(src|href)=["'](?!data:)|url\(|@import|https?://""", text)


def test_the_page_is_the_same_each_time():
    """The same run gives the same bytes."""
    data = digits()
    assert page("t", {}, history(), classifier(data), data) == page("t", {}, history(), classifier(data), data)


def test_what_the_user_named_cannot_become_markup():
    """Labels, titles, settings, activations and messages of any content are text on the page, and not too much of it."""
    data = digits(labels=HOSTILE)
    for kind in (data, Dataset(data.x[:, :2], data.y, classes=HOSTILE, features=HOSTILE[:2])):
        net = classifier(kind)
        text = page(HOSTILE[0], {name: {HOSTILE[1]: name} for name in HOSTILE}, history(), net, kind)
        read = Read(text)
        assert read.tags <= TAGS
        assert read.attributes <= ATTRIBUTES
        assert "<script>alert(1)</script>" in read.text
        assert "two␊lines" in read.text
        assert "\u202e" not in text
        assert "\x00" not in text
        assert len(text.encode("utf-8")) < 400_000


@pytest.mark.parametrize("names", [HOSTILE[:1], HOSTILE[:2], HOSTILE[:5]], ids=len)
def test_hostile_target_names_are_text_too(names):
    """Columns and targets of a table are drawn as text."""
    rng = np.random.default_rng(1)
    for features in (1, 3):
        data = Dataset(
            rng.random((20, features), dtype=np.float32), rng.random((20, len(names)), dtype=np.float32), targets=names,
            features=HOSTILE[:features],
        )  # fmt: skip
        read = Read(page("t", {}, [], Network([features, 4, len(names)], seed=0), data))
        assert read.tags <= TAGS
        assert read.attributes <= ATTRIBUTES


def empty_states():
    """Runs that lack something: what, network, history, test set."""
    data = digits()
    one = digits(labels=("only",))
    single = Network([data.n_features, 4, 1], cost="cross_entropy", seed=0)
    null = [{"epoch": 1, "cost": None, "metrics": {}, "training_metrics": {}, "eta": None, "seconds": 0.1, "examples": 0}]
    yield "no epochs", classifier(data), [], data
    yield "no validation", classifier(data), history(metrics={}), data
    yield "no test set", classifier(data), history(), None
    yield "nothing at all", classifier(data), [], None
    yield "an empty test set", classifier(data), [], data.take(slice(0, 0))
    yield "one epoch", classifier(data), history(1), data
    yield "one test image", classifier(data), history(), data.take([1])
    yield "one class", single, history(), one
    yield "one output for two classes", single, history(), digits(labels=("no", "yes"))
    yield "costs that are null", classifier(data), null, data
    yield "a fraction of an epoch's keys", classifier(data), [{"epoch": 1}], data
    yield "many epochs", classifier(data), history(2000), data
    yield (
        "many classes",
        classifier(digits(200, labels=tuple(map(str, range(50))))),
        [],
        digits(200, labels=tuple(map(str, range(50)))),
    )
    yield "zero weights", Network([30, 2, 3], initial="zeros", seed=0), [], data
    yield "no biases", Network([30, 2, 3], biases=False, seed=0), [], data
    yield "blank images", classifier(data), [], Dataset(data.x * 0, data.y, classes=data.classes, image_shape=(6, 5))
    yield (
        "one point of the plane",
        Network([2, 2], seed=0),
        [],
        Dataset(np.ones((3, 2), np.float32), np.zeros(3, int), classes=("a", "b")),
    )
    yield "one value of x", Network([1, 1], seed=0), [], Dataset(np.ones((3, 1), np.float32), np.ones((3, 1), np.float32))


@pytest.mark.parametrize(("what", "net", "epochs", "test"), [pytest.param(*case, id=case[0]) for case in empty_states()])
def test_what_a_run_lacks_does_not_break_the_page(what, net, epochs, test):
    """Every run has a page, whatever it has not got; no figure on it is NaN."""
    read = Read(page(what, {}, epochs, net, test))
    assert "Layers" in read.text
    assert not re.search(r"\bnan\b|\binf\b", read.text, re.IGNORECASE)


def test_the_headline_is_what_the_network_does():
    """Accuracy, cost, errors, epochs and time are those of this network and history."""
    data = digits()
    net = classifier(data)
    found = net.evaluate(data.x, data.y)
    text = Read(page("t", {}, history(4), net, data)).text
    assert f"{100 * found.accuracy:.2f} %" in text
    assert f"{found.cost:.4g}" in text
    assert f"{round((1 - found.accuracy) * 60)} of 60 wrong" in text
    assert "training time2.0 s2,000 examples/s" in text
    assert "epochs4" in text


def test_the_table_of_confusions_has_every_count():
    """The counts on the page, row by row, are those of the confusion matrix, and recall is the diagonal's share."""
    data = digits()
    net = classifier(data)
    matrix = net.evaluate(data.x, data.y).confusion
    body = re.search(r'<table class="confusion">.*?<tbody>(.*?)</tbody>', page("t", {}, [], net, data), re.DOTALL)[1]
    rows = [re.findall(r">([^<>]+)</td>", row) for row in body.split("</tr>")[:-1]]
    assert [[0 if c == "·" else int(c) for c in row[:-1]] for row in rows] == matrix.tolist()
    assert [float(row[-1]) for row in rows] == pytest.approx(100 * matrix.diagonal() / matrix.sum(axis=1), abs=0.05)


def test_the_most_wrong_images_come_first_and_say_what_was_said():
    """The first image is the one with the widest margin between what was said and what is true."""
    data = digits()
    net = classifier(data)
    outputs = net.feedforward(data.x)
    margin = outputs.max(axis=1) - outputs[np.arange(60), data.y]
    i = int(margin.argmax())
    alts = re.findall(r'alt="test image (\d+): said (\d), is (\d)"', page("t", {}, [], net, data))
    assert alts[0] == (str(i), str(outputs[i].argmax()), str(data.y[i]))
    assert all(said != true for _, said, true in alts)


def test_the_formulas_are_those_of_the_code():
    """The equations of backpropagation stand on the page as the code gives them, with the form that BP1 takes here."""
    data = digits()
    text = Read(page("t", {}, [], classifier(data), data)).text
    for name in ("BP1", "BP1c", "BP2", "BP3", "BP4"):
        assert EQUATIONS[name].text.replace(" - ", " − ") in text
        assert f"equations.py:{EQUATIONS[name].where[1]}" in text
    assert "BP1c" not in Read(page("t", {}, [], Network([30, 3], seed=0), data)).text
    assert "BPs" in Read(page("t", {}, [], Network([30, 3], cost="poisson", output="softmax", seed=0), data)).text


def test_predictions_are_drawn_in_the_users_units():
    """With a schema, predictions and truth have the target's mean and unit."""
    schema = Schema((Column("size", "number", (5.0,), 2.0),), (Column("price", "number", (1000.0,), 100.0),), "regression")
    data = Dataset(np.zeros((3, 1), np.float32), np.array([[-1], [0], [1]], np.float32), targets=("price",))
    net = Network([1, 1], "identity", initial="zeros", seed=0)
    text = page("t", {}, [], net, data, schema)
    assert "(900, 1000)" in text
    assert "(1100, 1000)" in text
    assert "x1, standardised" in text
    assert "mean |error| 66.67" in text


def test_toys_have_their_picture():
    """Points of the plane have regions, functions of one number a curve."""
    for name, said in (("spirals", "the network divides it"), ("sine", "the network’s curve")):
        splits = toy(name, n=60)
        text = page(name, {}, [], Network([splits.train.n_features, 5, splits.train.n_outputs], seed=0), splits.test)
        assert said in text


def test_the_page_of_a_large_network_stays_small():
    """With 784 inputs and 800 hidden neurons the page has less than 400 kB, and says which neurons it shows."""
    data = digits(300, (28, 28), tuple("0123456789"))
    text = page("t", {}, history(60), classifier(data, 800), data)
    assert len(text.encode("utf-8")) < 400_000
    assert "the 128 with the longest weights of 800" in text


def test_a_page_that_cannot_be_written_is_a_resource_error(tmp_path):
    """A folder that is not there, or that is a file, is told in words."""
    (tmp_path / "file").write_text("")
    for folder in (tmp_path / "none", tmp_path / "file"):
        with pytest.raises(ResourceError):
            report.write(folder, title="t", config={}, history=[], network=Network([2, 2], seed=0), test=None)


def test_settings_are_shown_with_their_path():
    """A nested setting has the path to it; text stays text, and nothing is a dash."""
    text = Read(page("t", {"a": {"b": [1, 2]}, "c": "d", "e": None, "f": {}}, [], Network([2, 2], seed=0), None)).text
    assert "a.b[1, 2]" in text
    assert "cd" in text
    assert "e—" in text
