"""Refusals of the proof of reserves."""

from __future__ import annotations

from typing import ClassVar

from kernel.errors import DomainError


class LeafImpossible(DomainError):
    """A leaf or a sum of the tree is negative, or too large to be one."""

    code: ClassVar[str] = "leaf_impossible"
    status: ClassVar[int] = 409


class SnapshotUnderWay(DomainError):
    """A snapshot of the reserves is being made already."""

    code: ClassVar[str] = "snapshot_under_way"
    status: ClassVar[int] = 409


class ProofForgotten(DomainError):
    """The leaves of this snapshot are not kept any more; its roots are."""

    code: ClassVar[str] = "proof_forgotten"
    status: ClassVar[int] = 410
