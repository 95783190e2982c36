"""chainrule: glass-box backpropagation.

The equations of backpropagation are written once (:mod:`chainrule.equations`). That same code trains networks, gives the
formulas, and checks the gradients.

>>> import chainrule
>>> net = chainrule.Network([2, 3, 1], seed=0)
>>> pass_ = net.backprop([0.5, -1.0], [1.0])
>>> pass_.delta[2].shape
(3, 1)
>>> print(chainrule.EQUATIONS["BP2"].text)
δˡ = ((wˡ⁺¹)ᵀ δˡ⁺¹) ⊙ σ′(zˡ)
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chainrule.api import *  # noqa: F403  the public names, each with its type

__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """The public names, and NumPy with them, are loaded when the first is asked for: ``chainrule --help`` needs none."""
    if name.isidentifier() and find_spec(f"chainrule.{name}"):
        return import_module(f"chainrule.{name}")
    api = import_module("chainrule.api")
    if name != "__all__" and name not in api.__all__:
        raise AttributeError(f"module 'chainrule' has no attribute {name!r}")
    globals()[name] = found = getattr(api, name)
    return found


def __dir__() -> list[str]:
    return [*__getattr__("__all__"), "__version__"]
