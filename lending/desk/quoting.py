"""A price for a loan that stands for a moment, and the loan that is made from it. One quote makes one loan, however often it is taken."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

from identity.eligibility import service as eligibility
from identity.eligibility.states import Action, Product
from identity.tenants import service as tenants
from identity.tenants.states import Product as Offered
from kernel import commands, db
from kernel.db import Tx
from kernel.errors import DomainError
from kernel.ids import uuid7
from kernel.money import canonical, fits_scale
from lending import prices
from lending.desk import errors, queries, rules
from lending.desk.queries import Quote
from lending.desk.shown import line_of
from lending.funding import service as funding
from lending.loans import opening, plan, steps
from lending.loans import queries as loans
from lending.loans.plan import Instalment
from lending.loans.record import RateStep, factor_at
from lending.loans.rules import Position, interest_between, interest_due, worst_line
from lending.loans.watching import is_trusted
from lending.prices import Observed
from lending.products import service as products
from lending.products.states import SHOWN, Line, RateMode
from lending.products.terms import ProductVersion
from markets.quotes import service as quotes
from payments.assets import service as assets
from payments.errors import AmountTooFine

ZERO = Decimal(0)
KEPT = timedelta(days=1)
_FORGET = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a customer wants to know. `amount` is None for as much as the collateral lends."""

    product_id: UUID
    collateral: Mapping[str, Decimal]
    borrow_asset: str
    amount: Decimal | None
    tenor_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class QuoteView:
    """A quote with what it means: `largest` is the most this collateral lends, `interest` what the whole term costs."""

    quote: Quote
    product: ProductVersion
    scale: int
    principal: Decimal
    interest: Decimal
    rows: Sequence[Instalment]
    matures_on: date
    largest: Decimal
    position: Position
    lines: Mapping[Line, Decimal | None]
    replayed: bool = False

    @property
    def paid_out(self) -> Decimal:
        return self.principal - self.quote.fee


@dataclass(frozen=True, slots=True, kw_only=True)
class _Offer:
    product: ProductVersion
    amount: Decimal
    fee: Decimal
    observed: Mapping[str, Observed]


def ask(*, tenant: UUID, customer: UUID, asked: Asked, key: str | None) -> QuoteView:
    """A quote at the price of this moment; a repeat of the key answers the first one.

    Raises:
        ProductNotFound, ProductNotOffered, BorrowAssetDiffers, TenorNotOffered, AmountNotOffered, CollateralNotAccepted: as they say.
        HouseDoesNotLend: this house has switched lending off.
        PriceNotTrusted: there is no price right now that collateral may be lent against.
        CollateralTooLow, LendingLimitReached: it would be too much.
    """
    quote_id = uuid7()
    offer = _offer_or_refusal(tenant=tenant, customer=customer, asked=asked)

    def fn(tx: Tx) -> tuple[str, UUID]:
        if isinstance(offer, DomainError):
            raise offer
        row = {
            "id": quote_id, "customer_id": customer, "product_id": offer.product.id, "version": offer.product.version,
            "amount": offer.amount, "fee": offer.fee, "rate": _rate(tx, offer.product), "tenor_days": asked.tenor_days,
            "expires_at": tx.now + timedelta(seconds=offer.product.terms.quote_ttl_s),
        }  # fmt: skip
        collateral = {asset: canonical(quantity) for asset, quantity in sorted(asked.collateral.items())}
        evidence = {asset: dict(each.evidence) for asset, each in offer.observed.items()}
        queries.insert_quote(tx, row, collateral=collateral, prices=evidence)
        return "loan_quote", quote_id

    outcome = commands.run(
        tenant=tenant, principal=customer, route="POST /v1/loan-quotes", key=key, fingerprint=_digest(asked), fn=fn
    )
    return read(tenant=tenant, customer=customer, quote_id=outcome.id, replayed=outcome.replayed)


