"""What was built of the front end, the page that loads it, and whether it can be served."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable
from importlib.util import find_spec

from chainrule.errors import ResourceError

FILES = {"lab.js": "text/javascript; charset=utf-8", "lab.css": "text/css; charset=utf-8"}
NEEDED = ("starlette", "uvicorn", "websockets")
MISSING = (
    "The lab's page is not built in this installation of chainrule.\n"
    "Build it: pip install '.[lab]' in its source folder (or: cd web && npm ci --ignore-scripts && npm run build)."
)
PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>The lab · chainrule</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/assets/lab.css">
<style>body { margin: 0 }</style>
</head>
<body>
<div data-crl-autoboot="live"></div>
<noscript>The lab is a program: allow scripts for this page. It comes from your own machine.</noscript>
<script type="module" src="/assets/lab.js"></script>
</body>
</html>
"""


@dataclass(frozen=True)
class Assets:
    """The script and the style.

    Attributes
    ----------
    folder : path
        Where they were built, if not in the package.
    """

    folder: Traversable | None = None

    def _file(self, name: str) -> Traversable:
        return (self.folder or resources.files("chainrule.lab") / "assets") / name

    def get(self, name: str) -> tuple[bytes, str] | None:
        """A file and its type; None where there is none of this exact name."""
        if name not in FILES or not self._file(name).is_file():
            return None
        return self._file(name).read_bytes(), FILES[name]

    def text(self, name: str) -> str:
        """A file as text.

        Raises
        ------
        ResourceError
            It is not built.
        """
        found = self.get(name)
        if found is None:
            raise ResourceError(MISSING)
        return found[0].decode()

    @property
    def built(self) -> bool:
        """Whether they are there."""
        return all(self.get(name) for name in FILES)


def ready() -> None:
    """Refuse in words where the lab cannot be served.

    Raises
    ------
    ResourceError
        A library is not installed, or the page is not built.
    """
    if missing := [name for name in NEEDED if find_spec(name) is None]:
        raise ResourceError(f"The lab needs {', '.join(missing)}.\nInstall what it needs: pip install 'chainrule[lab]'")
    if not Assets().built:
        raise ResourceError(MISSING)
