"""What a feature extractor returns: a dict whose keys are attributes, of lists, arrays or tensors."""

from __future__ import annotations

import importlib
import sys
from collections import UserDict
from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

from ossicle._errors import wrong

# What `return_tensors` may be beside "np": the module, and its function that makes a tensor of an array.
_LIBRARIES = {
    "pt": ("torch", "from_numpy"),
    "tf": ("tensorflow", "convert_to_tensor"),
    "mlx": ("mlx.core", "array"),
}


class BatchFeature(UserDict[str, Any]):
    """The features of a batch by their keys, which are attributes too.

    Args:
        data: Lists, arrays or tensors by their keys.
        tensor_type: What `convert_to_tensors` takes.
    """

    data: dict[str, Any]

    def __init__(self, data: dict[str, Any] | None = None, tensor_type: Any = None) -> None:
        super().__init__(data)
        self.convert_to_tensors(tensor_type)

    def __getattr__(self, item: str) -> Any:
        # Without it there are no keys yet: a copy or what is unpickled is being made.
        if item == "data" or item not in self.data:
            raise AttributeError(item)
        return self.data[item]

    def convert_to_tensors(self, tensor_type: Any = None) -> BatchFeature:
        """Convert what can be to arrays or tensors, in place.

        Args:
            tensor_type: ``"np"``, ``"pt"``, ``"tf"``, ``"mlx"``, or None, which leaves all as it is.

        Raises:
            Error: There is no such type, or recordings differ in length and were not padded.
            ImportError: Its library is not installed.
        """
        wanted = getattr(tensor_type, "value", tensor_type)
        if wanted is None:
            return self
        convert = _converter(wanted)
        for key, value in self.data.items():
            try:
                self.data[key] = convert(value)
            except (TypeError, ValueError) as error:
                raise wrong(
                    f"{key} cannot be one tensor: {error}", "pass padding=True, or return_tensors=None for lists"
                ) from error
        return self

    def to(self, *args: Any, **kwargs: Any) -> BatchFeature:
        """Send tensors of PyTorch to a device, and cast those of floating point, in place.

        Args:
            *args: What `torch.Tensor.to` takes: a device, a type, or both.
            **kwargs: The same by name.
        """
        import torch  # pyright: ignore[reportMissingImports]

        device = kwargs.get("device")
        if device is None and args and not isinstance(args[0], torch.dtype):
            device = args[0]

        def sent(value: Any) -> Any:
            if isinstance(value, (list, tuple)):
                return type(value)(sent(of) for of in value)
            if not isinstance(value, torch.Tensor):
                return value
            if value.is_floating_point():
                return value.to(*args, **kwargs)
            return value if device is None else value.to(device, non_blocking=kwargs.get("non_blocking", False))

        self.data = {key: sent(value) for key, value in self.data.items()}
        return self


def _converter(wanted: Any) -> Any:
    if wanted == "np":
        return _array
    if wanted not in _LIBRARIES:
        names = ", ".join(f'"{name}"' for name in ("np", *_LIBRARIES))
        raise wrong(f"return_tensors is {wanted!r}; it must be None or one of {names}")
    module, function = _LIBRARIES[wanted]
    try:
        library = importlib.import_module(module)
    except ImportError as error:
        name = module.partition(".")[0]
        raise ImportError(f'return_tensors="{wanted}" takes {name}, which is not installed; pass "np"') from error
    make = getattr(library, function)

    def converted(value: Any) -> Any:
        if is_tensor(value):
            return value
        if isinstance(value, (list, tuple)) and any(is_tensor(of) for of in value):
            return library.stack(list(value))
        return make(np.ascontiguousarray(value))

    return converted


def is_tensor(value: Any) -> bool:
    """Whether it is a tensor of PyTorch, which is then loaded."""
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(value, torch.Tensor)


def _array(value: Any) -> npt.NDArray[Any]:
    """Make one array; of arrays that differ in length one of objects."""
    if isinstance(value, (list, tuple)) and len({len(of) for of in value if isinstance(of, np.ndarray)}) > 1:
        return in_one_row(value)
    return np.asarray(value)


def in_one_row(values: Iterable[Any]) -> npt.NDArray[Any]:
    """Make an array of objects, one a value."""
    values = list(values)
    array = np.empty(len(values), dtype=object)
    for at, value in enumerate(values):
        array[at] = value
    return array
