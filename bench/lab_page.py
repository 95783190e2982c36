"""What a frame costs the page of the lab: the main thread's time and its memory, while a training runs flat out.

In a browser without a window, which draws by software. The page's own clock counts (the browser's metrics), not frames a
second, which say more about the machine. Memory is what is left after garbage is collected.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from time import perf_counter
from typing import Any

FRAMES, SECONDS = 10_000, 20.0  # the one or the other
MOST_MS, MOST_MB = 10.0, 16.0  # a frame; more than after the first tenth
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
COUNT = """() => {
  globalThis.frames = 0;
  const send = WebSocket.prototype.send;
  WebSocket.prototype.send = function (said) {
    if (String(said).includes('"ack"')) globalThis.frames += 1;
    return send.call(this, said);
  };
}"""


class Meter:
    """The browser's own metrics of a page."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.session = page.context.new_cdp_session(page)
        self.session.send("Performance.enable", {"timeDomain": "threadTicks"})  # processor time: others do not count
        self.session.send("HeapProfiler.enable")

    def metric(self, name: str) -> float:
        """One of them."""
        rows = self.session.send("Performance.getMetrics")["metrics"]
        return float(next(row["value"] for row in rows if row["name"] == name))

    def busy(self) -> float:
        """Seconds of the main thread so far."""
        return self.metric("TaskDuration")

    def memory(self) -> float:
        """Megabytes that scripts hold once garbage is collected."""
        self.session.send("HeapProfiler.collectGarbage")
        return self.metric("JSHeapUsedSize") / 1e6

    def frames(self) -> int:
        """Frames that the page has painted."""
        return int(self.page.evaluate("globalThis.frames"))


def watched(page: Any, card: str) -> tuple[int, float, float, float]:
    """Watch a card's training: frames, milliseconds a frame, megabytes after a tenth and at the end."""
    page.get_by_role("button", name=f"{card}: choose the network").click()
    page.get_by_label("Epochs").fill("1000000")
    page.get_by_role("button", name="Train", exact=True).click()
    page.get_by_label("Timeline").wait_for(timeout=120_000)
    page.get_by_label("Control").get_by_label("Speed").select_option("")  # as fast as it goes
    page.wait_for_function("() => globalThis.frames > 20")
    meter = Meter(page)
    begun, first, busy, early = perf_counter(), meter.frames(), meter.busy(), 0.0
    paused = 0.0  # of the main thread: for counting, not for frames
    while (spent := perf_counter() - begun) < SECONDS and meter.frames() - first < FRAMES:
        if not early and spent > SECONDS / 10:
            before = meter.busy()
            early = meter.memory()
            paused = meter.busy() - before
        page.wait_for_timeout(200)
    count, took = meter.frames() - first, meter.busy() - busy - paused
    return count, 1000 * took / max(count, 1), early, meter.memory()


def main() -> int:
    """Print both for a toy and for digits; 1 where a target is missed."""
    from playwright.sync_api import sync_playwright

    browser, missed = next(filter(None, map(shutil.which, BROWSERS)), None), 0
    if browser is None:
        print(f"not measured: there is no {', '.join(BROWSERS)} here")
        return 0
    with tempfile.TemporaryDirectory() as place, sync_playwright() as driver:
        command = [sys.executable, "-m", "chainrule", "lab", "--no-browser", "--port", "0"]
        lab = subprocess.Popen(command, cwd=place, stdout=subprocess.PIPE, text=True)
        try:
            assert lab.stdout is not None
            address = re.search(r"http://\S+", lab.stdout.readline())
            assert address is not None
            page = driver.chromium.launch(executable_path=browser, args=FLAGS).new_page()
            page.add_init_script(f"({COUNT})()")
            page.goto(address[0])
            for card in ("Circle", "Handwritten digits"):
                count, cost, early, late = watched(page, card)
                print(f"{card:20} {count:6,} frames  {cost:5.1f} ms each  memory {early:.1f} -> {late:.1f} MB")
                missed += cost > MOST_MS or late > early + MOST_MB
                page.goto(address[0].partition("?")[0])
        finally:
            lab.terminate()
            lab.wait(60)
    return int(missed > 0)


if __name__ == "__main__":
    sys.exit(main())
