"""The array engine: the equations themselves under JAX's ``jit``, on the CPU and, where there is one, the GPU.

Nothing is lowered here. :class:`Traced` lends an array of JAX the protocols of NumPy, so ``schedule.run`` calls the very
functions that the other engines are made of while JAX looks on, and XLA compiles what it saw. A stretch of mini-batches is
one loop on the device, where the examples lie from the start.

64-bit numbers and full matrix products (no TF32) hold while this engine works and only in its thread; JAX's own settings
are as before when it returns.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from chainrule.activations import Activation, per_neuron
from chainrule.algebra.formula import UNTRACEABLE
from chainrule.architecture import Architecture
from chainrule.engine.memory import COUNT, ETA, SIZE, Parameters, Values, Workspace, constants, functions, gradients
from chainrule.engine.traced import Traced, bare, like
from chainrule.errors import ConfigError, ResourceError
from chainrule.notation import Key
from chainrule.randomness import generator, kept
from chainrule.schedule import Recipe, Step, run, training

if TYPE_CHECKING:
    from chainrule.engine.stepper import Stepper

BLOCK = 1024  # mini-batches that go to the device at a time, unless their masks and noise take more than
MOST_DRAWN = 2**24  # so many bytes
ROWS, X, Y, WEIGHT, NOISE = Key("rows", 0), Key("x", 0), Key("y", 0), Key("weight", 0), Key("noise", 0)


class Runner(Protocol):
    """Does a stretch of mini-batches of one size."""

    def __call__(
        self, epoch: int, rows: np.ndarray, first: int, etas: np.ndarray, done: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """Do the steps; see :func:`build`."""


def build(stepper: Stepper) -> Runner:
    """The runner of a training: it changes ``stepper.parameters`` as the same steps of any other engine would.

    The runner takes the epoch, the ``rows`` of each step (int, shape (steps, m)), the number of the ``first`` of these
    steps in the epoch, the learning rate of each (float, shape (steps,)), and how many updates were ``done`` before. It
    gives the summed cost and the size (sum of example weights) of each step, both of shape (steps,), and stops after the
    first step whose cost is not finite. A batch size is compiled once, when it first comes; any number of steps uses
    the same program.

    Parameters and slots are read at the start of a call and written at its end; examples are read once, here.

    Raises
    ------
    ConfigError
        JAX is not installed; in a call, a function of the user's cannot run on JAX.
    ResourceError
        The device has not enough memory.
    """
    s, p = stepper, stepper.parameters
    plain = functions(s.a, s.recipe) | constants(s.recipe, len(s.source))
    plain |= {key: _whole(x) for key, x in plain.items() if isinstance(x, Activation)}
    with _precise() as jax:
        data = {X: s.source.x, Y: s.source.y} | s.fixed.values(p.views)
        if s.recipe.weighted:
            data[WEIGHT] = np.ones(len(s.source.x), s.a.dtype) if s.source.weight is None else s.source.weight
        data = {key: jax.numpy.asarray(x) for key, x in data.items()}
        program = jax.jit(partial(_stretch, s.a, s.recipe, plain), donate_argnums=0)

    def runner(epoch: int, rows: np.ndarray, first: int, etas: np.ndarray, done: int) -> tuple[np.ndarray, np.ndarray]:
        costs, sizes, block = [np.empty(0)], [np.empty(0)], _block(s, rows.shape[1])
        with _precise() as jax:
            memory = {key: jax.numpy.array(view) for key, view in (p.views | p.slot_views).items()}
            for at in range(0, len(rows), block):
                part = slice(at, at + block)
                drawn = _drawn(s, epoch, rows[part], first + at, etas[part], block)
                memory, *found = program(memory, data, drawn, len(rows[part]), done + at)
                did, cost, size = (np.asarray(x) for x in found)
                costs.append(cost[:did])
                sizes.append(size[:did])
                if not np.isfinite(costs[-1]).all():
                    break
            _take_over(p, memory)
        return np.concatenate(costs), np.concatenate(sizes)

    return runner


def _take_over(p: Parameters, memory: Values) -> None:
    """Write the device's numbers into the network's arrays."""
    for key, view in (p.views | p.slot_views).items():
        view[...] = memory[key]


@contextmanager
def _precise() -> Iterator[Any]:
    """JAX with 64-bit numbers, and products in the precision of their operands, until the block ends."""
    try:
        import jax
        from jax import enable_x64
    except ImportError:
        raise ConfigError("engine 'array' needs JAX, 0.8 or later: pip install jax.") from None
    try:
        with enable_x64(True), jax.default_matmul_precision("highest"):
            yield jax
    except (jax.errors.JaxRuntimeError, MemoryError) as error:
        if isinstance(error, MemoryError) or "RESOURCE_EXHAUSTED" in str(error):
            raise ResourceError(
                f"the device {jax.devices()[0]} has not enough memory: {_first_line(error)}\n"
                "The array engine keeps all examples there. Use fewer of them, smaller mini-batches, or engine='numpy'."
            ) from error
        raise


def _first_line(error: Exception) -> str:
    """What happened, without the pages that JAX adds."""
    return str(error).strip().partition("\n")[0] or type(error).__name__


# ------------------------------------------------------------------------------------------------ what a stretch needs


def _block(s: Stepper, m: int) -> int:
    """How many mini-batches go to the device at a time: as many as have bounded masks and noise."""
    noise = s.a.neurons(1) * s.a.dtype.itemsize if s.recipe.noise else 0
    bytes_of_step = m * (noise + sum(s.a.neurons(l) for l in s.recipe.dropout))
    return max(1, min(BLOCK, MOST_DRAWN // max(1, bytes_of_step)))


def _drawn(s: Stepper, epoch: int, rows: np.ndarray, first: int, etas: np.ndarray, block: int) -> Values:
    """What changes from step to step, drawn as the stepper draws it; filled up to the length that is compiled."""
    steps, m = rows.shape
    drawn: Values = {ROWS: np.zeros((block, m), np.int64), ETA: np.zeros(block)}
    drawn[ROWS][:steps], drawn[ETA][:steps] = rows, etas
    for l, p in s.recipe.dropout.items():
        drawn[Key("mask", l)] = masks = np.zeros((block, s.a.neurons(l), m), np.bool_)
        for i in range(steps):
            masks[i] = kept(s.seed, epoch, first + i, masks.shape[1:], p, l)
    if s.recipe.noise:
        drawn[NOISE] = noise = np.zeros((block, s.a.neurons(1), m), s.a.dtype)
        for i in range(steps):
            draws = generator(s.seed, "noise", epoch, first + i).standard_normal(noise.shape[1:], dtype=noise.dtype)
            np.multiply(draws, s.recipe.noise, out=noise[i])
    return drawn


# -------------------------------------------------------------------------------------- what runs while JAX looks on


def _stretch(
    a: Architecture, r: Recipe, plain: Values, memory: Values, data: Values, drawn: Values, steps: Any, done: Any
) -> tuple[Any, ...]:
    """The steps one after the other; gives the parameters and slots, how many steps were done, their costs and sizes.

    The number of steps is no part of the program, as it would be with ``lax.scan``: a training asks for stretches of many
    lengths, and each would be compiled anew.
    """
    import jax

    block, m = drawn[ROWS].shape
    schedule, likes = training(a, r), _likes(a, r, m)

    def goes_on(state: Any) -> Any:
        return (state[0] < steps) & state[1]

    def step(state: Any) -> Any:
        k, _, memory, costs, sizes = state
        values = plain | _mini_batch(a, r, data, {key: x[k] for key, x in drawn.items()})
        values |= {key: Traced(x) for key, x in memory.items()} | {COUNT: Traced(1.0 + done + k)}
        _run(schedule, values, likes)
        cost, size = values[Key("cost_x", 0)].value.sum(), bare(values[SIZE])
        if r.weighted:  # examples of no weight change nothing
            values |= {key: np.where(size > 0, values[key], x) for key, x in memory.items()}
            cost = jax.numpy.where(size > 0, cost, 0)
        memory = {key: values[key].value for key in memory}
        return k + 1, jax.numpy.isfinite(cost), memory, costs.at[k].set(cost), sizes.at[k].set(size)

    nothing = jax.numpy.zeros(block)
    did, _, memory, costs, sizes = jax.lax.while_loop(goes_on, step, (0, True, memory, nothing, nothing))
    return memory, did, costs, sizes


def _mini_batch(a: Architecture, r: Recipe, data: Values, drawn: Values) -> Values:
    """The rows of a mini-batch as columns, with its masks, its noise, its size and the layers' learning rates."""
    rows = drawn[ROWS]
    values = {Key("a", 1): data[X].take(rows, 0, mode="clip").T, Y: data[Y].take(rows, 0, mode="clip").T}
    values |= {key: x for key, x in data.items() if key not in {X, Y, WEIGHT}} | {SIZE: float(len(rows))}
    if r.weighted:
        values[WEIGHT] = data[WEIGHT].take(rows, mode="clip")[None, :]
        values[SIZE] = values[WEIGHT].sum().astype(float)
    for l, p in r.dropout.items():
        values[Key("mask", l)] = drawn[Key("mask", l)] * np.asarray(1 / (1 - p), a.dtype)
    if r.noise:
        values[NOISE] = drawn[NOISE]
    values |= {Key("eta", l): drawn[ETA] * r.layer_rates.get(l, 1.0) for l in a.layers}
    return {key: x if isinstance(x, float) else Traced(x) for key, x in values.items()} | {Key("norm2", 0): 0.0}


