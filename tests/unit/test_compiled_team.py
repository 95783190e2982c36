"""Threads of the compiled engine: which number of them works, and that none is left waiting."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("numba")
from chainrule.engine.compiled import build
from chainrule.engine.compiled import team as module
from chainrule.engine.compiled.team import SHARE, TRIAL, Team


class Clock:
    """Time that goes on by what steps are said to take."""

    now = 0.0

    def perf_counter(self) -> float:
        """Seconds."""
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """In place of the machine's."""
    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    return clock


def steps_by(clock: Clock, team: Team, seconds: dict[int, float], steps: int) -> dict[int, int]:
    """How many of the steps each number of threads did, where a step takes it so many seconds."""
    found = dict.fromkeys(seconds, 0)

    def call(_at: int, count: int, threads: int, _control: np.ndarray, thread: int) -> int:
        if thread == 0:
            found[threads] += count
            clock.now += count * seconds[threads]
        return count

    assert team.run(call, np.zeros(steps), 16) == steps
    return found


@pytest.mark.parametrize("step", [1e-5, 1e-3, 0.05])
@pytest.mark.parametrize("better", [1, 2])
def test_the_faster_number_does_most_of_the_work(clock: Clock, better: int, step: float) -> None:
    """And the time lost by trying the other is small."""
    seconds = {better: step, 3 - better: 2 * step}
    steps = int(100 * max(step, TRIAL) / step)
    found = steps_by(clock, Team(2), seconds, steps)
    assert found[better] > 0.85 * steps
    assert clock.now < steps * step * (1 + 3 / SHARE)


def test_when_another_program_takes_a_processor_one_thread_takes_over(clock: Clock) -> None:
    """And gives it back when that is over."""
    team = Team(2)
    steps_by(clock, team, {1: 2e-3, 2: 1e-3}, 500)
    busy = steps_by(clock, team, {1: 2e-3, 2: 8e-3}, 2000)
    assert busy[1] > 0.9 * 2000
    quiet = steps_by(clock, team, {1: 2e-3, 2: 1e-3}, 5000)
    assert quiet[2] > 0.9 * 5000


def test_stretches_too_short_for_a_thread_start_none(clock: Clock) -> None:
    """And say nothing about longer ones, such as a recorder's single steps between two of these."""
    team = Team(2)
    for _ in range(50):
        steps_by(clock, team, {1: 2e-5, 2: 1e-5}, 10_000)
        assert steps_by(clock, team, {1: 5e-4, 2: 5e-3}, 1) == {1: 1, 2: 0}
    assert steps_by(clock, team, {1: 2e-5, 2: 1e-5}, 10_000)[2] > 9_900


def test_a_number_that_the_user_has_set_is_kept(clock: Clock) -> None:
    """However slow it is."""
    assert steps_by(clock, Team(3, is_fixed=True), {1: 1e-3, 3: 9.0}, 50) == {1: 0, 3: 50}


def test_steps_end_with_a_cost_that_is_not_finite() -> None:
    """The step that gave it is counted."""
    costs = np.zeros(100)

    def call(at: int, count: int, *_: object) -> int:
        last = min(at + count, 7)
        costs[last - 1] = np.nan if last == 7 else 0.0
        return last - at

    assert Team(1).run(call, costs, 16) == 7


def test_a_stretch_that_ends_early_goes_on() -> None:
    """A thread had to wait long: one looks again, and does the rest."""
    done: list[int] = []

    def call(at: int, _count: int, *_: object) -> int:
        done.append(at)
        return 1

    assert Team(1).run(call, np.zeros(5), 16) == 5
    assert done == [0, 1, 2, 3, 4]


def test_where_a_thread_cannot_be_started_no_other_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    """They would wait for it for ever."""
    start, begun = threading.Thread.start, []

    def fails_the_second_time(self: threading.Thread) -> None:
        begun.append(self)
        if len(begun) == 2:
            raise RuntimeError("can't start new thread")
        start(self)

    monkeypatch.setattr(threading.Thread, "start", fails_the_second_time)
    called: list[int] = []

    def call(thread: int) -> int:
        called.append(thread)
        return 0

    with pytest.raises(RuntimeError, match="can't start"):
        module.together(call, 3)
    begun[0].join(10)
    assert not begun[0].is_alive()
    assert called == []


def test_programs_that_were_of_no_use_for_longest_are_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading one counts as use."""
    monkeypatch.setenv("CHAINRULE_CACHE", str(tmp_path))
    monkeypatch.setattr(build, "KEPT", 2)
    for at, key in enumerate("abc"):
        build.to_disk(key, b"code")
        for file in tmp_path.glob("*.o"):
            if file.stem == key:
                os.utime(file, (at, at))
        if key == "b":
            assert build.from_disk("a") == b"code"  # a is newer than b from now on
    assert {file.stem for file in tmp_path.glob("*.o")} == {"a", "c"}
