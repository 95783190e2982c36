"""Choosing an engine: what was chosen, why, and that a training goes on as it began."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from chainrule import ChainruleWarning, ConfigError, DivergenceError, Network
from chainrule.engine import choice
from chainrule.train.state import State


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
    assert trained("auto").history.engine == "numpy: short epochs, which compiling would not pay for"


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
    with pytest.warns(ChainruleWarning, match="numpy engine trains instead"):
        net.fit(rng.normal(size=(20, 3)), rng.normal(size=(20, 2)), epochs=1, batch_size=5, engine="compiled")
    assert net.history.engine.startswith("numpy: the compiled engine cannot do this")


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "adam"])
def test_a_diverged_training_keeps_the_same_weights_as_numpy(optimizer: str) -> None:
    """The step is the same, and the last finite weights are those of the numpy engine: nothing is left of the bad step."""
    pytest.importorskip("numba")
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(203, 6)), rng.normal(size=(203, 3))
    kept = []
    for engine in ("numpy", "compiled"):
        net = Network([6, 7, 3], "relu", output="identity", seed=0, dtype="float64")
        rate = 1e200 if optimizer == "adam" else 20.0
        with pytest.raises(DivergenceError) as caught:
            net.fit(x, y, epochs=9, batch_size=10, learning_rate=rate, optimizer=optimizer, engine=engine)
        kept.append((caught.value.step, caught.value.epoch, net.parameters.flat.copy()))
    assert kept[0][:2] == kept[1][:2]
    np.testing.assert_allclose(kept[0][2], kept[1][2], rtol=1e-6)


def test_rows_that_begin_between_numbers_are_read_rightly(tmp_path: Path) -> None:
    """Records of four floats and a byte: rows that are no whole number of floats apart."""
    pytest.importorskip("numba")
    kind = np.dtype([("x", "<f4", (4,)), ("label", "u1")])
    record = np.memmap(tmp_path / "records", kind, "w+", shape=(60,))
    record["x"] = np.random.default_rng(0).normal(size=(60, 4))
    record.flush()
    y = np.random.default_rng(1).normal(size=(60, 2))
    ends = []
    for x in (record["x"], np.array(record["x"])):
        net = Network([4, 3, 2], "tanh", seed=0)
        net.fit(x, y, epochs=1, batch_size=6, engine="compiled")
        ends.append(net.parameters.flat.copy())
    assert (ends[0] == ends[1]).all()


@pytest.mark.parametrize("threads", [0, -1, True, 2.0, "x"])
def test_a_wrong_number_of_threads_is_refused(threads: object) -> None:
    """In words, by every engine, and before anything changes."""
    with pytest.raises(ConfigError, match="threads = "):
        trained("numpy", threads=threads)


def test_auto_does_not_depend_on_how_a_training_is_cut_into_calls() -> None:
    """The choice is made by an epoch's work, so that k times one epoch is k epochs, to the bit."""
    pytest.importorskip("numba")
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(6000, 100)).astype(np.float32), rng.integers(0, 2, 6000)
    once, often = (Network([100, 30, 2], "tanh", "log_likelihood", seed=0) for _ in range(2))
    once.fit(x, y, epochs=3, batch_size=10)
    for _ in range(3):
        often.fit(x, y, epochs=1, batch_size=10)
    assert once.history.engine.split(":")[0] == often.history.engine.split(":")[0]
    assert (once.parameters.flat == often.parameters.flat).all()


def test_a_user_without_a_home_trains(monkeypatch: pytest.MonkeyPatch) -> None:
    """Programs are then compiled each time, and kept nowhere."""
    pytest.importorskip("numba")
    monkeypatch.delenv("CHAINRULE_CACHE")
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)

    def homeless(path: Path) -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "expanduser", homeless)
    assert trained("compiled").state.engine == "compiled"


def test_a_function_of_many_parts_is_printed_at_once() -> None:
    """Parts that are used twice are walked once: their number does not double at every level."""
    pytest.importorskip("numba")

    def winding(z: np.ndarray) -> np.ndarray:
        for _ in range(40):
            z = z * 0.999 + 0.001 * np.tanh(z)
        return z

    rng = np.random.default_rng(0)
    net = Network([3, 4, 2], winding, output="identity", seed=0)
    net.fit(rng.normal(size=(20, 3)), rng.normal(size=(20, 2)), epochs=1, batch_size=5, engine="compiled")
    assert net.state.engine == "compiled"


def test_a_file_from_before_there_were_several_engines_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its state names no engine; training goes on from it."""
    net, file = trained("numpy", optimizer="adam"), tmp_path / "old.safetensors"
    with monkeypatch.context() as patch:
        names = [name for name in net.state.as_dict() if name != "engine"]
        patch.setattr(State, "as_dict", lambda state: {name: getattr(state, name) for name in names})
        net.save(file)
    old = Network.load(file)
    assert (old.state.engine, old.state.epoch) == ("", 1)
    assert (old.parameters.memory == net.parameters.memory).all()