def read(*, tenant: UUID, customer: UUID, quote_id: UUID, replayed: bool = False) -> QuoteView:
    """A quote of this customer.

    Raises:
        LoanQuoteNotFound: there is none.
    """
    with db.read_only(tenant=tenant, repeatable=True) as tx:
        quote = queries.quote(tx, quote_id, customer=customer)
        if quote is None:
            raise errors.LoanQuoteNotFound
        product = products.version(tx, quote.product_id, quote.version)
        start = steps.today(tx)
        known = steps.rate_steps_of(tx, product, start)
        room = _room(tx, product, customer=customer) if quote.loan_id is None else None
    scale = assets.scale(product.asset)
    priced = {asset: Decimal(seen["price"]) for asset, seen in quote.prices.items()}
    principal = rules.principal_of(product.terms, quote.amount, quote.fee)
    dates = opening.dates_of(product, start, quote.tenor_days)
    rows = plan.instalments(product.terms, principal=principal, rate=quote.rate, start=start, dates=dates, scale=scale)
    interest = (
        sum((row.interest for row in rows), ZERO)
        if rows
        else interest_due(_whole_term(product, principal, quote.rate, start, dates[-1], known), scale=scale)
    )
    at = Position(rules.pledges_of(product, quote.collateral, priced), principal)
    return QuoteView(
        quote=quote,
        product=product,
        scale=scale,
        principal=principal,
        interest=interest,
        rows=rows,
        matures_on=dates[-1],
        largest=rules.largest_amount(product, quote.collateral, priced, scale=scale, room=room),
        position=at,
        lines={line: line_of(at, line, product.asset) for line in SHOWN},
        replayed=replayed,
    )


def accept(*, tenant: UUID, customer: UUID, quote_id: UUID, key: str | None) -> commands.Outcome:
    """The loan of a quote: collateral pledged, money paid out. A second acceptance answers the first one's loan.

    Raises:
        LoanQuoteNotFound: no such quote of this customer.
        LoanQuoteExpired: its time is over, or a line of the loan would be hit at today's price.
        NotEligible, HouseDoesNotLend: the customer may not borrow.
        InsufficientFunds, FundingExhausted, LendingLimitReached, PriceNotTrusted: as they say.
    """
    view = read(tenant=tenant, customer=customer, quote_id=quote_id)
    loan_id, digest = uuid7(), commands.fingerprint({"quote_id": str(quote_id)})

    def work(reading: prices.Reading) -> commands.Outcome:
        depth = depths(view.product, view.quote.collateral)
        return commands.run(
            tenant=tenant, principal=customer, route="POST /v1/loans", key=key, fingerprint=digest,
            fn=lambda tx: _take(tx, view, reading, depth, loan_id),
        )  # fmt: skip

    made = prices.by_prices(lambda: prices.observe_all(view.quote.collateral, view.product.asset), work)
    return replace(made, replayed=made.replayed or made.id != loan_id)


def _take(
    tx: Tx, view: QuoteView, reading: prices.Reading, depth: Mapping[str, Decimal], loan_id: UUID
) -> tuple[str, UUID]:
    customer = view.quote.customer_id
    quote = queries.quote(tx, view.quote.id, customer=customer, lock=True)
    assert quote is not None
    if quote.loan_id is not None:
        return "loan", quote.loan_id
    _require_standing(view, quote, reading, now=tx.now)
    tenants.require_product(tx.tenant_id, Offered.LENDING)
    products.published(tx, quote.product_id)  # the quote keeps its version; a product that was withdrawn lends no more
    eligibility.require(tx, customer, Product.LENDING, Action.BEGIN)
    wanted = opening.Wanted(
        quote_id=quote.id,
        customer_id=customer,
        amount=quote.amount,
        fee=quote.fee,
        rate=quote.rate,
        tenor_days=quote.tenor_days,
        collateral=quote.collateral,
    )
    # Before anything else of the loan is locked: nobody who counts against the same caps is between the sums below and a commit.
    queries.lock_caps(tx, _caps(view.product, customer=customer, collateral=quote.collateral, depth=depth))
    opening.begin(tx, view.product, wanted, loan_id=loan_id)
    _require_room(tx, view.product, customer=customer, collateral=quote.collateral, depth=depth)
    _require_standing(
        view, quote, reading, now=tx.now
    )  # again: who waited for a lock on the way judges as it is by now
    queries.take_quote(tx, quote.id, loan_id)
    return "loan", loan_id


def forget_old() -> None:
    """Delete quotes that nobody took, after a day."""
    deleted = _FORGET
    while deleted == _FORGET:
        with db.transaction() as tx:
            deleted = queries.forget_quotes(tx, before=tx.now - KEPT, limit=_FORGET)


# ------------------------------------------------------------------------------------------------------------------------- pieces


