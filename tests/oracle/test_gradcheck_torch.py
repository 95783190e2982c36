"""``gradcheck`` takes torch's functions and modules, and judges them as torch's own check does, only more strictly."""

from __future__ import annotations

import numpy as np
import pytest

from chainrule import GraphError, gradcheck

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.oracle

X = np.random.default_rng(2).standard_normal((3, 4))


class Cube(torch.autograd.Function):
    """A function with a backward that is right for ``factor`` 3."""

    factor = 3.0

    @staticmethod
    def forward(ctx, x):
        """The cube."""
        ctx.save_for_backward(x)
        return x**3

    @staticmethod
    def backward(ctx, g):
        """The slope, times what comes in."""
        return Cube.factor * g * ctx.saved_tensors[0] ** 2


def tensor(x=X, *, grad=True):
    """An array as a tensor."""
    return torch.tensor(x, dtype=torch.float64, requires_grad=grad)


FUNCTIONS = {
    "sin": (torch.sin, lambda: (tensor(),)),
    "matmul": (torch.matmul, lambda: (tensor(), tensor(X.T.copy()))),
    "softmax": (lambda x: torch.softmax(x, 1), lambda: (tensor(),)),
    "cross entropy": (torch.nn.functional.cross_entropy, lambda: (tensor(), torch.tensor([0, 3, 1]))),
    "two outputs": (lambda x: (x * 2, x.exp()), lambda: (tensor(),)),
    "own": (Cube.apply, lambda: (tensor(),)),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_what_torch_passes_is_passed(name):
    """The same call, without torch's own tolerances, gives the same verdict."""
    f, inputs = FUNCTIONS[name]
    assert torch.autograd.gradcheck(f, inputs())
    assert gradcheck(f, inputs())


def test_a_wrong_backward_is_refused_by_both(monkeypatch):
    """Torch raises, and so does chainrule, with the worst entry in the message."""
    monkeypatch.setattr(Cube, "factor", 2.0)
    with pytest.raises(RuntimeError, match="mismatch"):
        torch.autograd.gradcheck(Cube.apply, (tensor(),))
    with pytest.raises(GraphError, match=r"Every entry is 0.666667 times the right one"):
        gradcheck(Cube.apply, (tensor(),))


def test_a_slightly_wrong_backward_is_refused_by_the_tighter_defaults(monkeypatch):
    """An error of one in ten thousand passes torch's defaults (rtol 1e-3), and not these."""
    monkeypatch.setattr(Cube, "factor", 3.0003)
    assert torch.autograd.gradcheck(Cube.apply, (tensor(),))
    assert not gradcheck(Cube.apply, (tensor(),), raise_exception=False)


def test_the_parameters_of_a_module_are_checked_in_a_copy():
    """Inputs need no gradient then; the module stays in float32, with its numbers and without gradients."""
    module = torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.Tanh(), torch.nn.Linear(3, 2))
    before = [p.detach().clone() for p in module.parameters()]
    found = gradcheck(module, (torch.tensor(X, dtype=torch.float32),))
    assert [row.name for row in found.rows] == ["0.weight", "0.bias", "2.weight", "2.bias"]
    assert found.kind == "a torch module"
    for p, old in zip(module.parameters(), before, strict=True):
        assert p.dtype == torch.float32
        assert torch.equal(p, old)
        assert p.grad is None


def test_a_module_s_own_wrong_backward_names_the_parameter():
    """The parameter that the wrong function stands behind is accused, the one after it is not."""

    class Halved(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x.clone()

        @staticmethod
        def backward(ctx, g):
            return 0.5 * g

    class Odd(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.first, self.second = torch.nn.Linear(4, 3), torch.nn.Linear(3, 2)

        def forward(self, x):
            return self.second(Halved.apply(torch.tanh(self.first(x))))

    found = gradcheck(Odd(), (tensor(grad=False),), raise_exception=False)
    assert {row.name: row.passed for row in found.rows} == {
        "first.weight": False, "first.bias": False, "second.weight": True, "second.bias": True,
    }  # fmt: skip


def test_dropout_is_refused_as_noise():
    """A module that draws random numbers gives another value the second time."""
    with pytest.raises(GraphError, match="another value the second time"):
        gradcheck(torch.nn.Dropout(), (tensor(),))
