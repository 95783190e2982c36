"""Any recorded step once more, bit for bit: from the key frame before it, the steps since are done again."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

import numpy as np

from chainrule.engine.choice import choose
from chainrule.engine.memory import Parameters
from chainrule.engine.stepper import NotFinite
from chainrule.errors import DataError, DivergenceError
from chainrule.io.words import named
from chainrule.modelfile import built, state_of
from chainrule.network import Network
from chainrule.notation import Key
from chainrule.optimizers import OPTIMIZERS
from chainrule.record.measures import columns, measured, with_update
from chainrule.record.phases import in_force
from chainrule.record.reading import Frame, Recording
from chainrule.record.same import differences
from chainrule.record.store import RATE
from chainrule.train.divergence import divergence
from chainrule.train.loop import Loop
from chainrule.train.settings import settings
from chainrule.train.training import prepared


def network_of(recording: Recording, frame: Frame, functions: Mapping[str, Any] | None = None) -> Network:
    """The network as it was at a key frame, ready to be trained on.

    Raises
    ------
    DataError, ModelFileError
        The frame is not one of this network.
    """
    facts = recording.facts
    net: Network = built({"classes": facts.get("classes"), **facts}, Network, functions or {})
    tensors = dict(frame.tensors)
    net.state = state_of(frame.state)
    slots = OPTIMIZERS[net.state.optimizer].slots if net.state.optimizer in OPTIMIZERS else ()
    net.parameters = Parameters(net.architecture, slots)
    places = {"parameters": net.parameters.flat} | {f"slot.{name}": net.parameters.slots[name] for name in slots}
    for name, place in places.items():
        kept = tensors.pop(name, np.zeros(0))
        if kept.shape != place.shape or kept.dtype != place.dtype:
            raise DataError(
                f"step {frame.step} of {named(recording.path)}: {name} is {kept.dtype} {kept.shape}, but the network needs "
                f"{place.dtype} {place.shape}: the recording is damaged."
            )
        place[:] = kept
    net.fixed.elements.update({Key(name.split(".")[1], int(name.split(".")[2])): kept for name, kept in tensors.items()})
    return net


def replayed(
    recording: Recording, step: int, x: Any, y: Any, *, validation: Any = None, sample_weight: Any = None,
    class_weight: Any = None, functions: Mapping[str, Any] | None = None, threads: int | None = None,
) -> Loop:  # fmt: skip
    """The training as it stood after a step; the network is the loop's, and training can go on from there.

    Parameters
    ----------
    recording : Recording
    step : int
        Steps are counted from the first update; step 0 is the untrained network.
    x, y, validation, sample_weight, class_weight
        As :meth:`~chainrule.network.Network.fit` was given them.
    functions : mapping, optional
        The user's own activations and cost by name.

    Raises
    ------
    DataError
        The step is not in the recording, or the data is not what it was made with.
    """
    frame, facts = _before(recording, step), in_force(recording.facts, step)
    net = network_of(recording, frame, functions)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # they were told when it was recorded
        loop = prepared(
            net, x, y, settings(**facts["settings"]), validation=validation, sample_weight=sample_weight,
            class_weight=class_weight, engine=facts["engine"], threads=threads,
        )  # fmt: skip
    now = {"examples": len(loop.stepper.source), "batch_size": loop.stepper.batch_size, "engine": net.state.engine}
    if other := [f"{name} = {value!r}, not {facts[name]!r}" for name, value in now.items() if value != facts[name]]:
        raise DataError(
            f"{named(recording.path)} cannot be done again here: {'; '.join(other)}.\n"
            "Give the data that it was recorded with, and install what it was trained by."
        )
    return _advanced(loop, recording, step)


def again(recording: Recording, step: int, like: Loop) -> tuple[Network, Loop]:
    """A step of a training that this process has under way, or had: its data and its functions are those of ``like``.

    Raises
    ------
    DataError
        The step is not in the recording.
    """
    frame, old = _before(recording, step), like.stepper
    was = in_force(recording.facts, step)
    if found := list(differences(was, recording.facts)):
        raise DataError(
            f"step {step:,} was trained in another way than it is now: {'; '.join(found[:4])}. Of such steps, the key "
            "frames alone can be shown."
        )
    own: dict[str, Any] = {row.name: row for each in old.a.activations for row in (each.neurons or (each,))}
    net = network_of(recording, frame, own | {old.a.cost.name: old.a.cost})
    net.classify = like.classify
    stepper = replace(old, parameters=net.parameters, fixed=net.fixed, runner=None)
    choose(net.state.engine, stepper, net.state.engine)
    how = like.settings if was is recording.facts else settings(**was["settings"])
    loop = Loop(stepper, how, net.state, net.history, None, like.classify)
    return net, _advanced(loop, recording, step)


def next_batch(loop: Loop) -> tuple[np.ndarray, np.ndarray]:
    """The mini-batch of the step that comes next: inputs and targets, as they are learned from."""
    (order, epoch, step), size = _next(loop), loop.stepper.batch_size
    work = loop.stepper.load(order[step * size : (step + 1) * size], epoch, step)
    return work.x.copy(), work.y.copy()


def next_divergence(loop: Loop) -> DivergenceError:
    """Why the step that comes next is known to have diverged."""
    order, epoch, step = _next(loop)
    return divergence(loop.stepper, order, epoch, step, loop.eta(step))


def next_measures(loop: Loop) -> dict[str, dict[int, float]]:
    """The figures of the step that comes next, each by layer, as a recording has them; it is done here."""
    (order, epoch, step), a = _next(loop), loop.stepper.a
    found, before = measured(loop.stepper, order, epoch, step), loop.stepper.parameters.flat.copy()
    with suppress(NotFinite):  # its updates are not known then
        loop.advance(loop.state.updates + 1, {})
        with_update(a, found, before, loop.stepper.parameters.flat)
    table: dict[str, dict[int, float]] = {}
    for (name, l), value in zip(columns(a), found.tolist(), strict=True):
        table.setdefault(name, {})[l] = value
    return table


def next_rate(recording: Recording, step: int, state: Mapping[str, Any]) -> float:
    """The learning rate of the step that comes next, with its schedule; ``state`` is that of the frame of this step."""
    facts, now = in_force(recording.facts, step + 1), state_of(dict(state))
    how, of, halvings = settings(**facts["settings"]), facts["steps_in_epoch"], now.halvings
    rate = now.rate_over(how.eta)
    for event in recording.events():
        if event["kind"] == RATE and event["step"] == step:  # set after the frame was made
            rate = event["value"]
    if now.step == of:  # the same, of what the end of an epoch decides
        halvings = {record["epoch"]: record["halvings"] for record in recording.epochs()}.get(now.epoch + 1, halvings)
    return float(rate * how.rates(now.epoch + now.step / of, facts["epochs"]) * 0.5**halvings)


def _next(loop: Loop) -> tuple[np.ndarray, int, int]:
    """Of the step that comes next: the order of its epoch's examples, the epoch (from 1), and its place there (from 0)."""
    state = loop.state
    if state.step == loop.stepper.steps_in_epoch:  # a key frame is from before its epoch has ended
        state.epoch += 1
        state.begin_epoch()
    return loop.order(), state.epoch + 1, state.step


def _before(recording: Recording, step: int) -> Frame:
    """The key frame from which a step is done again."""
    if not 0 <= step <= recording.last:
        raise DataError(
            f"step {step} is not in the recording {named(recording.path)}, which has steps 0 to {recording.last}."
        )
    return recording.frame(step)


def _advanced(loop: Loop, recording: Recording, step: int) -> Loop:
    """From a key frame on to the step, with all that was changed on the way."""
    loop.total = in_force(recording.facts, step)["epochs"]
    halvings = {record["epoch"]: record["halvings"] for record in recording.epochs()}
    loop.advance(step, halvings, {event["step"]: event["value"] for event in recording.events() if event["kind"] == RATE})
    return loop
