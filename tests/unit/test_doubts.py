"""Data of little use is warned of before training, and sound data is not."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from chainrule import Network
from chainrule.checks import class_weights
from chainrule.errors import ChainruleWarning, ConfigError
from chainrule.train.doubts import warn_of

RNG = np.random.default_rng(1)
X, CLASSES = RNG.standard_normal((40, 3)), np.eye(4)[np.arange(40) % 4]
ONE = np.tile(CLASSES[3], (40, 1))

# name: (x, y, whether y are classes, words of the warning, or None)
DATA = {
    "standardised": (X, CLASSES, True, None),
    "one-hot": (np.eye(7)[np.arange(40) % 7], CLASSES, True, None),
    "pixels": (np.where(RNG.random((40, 9)) < 0.8, 0, RNG.integers(1, 256, (40, 9)) / 255), CLASSES, True, None),
    "bytes": (RNG.integers(0, 256, (40, 9)), CLASSES, True, None),
    "constant columns": (np.hstack([X, np.zeros((40, 2)), np.ones((40, 1))]), CLASSES, True, None),
    "years and shares": (np.stack([RNG.uniform(1900, 2020, 40), RNG.random(40) / 100], axis=1), CLASSES, True, None),
    "one example": (X[:1], CLASSES[:1], True, None),
    "a constant value": (X, np.ones((40, 1)), False, None),
    "two classes in a column": (X, np.arange(40)[:, None] % 2, True, None),
    "several labels, one always": (X, np.stack([np.ones(40), np.arange(40) % 2], axis=1), True, None),
    "one class": (X, ONE, True, "every example has class 3: a network can only learn to say that"),
    "one class of a column": (X, -np.ones((40, 1)), True, "every example has class 0"),
    "the same labels": (X, np.ones((40, 3)), True, "every example has the same targets"),
    "rows alike": (np.ones((40, 3)), CLASSES, True, "every row of x is the same"),
    "large": (X * 1e7, CLASSES, True, "learning works on numbers about 1. Standardise it"),
    "large and negative": (-np.abs(X) * 1e30, CLASSES, True, "Standardise"),
    "small": (X * 1e-20, CLASSES, True, "Standardise"),
    "columns far apart": (X * [1e3, 1e-7, 1], CLASSES, True, "columns of x differ in size by"),
}


@pytest.mark.parametrize("name", DATA)
def test_data_of_little_use_is_warned_of_and_no_other(name):
    """One warning for each doubt, in words; none for data as people have it."""
    x, y, classify, words = DATA[name]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        warn_of(x.astype(np.float32), y.astype(np.float32), classify=classify)
    said = [str(w.message) for w in caught if w.category is ChainruleWarning]
    assert len(said) == len(caught) == (words is not None)
    assert words is None or words in said[0]


def test_class_weights_are_refused_where_there_are_no_classes():
    """A regression has no classes to weigh."""
    with pytest.raises(ConfigError, match="y are values here"):
        class_weights("balanced", X[:, :1], X.dtype, classify=False)
    assert class_weights(None, X[:, :1], X.dtype, classify=False) is None


@pytest.mark.parametrize(("activation", "initial", "words"), [("sigmoid", None, "shrink to"), ("relu", "large", "grow")])
def test_errors_that_vanish_or_explode_on_the_way_back_are_said(activation, initial, words):
    """A deep network whose first layer gets hardly any error, or too much, is warned of before training; others are not."""
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((50, 8)), np.arange(50) % 3
    deep = Network([8, *[60] * 12, 3], activation, "log_likelihood", initial=initial, seed=0)
    with pytest.warns(ChainruleWarning, match=f"14 layers: the errors {words}"):
        deep.fit(x, y, epochs=1, learning_rate=1e-9)
    Network([8, *[20] * 12, 3], "relu", "log_likelihood", seed=0).fit(x, y, epochs=1)
    Network([8, *[20] * 3, 3], "sigmoid", "log_likelihood", seed=0).fit(x, y, epochs=1)
