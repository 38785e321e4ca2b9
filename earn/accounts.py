"""The accounts that earn works with, by their paths; opened on first use. Per template: what we owe its customers and what it costs."""

from __future__ import annotations

from uuid import UUID

from kernel.db import Tx
from payments.accounts import service as accounts
from payments.accounts.states import AccountKind


def open_all(tx: Tx, template: UUID, asset: str) -> None:
    """Before anything is sold: whoever pays later waits for nobody who opens one at the same moment."""
    principal(tx, template, asset)
    interest(tx, template, asset)
    cost(tx, asset)


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
