"""How the items of a batch belong together: `linked` ties an item to the next one, and a chain is posted whole or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Segment:
    """Places of items that are posted by one call, in the order of the batch; `whole`: all of them or none."""

    items: tuple[int, ...]
    whole: bool


def segments(linked: Sequence[bool], *, atomic: bool) -> list[Segment]:
    """Cut a batch where all-or-none begins and ends. The last item has nothing to be linked to; its flag is ignored."""
    places = range(len(linked))
    if atomic:
        return [Segment(tuple(places), whole=True)] if linked else []
    made: list[Segment] = []
    free: list[int] = []
    chain: list[int] = []
    for place in places:
        last = place == len(linked) - 1
        if linked[place] and not last:
            chain.append(place)
            continue
        if not chain:
            free.append(place)
            continue
        if free:
            made.append(Segment(tuple(free), whole=False))
        made.append(Segment((*chain, place), whole=True))
        free, chain = [], []
    if free:
        made.append(Segment(tuple(free), whole=False))
    return made
