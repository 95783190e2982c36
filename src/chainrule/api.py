"""The public names of the package, which ``chainrule`` gives out."""

from __future__ import annotations

from chainrule.activations import ACTIVATIONS, Activation, activation
from chainrule.costs import COSTS, PENALTIES, Cost, cost
from chainrule.errors import (
    ChainruleError,
    ChainruleWarning,
    ConfigError,
    DataError,
    DivergenceError,
    GraphError,
    ModelFileError,
    ResourceError,
    ShapeError,
)
from chainrule.evaluation import Evaluation
from chainrule.network import Network
from chainrule.notation import EQUATIONS, LEGEND
from chainrule.optimizers import OPTIMIZERS, optimizer
from chainrule.passes import Pass
from chainrule.predictor import Predictor
from chainrule.train.history import Epoch, History
from chainrule.train.rates import RATES, rate_schedule
from chainrule.train.settings import Settings

__all__ = [
    "ACTIVATIONS",
    "COSTS",
    "EQUATIONS",
    "LEGEND",
    "OPTIMIZERS",
    "PENALTIES",
    "RATES",
    "Activation",
    "ChainruleError",
    "ChainruleWarning",
    "ConfigError",
    "Cost",
    "DataError",
    "DivergenceError",
    "Epoch",
    "Evaluation",
    "GraphError",
    "History",
    "ModelFileError",
    "Network",
    "Pass",
    "Predictor",
    "ResourceError",
    "Settings",
    "ShapeError",
    "activation",
    "cost",
    "optimizer",
    "rate_schedule",
]
