"""How a step tells how far it is: the command line shows a bar, a notebook or a test shows nothing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, TypeVar

T = TypeVar("T")


class Progress(Protocol):
    """Pass items through, and tell somebody how many have passed."""

    def __call__(self, items: Iterable[T], *, label: str, total: int | None = None) -> Iterable[T]:
        """The same items, in the same order."""
        ...


def quiet(items: Iterable[T], *, label: str, total: int | None = None) -> Iterable[T]:
    """Show nothing."""
    del label, total
    return items
