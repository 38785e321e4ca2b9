"""Why a decision is refused."""

from __future__ import annotations

from typing import ClassVar

from kernel.errors import DomainError


class ApprovalOwnRequest(DomainError):
    """Another person who may decide must do this: not who asked or whom it is about, by whichever account, nor who lost the role."""

    code: ClassVar[str] = "approval_own_request"
    status: ClassVar[int] = 403


class ApprovalVoid(DomainError):
    """What was asked for is not what was looked at: it has changed since, or was taken back."""

    code: ClassVar[str] = "approval_void"
    status: ClassVar[int] = 409


class ApprovalExpired(DomainError):
    """Nobody decided in time; it must be asked for again."""

    code: ClassVar[str] = "approval_expired"
    status: ClassVar[int] = 409


class ApprovalClosed(DomainError):
    """This was decided already."""

    code: ClassVar[str] = "approval_closed"
    status: ClassVar[int] = 409
