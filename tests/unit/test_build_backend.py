"""The build: when the lab's page is built, what with, and what happens where it cannot be."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

FILE = Path(__file__).resolve().parents[2] / "_build_backend" / "chainrule_build.py"
SPEC = importlib.util.spec_from_file_location("chainrule_build", FILE)
assert SPEC is not None
assert SPEC.loader is not None
backend = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(backend)


@pytest.fixture
def web(tmp_path):
    """Some sources."""
    folder = tmp_path / "web"
    (folder / "src" / "ui").mkdir(parents=True)
    (folder / "package.json").write_text("{}\n")
    (folder / "src" / "index.ts").write_text("export {};\n")
    (folder / "src" / "ui" / "app.tsx").write_text("// app\n")
    return folder


@pytest.fixture
def assets(tmp_path, web):
    """A page that was made of them."""
    folder = tmp_path / "assets"
    folder.mkdir()
    for name in backend.MADE:
        (folder / name).write_text("made")
    (folder / backend.STAMP).write_text(backend.stamp(web))
    return folder


@pytest.fixture
def here(web, assets, monkeypatch):
    """The backend with these folders; nothing left out."""
    monkeypatch.setattr(backend, "WEB", web)
    monkeypatch.setattr(backend, "ASSETS", assets)
    monkeypatch.delenv(backend.SKIP, raising=False)
    return backend


@pytest.mark.parametrize(
    "change",
    [
        lambda web: (web / "src" / "index.ts").write_text("export default 1;\n"),
        lambda web: (web / "src" / "more.ts").write_text(""),
        lambda web: (web / "src" / "ui" / "app.tsx").unlink(),
        lambda web: (web / "src" / "ui" / "app.tsx").rename(web / "src" / "ui" / "bpp.tsx"),
        lambda web: (web / "vite.config.ts").write_text("x"),
    ],
)
def test_the_page_is_stale_once_a_source_has_changed(web, assets, change):
    """Changed, added, removed and renamed files all count."""
    assert backend.is_fresh(web, assets)
    change(web)
    assert not backend.is_fresh(web, assets)


@pytest.mark.parametrize("name", ["node_modules/x/index.js", "test/a.test.ts", "README.md", ".cache"])
def test_what_the_page_is_not_made_of_does_not_make_it_stale(web, assets, name):
    """Packages, tests, words and hidden files."""
    (web / name).parent.mkdir(parents=True, exist_ok=True)
    (web / name).write_text("new")
    assert backend.is_fresh(web, assets)


def test_the_line_ends_of_a_checkout_do_not_make_it_stale(web, assets):
    """Git writes CR LF on Windows; the page that a source distribution carries is fresh there too."""
    (web / "src" / "index.ts").write_bytes(b"export {};\r\n")
    assert backend.is_fresh(web, assets)


@pytest.mark.parametrize("name", ["lab.js", "lab.css", "stamp.txt"])
def test_a_page_with_a_part_missing_is_stale(web, assets, name):
    """Each of the three files is needed."""
    (assets / name).unlink()
    assert not backend.is_fresh(web, assets)


def test_without_its_sources_a_page_that_is_there_is_good(tmp_path, assets):
    """A copy without web/ has nothing to build it from."""
    assert backend.is_fresh(tmp_path / "none", assets)


@pytest.mark.parametrize(
    ("version", "good"),
    [("v20.19.0", True), ("v20.18.3", False), ("v21.7.0", False), ("v22.11.0", False), ("v22.12.0", True),
     ("v24.1.0", True), ("v18.20.8", False), ("", False), ("nonsense", False)],
)  # fmt: skip
def test_only_a_node_that_vite_runs_on_will_do(version, good):
    """20 from 20.19 on, and all from 22.12 on."""
    assert backend.is_new_enough(version) is good


def test_a_fresh_page_needs_nothing(here):
    """No Node is fetched and nothing is run."""
    assert here._node_needed() == []  # noqa: SLF001  what pip is told
    here.page(required=True)


def test_node_is_asked_for_only_where_there_is_none(here, web, monkeypatch):
    """A stale page needs Node: the system's, or one from PyPI, unless the page is left out."""
    (web / "src" / "index.ts").write_text("new")
    monkeypatch.setattr(here, "on_path", lambda: None)
    assert here._node_needed() == [here.NODE]  # noqa: SLF001
    monkeypatch.setattr(here, "on_path", lambda: here.Node(("node",), ("npm",)))
    assert here._node_needed() == []  # noqa: SLF001
    monkeypatch.setattr(here, "on_path", lambda: None)
    monkeypatch.setenv(here.SKIP, "1")
    assert here._node_needed() == []  # noqa: SLF001


def test_without_node_the_installation_goes_on_and_says_why(here, web, assets, monkeypatch, capsys):
    """What is missing stands beside where the page would be, for whoever asks for it later."""
    (web / "src" / "index.ts").write_text("new")
    monkeypatch.setattr(here, "on_path", lambda: None)
    monkeypatch.setattr(here, "from_wheel", lambda: None)
    here.page()
    assert "there was no Node" in (assets / here.ABSENT).read_text()
    assert "All else is installed" in capsys.readouterr().err
    with pytest.raises(SystemExit, match="there was no Node"):
        here.page(required=True)


