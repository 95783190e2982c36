"""Choosing an engine: the one that is asked for, or the faster one for epochs of this size."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from importlib.util import find_spec

from chainrule.architecture import Architecture
from chainrule.choices import nearest
from chainrule.engine import NAMES, lowered, reference
from chainrule.engine.memory import Engine
from chainrule.engine.stepper import Stepper
from chainrule.errors import ChainruleWarning, ConfigError

# Seconds, of a laptop's core; they need only tell an epoch of a hundredth of a second from one of a second.
CALL, ARITHMETIC = 1.2e-6, 2e-11  # a NumPy call, and a multiplication in it
UPDATE = 8e-10  # an equation of one parameter's update
WORTH = 0.1  # seconds of an epoch by NumPy from which on compiling pays, in all but the shortest trainings

NEEDS = {"compiled": ("Numba", ("numba", "llvmlite"), "fast"), "array": ("JAX", ("jax",), "array")}  # libraries, the extra


@dataclass(frozen=True)
class Choice:
    """An engine, and why it is this one.

    Attributes
    ----------
    name : str
    why : str
        A phrase for the reader.
    """

    name: str
    why: str


def step_engine(name: str) -> Engine:
    """What does single steps under the engine of this name: the short mini-batch at an epoch's end, for instance.

    Raises
    ------
    ConfigError
        There is no such engine, or what it needs is not installed.
    """
    nearest(dict.fromkeys(NAMES), name, "engine")
    require(name)
    return reference.build if name == "reference" else lowered.build


def choose(name: str, stepper: Stepper, last: str = "", threads: int | None = None) -> Choice:
    """Set the stepper's runner; ``last`` is the engine that the training began with, which ``auto`` stays with.

    ``auto`` goes by the work of an epoch, not by how many there are or what has been compiled before: a training must end
    with the same bits however it is cut into calls.

    What the compiled engine cannot do, the numpy engine does; the choice says why.

    Raises
    ------
    ConfigError
        The array engine cannot do what this network needs.
    """
    is_asked_for = name == "compiled"
    if name in {"numpy", "reference"}:
        return Choice(name, "as asked for")
    if name == "auto" and last in {"numpy", "reference"}:
        return Choice(last, "as this training began")
    if name == "auto" and not last:
        if estimate(stepper) < WORTH:
            return Choice("numpy", "short epochs, which compiling would not pay for")
        if not is_installed():
            return Choice("numpy", "Numba is not installed; with it (chainrule[fast]) this goes several times faster")
    name = last if name == "auto" and last else name
    if name == "array":
        return _array(stepper)
    choice = _compiled(stepper, threads)
    if is_asked_for and choice.name != "compiled":
        warnings.warn(f"{choice.why}. The numpy engine trains instead, more slowly.", ChainruleWarning, stacklevel=4)
    return choice


def estimate(stepper: Stepper) -> float:
    """Seconds that the numpy engine takes for an epoch, roughly."""
    a, m = stepper.a, stepper.batch_size
    equations = len(stepper.recipe.optimizer.equations)
    calls = 14 * (a.L - 1) + 4 * equations
    update = 0.0 if equations == 1 else equations * a.n_parameters * UPDATE  # plain SGD is part of the product
    return stepper.steps_in_epoch * (calls * CALL + multiplications(a, m) * ARITHMETIC + update)


def multiplications(a: Architecture, m: int) -> int:
    """How many a step of m examples takes: forward, gradient, and errors back to layer 2."""
    sizes = [a.neurons(l) * a.neurons(l - 1) for l in a.layers]
    return m * (2 * sum(sizes) + sum(sizes[1:]))


def is_installed(name: str = "compiled") -> bool:
    """Whether the libraries of an engine are there."""
    _, modules, _ = NEEDS.get(name, ("", (), ""))
    return all(find_spec(module) for module in modules)


def require(name: str) -> None:
    """Refuse an engine whose libraries are not there.

    Raises
    ------
    ConfigError
    """
    if not is_installed(name):
        library, _, extra = NEEDS[name]
        raise ConfigError(
            f"engine {name!r} needs {library}, which is not installed.\nInstall chainrule[{extra}], or use engine='numpy'."
        )


def _compiled(stepper: Stepper, threads: int | None) -> Choice:
    """The compiled engine, unless it cannot do this."""
    if not is_installed():  # it was, when this training began
        return Choice("numpy", "Numba is not installed any more")
    from chainrule.engine.compiled import build, runner
    from chainrule.engine.compiled.scalars import Unprintable

    try:
        program = runner.printed(stepper)
    except Unprintable as error:
        return Choice("numpy", f"the compiled engine cannot do this: {error}")
    known = build.is_known(program.code)
    stepper.runner = runner.Runner(stepper, program, threads)
    return Choice("compiled", "its program is known" if known else "newly compiled")


def _array(stepper: Stepper) -> Choice:
    """The array engine."""
    from chainrule.engine import array

    stepper.runner = array.build(stepper)
    return Choice("array", "as asked for")
