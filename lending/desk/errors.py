"""Why the desk refuses; the detail or an extra field says what would be accepted."""

from __future__ import annotations

from identity.tenants.errors import ProductNotOffered as HouseDoesNotLend
from kernel.errors import DomainError
from lending.errors import LoanBusy, LoanNotFound, PriceNotTrusted
from lending.funding.errors import FundingExhausted
from lending.liquidation.errors import LiquidationsStopped
from lending.loans.errors import CollateralNotAccepted, NothingOwed
from lending.products.errors import ProductNotFound, ProductNotOffered

__all__ = [
    "AmountNotOffered",
    "BorrowAssetDiffers",
    "CollateralNotAccepted",
    "CollateralTooLow",
    "ExtensionNotOffered",
    "FundingExhausted",
    "HouseDoesNotLend",
    "LendingLimitReached",
    "LiquidationsStopped",
    "LoanBusy",
    "LoanNotFound",
    "LoanQuoteExpired",
    "LoanQuoteNotFound",
    "NothingOwed",
    "PriceNotTrusted",
    "ProductNotFound",
    "ProductNotOffered",
    "TenorNotOffered",
    "WithdrawalTooLarge",
]


class BorrowAssetDiffers(DomainError):
    """This product lends another asset."""

    code = "borrow_asset_different"
    status = 400


class AmountNotOffered(DomainError):
    """The amount is below the least, above the most, or not in the steps of the product."""

    code = "amount_not_offered"
    status = 400


class TenorNotOffered(DomainError):
    """The product is not lent for that long."""

    code = "tenor_not_offered"
    status = 400


class CollateralTooLow(DomainError):
    """The collateral does not carry this amount."""

    code = "collateral_too_low"
    status = 409


class LendingLimitReached(DomainError):
    """More than this is not lent: to one customer, on one asset, or on what its market could take."""

    code = "lending_limit_reached"
    status = 409


class LoanQuoteNotFound(DomainError):
    """There is no such quote, or it is not yours."""

    code = "loan_quote_not_found"
    status = 404


class LoanQuoteExpired(DomainError):
    """The quote is too old, or the price has moved away from it; ask for a new one. Nothing was pledged."""

    code = "loan_quote_expired"
    status = 409


class LiquidationLineReached(DomainError):
    """The loan stands at its liquidation line: repay with money of your own, or add collateral."""

    code = "liquidation_line_reached"
    status = 409


class SaleDoesNotCover(DomainError):
    """At the lowest prices of its sale the collateral would not pay the debt: repay with money of your own, or add collateral."""

    code = "sale_does_not_cover"
    status = 409


class WithdrawalTooLarge(DomainError):
    """What would stay does not carry the debt at the product's pledge rate."""

    code = "withdrawal_too_large"
    status = 409


class ExtensionNotOffered(DomainError):
    """The loan cannot be extended now."""

    code = "extension_not_offered"
    status = 409