def test_a_page_that_is_left_out_is_no_error(here, web, assets, monkeypatch):
    """Not even for a source distribution: somebody asked for it."""
    (web / "src" / "index.ts").write_text("new")
    monkeypatch.setenv(here.SKIP, "1")
    here.page(required=True)
    assert "CHAINRULE_NO_LAB=1" in (assets / here.ABSENT).read_text()


@pytest.mark.skipif(os.name == "nt", reason="a shell script stands for Node")
def test_the_page_is_built_once_from_a_copy_and_the_reason_goes(here, web, assets, tmp_path, monkeypatch):
    """Packages are fetched beside the checkout, the two files come back, and the next time nothing is done."""
    log = tmp_path / "log"
    node = tmp_path / "node"
    node.write_text(
        f'#!/bin/sh\necho "$@" >> {log}\n[ "$CHAINRULE_LAB_OUT" ] || exit 0\n'
        'mkdir -p "$CHAINRULE_LAB_OUT"; echo new > "$CHAINRULE_LAB_OUT/lab.js"; echo new > "$CHAINRULE_LAB_OUT/lab.css"\n'
    )
    node.chmod(0o755)
    monkeypatch.setattr(here, "on_path", lambda: here.Node((str(node),), (str(node),)))
    (web / "src" / "index.ts").write_text("new")
    (assets / here.ABSENT).write_text("earlier")
    here.page(required=True)
    asked = [line.split()[0] for line in log.read_text().splitlines()]
    assert asked[:2] == ["view", "ci"]
    assert asked[2].endswith("vite.js")
    assert (assets / "lab.js").read_text() == "new\n"
    assert not (assets / here.ABSENT).exists()
    assert not (web / "node_modules").exists()
    here.page()
    assert len(log.read_text().splitlines()) == 3


@pytest.mark.skipif(os.name == "nt", reason="a shell script stands for npm")
def test_a_registry_out_of_reach_is_told_in_its_words(here, web, assets, tmp_path, monkeypatch):
    """It says why, and the installation goes on."""
    npm = tmp_path / "npm"
    npm.write_text("#!/bin/sh\necho 'npm error code ENOTFOUND' >&2\nexit 1\n")
    npm.chmod(0o755)
    monkeypatch.setattr(here, "on_path", lambda: here.Node((sys.executable,), (str(npm),)))
    (web / "src" / "index.ts").write_text("new")
    here.page()
    assert "npm could not fetch its packages: npm error code ENOTFOUND" in (assets / here.ABSENT).read_text()


def test_a_checkout_that_cannot_be_written_to_is_installed_all_the_same(here, tmp_path, monkeypatch, capsys):
    """Neither the page nor the reason can be put there."""
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(here, "ASSETS", tmp_path / "file" / "assets")
    monkeypatch.setattr(here, "build", lambda web, assets: assets.mkdir(parents=True))
    here.page()
    assert "the lab's page is missing" in capsys.readouterr().err


def test_packages_that_are_there_are_used_only_if_they_are_those_of_the_lock(web):
    """What npm notes in node_modules is compared with package-lock.json."""
    lock = {"": {}, "node_modules/a": {"integrity": "1"}, "node_modules/b": {"integrity": "2", "optional": True}}
    hidden = web / "node_modules" / ".package-lock.json"
    hidden.parent.mkdir()
    (web / "package-lock.json").write_text(json.dumps({"packages": lock}))
    for found, good in [({"a": "1"}, True), ({"a": "1", "b": "2"}, True), ({"a": "9"}, False), ({"b": "2"}, False),
                        ({"a": "1", "c": "1"}, False)]:  # fmt: skip
        packages = {f"node_modules/{name}": {"integrity": digest} for name, digest in found.items()}
        hidden.write_text(json.dumps({"packages": packages}))
        assert backend.has_packages(web) is good
    hidden.write_text("cut o")
    assert not backend.has_packages(web)


@pytest.mark.parametrize("tool", ["rolldown", "oxlint"])
def test_the_lock_names_native_code_for_every_platform(tool: str):
    """A lock written on one machine must serve the others: Vite's compiler and the linter are one package a platform."""
    lock = json.loads((FILE.parents[1] / "web" / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    bindings = {name.rpartition("binding-")[2] for name in lock if f"@{tool}/binding-" in name}
    assert {"linux-x64-gnu", "linux-arm64-gnu", "darwin-arm64", "darwin-x64", "win32-x64-msvc"} <= bindings
    assert all(entry.get("integrity") for name, entry in lock.items() if name and not entry.get("inBundle"))


def test_it_is_read_without_anything_installed():
    """It is imported before hatchling is there to be used."""
    code = f"import runpy; runpy.run_path({str(FILE)!r}, run_name='backend')"
    subprocess.run([sys.executable, "-I", "-S", "-c", code], check=True)
