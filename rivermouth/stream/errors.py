"""Why a request on a stream is refused; the connection goes on."""

from __future__ import annotations

from kernel.errors import DomainError


class AlreadyAuthenticated(DomainError):
    """This connection speaks for somebody already; open another one."""

    code = "already_authenticated"
    status = 409


class TooManySubscriptions(DomainError):
    """This connection listens to as many channels as one may."""

    code = "too_many_subscriptions"
    status = 429


class NotResumable(DomainError):
    """Only channels of own events are resumed; the others start with a snapshot."""

    code = "not_resumable"
    status = 400


class ResumeTooOld(DomainError):
    """What follows this number is not kept any more, or the number was never given: subscribe again and read the history."""

    code = "resume_too_old"
    status = 410
