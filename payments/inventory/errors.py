"""Why stock is refused."""

from __future__ import annotations

from typing import ClassVar

from kernel.errors import DomainError


class OutOfStock(DomainError):
    """There are not enough units left."""

    code: ClassVar[str] = "out_of_stock"
    status: ClassVar[int] = 409
