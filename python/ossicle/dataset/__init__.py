"""Reading a dataset: rows, ids and arrays, nothing of it before it is touched."""

from ossicle.dataset._dataset import Dataset
from ossicle.dataset._rows import Rows
from ossicle.dataset._split import Selection, Split, Utterance

__all__ = ["Dataset", "Rows", "Selection", "Split", "Utterance"]
