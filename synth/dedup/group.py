"""From pairs to groups without chains: a record joins a group only if nothing contradicts any of its members.

Groups depend on what the records say, never on their order or their ids: rows are sorted by content first, and pairs
are joined in the order of score and content.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

Pair = tuple[int, int]
_NOTHING: frozenset[int] = frozenset()


@dataclass(slots=True)
class Groups:
    """Disjoint groups of the rows 0..n-1, with what may not be together.

    ``titled`` says which rows have a title: a row without one never brings two groups with titles together.
    ``unchecked`` rows have so many likely partners that not all were compared: they join only where every pair of
    members is in ``allowed``.
    """

    titled: list[bool]
    unchecked: frozenset[int] = frozenset()
    allowed: frozenset[Pair] = frozenset()
    members: dict[int, list[int]] = field(init=False)
    root: list[int] = field(init=False)
    apart: dict[int, set[int]] = field(init=False, default_factory=dict)
    has_title: list[bool] = field(init=False)

    def __post_init__(self) -> None:
        self.root = list(range(len(self.titled)))
        self.members = {row: [row] for row in self.root}
        self.has_title = list(self.titled)

    def keep_apart(self, pairs: Iterable[Pair]) -> None:
        """Forbid both rows of each pair to be in one group."""
        for one, other in pairs:
            self.apart.setdefault(self.root[one], set()).add(other)
            self.apart.setdefault(self.root[other], set()).add(one)

    def may_join(self, one: int, other: int) -> bool:
        """Whether the groups of two rows may become one."""
        a, b = self.root[one], self.root[other]
        if a == b:
            return True
        if one in self.unchecked and not self._all_allowed(self.members[a], self.members[b]):
            return False
        return self.apart.get(a, _NOTHING).isdisjoint(self.members[b])

    def _all_allowed(self, some: list[int], others: list[int]) -> bool:
        return all((min(one, other), max(one, other)) in self.allowed for one in some for other in others)

    def join(self, one: int, other: int) -> None:
        """Make the groups of two rows one group."""
        a, b = self.root[one], self.root[other]
        if a == b:
            return
        if len(self.members[a]) < len(self.members[b]):
            a, b = b, a
        for row in self.members[b]:
            self.root[row] = a
        self.members[a] += self.members.pop(b)
        self.has_title[a] = self.has_title[a] or self.has_title[b]
        if b in self.apart:
            self.apart.setdefault(a, set()).update(self.apart.pop(b))

    def join_all(self, pairs: Iterable[Pair]) -> list[Pair]:
        """Join pairs in the order given where they may join; returns the first refused pair of each two groups."""
        refused = []
        for one, other in pairs:
            if self.may_join(one, other):
                self.join(one, other)
            else:
                refused.append((one, other))
        roots = {frozenset((self.root[one], self.root[other])): (one, other) for one, other in reversed(refused)}
        return sorted(roots.values())

    def attach_untitled(self, pairs: Iterable[Pair]) -> None:
        """Join pairs of which a row has no title; two groups with titles stay two."""
        for one, other in pairs:
            bridge = self.has_title[self.root[one]] and self.has_title[self.root[other]]
            if not bridge and self.may_join(one, other):
                self.join(one, other)

    def together(self, one: int, other: int) -> bool:
        """Whether two rows are in one group."""
        return self.root[one] == self.root[other]

    def each(self) -> Iterator[list[int]]:
        """The groups, members in order, in the order of their first members."""
        yield from sorted(sorted(rows) for rows in self.members.values())


def split_untitled(pairs: Iterable[Pair], titled: list[bool]) -> tuple[list[Pair], list[Pair]]:
    """Pairs of two rows with titles, and the others."""
    with_titles: list[Pair] = []
    without: list[Pair] = []
    for one, other in pairs:
        (with_titles if titled[one] and titled[other] else without).append((one, other))
    return with_titles, without
