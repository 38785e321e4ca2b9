"""Files of journals: what is read, what is wrong with a row, and what is no such file at all."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from payments.imports.errors import InvalidImport
from payments.imports.rules import LONGEST_TEXT, MOST_LEGS, read
from payments.imports.states import Format

D = Decimal


def _csv(*lines):
    return read("\n".join(lines).encode(), Format.CSV)


def _ndjson(*lines):
    return read("\n".join(lines).encode(), Format.NDJSON)


def test_a_csv_of_journals():
    rows = _csv(
        "journal,account,amount,kind,effective_at,memo",
        "a,12,-1.50,payout,2026-01-01T00:00:00+08:00,March",
        'a,customer:1:USDT,1.5,,,"March"',
        "b,external.deposits:USDT,-100000000000000000000.000000000000000001,,,",
        "b,7,100000000000000000000.000000000000000001,,,",
    )
    assert [(r.row, r.at_line, r.kind, r.fault) for r in rows] == [(1, 2, "payout", None), (2, 4, "journal", None)]
    assert rows[0].accounts == ["12", "customer:1:USDT"]
    assert rows[0].amounts == [D("-1.5"), D("1.5")]
    assert rows[0].effective_at == datetime(2025, 12, 31, 16, tzinfo=UTC)
    assert rows[0].meta == {"memo": "March"}
    assert str(rows[1].amounts[1]) == "100000000000000000000.000000000000000001"


def test_an_ndjson_of_journals():
    rows = _ndjson(
        '{"kind": "payout", "memo": "x", "meta": {"ref": "9"}, "lines": [{"account": 1, "amount": "-1"}, {"account": "p", "amount": "1"}]}',
        "",
        '{"lines": []}',
    )
    assert [(r.row, r.at_line, r.kind, r.meta, r.fault) for r in rows] == [
        (1, 1, "payout", {"memo": "x", "ref": "9"}, None),
        (2, 3, "journal", {}, None),
    ]
    assert rows[0].accounts == ["1", "p"]


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("not json", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[]", "object"),
        ('{"lines": 1}', "object"),
        ('{"lines": [], "lines": []}', "twice"),
        ('{"lines": [], "hold": 1}', "hold"),
        ('{"lines": [{"account": 1}]}', "account and an amount"),
        ('{"lines": [{"account": true, "amount": "1"}]}', "account"),
        ('{"lines": [{"account": -1.5, "amount": "1"}]}', "account"),
        ('{"lines": [{"account": 99999999999999999999, "amount": "1"}]}', "account"),
        ('{"lines": [{"account": "", "amount": "1"}]}', "account"),
        ('{"lines": [{"account": "x\\u0000", "amount": "1"}]}', "account"),
        ('{"lines": [{"account": "\\ud800", "amount": "1"}]}', "half"),
        ('{"lines": [{"account": 1, "amount": 1.5}]}', "decimal strings"),
        ('{"lines": [{"account": 1, "amount": "NaN"}]}', "decimal strings"),
        ('{"lines": [{"account": 1, "amount": "1e5"}]}', "decimal strings"),
        ('{"lines": [{"account": 1, "amount": "' + "9" * 39 + '"}]}', "decimal strings"),
        ('{"lines": [], "kind": "Refund!"}', "kind"),
        ('{"lines": [], "effective_at": "2026-01-01T00:00:00"}', "UTC"),
        ('{"lines": [], "effective_at": "soon"}', "time"),
        ('{"lines": [], "effective_at": "0001-01-01T00:00:00+14:00"}', "9999"),
        ('{"lines": [], "memo": "' + "x" * (LONGEST_TEXT + 1) + '"}', "memo"),
        ('{"lines": [], "meta": {"a": 1}}', "meta"),
        ('{"lines": [], "meta": [1]}', "meta"),
        ('{"lines": [' + ",".join(['{"account": 1, "amount": "1"}'] * (MOST_LEGS + 1)) + "]}", "at most"),
    ],
)
def test_a_wrong_row_is_kept_with_its_fault(line, word):
    good = '{"lines": [{"account": 1, "amount": "1"}]}'
    rows = _ndjson(good, line, good)
    assert [r.fault is None for r in rows] == [True, False, True]
    assert word in rows[1].fault
    assert rows[1].accounts == []


def test_wrong_rows_of_csv():
    rows = _csv(
        "journal,account,amount,kind", "a,1,1,x", "a,2,-1,y", "b,1,ten,", "c,1,1", "d,1,1,,,", ",1,1,x", "e,1,1,"
    )
    faults = [r.fault and r.fault.split()[0] for r in rows]
    assert faults == ["the", "write", "the", "the", "a", None]


@pytest.mark.parametrize(
    "body",
    [
        b"", b"\n\n", b"journal,account,amount\n", b"journal,account\n1,2\n", b"journal,account,amount,colour\n1,2,3,4\n",
        b"journal,account,amount,amount\n1,2,3,4\n", b"\xff\xfe", b"journal,account,amount\n1,2,\x00\n", b'journal,account,amount\n"1,2,3\n',
    ],
)  # fmt: skip
def test_what_is_no_file_of_journals(body):
    with pytest.raises(InvalidImport):
        read(body, Format.CSV)
