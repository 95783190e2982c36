"""Pages of documents in a real browser: nothing goes wrong, and none is wider than its screen."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest
from document_cases import CHINESE, HOSTILE, everything

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(BROWSER is None, reason="no Chromium is installed (Debian: apt-get install chromium)"),
]
FLAGS = (
    "--headless=new --no-sandbox --disable-gpu --disable-background-networking --disable-component-update --disable-sync "
    "--no-first-run --hide-scrollbars --enable-logging=stderr --virtual-time-budget=4000 --allow-file-access-from-files "
    "--window-size=1400,1000"
)
FRAMES = """<!doctype html><body>{frames}<script>onload = () => {{
const pages = [...document.querySelectorAll("iframe")].map(frame => frame.contentDocument);
document.body.dataset.widths = pages.map(page => page.documentElement.scrollWidth);
document.body.dataset.images = pages.every(page => [...page.images].every(i => i.complete && i.naturalWidth > 0)); }}
</script>"""


@pytest.mark.parametrize(("language", "prose"), [("en", HOSTILE), ("zh-Hant", CHINESE)])
def test_a_page_fits_every_screen(language, prose, tmp_path):
    """At 320, 390 and 1280 points no page has to be scrolled sideways; the console stays empty; drawings are shown."""
    everything(language, prose).save(tmp_path / "note.html")
    frames = [f'<iframe src="note.html" style="border:0;width:{w}px;height:900px"></iframe>' for w in (320, 390, 1280)]
    (tmp_path / "frames.html").write_text(FRAMES.format(frames="".join(frames)), "utf-8")
    address = (tmp_path / "frames.html").as_uri()
    words = [str(BROWSER), *FLAGS.split(), f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom", address]
    done = subprocess.run(words, capture_output=True, check=True, encoding="utf-8", timeout=120)
    assert [line for line in done.stderr.splitlines() if "CONSOLE" in line] == []
    assert re.search('data-widths="([^"]*)"', done.stdout)[1] == "320,390,1280"
    assert 'data-images="true"' in done.stdout
