"""Files, whatever they hold: durable writes, locks, JSON lines, and strictly checked tensors. No network here."""

from __future__ import annotations

from chainrule.io.durable import append_line, read_lines, truncate_lines, write_bytes
from chainrule.io.header import LIMITS, Limits, Stamp
from chainrule.io.locking import lock
from chainrule.io.tensors import read_tensors, verify_tensors, write_tensors

__all__ = [
    "LIMITS",
    "Limits",
    "Stamp",
    "append_line",
    "lock",
    "read_lines",
    "read_tensors",
    "truncate_lines",
    "verify_tensors",
    "write_bytes",
    "write_tensors",
]
