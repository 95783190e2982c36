"""Putting a user's arrays into a network's parameters, and what to say when they do not fit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from chainrule import checks
from chainrule.architecture import Architecture
from chainrule.errors import ShapeError
from chainrule.notation import Key


def assign(a: Architecture, views: Mapping[Key, np.ndarray], symbol: str, values: Sequence[Any]) -> None:
    """Set all weights or all biases, after a look at every one of them."""
    places = {key: view for key, view in views.items() if key.symbol == symbol}
    if len(values) != len(places):
        raise ShapeError(f"{len(values)} arrays for {symbol}, but sizes={list(a.sizes)} has {len(places)} of them.")
    arrays = [checks.finite(checks.numbers(v, symbol), f"{symbol}^{l}") for l, v in enumerate(values, 2)]
    for (key, view), array in zip(places.items(), arrays, strict=True):
        if array.shape != view.shape and not (symbol == "b" and array.shape == view.shape[:1]):
            raise ShapeError(wrong_shape(key, array.shape, a.sizes))
    for view, array in zip(places.values(), arrays, strict=True):
        view[...] = array.reshape(view.shape)


def wrong_shape(key: Key, got: tuple[int, ...], sizes: tuple[int, ...]) -> str:
    """Why these numbers cannot be w^l or b^l."""
    symbol, l = key
    if not 2 <= l <= len(sizes):
        return f"layer {l} has no weights: with sizes={list(sizes)}, layers 2 to {len(sizes)} have."
    rows, columns = sizes[l - 1], sizes[l - 2]
    if symbol == "b":
        return f"b^{l} is {got}, but layer {l} has {rows} neurons, so b^{l} must be {(rows, 1)}."
    return (
        f"w^{l} is {got}, but layer {l} has {rows} neurons and layer {l - 1} has {columns}, so w^{l} must be "
        f"{(rows, columns)}.\nw^{l} has a row for each neuron of layer {l} and a column for each neuron of layer {l - 1}.\n"
        f"Rebuild the network with the sizes of your arrays, or give arrays that fit sizes={list(sizes)}."
    )
