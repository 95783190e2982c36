"""Candidates of every kind behind one interface: call it with a probe, get arrays back."""

from __future__ import annotations

import copy
import re
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from chainrule.auditing.arguments import arguments, roles_of, uses_parameters
from chainrule.auditing.conventions import Convention
from chainrule.auditing.options import Options
from chainrule.auditing.probes import Probe
from chainrule.auditing.returned import Leaf, leaves
from chainrule.auditing.store import Store, store_of
from chainrule.errors import ConfigError
from chainrule.notation import Key

GRADIENTS = ("backprop", "back_propagation", "backpropagation", "back_prop", "gradients", "gradient", "grad",
             "compute_gradients", "get_gradients", "backward", "backward_pass")  # fmt: skip
UPDATES = ("update_mini_batch", "update_minibatch", "update_batch", "train_step", "training_step", "update", "step",
           "train_on_batch")  # fmt: skip
KEPT = re.compile(
    r"^_?(d|grad_?|nabla_?|delta_?)(w|weights?|b|bias|biases)_?\d*$", re.IGNORECASE
)  # where none are returned


@dataclass
class Candidate:
    """Something that back-propagates.

    Parameters
    ----------
    what : str
        In words.
    function : callable
        What is called; its arguments are found by their names.
    options : Options
    updates : bool
        Whether it changes the parameters, rather than gives gradients.
    store : Store, optional
        Where its parameters are kept, if not handed over.
    free : bool
        Whether its parameters may be chosen.
    own_cost : callable, optional
        Its own cost, called with the same arguments.
    """

    what: str
    function: Callable[..., Any]
    options: Options
    updates: bool = False
    store: Store | None = None
    free: bool = False
    own_cost: Callable[..., Any] | None = None
    calls: int = field(default=0, init=False)
    again: Callable[[], Candidate] | None = None  # makes another one, as it was at first

    def fresh(self) -> Candidate:
        """The candidate without what it may have kept from calls before."""
        return replace(self.again(), options=self.options, updates=self.updates) if self.again else self

    @property
    def handed(self) -> bool:
        """Whether the parameters are arguments."""
        return uses_parameters(self.function)

    @property
    def many(self) -> bool:
        """Whether it takes a list of pairs, so that it takes any number of examples."""
        return "pairs" in roles_of(self.function).values()

    def call(self, probe: Probe, convention: Convention, *, keep: bool = False) -> list[Leaf]:
        """Its gradients, or its parameters after an update, as it gives them; ``keep`` leaves its parameters alone."""
        self.calls += 1
        if self.store and self.free and not keep:
            self.store.put(convention.parameters(probe.parameters))
        given = self._call(self.function, probe, convention)
        found = leaves(given) or leaves(self._kept())
        if not self.updates or any(leaf.value.ndim for leaf in found):
            return found
        if self.store is None:
            return found
        return [Leaf(f"{key.symbol}{key.layer}", value) for key, value in self.store.arrays().items()]

    def _kept(self) -> dict[str, Any]:
        """Gradients that it keeps as attributes."""
        held = {} if self.store is None or self.updates else vars(self.store.holder)
        return {name: value for name, value in held.items() if KEPT.match(name)}

    def cost(self, probe: Probe, convention: Convention) -> float:
        """Its own cost of the examples."""
        assert self.own_cost is not None
        if self.store and self.free:
            self.store.put(convention.parameters(probe.parameters))
        return float(np.asarray(self._call(self.own_cost, probe, convention)).sum())

    def _call(self, function: Callable[..., Any], probe: Probe, convention: Convention) -> Any:
        positional, named = arguments(function, probe, convention, self.options)
        with quiet():
            return function(*positional, **named)


@contextmanager
def quiet() -> Iterator[None]:
    """Somebody else's program may overflow or warn: it is its numbers that are looked at."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        yield


def candidate_of(given: Any, network: Any, options: Options) -> Candidate:
    """The candidate that an object or function is.

    Raises
    ------
    ConfigError
        It is none that can be called.
    """
    from chainrule.auditing.foreign import foreign

    if (found := foreign(given, options)) is not None:
        return found
    if isinstance(given, type):
        name = given.__name__
        raise ConfigError(f"the candidate is the class {name}. Give an object of it: audit({name}(...)).")
    holder = getattr(given, "__self__", None)
    if holder is not None and store_of(holder) and not isinstance(holder, type):
        return _of_object(holder, given.__name__, options)
    if store_of(given) and (options.method or not callable(given) or _method(given, options)):
        return _of_object(given, options.method or _method(given, options), options)
    if not callable(given) and _method(given, options) and not store_of(given):
        raise ConfigError(
            f"the {type(given).__name__} shows no weights. They are looked for in lists (weights, biases), in W1, b1, W2, "
            "b2, or in a dict (params).\nKeep them so, or write a function that is given them: backprop(x, y, weights, "
            "biases)."
        )
    if not callable(given):
        raise ConfigError(
            f"the candidate is a {type(given).__name__}: neither a function, nor an object with weights and a method "
            f"{' or '.join(GRADIENTS[:3])} or {UPDATES[0]}. Give audit(candidate, method='...') if it has another name."
        )
    return _of_function(given, network, options)


def _of_function(function: Callable[..., Any], network: Any, options: Options) -> Candidate:
    name = getattr(function, "__name__", type(function).__name__)
    handed = uses_parameters(function)
    updates = options.kind == "update" if options.kind else _is_update(function, name)
    store = None if handed else store_of(network)
    what = f"the function {name}({', '.join(roles_of(function))})"
    return Candidate(what, function, options, updates, store if updates else None, free=handed or updates,
                     own_cost=options.own_cost)  # fmt: skip


def is_update(name: str) -> bool:
    """Whether something of this name changes parameters."""
    return any(name.startswith(u) for u in UPDATES)


def _is_update(function: Callable[..., Any], name: str) -> bool:
    return is_update(name) or "eta" in roles_of(function).values()


def _method(given: Any, options: Options) -> str:
    names = {None: GRADIENTS + UPDATES, "gradient": GRADIENTS, "update": UPDATES}[options.kind]
    return next((name for name in names if callable(getattr(given, name, None))), "")


def update_of(given: Any) -> str:
    """The name of an object's method that updates its parameters, "" where it has none."""
    return _method(given, Options(kind="update")) if store_of(given) else ""


def _of_object(holder: Any, method: str, options: Options) -> Candidate:
    """A copy is looked at, so that the object itself stays as it is."""
    if not method or not callable(getattr(holder, method, None)):
        raise ConfigError(
            f"the {type(holder).__name__} has no method {method or ' or '.join(GRADIENTS[:3] + UPDATES[:1])!r}.\n"
            "Say which one computes the gradients: audit(candidate, method='...')."
        )
    own = copy.deepcopy(holder)
    updates = options.kind == "update" if options.kind else method in UPDATES
    what = f"{type(holder).__name__}.{method}"
    again = lambda: _of_object(holder, method, options)  # noqa: E731  its name is what it is for
    return Candidate(
        what, getattr(own, method), options, updates, Store(own), free=True, own_cost=options.own_cost, again=again
    )


def restored(candidate: Candidate) -> Callable[[], None]:
    """What puts the parameters back that an update has changed."""
    if candidate.store is None:
        return lambda: None
    before: dict[Key, np.ndarray] = candidate.store.arrays()
    return lambda: candidate.store.put(before) if candidate.store else None
