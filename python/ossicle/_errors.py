"""Errors of arguments, with advice."""

from __future__ import annotations

from typing import SupportsInt, cast

from ossicle._ossicle import Error


def wrong(text: str, advice: str | None = None) -> Error:
    """Return the error of an argument that is wrong.

    Args:
        advice: What helps, in arguments.
    """
    error = Error(text)
    error.advice = advice
    return error


def whole(value: object, name: str, least: int, most: int) -> int:
    """Return a whole number, which may be of NumPy's types, or a float without a fraction.

    Raises:
        Error: It is none, or out of bounds.
    """
    try:
        number = int(cast("SupportsInt", value))
        is_whole = bool(number == value) and not isinstance(value, (str, bytes, bool))
    except (TypeError, ValueError, OverflowError):
        is_whole, number = False, 0
    if not is_whole or not least <= number <= most:
        bounds = f"at least {least}" if most >= 1 << 63 else f"from {least} to {most}"
        raise wrong(f"{name} is {value!r}; it must be a whole number {bounds}")
    return number
