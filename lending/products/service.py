"""Loan products: drafts that staff edit, versions that a second person publishes, and what loans read of them.

A version never changes once it is published. To change a product is to make its next version; publishing that retires the one before in
the same transaction, and loans keep the version they were made under.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from identity.approvals import service as approvals
from identity.approvals.service import Subject
from identity.audit import service as audit
from identity.permissions import Permission
from kernel import commands, db, outbox
from kernel.commands import Outcome
from kernel.db import Tx
from kernel.faults import Fault, refuse
from kernel.ids import SYSTEM, uuid7
from kernel.money import canonical
from lending.products import checks, queries
from lending.products.checks import CollateralWish, FundingLine, Surroundings, Wish
from lending.products.errors import (
    DraftExists,
    FundingLineUnfit,
    LinesDoNotFit,
    NoDraft,
    ProductNotFound,
    ProductNotOffered,
    TermsDoNotFit,
)
from lending.products.events import ProductPublished, ProductRetired
from lending.products.queries import Story
from lending.products.rules import Lines, Shown, shown
from lending.products.states import ProductStatus, RateMode
from lending.products.terms import ProductVersion
from markets.instruments import service as instruments
from markets.quotes import service as quotes
from markets.quotes.errors import QuotesUnavailable
from payments.assets import service as assets

__all__ = ["CollateralWish", "Example", "ProductVersion", "ProductView", "Wish", "published", "version"]

KIND = "lending.product"
_TO_DECIDE = timedelta(days=7)
_S = ProductStatus


@dataclass(frozen=True, slots=True)
class ProductView:
    """A version as staff see it; `approval_id` is the newest question to a second person about the product's draft."""

    product: ProductVersion
    story: Story
    approval_id: UUID | None


@dataclass(frozen=True, slots=True)
class Example:
    """One unit of a collateral at a price: what it lends, and the lines in every convention and in money; none if they mean nothing."""

    asset: str
    price: Decimal | None
    lends: Decimal | None
    lines: Sequence[Shown]


# What loans read -----------------------------------------------------------------------------------------------------------------


def published(tx: Tx, product_id: UUID) -> ProductVersion:
    """The version that new loans are made under. Step.

    Raises:
        ProductNotFound, ProductNotOffered
    """
    found = queries.published(tx, product_id)
    if found is None:
        raise ProductNotOffered if queries.exists(tx, product_id) else ProductNotFound
    return found


def version(tx: Tx, product_id: UUID, number: int) -> ProductVersion:
    """One version, whatever became of it. Step.

    Raises:
        ProductNotFound
    """
    found = queries.version(tx, product_id, number)
    if found is None:
        raise ProductNotFound
    return found


# What people see -----------------------------------------------------------------------------------------------------------------


def views(tenant: UUID, *, only_published: bool) -> list[ProductView]:
    """Newest version first within a product."""
    with db.read_only(tenant=tenant, repeatable=True) as tx:
        told = queries.stories(tx, only_published=only_published)
        return [
            _view(tx, one, told[one.id, one.version]) for one in queries.versions(tx, only_published=only_published)
        ]


def view(tenant: UUID, product_id: UUID) -> ProductView:
    """The newest version of one product.

    Raises:
        ProductNotFound
    """
    found = [one for one in views(tenant, only_published=False) if one.product.id == product_id]
    if not found:
        raise ProductNotFound
    return found[0]


def _view(tx: Tx, product: ProductVersion, story: Story) -> ProductView:
    asked = approvals.latest(tx, kind=KIND, resource_id=product.id) if product.status is _S.DRAFT else None
    return ProductView(product, story, asked)


def examine(tenant: UUID, wish: Wish, prices: dict[str, Decimal]) -> tuple[list[Fault], list[Example]]:
    """What is wrong with a product that somebody is typing, and what its lines mean in money at a price, today's where none is given."""
    around = _surroundings(tenant, wish)
    return checks.faults(wish, around), [_example(wish, one, prices.get(one.asset)) for one in wish.collaterals]


def _example(wish: Wish, one: CollateralWish, price: Decimal | None) -> Example:
    symbol = f"{one.asset}-{wish.asset}"
    market = next((known for known in instruments.list_markets() if known.symbol == symbol), None)
    at = _price_now(symbol) if price is None and market is not None else price
    if market is None or at is None or at <= 0:
        return Example(one.asset, None, None, ())
    try:
        rows = shown(one.lines, at, tick=market.tick)
    except LinesDoNotFit:
        return Example(one.asset, at, None, ())
    return Example(one.asset, at, one.lines.pledge * at, rows)


def _price_now(symbol: str) -> Decimal | None:
    try:
        return quotes.load(symbol).composite.price
    except QuotesUnavailable:
        return None


# What staff do -------------------------------------------------------------------------------------------------------------------


