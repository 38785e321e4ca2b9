"""What earn posts beside the payment order that a subscription is.

    payout      interest owed -i, principal owed -p (last row)      customer + i + p
                bonus owed -b (of a coupon)                         customer + b
    redemption  principal owed -p, cost -a (accrued)                customer + p + a - c, cost + c (clawed back)
                bonus owed -f (forfeited), customer -k (clawed back) marketing budget + f + k
    accrual     cost -d                                             interest owed + d (the other way round where less is owed)

A row has one journal for ever (`s/earn.payout:<subscription>:<seq>`), and so has a redemption (`s/earn.redeem:<subscription>`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from functools import cache
from uuid import UUID

from earn import accounts
from earn.payouts.record import Due
from earn.plans.rules import Redemption
from earn.subscriptions.record import Subscription
from kernel.db import Tx
from kernel.money import canonical
from payments.chart import JournalIn, Line
from payments.journal import bulk
from payments.journal import service as journal
from payments.journal.bulk import NotPosted


def pay(tx: Tx, rows: Sequence[Due]) -> list[NotPosted]:
    """Many rows at once; answers those that were not posted. Step, and the transaction's last posting."""
    return bulk.post_chunk(tx, _payouts(tx, rows))


def pay_now(tx: Tx, rows: Sequence[Due]) -> None:
    """A few rows, all of them or none; the transaction may go on and post more. Step.

    Raises:
        AccountClosed: or whatever else forbids to pay into the account.
    """
    journal.post(tx, _payouts(tx, [row for row in rows if not nothing(row)]))


def redeem(tx: Tx, due: Sequence[Due], one: Subscription, done: Redemption, *, actor: UUID) -> None:
    """What is due by then as planned, and the principal with what the policy gives or takes. Step."""
    house = accounts.principal(tx, one.template_id, one.asset)
    cost = accounts.cost(tx, one.asset)
    lines = [
        Line(house, -done.principal),
        Line(cost, done.clawed_back - done.accrued),
        Line(one.account_id, done.cash),
        *_unused_bonus(tx, one, done),
    ]
    meta = {"subscription": str(one.id), "accrued": canonical(done.accrued), "clawed_back": canonical(done.clawed_back)}
    key = f"s/earn.redeem:{one.id}"
    ended = JournalIn(key=key, kind="earn_redemption", lines=lines, actor=str(actor), meta=meta)
    journal.post(tx, [*_payouts(tx, due), ended])


def _unused_bonus(tx: Tx, one: Subscription, done: Redemption) -> list[Line]:
    """What a coupon reserved and does not pay, and what it paid and gets back. Only a plan that has a bonus needs the accounts."""
    returned = done.bonus_forfeited + done.bonus_clawed_back
    if not returned:
        return []
    bonus, marketing = accounts.bonus(tx, one.template_id, one.asset), accounts.marketing(tx, one.asset)
    return [Line(bonus, -done.bonus_forfeited), Line(marketing, returned)]


def accrue(tx: Tx, template_id: UUID, asset: str, amount: Decimal, *, at: datetime, number: int) -> None:
    """Interest that the customers of a template earned until a moment since the last time; negative where plans became void. Step."""
    lines = [Line(accounts.cost(tx, asset), -amount), Line(accounts.interest(tx, template_id, asset), amount)]
    made = JournalIn(
        key=f"s/earn.accrue:{template_id}:{number}",
        kind="earn_accrual",
        lines=lines,
        effective_at=at,
        meta={"template": str(template_id)},
    )
    journal.post(tx, [made])


def _payouts(tx: Tx, rows: Sequence[Due]) -> list[JournalIn]:
    @cache
    def owed(template_id: UUID, asset: str) -> tuple[int, int]:
        return accounts.interest(tx, template_id, asset), accounts.principal(tx, template_id, asset)

    @cache
    def bonus(template_id: UUID, asset: str) -> int:
        return accounts.bonus(tx, template_id, asset)

    made = []
    for row in rows:
        interest, principal = owed(row.template_id, row.asset)
        lines = [
            Line(interest, -row.interest),
            Line(principal, -row.principal),
            Line(row.account_id, row.interest + row.principal + row.bonus),
        ]
        if row.bonus:
            lines.append(Line(bonus(row.template_id, row.asset), -row.bonus))
        meta = {"subscription": str(row.subscription_id), "seq": str(row.seq), "interest": canonical(row.interest)}
        if row.principal:
            meta["principal"] = canonical(row.principal)
        if row.bonus:
            meta["bonus"] = canonical(row.bonus)
        made.append(JournalIn(key=row.key, kind="earn_payout", lines=lines, meta=meta))
    return made


def nothing(row: Due) -> bool:
    """A principal too small to earn a unit in a period: there is nothing to post, and the row is paid all the same."""
    return row.interest == 0 and row.principal == 0 and row.bonus == Decimal(0)
