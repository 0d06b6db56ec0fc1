"""Corpora on a cluster of Ray: ``pip install "ossicle[ray]"``.

`extract` is `ossicle.extract` with the parts of the job computed by the machines of a cluster; ``python -m ossicle.ray extract``
is the command. `Features` computes features of a column of recordings, for `ray.data.Dataset.map_batches`. Ray is imported when
it is used.
"""

from ossicle.ray._extract import extract
from ossicle.ray._features import Features

__all__ = ["Features", "extract"]
