"""Other file formats, told by their first bytes and never by their name."""

from __future__ import annotations

import re

from chainrule.io.header import FOREIGN, Unsound

PICKLE = "is a pickle (.pkl, .joblib, older .pt); pickle files can run code; chainrule never loads them"
ZIP = "is a zip archive (.pt, .keras, .npz) and may hold a pickle; pickle files can run code; chainrule never loads them"
PACKED = "is compressed (.gz, .bz2, .xz or .joblib); chainrule saves models uncompressed"
MAGIC = (
    (re.compile(rb"\x80[\x02-\x05](?!\x00)|\([dl]p|\([VSILFc]|[}\])]q|c[A-Za-z_][\w.]*\n|ZF"), PICKLE),
    (re.compile(rb"PK(?:\x03\x04|\x05\x06|\x07\x08)"), ZIP),
    (re.compile(rb"\x89HDF\r\n\x1a\n"), "is an HDF5 file (.h5), which chainrule does not read"),
    (re.compile(rb"\x93NUMPY"), "is a single NumPy array (.npy), not a model"),
    (re.compile(rb"\x1f\x8b|BZh|\xfd7zXZ\x00|x[\x01\x5e\x9c\xda]|\x04\x22\x4d\x18"), PACKED),
    (re.compile(rb"\s*[\[{]"), "is JSON text, not a model"),
)


def check_kind(first: bytes, size: int) -> None:
    """Recognise other formats by their first bytes; ours has '{' as its ninth."""
    if size == 0:
        raise Unsound("is empty (0 bytes)")
    if first[8:9] == b"{":
        return
    for magic, fact in MAGIC:
        if magic.match(first):
            raise Unsound(fact, FOREIGN)
    if size < 8:
        raise Unsound(f"has only {size} bytes; the length of the header alone takes 8")
