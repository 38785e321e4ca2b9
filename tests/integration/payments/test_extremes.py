"""10^20 with 18 decimals is exact on every way through the house: JSON, both doors of posting, balances, reports, CSV and Parquet.

Anything finer than the asset's scale is refused on each way in. (A float holds 16 digits; these amounts have 39.)
"""

import csv
import json
from decimal import Decimal

import pytest
from pyarrow import parquet
from pydantic import BaseModel

from kernel import db
from kernel.ids import uuid7
from kernel.money import DecimalString
from kernel.settings import settings
from payments.accounts import service as accounts
from payments.accounts.states import AccountKind
from payments.balances import service as balances
from payments.balances.schemas import BalanceOut
from payments.chart import JournalIn, Line, move
from payments.errors import AmountTooFine
from payments.exports import service as exports
from payments.exports.states import Format, What
from payments.imports import service as imports
from payments.imports.states import Format as ImportFormat
from payments.journal import bulk
from payments.reports import service as reports
from payments.statements import service as statements

D = Decimal
GREAT = "100000000000000000000.000000000000000001"
ODD = "-99999999999999999999.123456789012345678"
TINY = "0.000000000000000001"
TOO_FINE = "0.0000000000000000001"


class Body(BaseModel):
    amount: DecimalString


@pytest.fixture
def wei(books, tmp_path, monkeypatch):
    """Accounts of an asset with 18 decimals: somebody's, somebody else's, and the outside."""
    monkeypatch.setenv("RIVERMOUTH_EXPORT_DIR", str(tmp_path))
    settings.cache_clear()
    books.asset("WEI", 18)
    yield books.customer("WEI"), books.customer("WEI"), books.outside("WEI")
    settings.cache_clear()
    books.fold()
    assert books.violations() == set()


def _export(books, what, format_, **rest):
    wanted = exports.Wanted(What(what), Format(format_), **rest)
    export_id = exports.request(
        tenant=books.tenant, by=uuid7(), realm="REAL", wanted=wanted, key=None, fingerprint=b""
    ).id
    exports.run(books.tenant, export_id)
    return exports.file_of(books.tenant, export_id)[1]


@pytest.mark.parametrize("text", [GREAT, TINY, "1" + "0" * 20, "99999999999999999999999999999999999999"])
def test_from_json_to_sql_and_back(books, wei, text):
    account, _, outside = wei
    amount = Body.model_validate_json(json.dumps({"amount": text})).amount
    books.post(*move(outside, account, amount))
    books.fold()
    for read in (books.exact(account)[0], books.row(account)[0]):
        assert Body(amount=read).model_dump_json() == json.dumps({"amount": text}, separators=(",", ":"))
    with books.tx() as tx:
        owner = tx.scalar("SELECT owner FROM payments.accounts WHERE account_id = :id", id=account)
        assert (
            f'"available":"{text}"'
            in BalanceOut.model_validate(balances.of_owner(tx, owner=owner)[0]).model_dump_json()
        )
        assert statements.page(tx, owner=owner).items[0].balance_after == D(text)


def test_sums_and_differences_are_exact(books, wei):
    account, other, outside = wei
    for amount in (GREAT, GREAT, TINY):
        books.post(*move(outside, account, D(amount)))
    books.pay(account, other, ODD[1:])
    books.fold()
    hold = books.hold(account, TINY)
    books.capture(hold, TINY, other)
    left = D("100000000000000000000.876543210987654324")
    assert books.available(account) == left
    assert D(GREAT) * 2 + D(TINY) + D(ODD) - D(TINY) == left
    with db.read_only(tenant=books.tenant, repeatable=True) as tx:
        total = next(t for t in reports.trial_balance(tx, realm="REAL").totals if t.asset == "WEI")
    assert total.balanced
    assert total.credit == D("200000000000000000000.000000000000000003")


def test_through_the_bulk_door_and_a_file_of_json(books, wei):
    account, other, outside = wei
    assert (
        bulk.post_bulk(
            books.tenant, [JournalIn(key="s/great", kind="t", lines=move(outside, account, D(GREAT)))]
        ).posted
        == 1
    )
    line = {"lines": [{"account": account, "amount": "-" + GREAT}, {"account": other, "amount": GREAT}]}
    import_id = imports.send(
        tenant=books.tenant, by=books.staff(), realm="REAL", body=json.dumps(line).encode(), format_=ImportFormat.NDJSON, dry_run=False,
        file_key=None, key=None,
    ).id  # fmt: skip
    imports.run(books.tenant, import_id)
    sha256 = imports.read(books.tenant, import_id).job.sha256
    imports.approve(tenant=books.tenant, by=books.staff(), import_id=import_id, sha256=sha256, key=None)
    imports.run(books.tenant, import_id)
    assert (books.available(account), books.available(other)) == (0, D(GREAT))


