"""From labels to class indices."""

from __future__ import annotations

import warnings

import numpy as np

from chainrule.choices import similar
from chainrule.data.source import shown
from chainrule.errors import ChainruleWarning, DataError

MAX_CLASSES = 10_000


def encode(labels: np.ndarray, known: tuple[str, ...] | None, name: str) -> tuple[np.ndarray, tuple[str, ...]]:
    """Return the class index of each label, and the classes: `known`, or all that occur, in order."""
    values, codes = np.unique(labels, return_inverse=True)
    texts = tuple(str(value) for value in values)
    if known is None:
        inspect_classes(texts, len(labels), name)
        return codes.astype(np.int64), texts
    index = {label: code for code, label in enumerate(known)}
    for text, code in zip(texts, range(len(texts)), strict=True):
        if text not in index:
            row = int(np.argmax(codes == code)) + 1
            raise DataError(f"{name}, row {row}: {unseen('label', text, known)}")
    return np.array([index[text] for text in texts], np.int64)[codes], known


def unseen(what: str, text: str, known: tuple[str, ...]) -> str:
    """Say that a label or category is none of the known ones, and which those are."""
    some = ", ".join(shown(label) for label in known[:10]) + (f" and {len(known) - 10:,} more" if len(known) > 10 else "")
    return f"unseen {what} {shown(text)}: the training data has {some}.{similar(text, known)}"


def inspect_classes(classes: tuple[str, ...], examples: int, name: str) -> None:
    """Refuse too many classes; warn where they promise no learning."""
    from unicodedata import normalize  # a large table, only needed where there are labels

    if len(classes) > MAX_CLASSES:
        raise DataError(
            f"{name}: {len(classes):,} classes in {examples:,} examples; at most {MAX_CLASSES:,} are supported."
            " Numbers to be predicted as such need task='regression'."
        )
    if len(classes) == 1:
        _warn(f"{name}: every example has the label {shown(classes[0])}: a network can only learn to say that.")
    elif len(classes) == examples:
        _warn(f"{name}: each of the {examples:,} examples has a class of its own: there is nothing to generalise from.")
    if len({normalize("NFC", label) for label in classes}) < len(classes):
        _warn(f"{name}: some classes differ only in how their letters are encoded (Unicode normalisation).")


def _warn(message: str) -> None:
    warnings.warn(message, ChainruleWarning, stacklevel=4)
