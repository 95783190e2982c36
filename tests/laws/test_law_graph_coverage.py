"""The law of the table of operations: each has an example, and at each example every derivative is right."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from chainrule import graph
from chainrule.errors import GraphError
from chainrule.graph import trees
from chainrule.graph.coverage import constants, coverage, name_of, operations, page, write
from chainrule.graph.examples import REFUSED, examples
from chainrule.graph.table import CONSTANT, OPERATIONS

pytest.importorskip("scipy")
PAGE = Path(__file__).resolve().parents[2] / "docs" / "operations.md"
EXAMPLES = [*examples()]
NAMES = [f"{name_of(e.operation)}-{k}" for k, e in enumerate(EXAMPLES)]

# What HIPS autograd 1.9.1 has derivatives for in these modules, by its own tables of rules.
HIPS_NUMPY = """
    abs absolute acos acosh add amax amin angle append arccos arccosh arcsin arcsinh arctan arctan2 arctanh
    array_split asin asinh astype atan atan2 atanh atleast_1d atleast_2d atleast_3d broadcast_to clip column_stack
    concatenate conj conjugate cos cosh cross cumsum deg2rad degrees diag diagonal diff divide dot dsplit einsum
    exp exp2 expand_dims expm1 fabs fliplr flipud fmax fmin full_like gradient hsplit hstack hypot imag inner kron
    linspace log log10 log1p log2 logaddexp logaddexp2 matmul max maximum mean min minimum mod moveaxis multiply
    nan_to_num negative outer pad partition permute_dims pow power prod rad2deg radians ravel real real_if_close
    reciprocal remainder repeat reshape roll rollaxis rot90 select sin sinc sinh sort split sqrt square squeeze
    stack std subtract sum swapaxes tan tanh tensordot tile trace transpose tril triu true_divide var vsplit vstack
    where
"""
HIPS_LINALG = "cholesky det eig eigh inv norm pinv slogdet solve svd"
HIPS_FFT = "fft fft2 fftn fftshift ifft ifft2 ifftn ifftshift irfft irfft2 irfftn rfft rfft2 rfftn"
HIPS_SPECIAL = """
    beta betainc betaln digamma erf erfc erfcinv erfinv expit gamma gammainc gammaincc gammaln i0 i1 iv ive j0 j1 jn logit
    logsumexp multigammaln polygamma psi rgamma y0 y1 yn
"""


@pytest.mark.parametrize("example", EXAMPLES, ids=NAMES)
def test_derivatives_are_what_differences_of_the_values_show(example):
    """Forward and reverse, and each through each, at every example of every operation."""
    f, args = example.call()
    graph.check_grads(f, *args)


@pytest.mark.parametrize("example", EXAMPLES, ids=NAMES)
def test_single_precision_stays_single(example):
    """A tangent, its tangent, and an adjoint have the dtype of the value that they belong to."""
    f, args = example.call()
    args = trees.mapped(lambda x: x.astype("complex64" if np.iscomplexobj(x) else "float32"), args)
    y, back = graph.vjp(f, *args)
    t = graph.jvp(f, args, args)[1]
    t2 = graph.jvp(lambda *xs: graph.jvp(f, xs, args)[1], args, args)[1]
    for value, tangent, second in zip(*map(trees.leaves, (y, t, t2)), strict=True):
        dtype = np.asarray(value).dtype
        assert dtype.kind not in "fc" or dtype == tangent.dtype == second.dtype
    for x, g in zip(*map(trees.leaves, (args, back(trees.mapped(np.ones_like, y)))), strict=True):
        assert x.dtype == g.dtype


def test_every_operation_has_an_example():
    """Nobody adds an operation without showing how it is called."""
    assert sorted(operations()) == sorted({name_of(e.operation) for e in EXAMPLES})


def test_at_least_170_operations_are_measured_forward_in_reverse_and_twice():
    """The table has no gaps."""
    rows = coverage()
    assert len(rows) >= 170
    assert [row.operation for row in rows if not (row.forward and row.reverse and row.second_order)] == []


def test_the_page_of_operations_is_the_measured_table():
    """``python -m chainrule.graph.coverage`` would change nothing but what the installed NumPy and SciPy have not yet."""
    measured, written = (lines_of(text) for text in (page(coverage()), PAGE.read_text(encoding="utf-8")))
    assert measured == [line for line in written if there(line)]


def lines_of(text):
    """The lines of the page but that of their number, and each of the constants on a line of its own."""
    return [line for line in re.sub(r"(?<=`)[,.] *", "\n", text).splitlines() if not line.endswith(" operations.")]


def there(line):
    """Whether the function of a line is in the installed NumPy or SciPy; a line without one is."""
    found = re.match(r"(?:\| )?`(?:np|(scipy))\.([\w.]+)`", line)
    place = sys.modules["scipy" if found and found[1] else "numpy"]
    for part in found[2].split(".") if found else ():
        place = getattr(place, part, None)
    return place is not None


def test_functions_that_an_older_library_lacks_are_passed_over_on_the_page():
    """They are on the page, and the measured table cannot have them."""
    assert there("| `np.linalg.det` | yes | yes | yes | yes |")
    assert there("`scipy.special.gammasgn`")
    assert there("| `x[...]` | yes | yes | yes | yes |")
    assert not there("| `np.linalg.of_a_later_version` | yes | yes | yes | yes |")
    assert not there("`scipy.special.of_a_later_version`")


def test_the_page_is_written_where_it_is_wanted(tmp_path):
    """A row that is not right shows as an empty cell."""
    row = coverage()[0]._replace(reverse=False)
    write(tmp_path / "operations.md", lambda: [row])
    text = (tmp_path / "operations.md").read_text(encoding="utf-8")
    assert f"| `{row.operation}` | yes |  | yes |" in text


@pytest.mark.parametrize(
    ("module", "names"),
    [("numpy", HIPS_NUMPY), ("numpy.linalg", HIPS_LINALG), ("numpy.fft", HIPS_FFT), ("scipy.special", HIPS_SPECIAL)],
)
def test_whatever_autograd_differentiates_we_differentiate(module, names):
    """Each function of its tables is in ours."""
    __import__(module)
    operations()
    assert [name for name in names.split() if getattr(sys.modules[module], name) not in OPERATIONS] == []


def test_what_autograd_takes_as_constant_is_constant():
    """The sign of the gamma function; and each constant has a name."""
    assert "scipy.special.gammasgn" in constants()
    assert len(constants()) == len({name_of(key) for key in CONSTANT})


@pytest.mark.parametrize("function", sorted(REFUSED, key=name_of), ids=name_of)
def test_what_a_graph_cannot_go_through_says_so(function):
    """Functions that write into their operand, and counts, are refused rather than passed by."""
    arguments = {
        np.copyto: (np.zeros(3),), np.fill_diagonal: (1.0,), np.place: (np.ones(3, bool), [1.0]), np.put: ([0], [1.0]),
        np.put_along_axis: (np.array([0]), 1.0, 0), np.putmask: (np.ones(3, bool), 1.0), np.histogram: (3, None, True),
    }[function]  # fmt: skip
    with pytest.raises(GraphError):
        graph.vjp(lambda x: function(x, *arguments), np.array([1.0, 2.0, 3.0]))


def test_importing_the_graph_loads_no_scipy():
    """Its rules are loaded with the first of its functions."""
    program = "import sys, chainrule.graph, chainrule.graph.special; assert not [m for m in sys.modules if m == 'scipy']"
    subprocess.run([sys.executable, "-c", program], check=True)
