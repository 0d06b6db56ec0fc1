"""Feature extractors of transformers 5.24 by its own configurations, without transformers and without PyTorch.

What is returned has the keys, shapes, types, masks and padding of the class that the configuration names; the numbers are
those of the recipe that ``ossicle presets FILE`` prints.

>>> import numpy as np
>>> whisper = feature_extractor({"feature_extractor_type": "WhisperFeatureExtractor"})
>>> batch = whisper([np.zeros(16000), np.zeros(8000)], sampling_rate=16000, return_tensors="np")
>>> batch.input_features.shape
(2, 80, 3000)
"""

from ossicle.transformers._base import FeatureExtractor
from ossicle.transformers._batch import BatchFeature
from ossicle.transformers._known import feature_extractor, known_classes

__all__ = ["BatchFeature", "FeatureExtractor", "feature_extractor", "known_classes"]
