"""Quotes and loans on the wire: amounts and prices are decimal strings, rates and ratios fractions, dates are days of UTC.

A customer reads the warning and the displayed line only, and of the wait for a sale that the displayed line is hit; staff read all of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from kernel.money import DecimalString, canonical, half_even_fraction
from lending.desk.quoting import QuoteView
from lending.desk.shown import NextDue, Shown
from lending.desk.what_if import Answer
from lending.loans.record import RateStep
from lending.loans.rules import loan_to_value, shown_health
from lending.loans.states import Level, LoanStatus
from lending.products.states import SHOWN, Line

_MOST_ASSETS = 20


def _positive(value: Decimal) -> Decimal:
    if value <= 0:
        raise ValueError("more than zero")
    return value


Positive = Annotated[DecimalString, AfterValidator(_positive)]
Asset = Annotated[str, Field(pattern=r"^[A-Z0-9]{1,32}$", examples=["BTC"])]
Days = Annotated[int, Field(strict=True, ge=1, le=36_500)]


class _In(BaseModel):
    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid")


# ---------------------------------------------------------------------------------------------------------------------------- asked


class PledgeIn(_In):
    asset: Asset
    quantity: Positive


class LoanQuoteIn(_In):
    """`amount`, or `max` for as much as the collateral lends."""

    product_id: UUID
    collateral: Annotated[list[PledgeIn], Field(min_length=1, max_length=_MOST_ASSETS)]
    borrow_asset: Asset
    amount: Positive | None = None
    max: Annotated[bool, Field(strict=True)] = False
    tenor_days: Days

    @model_validator(mode="after")
    def _sane(self) -> Self:
        if (self.amount is None) is not self.max:
            raise ValueError("give an amount, or max: true")
        if len({pledge.asset for pledge in self.collateral}) != len(self.collateral):
            raise ValueError("name each collateral once")
        return self


class LoanIn(_In):
    quote_id: UUID


class RepaymentIn(_In):
    """An `amount`, or `full` for all that is owed. At most what is owed is taken.

    `from_collateral` sells collateral for it at the venues; alone it means all that is owed.
    """

    amount: Positive | None = None
    full: Annotated[bool, Field(strict=True)] = False
    from_collateral: Annotated[bool, Field(strict=True)] = False

    @model_validator(mode="after")
    def _one(self) -> Self:
        if self.amount is not None and self.full:
            raise ValueError("an amount, or full: true, not both")
        if self.amount is None and not self.full and not self.from_collateral:
            raise ValueError("give an amount, full: true or from_collateral: true")
        return self


class ExtensionIn(_In):
    tenor_days: Days


class LoanOptionsIn(_In):
    """Standing orders; what is not named stays as it is."""

    auto_top_up: Annotated[bool, Field(strict=True)] | None = None
    auto_repay: Annotated[bool, Field(strict=True)] | None = None

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.auto_top_up is None and self.auto_repay is None:
            raise ValueError("give at least one option")
        return self


class WhatIfIn(_In):
    """Other prices (the rest stand as they are now), and at most one movement of money."""

    prices: Annotated[dict[Asset, Positive], Field(max_length=_MOST_ASSETS)] = Field(default_factory=dict)
    top_up: PledgeIn | None = None
    withdraw: PledgeIn | None = None
    repay: Positive | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if sum(each is not None for each in (self.top_up, self.withdraw, self.repay)) > 1:
            raise ValueError("one of top_up, withdraw and repay")
        return self


# ------------------------------------------------------------------------------------------------------------------------- answered


class LinesOut(BaseModel):
    """Where the lines are; null: no price reaches it. `actual` and `hard` are for staff."""

    warning: DecimalString | None
    displayed: DecimalString | None
    actual: DecimalString | None = None
    hard: DecimalString | None = None


class PledgedOut(BaseModel):
    """`price` and `value` are null while the market has no price; `withdrawable` may leave at the price of now."""

    asset: str
    quantity: DecimalString
    price: DecimalString | None
    value: DecimalString | None
    withdrawable: DecimalString | None = None


class InstalmentOut(BaseModel):
    n: int
    due_date: date
    payment: DecimalString
    interest: DecimalString
    principal: DecimalString
    paid: DecimalString
    status: str


class LoanQuoteOut(BaseModel):
    """`principal` is what is owed at the beginning, `paid_out` what arrives, `interest` what the whole term costs at today's rate.

    `lines` are prices of the one collateral, or the uniform fall of a basket (`lines_as`). `largest` is the most this collateral lends.
    """

    id: UUID
    product_id: UUID
    version: int
    product: str
    borrow_asset: str
    amount: DecimalString
    principal: DecimalString
    paid_out: DecimalString
    fee: DecimalString
    interest: DecimalString
    rate: DecimalString
    tenor_days: int
    matures_on: date
    collateral: list[PledgedOut]
    ltv: DecimalString | None
    health: DecimalString | None
    lines: LinesOut
    lines_as: Literal["price", "fall"]
    largest: DecimalString
    schedule: list[InstalmentOut]
    expires_at: datetime
    loan_id: UUID | None

    @classmethod
    def of(cls, view: QuoteView) -> Self:
        quote, position = view.quote, view.position
        single = len(position.pledges) == 1
        return cls(
            id=quote.id,
            product_id=quote.product_id,
            version=quote.version,
            product=view.product.name,
            borrow_asset=view.product.asset,
            amount=quote.amount,
            principal=view.principal,
            paid_out=view.paid_out,
            fee=quote.fee,
            interest=view.interest,
            rate=quote.rate,
            tenor_days=quote.tenor_days,
            matures_on=view.matures_on,
            collateral=[
                PledgedOut(
                    asset=pledge.asset,
                    quantity=pledge.quantity,
                    price=pledge.price,
                    value=half_even_fraction(pledge.value, view.scale),
                )
                for pledge in position.pledges
            ],
            ltv=loan_to_value(position),
            health=shown_health(position),
            lines=_lines(view.lines, staff=False),
            lines_as="price" if single else "fall",
            largest=view.largest,
            schedule=[_instalment(row) for row in view.rows],
            expires_at=quote.expires_at,
            loan_id=quote.loan_id,
        )


class DebtOut(BaseModel):
    """What a payment of today pays, by its parts."""

    total: DecimalString
    principal: DecimalString
    interest: DecimalString
    fee: DecimalString
    penalty: DecimalString


class NextDueOut(BaseModel):
    due_date: date
    amount: DecimalString
    overdue: bool


class NextRateOut(BaseModel):
    """A floating rate that is announced: it counts from this day of UTC on."""

    rate: DecimalString
    from_day: date = Field(serialization_alias="from")


class LoanEventOut(BaseModel):
    """One entry of the timeline; `payload` holds the amounts of its kind."""

    seq: int
    kind: str
    at: datetime
    journal_id: UUID | None
    payload: dict[str, Any]


class LoanOut(BaseModel):
    """A loan as it is now.

    `health` is 1 on the displayed line and less beyond it, `ltv` the debt over the value; both are null without a price, or without a debt.
    `lines` are prices of the one collateral, or for a basket the uniform fall of all of it (`lines_as`); `line_prices` says the same for
    each asset alone. `prices_trusted` is false while the market's price is too old or from too few venues: nothing is decided then.
    `rate` is in force today.
    """

    id: UUID
    customer_id: UUID
    product_id: UUID
    version: int
    product: str
    asset: str
    status: LoanStatus
    level: Level
    health: DecimalString | None
    ltv: DecimalString | None
    debt: DecimalString
    debt_parts: DebtOut
    drawn: DecimalString
    rate: DecimalString
    next_rate: NextRateOut | None
    collateral: list[PledgedOut]
    value: DecimalString | None
    lines: LinesOut
    lines_as: Literal["price", "fall"]
    line_prices: dict[str, LinesOut]
    prices_trusted: bool
    opened_on: date
    matures_on: date
    next_due: NextDueOut | None
    schedule: list[InstalmentOut]
    auto_top_up: bool
    auto_repay: bool
    events: list[LoanEventOut]

    @classmethod
    def of(cls, shown: Shown, *, staff: bool) -> Self:
        loan, product, owed = shown.gathered.loan, shown.gathered.product, shown.owed
        return cls(
            id=loan.id,
            customer_id=loan.customer_id,
            product_id=loan.product_id,
            version=loan.version,
            product=product.name,
            asset=loan.asset,
            status=loan.status,
            level=loan.level if staff else loan.level.told_to_customers(),
            health=shown.health,
            ltv=shown.ltv,
            debt=owed.total,
            debt_parts=DebtOut(
                total=owed.total,
                principal=owed.principal,
                interest=owed.interest,
                fee=owed.fee,
                penalty=owed.penalty,
            ),
            drawn=loan.drawn,
            rate=shown.gathered.rate,
            next_rate=_next_rate(shown.gathered.next_rate),
            collateral=_pledged(shown),
            value=shown.value,
            lines=_lines(shown.lines, staff=staff),
            lines_as="price" if len(shown.collateral) <= 1 else "fall",
            line_prices={asset: _lines(lines, staff=staff) for asset, lines in shown.line_prices.items()},
            prices_trusted=shown.trusted,
            opened_on=loan.opened_on,
            matures_on=loan.matures_on,
            next_due=_next_due(shown.next_due),
            schedule=[_instalment(row) for row in shown.gathered.rows],
            auto_top_up=loan.auto_top_up,
            auto_repay=loan.auto_repay,
            events=[
                LoanEventOut(
                    seq=entry.seq,
                    kind=entry.kind,
                    at=entry.at,
                    journal_id=entry.journal_id,
                    payload=dict(entry.payload),
                )
                for entry in shown.gathered.entries
            ],
        )


class WhatIfOut(BaseModel):
    """The loan as it would be. `allowed` is false where the desk would refuse the movement."""

    debt: DecimalString
    collateral: list[PledgedOut]
    ltv: DecimalString | None
    health: DecimalString | None
    level: Level | None
    lines: LinesOut
    lines_as: Literal["price", "fall"]
    line_prices: dict[str, LinesOut]
    allowed: bool

    @classmethod
    def of(cls, answer: Answer, *, staff: bool) -> Self:
        shown, level = answer.shown, answer.level
        if level is not None and not staff:
            level = _customers(level)
        return cls(
            debt=shown.owed.total,
            collateral=_pledged(shown),
            ltv=shown.ltv,
            health=shown.health,
            level=level,
            lines=_lines(shown.lines, staff=staff),
            lines_as="price" if len(shown.collateral) <= 1 else "fall",
            line_prices={asset: _lines(lines, staff=staff) for asset, lines in shown.line_prices.items()},
            allowed=answer.allowed,
        )


def _customers(level: Level) -> Level:
    """An asked price must not give a hidden line away: below the displayed one it is a margin call, however far."""
    return Level.MARGIN_CALL if level.rank >= Level.MARGIN_CALL.rank else level


def _lines(lines: Mapping[Line, Decimal | None], *, staff: bool) -> LinesOut:
    return LinesOut(**{line.value: lines[line] for line in (Line if staff else SHOWN)})


def _pledged(shown: Shown) -> list[PledgedOut]:
    found = []
    for asset, quantity in sorted(shown.collateral.items()):
        seen = shown.prices.get(asset)
        price = None if seen is None else seen.seen.price
        value = None if price is None else Decimal(canonical(price * quantity))
        found.append(
            PledgedOut(
                asset=asset, quantity=quantity, price=price, value=value, withdrawable=shown.withdrawable.get(asset)
            )
        )
    return found


def _next_due(due: NextDue | None) -> NextDueOut | None:
    return None if due is None else NextDueOut(due_date=due.due_on, amount=due.amount, overdue=due.overdue)


def _next_rate(step: RateStep | None) -> NextRateOut | None:
    return None if step is None else NextRateOut(rate=step.rate, from_day=step.from_day)


def _instalment(row: Any) -> InstalmentOut:
    return InstalmentOut(
        n=row.n,
        due_date=row.due_on,
        payment=row.payment,
        interest=row.interest,
        principal=row.principal,
        paid=row.paid,
        status=row.status,
    )
