"""Training that stops: by divergence, by Ctrl-C, by a callback. Nothing is lost."""

from __future__ import annotations

import os
import signal
import threading

import numpy as np
import pytest
from training_helpers import net, spirals

from chainrule import ConfigError, DataError, DivergenceError, Network


@pytest.mark.parametrize("engine", ["reference", "numpy"])
@pytest.mark.parametrize("name", ["sgd", "adam"])
def test_divergence_is_named_and_leaves_finite_weights(engine, name):
    """An enormous learning rate raises DivergenceError at the step, names the quantity, and keeps finite weights."""
    x, y = spirals()
    trained = Network([2, 8, 3], "relu", seed=0)
    with pytest.raises(DivergenceError, match=r"epoch 1, step \d+.*\n.*learning rate 1e\+30.*Try learning_rate") as caught:
        trained.fit(x, np.eye(3)[y], epochs=3, optimizer=name, learning_rate=1e30, batch_size=8, engine=engine)
    assert np.isfinite(trained.parameters.memory).all()
    assert caught.value.quantity in {"z", "a", "cost_x", "w", "b", "delta", "nabla_w", "nabla_b", "nabla_a", "v_w", "s_w"}
    assert trained.state.updates == caught.value.step - 1
    assert np.isfinite(trained.feedforward(x[:1])).any() or caught.value.quantity in {"z", "a", "cost_x"}


def test_training_goes_on_after_divergence():
    """After a DivergenceError the network trains on with a smaller learning rate from the weights that were kept."""
    x, y = spirals()
    trained = Network([2, 8, 3], "relu", seed=0)
    with pytest.raises(DivergenceError):
        trained.fit(x, np.eye(3)[y], epochs=1, learning_rate=1e30)
    trained = Network([2, 8, 3], "relu", seed=0)
    trained.fit(x, np.eye(3)[y], epochs=1, learning_rate=0.01)
    assert np.isfinite(trained.history[-1].cost)


def ctrl_c_soon():
    """A progress function that has SIGINT sent a moment after training has begun, wherever a step then is."""
    timers = []

    def progress(*_):
        if not timers:
            timers.append(threading.Timer(0.02, os.kill, (os.getpid(), signal.SIGINT)))
            timers[0].start()

    return progress


@pytest.mark.parametrize(("engine", "examples"), [("numpy", 3000), ("compiled", 300_000)])
def test_ctrl_c_ends_after_a_step_and_training_goes_on_to_the_bit(engine, examples):
    """SIGINT raises KeyboardInterrupt between two steps; a further fit then ends where an undisturbed one does."""
    if engine == "compiled":
        pytest.importorskip("numba")
    x, y = spirals(examples)
    how = {"batch_size": 1, "optimizer": "adam", "dropout": 0.3, "engine": engine}
    undisturbed, disturbed = net(), net()
    undisturbed.fit(x, y, epochs=2, **how)
    with pytest.raises(KeyboardInterrupt):
        disturbed.fit(x, y, epochs=1000, progress=ctrl_c_soon(), **how)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert disturbed.state.epoch < 2, "the machine was too fast for this test"
    disturbed.fit(x, y, epochs=2 - disturbed.state.epoch, **how)
    assert undisturbed.parameters.memory.tobytes() == disturbed.parameters.memory.tobytes()


def test_ctrl_c_in_the_last_moment_is_not_swallowed():
    """SIGINT while the last epoch is ending comes through, with the training finished."""
    x, y = spirals()
    trained = net()
    with pytest.raises(KeyboardInterrupt):
        trained.fit(x, y, epochs=2, callbacks=[lambda record: record.epoch == 2 and os.kill(os.getpid(), signal.SIGINT)])
    assert trained.state.epoch == len(trained.history) == 2


def test_training_works_in_a_thread():
    """Training runs in a thread that is not the main one, where no signal arrives."""
    x, y = spirals()
    trained = net()
    thread = threading.Thread(target=trained.fit, args=(x, y), kwargs={"epochs": 1})
    thread.start()
    thread.join()
    assert trained.state.epoch == 1


def test_a_callback_sees_every_epoch_and_can_stop():
    """Callbacks get each epoch's record; one that returns something true ends the training after that epoch."""
    x, y = spirals()
    seen = []

    def enough(record):
        seen.append(record.epoch)
        return record.epoch == 2

    history = net().fit(x, y, epochs=9, callbacks=[enough])
    assert seen == [1, 2]
    assert history.stopped == "stopped by enough"


def test_a_callback_that_raises_loses_nothing():
    """An error in a callback comes through with a note, and the epoch's weights and record are there."""
    x, y = spirals()
    trained = net()
    with pytest.raises(ZeroDivisionError) as caught:
        trained.fit(x, y, epochs=3, callbacks=[lambda record: 1 / 0])
    assert "keeps that epoch's weights" in caught.value.__notes__[0]
    assert len(trained.history) == trained.state.epoch == 1


