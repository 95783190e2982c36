"""The settings of a run: one table, read from flags, the environment and config files alike."""

from __future__ import annotations

import tomllib
from dataclasses import fields
from inspect import signature
from typing import Any

import pytest

from chainrule.data import Splits
from chainrule.errors import ConfigError
from chainrule.network import Network
from chainrule.optimizers import OPTIMIZERS
from chainrule.runs import build, toml
from chainrule.runs.config import Config, config, gathered, said
from chainrule.runs.keys import SETTINGS
from chainrule.runs.kinds import KINDS
from chainrule.train.settings import Settings


def with_data(table: dict[str, Any]) -> tuple[Config, Splits]:
    """A config and its data."""
    wanted = config(table)
    return wanted, build.data_of(wanted)


MOONS = {"seed": 3, "data": {"source": "moons", "n": 200}, "network": {"hidden": [8]}}


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("whole", "12", 12), ("whole", "1_000", 1000), ("number", "1e-3", 0.001), ("wholes", "128,64", [128, 64]),
        ("wholes", "none", []), ("share", "0.1", 0.1), ("share", "500", 500), ("truth", "No", False), ("truth", "1", True),
        ("named", "cosine", "cosine"), ("named", "step:every=1,drop=0.5", {"name": "step", "every": 1, "drop": 0.5}),
        ("rates", "0.5", 0.5), ("rates", "2:0.5,3:0.1", {"2": 0.5, "3": 0.1}), ("text", "5", "5"),
        ("layers", "relu", "relu"), ("layers", "tanh, relu", ["tanh", "relu"]), ("layers", ["tanh"], ["tanh"]),
    ],
)  # fmt: skip
def test_a_text_becomes_a_value_of_its_kind(kind, text, value):
    """Flags and variables of the environment are read by the table, each by its kind."""
    assert KINDS[kind].checked(text, "x") == value


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("whole", "1.5"), ("whole", True), ("whole", 1.0), ("whole", "9" * 30), ("number", "nan"), ("number", float("inf")),
        ("wholes", "1,x"), ("wholes", [1.5]), ("truth", "perhaps"), ("truth", 1), ("text", 5), ("texts", [1]),
        ("named", "cosine:warmup"), ("named", {"warmup": 1}), ("rates", "2:x"), ("share", "x"), ("share", [1]),
        ("layers", []), ("layers", [1]),
    ],
)  # fmt: skip
def test_a_value_of_another_kind_is_refused_with_its_name(kind, value):
    """The message names the setting and what it must be."""
    with pytest.raises(ConfigError, match=r"--flag.*it must be"):
        KINDS[kind].checked(value, "--flag")


def test_each_row_of_the_table_is_a_setting_that_something_takes():
    """No flag is without effect: training's are those of Settings, the network's those of Network."""
    training = {f.name for f in fields(Settings)} | set(build.APART)
    takes = {"training": training, "network": {*signature(Network).parameters, "hidden"}}
    for row in SETTINGS:
        assert row.key in takes.get(row.section, {row.key}), row
    assert training == {row.key for row in SETTINGS if row.section == "training"}
    assert len({row.parameter for row in SETTINGS}) == len(SETTINGS)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[training]\nepoch = 3", "Did you mean 'epochs'"),
        ("[training]\nepochs = 'ten'", "epochs = 'ten': it must be a whole number"),
        ("[training]\nepochs = 1.5", "it must be a whole number"),
        ("[trainin]\nepochs = 1", "there is nothing called 'trainin'"),
        ("epochs = 1", r"belongs into the table \[training\]"),
        ("training = 5", "it is a table"),
        ("seed = -1.5", "seed = -1.5"),
        ("[data]\nsource = 5", "it must be a text"),
        ("seed = 1\nseed = 2\n", "line 2"),
        ("[network]\nhidden = 1,\nx = 2", "line 2"),
        ("x = " + "[" * 5000, "nested too deeply|not TOML"),
        ("", "names no data"),
    ],
)
def test_a_wrong_config_file_is_refused_in_words(tmp_path, text, words):
    """What is wrong is named: the key and the nearest one, the kind of value, or the line."""
    path = tmp_path / "run.toml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=words):
        config(toml.read(path), where="run.toml")


def test_a_file_that_is_no_config_is_not_read(tmp_path):
    """A missing file, a folder, one of more than a megabyte, and one that is not UTF-8."""
    large, odd = tmp_path / "large.toml", tmp_path / "odd.toml"
    large.write_bytes(b"#" * (toml.LARGEST + 1))
    odd.write_bytes(b"a = '\xff'")
    for path, words in ((tmp_path / "lrge.toml", "large.toml"), (tmp_path, "not a file"), (large, "bytes"), (odd, "UTF-8")):
        with pytest.raises(ConfigError, match=words):
            toml.read(path)


def test_what_is_written_as_toml_is_read_back():
    """Texts with quotes, line breaks and letters of any script, numbers, lists and tables."""
    table = {"a": 'say "hi"\\\n\t\x7f\x00 ünïcode', "b": [1, 2], "c": 1e-08, "d": True, "t": {"x y": {"k": -0.5, "e": {}}}}
    assert tomllib.loads(toml.dumps(table)) == table


