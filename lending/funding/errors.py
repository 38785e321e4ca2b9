"""Why a funding line refuses something."""

from __future__ import annotations

from kernel.errors import DomainError


class FundingLineNotFound(DomainError):
    """There is no such funding line."""

    code = "funding_line_not_found"
    status = 404


class FundingLineTaken(DomainError):
    """A funding line of this name exists."""

    code = "funding_line_taken"
    status = 409


class FundingExhausted(DomainError):
    """The house has no more money to lend in this asset right now."""

    code = "funding_exhausted"
    status = 409


class FundingLimitTooLow(DomainError):
    """More than this is drawn already, or on its way."""

    code = "funding_limit_too_low"
    status = 409


class FundingSourceUnfit(DomainError):
    """This adapter has no such source: the ledger's lines name a partner, those of a venue the venue."""

    code = "funding_source_unfit"
    status = 400


class FundingBusy(DomainError):
    """Money is just being asked for outside, for another loan; try again in a minute."""

    code = "funding_busy"
    status = 409