def create(*, tenant: UUID, actor: UUID, wish: Wish, product_id: UUID | None, key: str | None) -> Outcome:
    """A draft: of a new product, or the next version of `product_id`.

    Raises:
        ProductNotFound, DraftExists, and what `checks.faults` finds.
    """
    around = _fitting(tenant, wish, product_id)

    def fn(tx: Tx) -> tuple[str, UUID]:
        made, number = product_id or uuid7(), 1
        if product_id is not None:
            number = _locked(tx, product_id) + 1
            if queries.draft(tx, product_id) is not None:
                raise DraftExists
        queries.insert(tx, product_id=made, number=number, wish=wish, line=_line(around).id, actor=actor)
        audit.about(tx, after=plain(wish), version=number)
        return "loan_product", made

    return _command(tenant, actor, "POST /v1/loan-products", key, fn, id=str(product_id), wish=plain(wish))


def edit(*, tenant: UUID, actor: UUID, product_id: UUID, wish: Wish) -> None:
    """Type a draft again, whole; what a second person was asked before is void.

    Raises:
        ProductNotFound, NoDraft, and what `checks.faults` finds.
    """
    around = _fitting(tenant, wish, product_id)

    def fn(tx: Tx) -> tuple[str, UUID]:
        found = _draft(tx, product_id)
        queries.rewrite(tx, product_id=product_id, number=found.version, wish=wish, line=_line(around).id, actor=actor)
        approvals.void(tx, kind=KIND, resource_id=product_id, reason="edited")
        audit.about(tx, before=document(found), after=plain(wish), version=found.version)
        return "loan_product", product_id

    _command(tenant, actor, "PUT /v1/loan-products", None, fn)


def ask(*, tenant: UUID, actor: UUID, product_id: UUID, key: str | None) -> UUID:
    """Ask a second person to publish the draft as it stands; answers the approval.

    Raises:
        ProductNotFound, NoDraft
    """

    def fn(tx: Tx) -> tuple[str, UUID]:
        found = _draft(tx, product_id)
        approval_id = approvals.request(
            tx, _subject(found), maker=actor, permission=Permission.LENDING_DECIDE, read_permission=Permission.LENDING_READ,
            expires_in=_TO_DECIDE,
        )  # fmt: skip
        audit.about(tx, after=document(found), product=str(product_id), version=found.version)
        return "approval", approval_id

    return _command(tenant, actor, "POST /v1/loan-products/{id}/publish", key, fn, id=str(product_id)).id


def retire(*, tenant: UUID, actor: UUID, product_id: UUID, number: int, key: str | None) -> None:
    """Make no more loans under a version, or give a draft up. Loans that run keep it.

    Raises:
        ProductNotFound, ProductNotOffered
    """

    def fn(tx: Tx) -> tuple[str, UUID]:
        _locked(tx, product_id)
        found = version(tx, product_id, number)
        if found.status is _S.RETIRED:
            raise ProductNotOffered
        if found.status is _S.DRAFT:
            approvals.void(tx, kind=KIND, resource_id=product_id, reason="given up")
        _retire(tx, found, replaced=False)
        audit.about(tx, before={"status": found.status}, after={"status": _S.RETIRED}, version=number)
        return "loan_product", product_id

    _command(tenant, actor, "POST /v1/loan-products/{id}/retire", key, fn, id=str(product_id), version=number)


# What a second person's yes does -------------------------------------------------------------------------------------------------


def carry_out(tx: Tx, *, product_id: UUID, approval_id: UUID) -> None:
    """Publish what was agreed to, if it is still that. Step of the engine."""
    if not queries.lock(tx, product_id):
        return
    found = queries.draft(tx, product_id)
    if found is None:
        return
    checker = approvals.granted(tx, approval_id, _subject(found))
    if checker is None:
        return
    publish(tx, found, by=checker)
    approvals.carried_out(tx, approval_id)


def publish(tx: Tx, found: ProductVersion, *, by: UUID) -> None:
    """The draft is the product from now on, and the version before it takes no new loans. Step."""
    older = queries.published(tx, found.id)
    if older is not None:
        _retire(tx, older, replaced=True)
    moved = queries.move(tx, found.id, found.version, start=_S.DRAFT, to=_S.PUBLISHED)
    assert moved, "the versions of the product are locked"
    if found.terms.rate_mode is RateMode.FLOATING:
        line = queries.funding_line(tx, found.funding_line_id)
        assert line is not None, "lines are never deleted"
        queries.begin_index(tx, found.id, today=tx.now.date(), rate=line.rate + found.terms.spread)
    outbox.publish(tx, ProductPublished(found.id, found.version, found.name, found.asset), key=str(found.id))
    audit.record(
        tx, "loan_product.published", kind="loan_product", resource=found.id, after=document(found), actor=by,
        version=found.version, name=found.name,
    )  # fmt: skip