def test_a_config_as_used_says_the_same_when_it_is_read_again(tmp_path):
    """Every default is written, so that a run can be repeated from its config alone."""
    how = {"dropout": {"2": 0.1}, "optimizer": "adam", "schedule": {"name": "cosine", "warmup": 1}}
    wanted = config(MOONS | {"training": how})
    wanted = build.completed(wanted, build.data_of(wanted))
    path = tmp_path / "config.toml"
    path.write_text(wanted.toml())
    again = build.completed(config(toml.read(path)), build.data_of(wanted))
    assert (again, again.fingerprint) == (wanted, wanted.fingerprint)


def test_a_config_as_used_holds_what_defaults_decided(tmp_path):
    """A later version with other defaults changes no run: how the data is made and parted, outputs, first weights, rate."""
    toy = build.completed(*with_data({"seed": 1, "data": {"source": "moons"}, "training": {"optimizer": "sgd"}})).as_dict()
    assert toy["data"] == {
        "source": "moons", "validation": 0.1, "test_fraction": 0.2, "n": 500, "noise": 0.1, "seed": 0,
    }  # fmt: skip
    assert (toy["network"]["output"], toy["network"]["initial"]) == ("softmax", "he")
    used = toy["training"]
    assert (used["learning_rate"], used["monitor"], used["engine"]) == (OPTIMIZERS["sgd"].eta, "accuracy", "auto")
    (tmp_path / "t.csv").write_text("a,y\n" + "".join(f"{i},{i % 7}.5\n" for i in range(40)))
    table = build.completed(*with_data({"data": {"source": str(tmp_path / "t.csv"), "target": "y"}})).as_dict()["data"]
    found = {key: table[key] for key in ("task", "test_fraction", "seed", "encoding", "header", "missing", "ignore")}
    assert [*found.values()] == ["regression", 0.2, 0, "utf-8", True, "error", []]


@pytest.mark.parametrize("hidden", [[], [8], [8, 6]], ids=str)
def test_what_is_written_down_is_what_the_network_would_take_by_itself(hidden):
    """The output and the first weights of a completed config are the defaults of Network, bit for bit."""
    wanted, splits = with_data(MOONS | {"network": {"hidden": hidden, "activation": "tanh"}})
    net = build.network_of(build.completed(wanted, splits), splits)
    own = Network([2, *hidden, 2], "tanh", "log_likelihood", seed=3)
    assert net.architecture == own.architecture
    assert net.parameters.flat.tobytes() == own.parameters.flat.tobytes()


def test_hidden_layers_may_differ_in_their_activation():
    """One name for each hidden layer; each keeps the first weights that are usual for it."""
    wanted, splits = with_data(MOONS | {"network": {"hidden": [8, 6], "activation": ["tanh", "relu"]}})
    net = build.network_of(build.completed(wanted, splits), splits)
    own = Network([2, 8, 6, 2], ["tanh", "relu", "softmax"], "log_likelihood", seed=3)
    assert [net.architecture.sigma(l).name for l in (2, 3, 4)] == ["tanh", "relu", "softmax"]
    assert net.parameters.flat.tobytes() == own.parameters.flat.tobytes()
    wanted, splits = with_data(MOONS | {"network": {"hidden": [8], "activation": "tanh,relu"}})
    with pytest.raises(ConfigError, match=r"tanh,relu: 2 names, but hidden = \[8\]"):
        build.completed(wanted, splits)


def test_settings_of_one_run_serve_for_other_data():
    """What the other data has no option for is left out; a file that names no data is taken as it is."""
    used = build.completed(*with_data(MOONS)).as_dict()
    assert build.for_source(used, "mnist")["data"] == {"validation": 0.1}
    assert build.for_source(used, "xor")["data"] == {k: v for k, v in used["data"].items() if k != "source"}
    assert build.for_source(used, None) is used
    mine = {"data": {"target": "y"}}
    assert build.for_source(mine, "moons") is mine


def test_flags_know_the_words_of_the_config_file():
    """What is called otherwise on the command line can be called as in Python, there and in the environment."""
    rows = {row.key: row for row in SETTINGS if row.section == "training"}
    for key in ("batch_size", "learning_rate", "early_stopping"):
        assert f"--{key.replace('_', '-')}" in rows[key].flags
        assert f"CHAINRULE_{key.upper()}" in rows[key].variables


def test_what_is_said_later_goes_before_what_was_said_earlier():
    """Flags go before the environment and the file, setting by setting."""
    file = {"seed": 1, "training": {"epochs": 5, "batch_size": 8}}
    found = gathered("moons", file, said({"epochs": "7", "seed": None, "no_such": 1}))
    assert found == Config("moons", 1, {}, {}, {"epochs": 7, "batch_size": 8})


def test_regression_has_an_identity_output_also_behind_sigmoids():
    """A network for numbers must be able to say any number."""
    wanted = config({"data": {"source": "line"}, "network": {"activation": "sigmoid"}})
    splits = build.data_of(wanted)
    assert build.network_of(build.completed(wanted, splits), splits).architecture.sigma(3).name == "identity"


@pytest.mark.parametrize("share", [1.0, 160, 0.001, -1])
def test_a_validation_part_that_leaves_nothing_is_refused(share):
    """At least one example to learn from and one to measure on."""
    wanted = config(MOONS | {"data": MOONS["data"] | {"validation": share}})
    with pytest.raises(ConfigError, match="hold out 1 to 159"):
        build.counts(wanted, build.data_of(wanted))