def _offer_or_refusal(**asked: Any) -> _Offer | DomainError:
    """Looked up before the transaction opens; a refusal waits until the key is known to be new, for a repeat is answered."""
    try:
        return _offer(**asked)
    except DomainError as refusal:
        return refusal


def _offer(*, tenant: UUID, customer: UUID, asked: Asked) -> _Offer:
    tenants.require_product(tenant, Offered.LENDING)
    with db.read_only(tenant=tenant) as tx:
        product = products.published(tx, asked.product_id)
        room = _room(tx, product, customer=customer)
        pledged = {asset: queries.pledged(tx, asset=asset, product=product.id) for asset in asked.collateral}
        everywhere = {asset: queries.pledged(tx, asset=asset, product=None) for asset in asked.collateral}
    terms, scale = product.terms, assets.scale(product.asset)
    if asked.borrow_asset != product.asset:
        raise errors.BorrowAssetDiffers(asset=product.asset)
    if asked.tenor_days not in terms.tenors:
        raise errors.TenorNotOffered(tenors=list(terms.tenors))
    for asset, quantity in asked.collateral.items():
        _check_collateral(product, asset, quantity, pledged[asset])
    for asset, most in depths(product, asked.collateral).items():
        if everywhere[asset] + asked.collateral[asset] > most:
            raise errors.LendingLimitReached(limit="market", asset=asset)
    observed = prices.trusted(asked.collateral, product.asset, terms.guard)
    priced = prices.amounts(observed)
    if room is not None and room <= 0:
        raise errors.LendingLimitReached(limit="customer", most=canonical(terms.customer_cap or ZERO))
    largest = rules.largest_amount(product, asked.collateral, priced, scale=scale, room=room)
    amount = largest if asked.amount is None else asked.amount
    fee = rules.fee_of(terms, amount, scale=scale)
    _check_amount(product, amount, fee, largest, wished=asked.amount is not None)
    principal = rules.principal_of(terms, amount, fee)
    if Fraction(principal) > rules.debt_limit(product, asked.collateral, priced):
        raise errors.CollateralTooLow(largest=canonical(largest), asset=product.asset)
    if room is not None and principal > room:
        raise errors.LendingLimitReached(limit="customer", largest=canonical(largest), asset=product.asset)
    return _Offer(product=product, amount=amount, fee=fee, observed=observed)


def _room(tx: Tx, product: ProductVersion, *, customer: UUID) -> Decimal | None:
    """What the customer may still owe of this product; None where nothing bounds it."""
    cap = product.terms.customer_cap
    return None if cap is None else cap - queries.owed_by(tx, customer=customer, product=product.id)


def _check_collateral(product: ProductVersion, asset: str, quantity: Decimal, pledged: Decimal) -> None:
    if asset not in product.collaterals:
        raise errors.CollateralNotAccepted(asset=asset)
    if not fits_scale(quantity, assets.scale(asset)):
        raise AmountTooFine(asset=asset)
    cap = product.collaterals[asset].asset_cap
    if cap is not None and pledged + quantity > cap:
        raise errors.LendingLimitReached(limit="collateral", asset=asset, largest=canonical(max(cap - pledged, ZERO)))


def _check_amount(product: ProductVersion, amount: Decimal, fee: Decimal, largest: Decimal, *, wished: bool) -> None:
    terms = product.terms
    if not wished and amount < terms.min_amount:
        raise errors.CollateralTooLow(largest=canonical(largest), least=canonical(terms.min_amount))
    outside = not terms.min_amount <= amount <= terms.max_amount
    if outside or amount % terms.step or (amount <= fee and rules.principal_of(terms, amount, fee) == amount):
        raise errors.AmountNotOffered(
            least=canonical(terms.min_amount), most=canonical(terms.max_amount), step=canonical(terms.step)
        )


def _require_standing(view: QuoteView, quote: Quote, reading: prices.Reading, *, now: datetime) -> None:
    """The quote still stands, and its loan could be made at these prices.

    A loan that began on a line would be sold before anybody reads about it. `now` is the beginning of the transaction, to which comes
    what has passed since before it, so nothing is judged younger than it is.
    """
    known = reading.now()
    if now + timedelta(seconds=reading.age_s) > quote.expires_at:
        raise errors.LoanQuoteExpired
    for asset in quote.collateral:
        if asset not in known or not is_trusted(known[asset].seen, view.product.terms.guard):
            raise errors.PriceNotTrusted(asset=asset)
    if worst_line(view.position.at(prices.amounts(known))) is not None:
        raise errors.LoanQuoteExpired