def test_into_csv_and_parquet(books, wei):
    account, other, outside = wei
    books.post(*move(outside, account, D(GREAT)))
    books.pay(account, other, ODD[1:])
    amounts = ["-" + GREAT, GREAT, ODD, ODD[1:]]
    with _export(books, "entries", "csv").open() as file:
        assert [row["amount"] for row in csv.DictReader(file)] == amounts
    table = parquet.read_table(_export(books, "entries", "parquet"))
    assert [str(value) for value in table["amount"].to_pylist()] == [str(D(a)) for a in amounts]
    assert str(table.schema.field("amount").type) == "decimal256(76, 18)"
    with _export(books, "statement", "csv", account_id=account).open() as file:
        assert [row["balance_after"] for row in csv.DictReader(file)] == [GREAT, "0.876543210987654323"]
    rest = parquet.read_table(_export(books, "balances", "parquet")).to_pylist()
    assert {row["account_id"]: row["posted"] for row in rest}[account] == D("0.876543210987654323")


def test_the_largest_amounts_add_up_beyond_38_digits(books, wei):
    """One amount is below 10^38; a sum may be larger and must stop neither the fold nor an export."""
    account, _, outside = wei
    largest = D("99999999999999999999999999999999999999.999999999999999999")
    for _ in range(3):
        books.post(*move(outside, account, largest))
    books.fold()
    assert books.row(account)[0] == largest * 3
    path = _export(books, "balances", "parquet")
    assert {row["posted"] for row in parquet.read_table(path).to_pylist()} >= {largest * 3, -largest * 3}


def test_a_finer_amount_is_refused_on_every_way_in(books, wei):
    account, other, outside = wei
    books.post(*move(outside, account, D(GREAT)))
    with pytest.raises(AmountTooFine):
        books.pay(account, other, TOO_FINE)
    with pytest.raises(AmountTooFine):
        books.hold(account, TOO_FINE)
    hold = books.hold(account, "1")
    with pytest.raises(AmountTooFine):
        books.capture(hold, TOO_FINE, other)
    books.void(hold)
    with books.tx() as tx, pytest.raises(AmountTooFine):
        accounts.set_floor(tx, account, floor=-D(TOO_FINE))
    with books.tx() as tx, pytest.raises(AmountTooFine):
        accounts.ensure(tx, path="new:WEI", asset="WEI", kind=AccountKind.HOUSE, guarded=True, floor=-D(TOO_FINE))
    fine = [JournalIn(key="s/fine", kind="t", lines=move(account, other, D(TOO_FINE)))]
    assert [r.status for r in bulk.post_bulk(books.tenant, fine).refused] == ["amount_too_fine"]
    usdt = [JournalIn(key="s/usdt", kind="t", lines=move(books.outside(), books.customer(), D("1.0000001")))]
    assert [r.status for r in bulk.post_bulk(books.tenant, usdt).refused] == ["amount_too_fine"]
    # More digits than the decimal context has: no door may round them away.
    digits = D("10000000000000000000000000000000.000000000000000000000000000001")
    huge = [JournalIn(key="s/huge", kind="t", lines=move(outside, account, digits))]
    assert [r.status for r in bulk.post_bulk(books.tenant, huge).refused] == ["amount_too_fine"]
    uneven = [Line(outside, digits.copy_negate()), Line(account, D("1" + "0" * 31))]
    unequal = [JournalIn(key="s/unequal", kind="t", lines=uneven)]
    assert [r.status for r in bulk.post_bulk(books.tenant, unequal).refused] == ["amount_too_fine"]
    assert books.available(account) == D(GREAT)


@pytest.mark.parametrize(
    "bad", [1e20, 1, True, None, "1e20", "NaN", "Infinity", "-", " 1", "1_0", "1.", "٣", "9" * 39, "0." + "0" * 31]
)
def test_json_numbers_and_other_spellings_are_no_amounts(bad):
    with pytest.raises(ValueError, match="decimal strings"):
        Body.model_validate_json(json.dumps({"amount": bad}))
