"""The words of a product: its lines, its rate, what a payment pays first, how it is sold out, and its own life."""

from __future__ import annotations

from enum import StrEnum

from kernel.states import States


class Basis(StrEnum):
    """What a line's number means; never guessed, for 0.83 is a sound number in two of them."""

    PRICE_FRACTION = (
        "PRICE_FRACTION"  # of the reference price, at which the debt is the pledge rate of the collateral's value
    )
    LTV = "LTV"  # debt over value
    COVERAGE = "COVERAGE"  # value over debt


class Line(StrEnum):
    """From the first that a falling price reaches to the last."""

    WARNING = "warning"
    DISPLAYED = "displayed"  # the liquidation line that customers are shown
    ACTUAL = "actual"  # the one that is acted on, once the price has stayed there
    HARD = "hard"  # acted on at once: below it a sale no longer pays for itself


class Rebase(StrEnum):
    """Which debt the lines go by."""

    LIVE_DEBT = "LIVE_DEBT"  # what is owed at this instant
    ON_EVENT = "ON_EVENT"  # what was owed at the last repayment, top-up, withdrawal, draw or extension
    FROZEN = "FROZEN"  # what was owed on the collateral when the loan was paid out


SHOWN = (Line.WARNING, Line.DISPLAYED)
"""The lines that customers see."""


class RateMode(StrEnum):
    FIXED = "FIXED"  # what the loan was made at, to its end
    FLOATING = "FLOATING"  # the funding line's rate and a spread; a change is announced


class FeeMode(StrEnum):
    """What becomes of the origination fee."""

    DEDUCTED = "deducted"  # less is paid out
    CAPITALISED = "capitalised"  # it is added to the principal


class ProductStatus(StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"
    RETIRED = "retired"  # no new loans; those that run keep it


PRODUCT = States(
    "loan product",
    ProductStatus,
    initial={ProductStatus.DRAFT},
    moves={
        ProductStatus.DRAFT: {ProductStatus.PUBLISHED, ProductStatus.RETIRED},
        ProductStatus.PUBLISHED: {ProductStatus.RETIRED},
        ProductStatus.RETIRED: set(),
    },
)


class Part(StrEnum):
    """What a debt consists of."""

    PENALTY = "penalty"
    FEE = "fee"
    INTEREST = "interest"
    PRINCIPAL = "principal"


REPAYMENT_ORDER = (Part.PENALTY, Part.FEE, Part.INTEREST, Part.PRINCIPAL)
"""What a repayment pays first where the product says nothing else."""


class LiquidationMode(StrEnum):
    FULL = "FULL"  # until the debt is paid; what is left of money and collateral goes back
    PARTIAL = "PARTIAL"  # until the loan is back at the product's target