def ensure(tenant: UUID, wish: Wish) -> None:
    """Publish on nobody's account what is not there yet: for demo data, which no second person looks at.

    Raises:
        DomainError: what `checks.faults` finds.
    """
    around = _fitting(tenant, wish, None)
    with db.transaction(tenant=tenant) as tx:
        if queries.named(tx, wish.name) is not None:
            return
        product_id = uuid7()
        queries.insert(tx, product_id=product_id, number=1, wish=wish, line=_line(around).id, actor=SYSTEM)
        publish(tx, version(tx, product_id, 1), by=SYSTEM)


# Pieces --------------------------------------------------------------------------------------------------------------------------


def document(product: ProductVersion) -> dict[str, Any]:
    """Everything that a version promises, in texts: what a second person agrees to."""
    wishes = [
        CollateralWish(asset=one.asset, lines=one.lines, haircut=one.haircut, asset_cap=one.asset_cap)
        for one in product.collaterals.values()
    ]
    return plain(
        Wish(
            name=product.name,
            asset=product.asset,
            funding_line_id=product.funding_line_id,
            terms=product.terms,
            collaterals=wishes,
        )
    )


def plain(wish: Wish) -> dict[str, Any]:
    """The same of what somebody typed."""
    return {
        "name": wish.name,
        "asset": wish.asset,
        "funding_line": None if wish.funding_line_id is None else str(wish.funding_line_id),
        "collateral": {one.asset: _plain_collateral(one) for one in wish.collaterals},
        "terms": wish.terms.document(),
    }


def _plain_collateral(one: CollateralWish) -> dict[str, Any]:
    lines: Lines = one.lines
    numbers = {name: getattr(lines, name) for name in ("pledge", "warning", "displayed", "actual", "hard")}
    return {
        "basis": lines.basis.value,
        **{name: canonical(number) for name, number in numbers.items()},
        "haircut": canonical(one.haircut),
        "asset_cap": None if one.asset_cap is None else canonical(one.asset_cap),
    }


def _subject(product: ProductVersion) -> Subject:
    return Subject(kind=KIND, resource_id=product.id, summary=document(product), version=product.version)


def _fitting(tenant: UUID, wish: Wish, product_id: UUID | None) -> Surroundings:
    """Whether there is such a product comes before what is wrong with the wish."""
    if product_id is not None:
        with db.read_only(tenant=tenant) as tx:
            if not queries.last_version(tx, product_id):
                raise ProductNotFound
    around = _surroundings(tenant, wish)
    refuse([*checks.faults(wish, around), *_index_faults(tenant, wish, product_id, around)])
    return around


def _index_faults(tenant: UUID, wish: Wish, product_id: UUID | None, around: Surroundings) -> list[Fault]:
    """All floating versions of a product share one index of rates: another spread would be charged to the loans of those before, too."""
    if product_id is None or around.line is None or wish.terms.rate_mode is not RateMode.FLOATING:
        return []
    with db.read_only(tenant=tenant) as tx:
        told = queries.stories(tx, only_published=False)
        known = [one for one in queries.versions(tx, only_published=False) if one.id == product_id]
    mine = (wish.terms.spread, wish.terms.day_count, around.line.id)
    for one in known:
        theirs = (one.terms.spread, one.terms.day_count, one.funding_line_id)
        if told[one.id, one.version].published_at and one.terms.rate_mode is RateMode.FLOATING and theirs != mine:
            text = "the loans of earlier versions float by the same index: make a new product for another spread, day count or funding line"
            return [Fault("terms.spread", TermsDoNotFit(text))]
    return []


def _surroundings(tenant: UUID, wish: Wish) -> Surroundings:
    """Read before the transaction: markets and scales never shrink, and a line keeps its asset."""
    markets = frozenset(market.symbol for market in instruments.list_markets())
    with db.read_only(tenant=tenant) as tx:
        named = wish.funding_line_id
        line = queries.only_line(tx, wish.asset) if named is None else queries.funding_line(tx, named)
        return Surroundings(dict(assets.all_assets()), markets, line)


def _line(around: Surroundings) -> FundingLine:
    if around.line is None:
        raise FundingLineUnfit
    return around.line


def _locked(tx: Tx, product_id: UUID) -> int:
    newest = queries.lock(tx, product_id)
    if not newest:
        raise ProductNotFound
    return newest


def _draft(tx: Tx, product_id: UUID) -> ProductVersion:
    _locked(tx, product_id)
    found = queries.draft(tx, product_id)
    if found is None:
        raise NoDraft
    return found


def _retire(tx: Tx, found: ProductVersion, *, replaced: bool) -> None:
    moved = queries.move(tx, found.id, found.version, start=found.status, to=_S.RETIRED)
    assert moved, "the versions of the product are locked"
    outbox.publish(tx, ProductRetired(found.id, found.version, replaced), key=str(found.id))


def _command(tenant: UUID, actor: UUID, route: str, key: str | None, fn: Any, **body: Any) -> Outcome:
    print_ = commands.fingerprint(body)
    return commands.run(tenant=tenant, principal=actor, route=route, key=key, fingerprint=print_, fn=fn)
