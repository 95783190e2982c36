"""The public names of the package, which ``chainrule`` gives out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chainrule.activations import ACTIVATIONS, Activation, activation
from chainrule.auditing import audit
from chainrule.checking import check, gradcheck
from chainrule.costs import COSTS, PENALTIES, Cost, cost
from chainrule.diagnosing import diagnose
from chainrule.document import Document
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
from chainrule.explaining import explain
from chainrule.explaining.reverse import ReverseNetwork
from chainrule.network import Network
from chainrule.notation import EQUATIONS, LEGEND
from chainrule.optimizers import OPTIMIZERS, optimizer
from chainrule.passes import Pass
from chainrule.predictor import Predictor
from chainrule.record import Frame, Recorder, Recording
from chainrule.train.history import Epoch, History
from chainrule.train.rates import RATES, rate_schedule
from chainrule.train.settings import Settings

if TYPE_CHECKING:
    from chainrule.runs.recorded import RecordedRun

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
    "Document",
    "Epoch",
    "Evaluation",
    "Frame",
    "GraphError",
    "History",
    "ModelFileError",
    "Network",
    "Pass",
    "Predictor",
    "RecordedRun",
    "Recorder",
    "Recording",
    "ResourceError",
    "ReverseNetwork",
    "Settings",
    "ShapeError",
    "activation",
    "audit",
    "check",
    "cost",
    "diagnose",
    "explain",
    "gradcheck",
    "optimizer",
    "rate_schedule",
]


def __getattr__(name: str) -> Any:
    """What reads runs, and data of many kinds, takes half as long to load as all else: it is loaded when asked for."""
    if name == "RecordedRun":
        from chainrule.runs.recorded import RecordedRun

        return RecordedRun
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
