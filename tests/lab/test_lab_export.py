"""A run as one file, and in a notebook: whole, small enough, and the same numbers."""

from __future__ import annotations

import base64
import gzip
import hashlib
import html
import json
import re
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from chainrule import Network, Recorder, lab
from chainrule.errors import ConfigError, DataError, ResourceError
from chainrule.io.blobs import unpack
from chainrule.lab import export, widget
from chainrule.lab.assets import Assets
from chainrule.lab.export import PRECISIONS, Extent, exported, thinned
from chainrule.lab.history import History
from chainrule.runs import build, folder, session
from chainrule.runs.config import config

EVIL = "</script><script>alert(1)</script><!--<img src=x onerror=alert(1)>\"'&"


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A recorded run in float64 whose classes have names that no page may take for markup."""
    place = tmp_path_factory.mktemp("runs") / "evil-1"
    place.mkdir()
    rows = "".join(f"{i},{i % 5},{'x' if i % 2 else '</script><b>'}\n" for i in range(60))
    table = place / "data.csv"
    table.write_text(f"a,<img src=x>,kind\n{rows}")
    settings = config({
        "seed": 1, "data": {"source": str(table), "target": "kind"}, "network": {"hidden": [3], "dtype": "float64"},
        "training": {"epochs": 30, "optimizer": "momentum", "learning_rate": 0.1},
    })  # fmt: skip
    splits = build.data_of(settings)
    settings = build.completed(settings, splits)
    with folder.held(place), pytest.MonkeyPatch.context() as patch:
        patch.setattr(session, "Recorder", partial(Recorder, every=2))  # else how often, the speed of the machine decides
        session.new(folder.Run(place), settings, splits, build.network_of(settings, splits)).train()
    return place


def part(text: str, name: str) -> bytes:
    """What a page of this file reads under a name."""
    found = re.search(rf'<script type="application/octet-stream" data-crl="{name}"[^>]*>([A-Za-z0-9+/=]*)</script>', text)
    assert found, name
    return gzip.decompress(base64.b64decode(found[1]))


def frames_of(text: str) -> list[bytes]:
    """The frames of its first piece."""
    raw, found = part(text, "frames-0"), list[bytes]()
    while raw:
        length = int.from_bytes(raw[:8], "little")
        found.append(raw[8 : 8 + length])
        raw = raw[8 + length :]
    return found


def test_the_file_holds_the_recording(trained: Path, assets: Path):
    """Its frames, in the order of their steps, are the recording's, in float32; the facts say which there are."""
    history = History(trained)
    found = exported(history, assets=Assets(assets))
    hello = json.loads(part(found.html, "hello"))
    assert (hello["live"], hello["protocol"], hello["classes"]) == (False, 1, ["</script><b>", "x"])
    assert json.loads(part(found.html, "curves")) == history.curves()
    assert set(unpack(part(found.html, "examples"))[0]) == {"x", "y", "points_x", "points_y"}
    raw, steps = part(found.html, "frames-0"), hello["key_frames"]
    assert steps == history.hello(live=False)["key_frames"][: len(steps)]
    for step in steps[:64]:
        length = int.from_bytes(raw[:8], "little")
        tensors, metadata = unpack(raw[8 : 8 + length])
        raw = raw[8 + length :]
        exact = unpack(history.frame(step))[0]["parameters"]
        assert metadata["state"]["updates"] == step
        assert (tensors["parameters"] == exact.astype(np.float32)).all()
    assert not raw


def test_the_file_asks_for_nothing_and_runs_its_own_program_alone(trained: Path, assets: Path):
    """Its policy names the program by its digest; no address stands in it; no text of the data is markup."""
    text = exported(History(trained), assets=Assets(assets)).html
    program = re.search(r'<script type="module">(.*?)</script>', text, re.DOTALL)[1]
    digest = base64.b64encode(hashlib.sha256(program.encode()).digest()).decode()
    policy = html.unescape(re.search(r'Content-Security-Policy" content="([^"]*)"', text)[1])
    assert policy.startswith(f"default-src 'none'; script-src 'sha256-{digest}'; ")
    assert "connect-src 'none'" in policy
    assert text.count("<script") == text.count("</script>") == text.count("data-crl=") + 1
    assert not re.search(r"""(?:src|href)="(?!data:)""", text)
    assert "<img" not in text
    assert "<!--" not in text


