"""THE SETTINGS OF A RUN, one row each: its place in a config file, its flag, its kind, and what it means.

The command line, the environment (``CHAINRULE_`` and the flag's name in capitals) and config files all read this table.
"""

from __future__ import annotations

from dataclasses import dataclass

from chainrule.runs.kinds import KINDS, Kind


@dataclass(frozen=True)
class Setting:
    """One setting of a run; ``alias`` is a second flag, with the word of the config file and of Python."""

    section: str
    key: str
    flag: str
    of: str
    help: str
    alias: str = ""

    @property
    def kind(self) -> Kind:
        """What its values are."""
        return KINDS[self.of]

    @property
    def parameter(self) -> str:
        """Its name in Python: ``clip_norm`` for ``--clip-norm``."""
        return _plain(self.flag)

    @property
    def flags(self) -> tuple[str, ...]:
        """Its flag, and the alias where it has one."""
        return (self.flag, self.alias) if self.alias else (self.flag,)

    @property
    def variables(self) -> list[str]:
        """Its names in the environment: ``CHAINRULE_CLIP_NORM``."""
        return [f"CHAINRULE_{_plain(flag).upper()}" for flag in self.flags]


def _plain(flag: str) -> str:
    """The flag as a name of Python."""
    return flag.removeprefix("--").removeprefix("no-").replace("-", "_")


SETTINGS: tuple[Setting, ...] = (
    Setting("data", "target", "--target", "texts", "CSV: the column to predict, or several: a,b."),
    Setting("data", "task", "--task", "text", "classification or regression; found out from the data."),
    Setting("data", "validation", "--validation", "share",
            "Part of the training set to measure on: 0.1 (the default), a number of examples, or 0."),
    Setting("data", "test_fraction", "--test", "number", "CSV and toys: the share held out for the final test (0.2).",
            "--test-fraction"),
    Setting("data", "delimiter", "--delimiter", "text", "CSV: the separator, where it is not found out rightly."),
    Setting("data", "encoding", "--encoding", "text", "CSV: such as latin-1 (utf-8)."),
    Setting("data", "header", "--no-header", "truth", "CSV: the first row is data; columns are c1, c2 ..."),
    Setting("data", "missing", "--missing", "text", "CSV: an empty cell is an error, or the mean."),
    Setting("data", "categorical", "--categorical", "texts", "CSV: numbers that are categories, such as postal codes."),
    Setting("data", "ignore", "--ignore", "texts", "CSV: columns to leave out."),
    Setting("data", "n", "--examples", "whole", "Toys: how many points (500)."),
    Setting("data", "noise", "--noise", "number", "Toys: their noise (0.1)."),
    Setting("data", "seed", "--data-seed", "whole", "CSV and toys: the seed of the split and of the points (0)."),
    Setting("network", "hidden", "--hidden", "wholes", "Neurons in each hidden layer; none for no hidden layer (128)."),
    Setting("network", "activation", "--activation", "layers", "Of the hidden layers (relu); or one for each: tanh,relu."),
    Setting("network", "cost", "--cost", "text", "Classes: log_likelihood; numbers: quadratic."),
    Setting("network", "output", "--output", "text", "The output layer's activation; the cost's partner."),
    Setting("network", "initial", "--initial", "text", "First weights: small, large, he, glorot, orthogonal ..."),
    Setting("network", "biases", "--no-biases", "truth", "Neurons without biases."),
    Setting("network", "dtype", "--dtype", "text", "float32 (the default) or float64."),
    Setting("training", "epochs", "--epochs", "whole", "Passes over the training set (10; up to 300 of a small one)."),
    Setting("training", "batch_size", "--batch", "whole", "Examples in a mini-batch (64; 16 of a small set).",
            "--batch-size"),
    Setting("training", "optimizer", "--optimizer", "named",
            "sgd, momentum, nesterov, adagrad, rmsprop, adam (the default), adamw, lion, lbfgs."),
    Setting("training", "learning_rate", "--rate", "number", "The learning rate (adam: 0.005, falling).",
            "--learning-rate"),
    Setting("training", "schedule", "--schedule", "named",
            "constant, step, exponential, cosine (for adam), one_cycle, halve; or cosine:warmup=1."),
    Setting("training", "lmbda", "--lmbda", "number", "Strength of the penalty on the weights (0)."),
    Setting("training", "penalty", "--penalty", "text", "l2 (the default), l1 or elastic."),
    Setting("training", "dropout", "--dropout", "rates", "Probability that a hidden neuron is dropped (0)."),
    Setting("training", "noise", "--input-noise", "number", "Standard deviation of noise on the inputs (0)."),
    Setting("training", "distort", "--distort", "strengths",
            "Elastic and affine distortions of pictures: alpha=30,sigma=5,rotate=12,scale=0.15,shear=0.15,shift=1."),
    Setting("training", "smoothing", "--smoothing", "number", "Label smoothing: targets of 0 and 1 become softer (0)."),
    Setting("training", "clip_norm", "--clip-norm", "number", "Bound of the gradient's length."),
    Setting("training", "clip_value", "--clip-value", "number", "Bound of each component of the gradient."),
    Setting("training", "max_norm", "--max-norm", "number", "Bound of the length of a neuron's weights."),
    Setting("training", "layer_rates", "--layer-rates", "rates", "A factor on the rate of a layer: 2:0.1."),
    Setting("training", "class_weight", "--class-weight", "text", "balanced: rare classes count more."),
    Setting("training", "early_stopping", "--patience", "whole",
            "Stop after so many epochs without a better validation result, and take the best.", "--early-stopping"),
    Setting("training", "monitor", "--monitor", "text", "What better means: cost, accuracy, r2 ..."),
    Setting("training", "training_metrics", "--training-metrics", "truth",
            "Also measure on the training set."),
    Setting("training", "schedule_epochs", "--schedule-epochs", "whole",
            "The length that the schedule is laid out for."),
    Setting("training", "engine", "--engine", "text", "auto, compiled, numpy, array or reference."),
    Setting("", "seed", "--seed", "whole", "Of first weights, shuffles and dropout; drawn, and shown, if not given."),
)  # fmt: skip

SECTIONS: tuple[str, ...] = ("data", "network", "training")
