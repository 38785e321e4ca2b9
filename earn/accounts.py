"""The accounts that earn works with, by their paths; opened on first use. Per template: what we owe its customers and what it costs."""

from __future__ import annotations

from uuid import UUID

from kernel.db import Tx
from payments.accounts import service as accounts
from payments.accounts.states import AccountKind

MARKETING = "marketing.earn:"


def open_all(tx: Tx, template: UUID, asset: str) -> None:
    """Before anything is sold: whoever pays later waits for nobody who opens one at the same moment."""
    principal(tx, template, asset)
    interest(tx, template, asset)
    cost(tx, asset)
    bonus(tx, template, asset)


def principal(tx: Tx, template: UUID, asset: str) -> int:
    """The principal that customers have with a template."""
    return accounts.house(
        tx, path=f"earn.principal.{template}", asset=asset, kind=AccountKind.HOUSE, normal_side="credit"
    )


def interest(tx: Tx, template: UUID, asset: str) -> int:
    """Interest that its customers have earned and not got yet."""
    return accounts.house(
        tx, path=f"earn.interest.{template}", asset=asset, kind=AccountKind.HOUSE, normal_side="credit"
    )


def cost(tx: Tx, asset: str) -> int:
    """What interest costs the house, of all templates."""
    return accounts.house(tx, path="expense.earn", asset=asset, kind=AccountKind.EXPENSE, normal_side="debit")


def bonus(tx: Tx, template: UUID, asset: str) -> int:
    """What coupons add to the interest of its customers: all that is still to pay, reserved when they subscribed."""
    return accounts.house(tx, path=f"earn.bonus.{template}", asset=asset, kind=AccountKind.HOUSE, normal_side="credit")


def marketing(tx: Tx, asset: str) -> int:
    """The budget that coupons are paid from: staff fund it, and not a unit more is promised than stands here."""
    return accounts.ensure(
        tx, path=f"{MARKETING}{asset}", asset=asset, kind=AccountKind.POOL, guarded=True, normal_side="credit"
    )
