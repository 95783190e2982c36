"""The data room: data sets and files in, checked strictly, as tables of examples.

    load(source)      any of the following, by name or path
    mnist()           the full MNIST, which comes with the package
    toy(name)         two-dimensional toys and curves y = f(x): the table TOYS
    idx_folder(path)  a folder of IDX files like MNIST's          read_idx(path)  one such file
    csv_file(path)    a table with a header; its Schema converts later files in the same way, and predictions back
    npz_file(path)    NumPy arrays x and y
    stream(x, y)      data that does not fit in memory: .npy, IDX and Parquet files that stay on the disk

Each returns `Splits`: a `Dataset` for training, and perhaps for validation and test. In a `Dataset`, rows are examples.
(`stream` returns a `Stream`: x stays where it is.)
Whatever is wrong with a file is a `DataError` that says where, what it means and what to do. Files are never trusted:
sizes are compared before memory is taken, what is compressed may not unpack without bounds, and nothing can run code.
"""

from __future__ import annotations

from chainrule.data.column import Column
from chainrule.data.csv_file import csv_file
from chainrule.data.dataset import Dataset, Splits
from chainrule.data.digits import mnist
from chainrule.data.idx import idx_folder, read_idx
from chainrule.data.load import load
from chainrule.data.npz import npz_file
from chainrule.data.schema import Schema
from chainrule.data.stream import Stream, stream
from chainrule.data.toys import TOYS, toy

__all__ = [
    "TOYS",
    "Column",
    "Dataset",
    "Schema",
    "Splits",
    "Stream",
    "csv_file",
    "idx_folder",
    "load",
    "mnist",
    "npz_file",
    "read_idx",
    "stream",
    "toy",
]
