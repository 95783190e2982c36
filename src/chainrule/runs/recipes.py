"""Recipes: settings that go well together, by name.

Every choice in them was made on 10,000 training images that were held out; the test images were looked at once, at the end.
"""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from chainrule.choices import nearest

RECIPES: dict[str, dict[str, Any]] = {
    # 28 x 28 digits, dense layers only: ten minutes on two cores. Distortions make each picture new in every epoch
    # (Simard 2003, Ciresan 2010), AdamW and one cycle of the learning rate make few epochs enough.
    "best": {
        "data": {"validation": 0},
        "network": {"hidden": [1200, 1200], "activation": "relu", "cost": "log_likelihood", "dtype": "float32"},
        "training": {
            "epochs": 95, "batch_size": 128, "optimizer": {"name": "adamw", "decay": 0.01}, "learning_rate": 0.0015,
            "schedule": {"name": "one_cycle"}, "smoothing": 0.02, "engine": "compiled",
            "distort": {"alpha": 30, "sigma": 5, "rotate": 12, "scale": 0.15, "shear": 0.15, "shift": 1},
        },
    },
}  # fmt: skip


def recipe(name: str) -> dict[str, Any]:
    """The settings of a recipe, as a config file has them.

    Raises
    ------
    ConfigError
        There is none of this name.

    Examples
    --------
    >>> recipe("best")["network"]["activation"]
    'relu'
    """
    return deepcopy(nearest(RECIPES, name, "recipe"))