def depths(product: ProductVersion, collateral: Iterable[str]) -> dict[str, Decimal]:
    """What the books of each collateral would take within the slippage budget, where the product minds it."""
    share = product.terms.depth_share
    if share is None:
        return {}
    found = {}
    for asset in collateral:
        try:
            view = quotes.load(f"{asset}-{product.asset}")
        except DomainError:
            continue
        price = view.composite.price
        if price is not None:
            bids, _asks, _state = quotes.book(view, quotes.CONSOLIDATED)
            levels = [(level.price, level.quantity) for level in bids]
            found[asset] = share * rules.depth_within(levels, price=price, budget=product.terms.budget)
    return found


def _caps(
    product: ProductVersion, *, customer: UUID, collateral: Mapping[str, Decimal], depth: Mapping[str, Decimal]
) -> set[str]:
    """What this loan is counted against, beside the loans of other lines and versions. One without a cap waits for nobody."""
    capped = {asset for asset in collateral if asset in depth or product.collaterals[asset].asset_cap is not None}
    return capped if product.terms.customer_cap is None else {*capped, f"{product.id}:{customer}"}


def _require_room(
    tx: Tx, product: ProductVersion, *, customer: UUID, collateral: Mapping[str, Decimal], depth: Mapping[str, Decimal]
) -> None:
    """The caps with this loan among the others."""
    cap = product.terms.customer_cap
    if cap is not None and queries.owed_by(tx, customer=customer, product=product.id) > cap:
        raise errors.LendingLimitReached(limit="customer", most=canonical(cap))
    require_room_for(tx, product, collateral, depth)


def require_room_for(tx: Tx, product: ProductVersion, collateral: Iterable[str], depth: Mapping[str, Decimal]) -> None:
    """The caps of these assets, of the product and of its market (`depths`). Step: they are locked (`queries.lock_caps`).

    Raises:
        LendingLimitReached: with what stands pledged in this transaction, a cap is passed.
    """
    for asset in sorted(collateral):
        most = product.collaterals[asset].asset_cap
        if most is not None and queries.pledged(tx, asset=asset, product=product.id) > most:
            raise errors.LendingLimitReached(limit="collateral", asset=asset, most=canonical(most))
        if asset in depth and queries.pledged(tx, asset=asset, product=None) > depth[asset]:
            raise errors.LendingLimitReached(limit="market", asset=asset)


def has_room_for(tx: Tx, product: ProductVersion, asset: str, more: Decimal, depth: Mapping[str, Decimal]) -> bool:
    """Whether the caps leave room for so much more of an asset: what `require_room_for` will say once it is pledged."""
    most = product.collaterals[asset].asset_cap
    if most is not None and queries.pledged(tx, asset=asset, product=product.id) + more > most:
        return False
    return asset not in depth or queries.pledged(tx, asset=asset, product=None) + more <= depth[asset]


def _rate(tx: Tx, product: ProductVersion) -> Decimal:
    """What a year costs from today on."""
    if product.terms.rate_mode is RateMode.FIXED:
        return product.terms.rate
    known = loans.rate_steps(tx, product.id, until=steps.today(tx))
    if known:
        return known[-1].rate
    return funding.rate(tx, product.funding_line_id, steps.today(tx)) + product.terms.spread


def _whole_term(
    product: ProductVersion, principal: Decimal, rate: Decimal, start: date, end: date, known: Sequence[RateStep]
) -> Fraction:
    """Interest until the end, at the rate that stands today."""
    if known:
        counted = product.terms.day_count
        return Fraction(principal) * (factor_at(known, end, counted) - factor_at(known, start, counted))
    return interest_between(principal, rate, start, end, day_count=product.terms.day_count)


def _digest(asked: Asked) -> bytes:
    return commands.fingerprint(
        {
            "product_id": str(asked.product_id),
            "collateral": {asset: canonical(quantity) for asset, quantity in asked.collateral.items()},
            "borrow_asset": asked.borrow_asset,
            "amount": None if asked.amount is None else canonical(asked.amount),
            "tenor_days": asked.tenor_days,
        }
    )
