"""Between whom: turns what a caller wrote into two accounts of the caller's tenant and realm.

Customers pay out of their own accounts into accounts of customers; staff may name any account. A party is written as an account's number,
a customer's e-mail, a customer's id, or (staff) an account's path. What a caller may not use does not exist for that caller.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from identity import service as identity
from kernel.db import Tx
from kernel.errors import DomainError, InvalidRequest
from kernel.money import fits_scale
from payments.accounts import service as accounts
from payments.accounts.states import AccountKind
from payments.assets import service as assets
from payments.errors import AccountNotFound, AmountTooFine
from payments.transfers import queries
from payments.transfers.errors import AssetMismatch, SameAccount
from payments.transfers.queries import AccountRow

_MAX_ID = 2**63


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Who asks. `staff` may name any account, and needs a second person."""

    tenant: UUID
    id: UUID
    staff: bool
    realm: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A transfer as its caller wrote it; without `source` it comes out of the caller's own account of the asset."""

    source: str | None
    target: str
    asset: str
    amount: Decimal
    memo: str | None = None
    metadata: dict[str, str] | None = None
    effective_at: datetime | None = None
    execute_at: datetime | None = None
    linked: bool = False


@dataclass(frozen=True, slots=True)
class Parties:
    from_account: int
    to_account: int


def resolve(tx: Tx, asker: Asker, wishes: Sequence[Wish]) -> list[Parties | DomainError]:
    """Both accounts of each wish, or why there are none; opens a customer's account that does not exist yet."""
    book = _Book(tx, asker)
    book.load(ref for wish in wishes for ref in (wish.source, wish.target) if ref is not None)
    return [_attempt(book, wish) for wish in wishes]


def resolve_one(tx: Tx, asker: Asker, wish: Wish) -> Parties:
    found = resolve(tx, asker, [wish])[0]
    if isinstance(found, DomainError):
        raise found
    return found


def _attempt(book: _Book, wish: Wish) -> Parties | DomainError:
    try:
        parties = Parties(book.source(wish), book.target(wish))
    except DomainError as refusal:
        return refusal
    if parties.from_account == parties.to_account:
        return SameAccount()
    # What waits for a day or a second person is not put before the ledger now, and would be refused only then.
    return parties if fits_scale(wish.amount, assets.scale(wish.asset)) else AmountTooFine()


class _Book:
    """Accounts and customers of one request, each read once."""

    def __init__(self, tx: Tx, asker: Asker) -> None:
        self._tx = tx
        self._asker = asker
        self._by_id: dict[int, AccountRow] = {}
        self._by_path: dict[str, AccountRow] = {}
        self._customers: dict[str, UUID | None] = {}

    def load(self, refs: Iterable[str]) -> None:
        wanted = set(refs)
        numbers = [int(ref) for ref in wanted if _is_number(ref) and int(ref) < _MAX_ID]
        paths = [ref for ref in wanted if self._asker.staff and _is_path(ref)]
        for row in queries.accounts(self._tx, realm=self._asker.realm, ids=numbers, paths=paths):
            self._by_id[row.account_id] = self._by_path[row.path] = row

    def source(self, wish: Wish) -> int:
        if wish.source is None:
            if self._asker.staff:
                raise InvalidRequest("from: staff name the account that pays")
            return self._own(wish.asset)
        row = self._account(wish.source)
        if row is None:
            if not self._asker.staff:
                raise AccountNotFound
            return self._of_customer(wish.source, wish.asset)
        if not self._asker.staff and (row.kind != AccountKind.CUSTOMER or row.owner != self._asker.id):
            raise AccountNotFound
        return _with_asset(row, wish.asset)

    def target(self, wish: Wish) -> int:
        row = self._account(wish.target)
        if row is None:
            return self._of_customer(wish.target, wish.asset)
        if not self._asker.staff and row.kind != AccountKind.CUSTOMER:
            raise AccountNotFound  # the house's own books are not for customers
        return _with_asset(row, wish.asset)

    def _own(self, asset: str) -> int:
        return accounts.customer(self._tx, customer_id=self._asker.id, asset=asset, realm=self._asker.realm)

    def _account(self, ref: str) -> AccountRow | None:
        if _is_number(ref):
            row = self._by_id.get(int(ref))
        elif self._asker.staff and _is_path(ref):
            row = self._by_path.get(ref)
        else:
            return None
        if row is None:
            raise AccountNotFound
        return row

    def _of_customer(self, ref: str, asset: str) -> int:
        if ref not in self._customers:
            self._customers[ref] = self._find_customer(ref)
        customer = self._customers[ref]
        if customer is None:
            raise AccountNotFound
        return accounts.customer(self._tx, customer_id=customer, asset=asset, realm=self._asker.realm)

    def _find_customer(self, ref: str) -> UUID | None:
        if "@" in ref:
            found = identity.find_customer_by_email(self._tx, ref)
        else:
            customer_id = _as_uuid(ref)
            found = identity.find_customer(self._tx, customer_id) if customer_id is not None else None
        return found.id if found is not None and found.active else None


def _with_asset(row: AccountRow, asset: str) -> int:
    if row.asset != asset:
        raise AssetMismatch
    return row.account_id


def _is_number(ref: str) -> bool:
    return ref.isascii() and ref.isdigit()


def _is_path(ref: str) -> bool:
    return not _is_number(ref) and "@" not in ref and _as_uuid(ref) is None


def _as_uuid(ref: str) -> UUID | None:
    try:
        return UUID(ref)
    except ValueError:
        return None
