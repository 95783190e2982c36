"""Slips at source level: what somebody writes in the place of a right line, in each style."""

from __future__ import annotations

from dataclasses import dataclass

SQUARE, WIDE, DEEP = "square", "equal outer layers", "deep"


@dataclass(frozen=True)
class Mistake:
    """One slip: which line it changes, and to what, by style; at one layer, at all where it can be, or as a whole.

    ``needs`` says of what the network must be: "square" layers, certain functions, a cost.
    """

    id: str
    line: str
    columns: str
    rows: str = ""
    vectors: str = ""
    where: str = "layers"  # "layers": a hidden layer or all of them; "any": any layer or all; "whole"
    needs: tuple[str, ...] = ()
    also: tuple[str, ...] = ()  # other names that are as right

    def text(self, style: str) -> str:
        """The changed line."""
        return {"columns": self.columns, "rows": self.rows or self.columns, "vectors": self.vectors or self.columns}[style]


C = Mistake
MISTAKES = (
    C("cost_slope_as_error", "out", "dcost(acts[-1], y)", where="whole", needs=("general",)),
    C("slope_missing", "back", "weights[l + 1].T @ deltas[l + 1]", "np.dot(deltas[l + 1], weights[l + 1].T)",
      "weights[l + 1].T.dot(deltas[l + 1])"),
    C("slope_at_a", "back", "(weights[l + 1].T @ deltas[l + 1]) * df[l](acts[l + 1])",
      "np.dot(deltas[l + 1], weights[l + 1].T) * df[l](acts[l + 1])",
      "weights[l + 1].T.dot(deltas[l + 1]) * df[l](acts[l + 1])", needs=("bent",)),
    C("slope_at_a", "out", "dcost(acts[-1], y) * df[-1](acts[-1])", where="whole", needs=("bent", "general")),
    C("slope_formula_of_z", "back", "(weights[l + 1].T @ deltas[l + 1]) * zs[l] * (1 - zs[l])",
      "np.dot(deltas[l + 1], weights[l + 1].T) * (zs[l] * (1 - zs[l]))",
      "weights[l + 1].T.dot(deltas[l + 1]) * zs[l] * (1 - zs[l])", needs=("all sigmoid",)),
    C("softmax_diagonal", "out", "dcost(acts[-1], y) * acts[-1] * (1 - acts[-1])", where="whole", needs=("softmax",)),
    C("slope_not_cancelled", "out", "(acts[-1] - y) * acts[-1] * (1 - acts[-1])", where="whole", needs=("classifier",)),
    C("canonical_error", "out", "acts[-1] - y", where="whole", needs=("log_cosh", "general")),
    C("target_swapped", "out", "dcost(y, acts[-1]) * df[-1](zs[-1])", where="whole",
      needs=("general", "cross_entropy")),
    C("wrong_slope", "back", "(weights[l + 1].T @ deltas[l + 1]) * {other}(zs[l])",
      "np.dot(deltas[l + 1], weights[l + 1].T) * {other}(zs[l])", "weights[l + 1].T.dot(deltas[l + 1]) * {other}(zs[l])"),
    C("slope_twice", "back", "(weights[l + 1].T @ deltas[l + 1]) * df[l](zs[l]) * df[l](zs[l])",
      "np.dot(deltas[l + 1], weights[l + 1].T) * df[l](zs[l]) ** 2",
      "weights[l + 1].T.dot(deltas[l + 1]) * df[l](zs[l]) ** 2", needs=("bent",)),
    C("slope_twice", "nw", "(deltas[l] * df[l](zs[l])) @ acts[l].T", "np.dot(acts[l].T, deltas[l] * df[l](zs[l]))",
      "np.outer(deltas[l] * df[l](zs[l]), acts[l])", needs=("bent",)),
    C("slope_of_wrong_layer", "back", "weights[l + 1].T @ (deltas[l + 1] * df[l + 1](zs[l + 1]))",
      "np.dot(deltas[l + 1] * df[l + 1](zs[l + 1]), weights[l + 1].T)",
      "weights[l + 1].T.dot(deltas[l + 1] * df[l + 1](zs[l + 1]))", needs=("bent", "bent output")),
    C("slope_of_wrong_layer", "back", "(weights[l + 1].T @ deltas[l + 1]) * df[l](zs[l + 1])",
      "np.dot(deltas[l + 1], weights[l + 1].T) * df[l](zs[l + 1])",
      "weights[l + 1].T.dot(deltas[l + 1]) * df[l](zs[l + 1])", needs=(SQUARE, "bent", "bent output")),
    C("weights_not_transposed", "back", "(weights[l + 1] @ deltas[l + 1]) * df[l](zs[l])",
      "np.dot(deltas[l + 1], weights[l + 1]) * df[l](zs[l])", "weights[l + 1].dot(deltas[l + 1]) * df[l](zs[l])",
      needs=(SQUARE,)),
    C("weights_of_wrong_layer", "back", "(weights[l].T @ deltas[l + 1]) * df[l](zs[l])",
      "np.dot(deltas[l + 1], weights[l].T) * df[l](zs[l])", "weights[l].T.dot(deltas[l + 1]) * df[l](zs[l])",
      needs=(SQUARE,)),
    C("weights_of_wrong_layer", "back", "(weights[l] @ deltas[l + 1]) * df[l](zs[l])",
      "np.dot(deltas[l + 1], weights[l]) * df[l](zs[l])", "weights[l].dot(deltas[l + 1]) * df[l](zs[l])", needs=(WIDE,)),
    C("weights_missing", "back", "deltas[l + 1].sum(axis=0, keepdims=True) * df[l](zs[l])",
      "deltas[l + 1].sum(axis=1, keepdims=True) * df[l](zs[l])", "deltas[l + 1].sum() * df[l](zs[l])",
      needs=("no softmax",)),
    C("weights_missing", "back", "deltas[l + 1] * df[l](zs[l])", needs=(SQUARE,)),
    C("delta_of_wrong_layer", "back", "(weights[l + 1].T @ deltas[min(l + 2, max(deltas))]) * df[l](zs[l])",
      "np.dot(deltas[min(l + 2, max(deltas))], weights[l + 1].T) * df[l](zs[l])",
      "weights[l + 1].T.dot(deltas[min(l + 2, max(deltas))]) * df[l](zs[l])", needs=(SQUARE, DEEP)),
    C("delta_of_wrong_layer", "nw", "deltas[min(l + 1, max(deltas))] @ acts[l].T",
      "np.dot(acts[l].T, deltas[min(l + 1, max(deltas))])", "np.outer(deltas[min(l + 1, max(deltas))], acts[l])",
      needs=(SQUARE,)),
    C("sign_in_between", "back", "-(weights[l + 1].T @ deltas[l + 1]) * df[l](zs[l])",
      "-np.dot(deltas[l + 1], weights[l + 1].T) * df[l](zs[l])", "-weights[l + 1].T.dot(deltas[l + 1]) * df[l](zs[l])"),
    C("slope_by_sign", "back", "(weights[l + 1].T @ deltas[l + 1]) * (weights[l + 1].T @ deltas[l + 1] > 0)",
      "np.maximum(np.dot(deltas[l + 1], weights[l + 1].T), 0)", "np.maximum(weights[l + 1].T.dot(deltas[l + 1]), 0)",
      needs=("all relu",)),
    C("slope_missing", "back", "(weights[l + 1].T @ deltas[l + 1]) * (acts[l + 1] >= 0)",
      "np.dot(deltas[l + 1], weights[l + 1].T) * (acts[l + 1] >= 0)",
      "weights[l + 1].T.dot(deltas[l + 1]) * (acts[l + 1] >= 0)", needs=("all relu",)),
    C("bias_missing", "nb", "np.zeros(biases[l].shape)", where="any"),
    C("bias_not_summed", "nb", "deltas[l]", vectors="", where="any", needs=("whole", "told")),
    C("bias_not_summed", "nb", "deltas[l].sum(axis=0)", "deltas[l].sum(axis=1)", where="any", needs=("whole", "told")),
    C("bias_not_summed", "nb", "np.zeros(biases[l].shape) + deltas[l].sum()", where="any",
      needs=("several", "two outputs", "no softmax")),
    C("bias_through_activation", "nb", "(deltas[l] * acts[l + 1]).sum(axis=1, keepdims=True)",
      "(deltas[l] * acts[l + 1]).sum(axis=0)", "(deltas[l] * acts[l + 1]).reshape(-1, 1)", where="any"),
    C("layer_left_out", "nw", "np.zeros(weights[l].shape)", where="any"),
    C("outer_swapped", "nw", "acts[l] @ deltas[l].T", "np.dot(deltas[l].T, acts[l])", "np.outer(acts[l], deltas[l])",
      where="one", needs=("square after", DEEP)),
    C("outer_swapped", "nw", "acts[l] @ deltas[l].T", "np.dot(deltas[l].T, acts[l])", "np.outer(acts[l], deltas[l])",
      where="one", needs=("no flat", DEEP)),
    C("z_for_a", "nw", "deltas[l] @ (zs[l - 1] if l else x).T", "np.dot((zs[l - 1] if l else x).T, deltas[l])",
      "np.outer(deltas[l], zs[l - 1] if l else x)", where="upper", needs=("bent",)),
    C("a_of_wrong_layer", "nw", "deltas[l] @ acts[l + 1].T", "np.dot(acts[l + 1].T, deltas[l])",
      "np.outer(deltas[l], acts[l + 1])", needs=(SQUARE,)),
    C("activation_missing", "nw", "np.tile(deltas[l].sum(axis=1, keepdims=True), (1, len(acts[l])))",
      "np.tile(deltas[l].sum(axis=0), (acts[l].shape[1], 1))", "np.tile(deltas[l][:, None], (1, len(acts[l])))",
      where="any"),
    C("wrong_cost", "out", "np.tanh(acts[-1] - y) * df[-1](zs[-1])", where="whole", needs=("quadratic", "general")),
    C("wrong_sign", "out", "-({right})", where="whole", also=("target_swapped",)),
    C("factor_two", "out", "2 * ({right})", where="whole", also=("accumulated_twice", "outputs_factor")),
    C("outputs_factor", "out", "{k} * ({right})", where="whole", needs=("three outputs",)),
    C("bias_left_out", "z", "weights[l] @ acts[l]", "np.dot(acts[l], weights[l])", "weights[l].dot(acts[l])", where="any"),
    C("bias_sign", "z", "weights[l] @ acts[l] - biases[l]", "np.dot(acts[l], weights[l]) - biases[l]",
      "weights[l].dot(acts[l]) - biases[l].ravel()", where="any"),
    C("weights_turned_forward", "z", "weights[l].T @ acts[l] + biases[l]", "np.dot(acts[l], weights[l].T) + biases[l]",
      "weights[l].T.dot(acts[l]) + biases[l].ravel()", where="one", needs=(SQUARE,)),
    C("activation_left_out", "a", "z", needs=("bent",)),
    C("activation_twice", "a", "f[l](f[l](z))", needs=("bent",)),
    # ---- the mini-batch
    C("mean_missing", "f", "g", where="whole", needs=("told mean", "form")),
    C("mean_twice", "f", "g / m / m", where="whole", needs=("told mean", "form")),
    C("last_example_only", "add", "sum_b, sum_w = db, dw", where="whole", needs=("loop",)),
    C("last_example_only", "before", "x, y = x[:, -1:], y[:, -1:]", "x, y = x[-1:], y[-1:]", where="whole",
      needs=("whole", "told")),
    C("last_example_only", "before", "x, y = x[:, :1], y[:, :1]", "x, y = x[:1], y[:1]", where="whole",
      needs=("whole", "told")),
    C("example_dropped", "examples", "m - 1", where="whole", needs=("loop",)),
    C("example_dropped", "examples", "1, m", where="whole", needs=("loop",)),
    C("accumulated_twice", "add", "sum_b = [2 * s.reshape(g.shape) + g for s, g in zip(sum_b, db)]; "
      "sum_w = [2 * s + g for s, g in zip(sum_w, dw)]", where="whole", needs=("loop",)),
    C("not_reset", "reset", "if not STORE: STORE.extend([0.0 * b for b in biases] + [0.0 * w for w in weights])\n"
      "    sum_b, sum_w = STORE[:len(biases)], STORE[len(biases):]", where="whole", needs=("loop", "store")),
    # ---- the update
    C("mean_missing", "step", "(eta / m)->eta", where="step"),
    C("mean_twice", "step", "(eta / m)->(eta / m / m)", where="step"),
    C("wrong_sign", "step", "- (eta / m)->+ (eta / m)", where="step"),
    C("rate_twice", "step", "(eta / m)->(eta * eta / m)", where="step", needs=("plain",)),
    C("rate_missing", "step", "(eta / m)->(1 / m)", where="step", needs=("plain",)),
    C("not_reset", "reset", "pass", where="update"),
    C("last_example_only", "add", "self.sum_b, self.sum_w = db, dw", where="update"),
    C("example_dropped", "batch", "mini_batch[:-1]", where="update"),
    C("example_dropped", "batch", "mini_batch[1:]", where="update"),
    C("accumulated_twice", "add", "self.sum_b = [2 * s + g for s, g in zip(self.sum_b, db)]; "
      "self.sum_w = [2 * s + g for s, g in zip(self.sum_w, dw)]", where="update"),
    C("bias_missing", "step", "b - (eta / m) * g->b", where="step", needs=("plain",)),
    C("momentum_sign", "step", "mu * v - ->-mu * v - ", where="step", needs=("momentum",)),
    C("momentum_missing", "step", "mu * v - ->0 * v - ", where="step", needs=("momentum",)),
    C("penalty_missing", "step", "(1 - eta * lmbda / n) * w->w", where="step", needs=("penalty",)),
    C("penalty_without_n", "step", "eta * lmbda / n->eta * lmbda", where="step", needs=("penalty",)),
    C("penalty_sign", "step", "(1 - eta * lmbda / n)->(1 + eta * lmbda / n)", where="step", needs=("penalty",)),
    C("penalty_factor", "step", "eta * lmbda / n->2 * eta * lmbda / n", where="step", needs=("penalty",)),
    C("penalty_on_biases", "step", "[b - ->[(1 - eta * lmbda / n) * b - ", where="step", needs=("penalty",)),
    C("weights_updated_early", "back", "(weights[l + 1].T @ deltas[l + 1]) * df[l](zs[l])",
      "np.dot(deltas[l + 1], weights[l + 1].T) * df[l](zs[l])", where="train_step"),
)  # fmt: skip