def test_the_file_is_as_small_as_it_is_to_be(trained: Path, assets: Path):
    """Frames are left out until it fits, the first and the last never; what cannot be is refused with the size."""
    history = History(trained)
    whole = exported(history, assets=Assets(assets))
    with pytest.raises(ConfigError, match=r"has at least [\d,]+ bytes, more than 1,000") as refused:
        exported(history, Extent(1_000), assets=Assets(assets))
    least = int(re.search(r"least ([\d,]+)", str(refused.value))[1].replace(",", ""))
    most = (least + whole.size) // 2  # how many key frames there are, the speed of the machine decides
    small = exported(history, Extent(most), assets=Assets(assets))
    assert least <= small.size <= most
    steps = json.loads(part(small.html, "hello"))["key_frames"]
    assert len(steps) == small.frames < whole.frames == small.of
    assert (steps[0], steps[-1]) == (0, history.hello(live=False)["last"])


@pytest.mark.parametrize("precision", PRECISIONS)
def test_the_precision_is_chosen(trained: Path, assets: Path, precision: str):
    """A run in float64 is carried to the bit, or rounded to the nearest; the page is told which."""
    history = History(trained)
    text = exported(history, Extent(precision=precision), assets=Assets(assets)).html
    assert json.loads(part(text, "hello"))["precision"] == precision
    tensors, _ = unpack(frames_of(text)[-1])
    exact, _ = unpack(history.frame())
    assert tensors["parameters"].dtype == precision
    assert np.array_equal(tensors["parameters"], exact["parameters"].astype(precision))


def test_the_steps_are_chosen(trained: Path, assets: Path):
    """The key frames between two steps, these two, done again where they are none, and the first of all."""
    history = History(trained)
    every = history.hello(live=False)["key_frames"]
    text = exported(history, Extent(precision="float64", first=9, last=21), assets=Assets(assets)).html
    steps = json.loads(part(text, "hello"))["key_frames"]
    assert steps == sorted({0, 9, 21, *(step for step in every if 9 <= step <= 21)})
    for step, raw in zip(steps, frames_of(text), strict=True):
        assert np.array_equal(unpack(raw)[0]["parameters"], unpack(history.frame(step))[0]["parameters"])
    assert json.loads(part(text, "hello"))["last"] == json.loads(part(text, "curves"))["costs"]["steps"][-1] == 21
    assert json.loads(part(text, "findings"))["step"] == 21


def test_a_recording_alone_has_its_key_frames(trained: Path, assets: Path):
    """Steps between them are left out, since its data is not there to do them again; the curves go on to the end."""
    history = History(trained / "recording.sqlite")
    keys = history.hello(live=False)["key_frames"]
    last = next(step for step in range(max(keys) - 1, 0, -1) if step not in keys)
    text = exported(history, Extent(last=last), assets=Assets(assets)).html
    hello = json.loads(part(text, "hello"))
    assert (hello["last"], hello["key_frames"]) == (last, [step for step in keys if step <= last])


@pytest.mark.parametrize(("first", "last"), [(5, 4), (0, 10**9), (-1, None)])
def test_steps_that_are_not_recorded_are_refused(trained: Path, assets: Path, first: int, last: int | None):
    """With the steps that there are."""
    with pytest.raises(ConfigError, match=r"the recording has steps 0 to \d+"):
        exported(History(trained), Extent(first=first, last=last), assets=Assets(assets))


def test_a_precision_that_has_no_such_number_is_refused(tmp_path: Path, assets: Path):
    """A weight of 70,000 would be infinite in float16."""
    place = tmp_path / "recording.sqlite"
    net = Network([2, 2], dtype="float32", seed=0)
    net.parameters.flat[0] = 70_000
    net.fit([[0, 0], [1, 1]], [[0, 1], [1, 0]], epochs=1, recorder=Recorder(place))
    with pytest.raises(ConfigError, match=r"after step 0 a parameter is larger than 65504, the largest float16"):
        exported(History(place), Extent(precision="float16"), assets=Assets(assets))
    assert exported(History(place), assets=Assets(assets)).frames > 1