def test_progress_reports_every_step_in_the_end():
    """The progress function is told the step number up to the last of the epoch."""
    x, y = spirals()
    told = []
    net().fit(x, y, epochs=2, batch_size=8, progress=lambda *report: told.append(report[:3]))
    assert told[-1] == (2, 12, 12)
    assert [e for e, s, of in told if s == of] == [1, 2]


def test_an_epoch_under_way_is_not_gone_on_with_on_other_data():
    """After Ctrl-C in the middle of an epoch, a fit on another data set or batch size begins its epoch anew."""
    x, y = spirals(30_000)  # an epoch of a second or so
    disturbed = net()
    with pytest.raises(KeyboardInterrupt):
        disturbed.fit(x, y, epochs=1000, batch_size=1, progress=ctrl_c_soon(), engine="numpy")
    assert disturbed.state.step > 0
    before = disturbed.state.updates
    history = disturbed.fit(x[:60], y[:60], epochs=1, batch_size=3)
    assert disturbed.state.updates == before + 20
    assert history[-1].examples == 60


def test_the_best_weights_are_the_best_of_this_training():
    """Setting the weights, or watching another figure, forgets what was best before."""
    x, y = spirals(60)
    trained = net()
    how = {"validation": 0.3, "early_stopping": 3, "learning_rate": 0.5, "batch_size": 8}
    trained.fit(x, y, epochs=30, **how)
    fresh = net(seed=8)
    trained.weights, trained.biases = fresh.weights, fresh.biases
    trained.fit(x, y, epochs=1, **how | {"learning_rate": 1e-9})
    np.testing.assert_allclose(trained.weights[0], fresh.weights[0], atol=1e-6)
    trained.fit(x, y, epochs=1, monitor="cost", **how)
    assert trained.state.best_score == -trained.history[-1].metrics["cost"]


def test_early_stopping_epoch_by_epoch_is_early_stopping_at_once():
    """With early stopping too, fit(1) twenty times ends where fit(20) does; both end with the best epoch's weights."""
    x, y = spirals(60)
    once, often = net(), net()
    how = {"validation": 0.3, "early_stopping": 50, "learning_rate": 0.5, "batch_size": 8, "optimizer": "momentum"}
    once.fit(x, y, epochs=20, **how)
    for _ in range(20):
        often.fit(x, y, epochs=1, **how)
    assert once.parameters.memory.tobytes() == often.parameters.memory.tobytes()
    assert once.history.column("cost") == often.history.column("cost")


def test_trainings_in_two_threads_leave_blas_as_it_was():
    """The number of BLAS threads is the process's: when the last of several trainings ends, it is what it was."""
    from chainrule.engine.threads import blas_threads

    before = blas_threads()
    x, y = spirals(600)
    trainings = [
        threading.Thread(target=net(seed).fit, args=(x, y), kwargs={"epochs": 5 * (seed + 1)}) for seed in range(3)
    ]
    for thread in trainings:
        thread.start()
    for thread in trainings:
        thread.join()
    assert blas_threads() == before


def test_training_starts_from_finite_numbers():
    """A weight that was set to NaN is named before anything is trained."""
    x, y = spirals()
    trained = net()
    trained.weights[1][2, 3] = np.nan
    with pytest.raises(DataError, match=r"w\^3 of the network is nan at \(2, 3\)"):
        trained.fit(x, y, epochs=1)


def test_lbfgs_measures_tells_and_refuses():
    """L-BFGS measures on the validation set and calls the callbacks; what belongs to mini-batches is refused."""
    pytest.importorskip("scipy")
    x, y = spirals()
    seen = []
    trained = net(dtype="float64")
    trained.fit(x, y, optimizer="lbfgs", epochs=20, validation=0.2, callbacks=[seen.append])
    assert seen[0].metrics["accuracy"] > 0.5
    with pytest.raises(ConfigError, match="dropout and early_stopping belong to mini-batch training"):
        trained.fit(x, y, optimizer="lbfgs", dropout=0.5, early_stopping=3, validation=0.2)


def test_training_on_weights_of_0_alone_is_refused():
    """Where every example with a weight is held out for validation, the rest cannot train, and that is said."""
    from chainrule.train.training import held_out

    x, y = spirals(60)
    trained = net()
    held = held_out(np.eye(3)[y], 0.2, trained.seed, by_class=True)
    with pytest.raises(DataError, match="the 48 examples to train on all have weight 0"):
        trained.fit(x, y, validation=0.2, sample_weight=held.astype(float))
