"""How the figures of a run are said, on a terminal as on its page."""

from __future__ import annotations


def percent(share: float) -> str:
    """A share with two decimals.

    >>> percent(0.9781)
    '97.81 %'
    """
    return f"{100 * share:.2f} %"


def duration(seconds: float) -> str:
    """A time as people say it.

    >>> [duration(s) for s in (0.012, 0.5, 75.2, 3723)]
    ['12 ms', '0.5 s', '1 min 15 s', '1 h 02 min']
    """
    if seconds < 59.5:
        return f"{1000 * seconds:.0f} ms" if 0 < seconds < 0.1 else f"{seconds:.{int(seconds < 10)}f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02} min"
