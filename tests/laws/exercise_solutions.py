"""Solutions of the exercises, as a student would write them; in the tests alone."""

from __future__ import annotations

FUNCTIONS = {
    "output-error": "return target - output",
    "output-error-term": "return error * output * (1 - output)",
    "hidden-error-term": "return output_error_term * weights_hidden_output * hidden_output * (1 - hidden_output)",
    "hidden-output-change": "return learning_rate * output_error_term * hidden_output",
    "input-hidden-change": "return learning_rate * hidden_error_term * x[:, None]",
    "bp1": "return (a - y) * sigmoid_prime(z)",
    "bp2": "return np.dot(w_next.T, delta_next) * sigmoid_prime(z)",
    "bp3": "return np.sum(delta, axis=1, keepdims=True)",
    "bp4": "return np.dot(delta, a_prev.T)",
    "two-factors": "return a_prev[k], delta[j]",
    "modified-neuron": """
        slope = sigmoid_prime(z)
        slope[1] = 1 - np.tanh(z[1]) ** 2
        return (w_next.T @ delta_next) * slope
    """,
    "linear-neurons": """
        a = x
        for w, b in zip(weights, biases):
            a = w @ a + b
        deltas = [a - y]
        for w in reversed(weights[1:]):
            deltas.insert(0, w.T @ deltas[0])
        return deltas
    """,
    "matrix-form": """
        a, activations, zs = x, [x], []
        for w, b in zip(weights, biases):
            zs.append(w @ a + b)
            a = sigmoid(zs[-1])
            activations.append(a)
        delta = (a - y) * sigmoid_prime(zs[-1])
        nabla_b, nabla_w = [], []
        for l in range(len(weights) - 1, -1, -1):
            nabla_b.insert(0, delta.sum(axis=1, keepdims=True))
            nabla_w.insert(0, delta @ activations[l].T)
            if l:
                delta = (weights[l].T @ delta) * sigmoid_prime(zs[l - 1])
        return nabla_b, nabla_w
    """,
    "path-sum": """
        (w3, w4), (s2, s3, s4) = weights, slopes
        found = []
        for p in range(2):
            for q in range(2):
                found.append(a_k * s2[j] * w3[p, j] * s3[p] * w4[q, p] * s4[q] * nabla_a[q])
        return found
    """,
    "forward-mode": """
        c, d = a + b, b + 1
        return {"a": 0, "b": 1, "c": 1, "d": 1, "e": 1 * d + c * 1}
    """,
    "reverse-mode": """
        c, d = a + b, b + 1
        found = {"e": 1, "c": d, "d": c}
        found["a"] = found["c"] * 1
        found["b"] = found["c"] * 1 + found["d"] * 1
        return found
    """,
    "fan-out": """
        found = {v: 0.0 for v in vertices}
        found[vertices[-1]] = 1.0
        for v in reversed(vertices):
            for source, target, derivative in edges:
                if target == v:
                    found[source] += derivative * found[v]
        return found
    """,
    "reverse-network": """
        out = [nabla_a * slopes[-1]]
        for w, s in zip(weights[::-1], slopes[::-1][1:]):
            out.append((w.T @ out[-1]) * s)
        return out[::-1]
    """,
}
METHODS = {
    "backprop": (
        "        # TODO: the error",
        """
        delta = (a - y) * sigmoid_prime(zs[-1])
        nabla_b[-1] = delta
        nabla_w[-1] = delta @ activations[-2].T
        for l in range(2, len(self.sizes)):
            delta = (self.weights[-l + 1].T @ delta) * sigmoid_prime(zs[-l])
            nabla_b[-l] = delta
            nabla_w[-l] = delta @ activations[-l - 1].T
        """,
    ),
    "update-mini-batch": (
        "        # TODO",
        """
        nabla_b = [np.zeros(b.shape) for b in self.biases]
        nabla_w = [np.zeros(w.shape) for w in self.weights]
        for x, y in mini_batch:
            more_b, more_w = self.backprop(x, y)
            nabla_b = [n + more for n, more in zip(nabla_b, more_b)]
            nabla_w = [n + more for n, more in zip(nabla_w, more_w)]
        m = len(mini_batch)
        self.weights = [w - eta / m * n for w, n in zip(self.weights, nabla_w)]
        self.biases = [b - eta / m * n for b, n in zip(self.biases, nabla_b)]
        """,
    ),
}
