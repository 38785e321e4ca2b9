"""Refusals of decisions."""

from __future__ import annotations

from kernel.errors import DomainError


class NothingToDecide(DomainError):
    """The venue order is not one that waits for a person; its call goes on by itself."""

    code = "nothing_to_decide"
    status = 409


class DecisionPending(DomainError):
    """A decision about this venue order is already proposed; confirm or withdraw that one."""

    code = "decision_pending"
    status = 409


class DecisionNotOpen(DomainError):
    """The decision was confirmed, withdrawn or overtaken before."""

    code = "decision_not_open"
    status = 409


class DeciderMustDiffer(DomainError):
    """Another person than the one who proposed a decision must confirm it."""

    code = "decider_must_differ"
    status = 409


class ImpossibleFills(DomainError):
    """The fills do not fit the venue order: too much, or a price beyond its limit."""

    code = "impossible_fills"
    status = 400
