"""Why a product is refused."""

from __future__ import annotations

from typing import ClassVar

from kernel.errors import DomainError, NotFound


class ProductNotFound(NotFound):
    """There is no such product here."""

    code = "product_not_found"


class SkuTaken(DomainError):
    """A product with this SKU exists."""

    code: ClassVar[str] = "sku_taken"
    status: ClassVar[int] = 409


class PayeeUnfit(DomainError):
    """The payee's account does not exist, is of another asset or realm, or is not one that receives payments."""

    code: ClassVar[str] = "payee_unfit"
    status: ClassVar[int] = 400


class RatesTooHigh(DomainError):
    """Fee and commission together must leave something for the merchant."""

    code: ClassVar[str] = "rates_too_high"
    status: ClassVar[int] = 400