def test_many_frames_are_in_several_pieces(trained: Path, assets: Path, monkeypatch: pytest.MonkeyPatch):
    """A page inflates the piece that it needs."""
    monkeypatch.setattr(export, "CHUNK", 4)
    found = exported(History(trained), assets=Assets(assets))
    said = re.findall(r'data-crl="frames-(\d+)" data-steps="([\d ]+)"', found.html)
    assert [int(number) for number, _ in said] == list(range(len(said)))
    assert [int(step) for _, steps in said for step in steps.split()] == json.loads(part(found.html, "hello"))["key_frames"]
    assert max(len(steps.split()) for _, steps in said) == 4


@pytest.mark.parametrize("count", [1, 2, 3, 5, 100])
def test_thinning_keeps_the_ends(count: int):
    """The first and the last step are always there, and no more than were asked for."""
    steps = [0, 1, 2, 4, 8, 16, 32, 50]
    found = thinned(steps, count)
    assert (found[0], found[-1]) == (0, 50)
    assert len(found) == min(max(count, 2), len(steps))


def test_nothing_in_a_program_or_a_style_ends_its_element():
    """Whatever stands in it is still the same program."""
    assert "</script" not in export.inline_script(EVIL).lower()
    assert "<!--" not in export.inline_script(EVIL)
    assert "</style" not in export.inline_style("a</StYle>").lower()


def test_a_static_view_is_a_frame_that_reaches_nothing(trained: Path, assets: Path, monkeypatch: pytest.MonkeyPatch):
    """Two megabytes at most, as an attribute of a sandbox without the notebook's origin."""
    monkeypatch.setattr(Assets, "text", lambda self, name: (assets / name).read_text())
    text = lab.show(trained, static=True)._repr_html_()
    assert text.startswith('<iframe sandbox="allow-scripts" ')
    assert text.count("<") == 2
    assert len(text) < 1.3 * widget.STATIC
    inner = html.unescape(re.search(r'srcdoc="([^"]*)"', text)[1])
    assert json.loads(part(inner, "hello"))["name"] == "data.csv"


def test_a_widget_has_the_run_and_answers_for_any_step(trained: Path, assets: Path, monkeypatch: pytest.MonkeyPatch):
    """What it was not given is answered by the kernel, exactly; what it cannot do, in words."""
    pytest.importorskip("anywidget")
    monkeypatch.setattr(Assets, "text", lambda self, name: (assets / name).read_text())
    widget.widget_class.cache_clear()
    found = lab.show(trained)
    assert found.hello["live"] is False
    length = int.from_bytes(found.frames[:8], "little")
    assert unpack(found.frames[8 : 8 + length])[1]["state"]["updates"] == 0
    history = History(trained)
    said, frames = widget.answer(history, {"id": 3, "command": "frame", "step": 7})
    assert (said, frames) == ({"id": 3, "ok": True}, [history.frame(7)])
    assert "has steps 0 to" in widget.answer(history, {"id": 4, "command": "frame", "step": 10**6})[0]["error"]
    assert "chainrule lab" in widget.answer(history, {"id": 5, "command": "run"})[0]["error"]
    widget.widget_class.cache_clear()


def test_a_recording_without_its_data_shows_its_key_frames(trained: Path):
    """Other steps cannot be done again, and the answer says why."""
    history = History(trained / "recording.sqlite")
    assert history.frame(0) == History(trained).frame(0)
    keys = set(history.hello(live=False)["key_frames"])
    between = next(step for step in range(1000) if step not in keys)
    with pytest.raises(DataError, match="no data to do it again"):
        history.frame(between)


def test_what_was_not_built_is_said(trained: Path, tmp_path: Path):
    """A file without the page's program would be empty."""
    with pytest.raises(ResourceError, match="is not built in this installation"):
        exported(History(trained), assets=Assets(tmp_path))
