"""Choosing an engine: what was chosen, why, and that a training goes on as it began."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from chainrule import ConfigError, Network
from chainrule.engine import choice


@pytest.fixture(autouse=True)
def _cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Programs are kept apart from the user's."""
    monkeypatch.setenv("CHAINRULE_CACHE", str(tmp_path))


def trained(engine: str, epochs: int = 1, **how: object) -> Network:
    """A small network after some epochs."""
    rng = np.random.default_rng(0)
    net = Network([6, 5, 2], "tanh", seed=3)
    net.fit(rng.normal(size=(50, 6)), rng.normal(size=(50, 2)), epochs=epochs, batch_size=8, engine=engine, **how)
    return net


def test_a_short_job_is_left_to_numpy() -> None:
    """Compiling takes longer than such a training; the history says so."""
    assert trained("auto").history.engine == "numpy: a short job"


def test_what_is_asked_for_is_taken() -> None:
    """And with a last mini-batch of two examples, which goes another way, the result is the reference's."""
    pytest.importorskip("numba")
    net = trained("compiled", epochs=3)
    assert net.history.engine.startswith("compiled")
    assert net.state.engine == "compiled"
    np.testing.assert_allclose(net.parameters.flat, trained("reference", epochs=3).parameters.flat, rtol=2e-5, atol=1e-6)


def test_a_training_goes_on_with_the_engine_that_it_began_with() -> None:
    """Otherwise k times one epoch would not be k epochs, to the bit."""
    pytest.importorskip("numba")
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(50, 6)), rng.normal(size=(50, 2))
    net = trained("compiled")
    net.fit(x, y, epochs=2, batch_size=8)
    assert net.history.engine.startswith("compiled")
    assert (net.parameters.flat == trained("compiled", epochs=3).parameters.flat).all()


def test_threads_do_not_change_a_bit() -> None:
    """A network large enough to be shared out ends with the same bits on one, two and three threads."""
    pytest.importorskip("numba")
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(256, 300)), rng.integers(0, 10, 256)
    ends = []
    for threads in (1, 2, 3, None):
        net = Network([300, 128, 96, 10], "relu", "log_likelihood", seed=1)
        how = {"dropout": 0.2, "clip_norm": 0.5, "optimizer": "adam", "engine": "compiled", "threads": threads}
        net.fit(x, y, epochs=2, batch_size=64, **how)
        ends.append(net.parameters.flat.copy())
    for end in ends[1:]:
        assert (end == ends[0]).all()


@pytest.mark.parametrize(("engine", "library"), [("compiled", "numba"), ("array", "jax")])
def test_a_missing_library_is_said_before_anything_changes(
    engine: str, library: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message says what to install, and the network can still be trained."""
    monkeypatch.setattr(choice, "find_spec", lambda name: None)
    monkeypatch.setitem(sys.modules, library, None)
    rng = np.random.default_rng(0)
    net = Network([3, 2], seed=0)
    before = net.parameters.flat.copy()
    with pytest.raises(ConfigError, match=r"chainrule\[.*\]"):
        net.fit(rng.normal(size=(8, 3)), rng.normal(size=(8, 2)), engine=engine, optimizer="momentum")
    assert (net.parameters.flat == before).all()
    assert not net.state.optimizer


def test_an_unknown_engine_is_refused() -> None:
    """The nearest name is suggested."""
    with pytest.raises(ConfigError, match="compiled"):
        trained("compilde")


def test_what_cannot_be_printed_falls_back_to_numpy_in_words() -> None:
    """A function that needs real arrays trains all the same; the history says why it is not compiled."""
    pytest.importorskip("numba")
    from chainrule import Activation

    def value(z: np.ndarray) -> np.ndarray:
        return np.asarray(z) * np.isfinite(np.asarray(z, dtype=float))

    rng = np.random.default_rng(0)
    net = Network([3, 4, 2], [Activation("own", value, lambda z, a: np.ones_like(np.asarray(z))), "identity"], seed=0)
    net.fit(rng.normal(size=(20, 3)), rng.normal(size=(20, 2)), epochs=1, batch_size=5, engine="compiled")
    assert net.history.engine.startswith("numpy: the compiled engine cannot do this")
