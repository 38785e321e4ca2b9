"""What a statement says of each kind of entry, those of a sale among them."""

import io
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace

from pypdf import PdfReader

from kernel.ids import uuid7
from lending.desk.queries import Entry
from lending.desk.shown import Gathered
from lending.desk.statement_pdf import as_pdf
from lending.desk.statements import as_csv, statement_of

D = Decimal
AT = datetime(2026, 11, 21, 12, tzinfo=UTC)
OPENED = (
    "opened",
    {"principal": "24000", "paid_out": "23880", "fee": "120", "collateral": {"BTC": "1"}, "asset": "USDT"},
)


def told(*entries):
    loan = SimpleNamespace(asset="USDT")
    rows = [
        Entry(loan_id=uuid7(), seq=n, kind=kind, payload=payload, journal_id=uuid7() if booked else None, at=AT)
        for n, (kind, payload, *unbooked) in enumerate(entries, start=1)
        for booked in [not unbooked]
    ]
    return statement_of(SimpleNamespace(gathered=SimpleNamespace(loan=loan, entries=rows, on=date(2026, 11, 21))))


def test_a_payment_lowers_what_is_left_by_its_principal():
    paid = {"amount": "1010", "principal": "1000", "interest": "10", "fee": "0", "penalty": "0", "left": "23000"}
    made = told(OPENED, ("level_changed", {"from": "HEALTHY", "to": "WARNING"}, "no journal"), ("repayment", paid))
    assert [(row.kind, row.amount, row.principal_left) for row in made.rows] == [
        ("opened", D(23_880), D(24_000)), ("repayment", D(-1_010), D(23_000)),
    ]  # fmt: skip
    assert made.paid == {"principal": D(1_000), "interest": D(10), "fee": 0, "penalty": 0}


def test_an_extension_pays_its_fee_beside_what_was_owed():
    payload = {
        "asset": "USDT", "extension_fee": "24", "fee": "1", "interest": "5", "penalty": "2", "principal": "0", "amount": "32",
    }  # fmt: skip
    row = told(OPENED, ("extended", payload)).rows[-1]
    assert (row.amount, row.fee, row.interest, row.penalty, row.principal_left) == (
        D(-32),
        D(25),
        D(5),
        D(2),
        D(24_000),
    )


def test_a_sale_pays_the_debt_its_fee_and_gives_the_rest_back():
    started = {"liquidation_id": "x", "cause": "line", "owed": {"principal": "24000"}, "collateral": {"BTC": "1"}}
    settled = {
        "proceeds": "24500", "fee": "120", "surplus": "280", "shortfall": "0", "returned": {"BTC": "0.01"},
        "paid": {"principal": "24000", "interest": "100", "fee": "0", "penalty": "0"},
    }  # fmt: skip
    made = told(OPENED, ("liquidation_started", started), ("liquidation_settled", settled))
    begun, end = made.rows[1:]
    assert (begun.amount, begun.collateral, begun.principal_left) == (0, "BTC 1", D(24_000))
    assert (end.amount, end.fee, end.principal_left, end.collateral) == (D(-24_220), D(120), 0, "BTC 0.01")
    assert b"liquidation_settled,USDT,-24220,24000,100,120,0,0,BTC 0.01" in as_csv(made)


def test_a_sale_that_leaves_the_loan_running_has_its_payment_in_an_entry_of_its_own():
    paid = {"principal": "5000", "interest": "0", "fee": "0", "penalty": "0"}
    settled = {
        "proceeds": "5100",
        "paid": paid,
        "fee": "25",
        "surplus": "75",
        "left": "19000",
        "collateral": {"BTC": "0.8"},
    }
    made = told(OPENED, ("repayment", paid | {"amount": "5000"}), ("liquidation_settled", settled))
    assert [(row.amount, row.principal_left) for row in made.rows[1:]] == [(D(-5_000), D(19_000)), (D(-25), D(19_000))]


def test_names_in_chinese_come_out_on_paper():
    """Beside letters of the fixed font, marks that would end a text, and a letter beyond the first 65,536."""
    name = "比特币质押贷款 (活期)\\ – plan 𠮷 É"
    loan = SimpleNamespace(
        id=uuid7(), asset="USDT", rate=D("0.12"), opened_on=date(2026, 1, 2), matures_on=date(2026, 4, 2), status=SimpleNamespace(value="active"),
    )  # fmt: skip
    gathered = SimpleNamespace(loan=loan, product=SimpleNamespace(name=name), rate=D("0.15"))
    shown = SimpleNamespace(gathered=gathered, owed=SimpleNamespace(total=D(24_000)))
    made = told(OPENED)
    made = SimpleNamespace(loan=shown, on=made.on, rows=made.rows, paid=made.paid)
    reader = PdfReader(io.BytesIO(as_pdf(made)))
    text = reader.pages[0].extract_text()
    assert f"Loan {loan.id}: {name}" in text
    assert "15 % a year" in text
    assert "?" not in text
    fonts = reader.pages[0]["/Resources"]["/Font"]
    assert {str(font["/BaseFont"]) for font in fonts.values()} == {"/Courier", "/STSong-Light-UniGB-UTF16-H"}


def test_the_rate_of_a_day_is_none_that_is_only_announced():
    on = date(2026, 11, 21)
    steps = [
        SimpleNamespace(from_day=on + timedelta(days=days), rate=D(rate))
        for days, rate in ((-9, "0.1"), (0, "0.11"), (7, "0.2"))
    ]
    around = {"product": None, "rows": (), "entries": (), "on": on, "sale_owed": None}
    assert Gathered(loan=SimpleNamespace(rate=D("0.1")), steps=steps, **around).rate == D("0.11")
    assert Gathered(loan=SimpleNamespace(rate=D("0.12")), steps=(), **around).rate == D("0.12")
