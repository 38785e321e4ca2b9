"""Refusals of reconciliation."""

from __future__ import annotations

from kernel.errors import DomainError, NotFound


class RunNotFound(NotFound):
    """There is no such run, or it is not yours."""

    code = "run_not_found"


class BreakNotFound(NotFound):
    """There is no such break, or it is not yours."""

    code = "break_not_found"


class StatementNotFound(NotFound):
    """There is no such statement, or it is not yours."""

    code = "statement_not_found"


class SourceUnknown(DomainError):
    """Nothing here can be compared under this name."""

    code = "source_unknown"
    status = 400


class ScopeUnknown(DomainError):
    """This source does not know what the scope names."""

    code = "scope_unknown"
    status = 400


class StatementInvalid(DomainError):
    """The statement is not a CSV file of lines with reference, time and amount."""

    code = "statement_invalid"
    status = 400


class BreakNotOpen(DomainError):
    """The break is not in a state for this: it waits by itself, or it is closed."""

    code = "break_not_open"
    status = 409


class ProposalChanged(DomainError):
    """Another proposal stands there than the one that was read: look again."""

    code = "proposal_changed"
    status = 409


class ResolutionDoesNotFit(DomainError):
    """This break cannot be closed this way."""

    code = "resolution_does_not_fit"
    status = 409