def _likes(a: Architecture, r: Recipe, m: int) -> dict[Key, Any]:
    """For each array of a step, one of its shape and precision."""
    p = Parameters(a, r.optimizer.slots)
    values = Workspace(a, r, m, p.views | p.slot_views | gradients(a)).values
    return {key: x for key, x in values.items() if isinstance(x, np.ndarray)}


def _run(steps: list[Step], values: Values, likes: dict[Key, Any]) -> None:
    """Do the steps; a result that stands for an array, such as a slope of 1 or of truths, becomes one."""
    for step in steps:
        try:
            run([step], values)
        except UNTRACEABLE as error:
            function = next((x for key in step.reads if callable(x := values[key])), step.equation)
            raise ConfigError(
                f"{step.equation.name} at layer {step.layer} cannot run on JAX with "
                f"{getattr(function, 'name', function)}: {_first_line(error)}\n"
                "The array engine runs functions of NumPy operations on whole arrays. Write it with these, or train with "
                "engine='numpy', which calls any function."
            ) from error
        if step.writes in likes:
            values[step.writes] = like(values[step.writes], likes[step.writes])


def _whole(row: Activation) -> Activation:
    """A layer of several activations puts slopes together, so each must have the shape of its neurons."""
    full = {own: replace(own, slope=partial(_full_slope, own)) for own in row.neurons}
    return per_neuron([full[own] for own in row.neurons]) if full else row


def _full_slope(row: Activation, z: Any, a: Any) -> Traced:
    return like(row.prime(z, a), z)
