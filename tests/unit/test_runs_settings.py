"""The settings of a run: one table, read from flags, the environment and config files alike."""

from __future__ import annotations

import tomllib
from dataclasses import fields
from inspect import signature

import pytest

from chainrule.errors import ConfigError
from chainrule.network import Network
from chainrule.runs import build, toml
from chainrule.runs.config import Config, config, gathered, said
from chainrule.runs.keys import SETTINGS
from chainrule.runs.kinds import KINDS
from chainrule.train.settings import Settings

MOONS = {"seed": 3, "data": {"source": "moons", "n": 200}, "network": {"hidden": [8]}}


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("whole", "12", 12), ("whole", "1_000", 1000), ("number", "1e-3", 0.001), ("wholes", "128,64", [128, 64]),
        ("wholes", "none", []), ("share", "0.1", 0.1), ("share", "500", 500), ("truth", "No", False), ("truth", "1", True),
        ("named", "cosine", "cosine"), ("named", "step:every=1,drop=0.5", {"name": "step", "every": 1, "drop": 0.5}),
        ("rates", "0.5", 0.5), ("rates", "2:0.5,3:0.1", {"2": 0.5, "3": 0.1}), ("text", "5", "5"),
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
