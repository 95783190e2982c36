"""Runs: a training with its folder, which can be interrupted at any moment, resumed, opened and used to predict.

    config.toml             the settings as used, every default included
    metrics.jsonl           one JSON object for each epoch
    checkpoint.safetensors  the network and where its training stands
    model.safetensors       the result
    report.html             a page to look at
    recording.sqlite        what happened, step by step

`keys` is the table of all settings, `config` a run's settings, `build` makes data and network of them, `folder` is where
they are kept, `session` trains and resumes, and `model` is what comes out. This file imports none of them, because the
command line reads the table before NumPy is needed.

Examples
--------
>>> import tempfile
>>> from pathlib import Path
>>> from chainrule.runs import build, folder, session
>>> from chainrule.runs.config import config
>>> settings = config({"seed": 1, "data": {"source": "moons"}, "training": {"epochs": 2}})
>>> splits = build.data_of(settings)
>>> settings = build.completed(settings, splits)
>>> with tempfile.TemporaryDirectory() as place, folder.held(place):
...     run = session.new(folder.Run(Path(place)), settings, splits, build.network_of(settings, splits))
...     net = run.train()
...     [line["epoch"] for line in run.run.metrics()], sorted(path.name for path in Path(place).glob("m*"))
([1, 2], ['metrics.jsonl', 'model.safetensors'])
"""
