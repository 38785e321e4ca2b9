"""Why a product is refused; the detail says which term of it and by how much, `errors` all that is wrong with it, by field."""

from __future__ import annotations

from kernel.errors import DomainError, NotFound


class LinesDoNotFit(DomainError):
    """The lines are not in the order that their basis demands."""

    code = "lines_do_not_fit"
    status = 400


class HardLineTooLate(DomainError):
    """At the hard line the collateral no longer covers the debt and the cost of selling it."""

    code = "hard_line_too_late"
    status = 400


class LinesCrossedByInterest(DomainError):
    """These lines do not move with the debt, and interest alone would carry the loan past the hard line."""

    code = "lines_crossed_by_interest"
    status = 400


class CollateralUnfit(DomainError):
    """This cannot be collateral of the product: it has no market in the lent asset, or stands there twice."""

    code = "collateral_unfit"
    status = 400


class FundingLineUnfit(DomainError):
    """There is no such funding line of the lent asset, or its money costs more than the product earns."""

    code = "funding_line_unfit"
    status = 400


class TermsDoNotFit(DomainError):
    """A term of the product contradicts another one or lies outside its bounds."""

    code = "terms_do_not_fit"
    status = 400


class ProductNotFound(NotFound):
    """There is no such loan product."""

    code = "loan_product_not_found"


class ProductNotOffered(DomainError):
    """This product takes no new loans."""

    code = "loan_product_not_offered"
    status = 409


class NoDraft(DomainError):
    """The product has no draft: what is published never changes, make a new version of it."""

    code = "loan_product_no_draft"
    status = 409


class DraftExists(DomainError):
    """The product has a draft already: change that one."""

    code = "loan_product_draft_exists"
    status = 409
