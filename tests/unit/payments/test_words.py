"""The words in Python are the words in the database."""

import re
from pathlib import Path

import pytest

from payments.accounts.states import ACCOUNT, AccountKind, AccountStatus, Realm
from payments.errors import _BY_CODE
from payments.holds.states import HOLD, HoldKind, HoldState

SCRIPTS = Path(__file__).parents[3] / "migrations" / "sql"
SQL = (SCRIPTS / "0003_payments.sql").read_text()
LATER = {("accounts", "kind"): (SCRIPTS / "0036_lending.sql").read_text()}
"""Where a later script wrote a check anew."""


@pytest.mark.parametrize(
    ("table", "column", "words"),
    [
        ("accounts", "realm", Realm),
        ("accounts", "kind", AccountKind),
        ("accounts", "status", AccountStatus),
        ("journals", "realm", Realm),
        ("holds", "kind", HoldKind),
        ("holds", "state", HoldState),
    ],
)
def test_check_constraints_list_the_same_words(table, column, words):
    body = LATER.get((table, column)) or SQL[SQL.index(f"CREATE TABLE payments.{table} (") :]
    listed = re.search(rf"CHECK \({column} IN\s*\(([^)]*)\)", body).group(1)
    assert set(re.findall(r"'(\w+)'", listed)) == {word.value for word in words}


def test_every_refusal_of_the_functions_has_an_error():
    refused = set(re.findall(r"SELECT '(\w+)', NULL", SQL)) | set(re.findall(r"RETURN '(\w+)'", SQL))
    refused |= set(re.findall(r"THEN '(\w+)'\n", SQL)) & {
        "unbalanced",
        "realm_mismatch",
        "hold_mismatch",
        "account_not_found",
    }
    refused |= {"account_closed", "account_frozen", "exists_different", "insufficient_funds"}
    assert refused - {"ok"} <= set(_BY_CODE)
    assert {
        "hold_not_open",
        "amount_too_fine",
        "capture_exceeds_hold",
    } <= refused  # the expression above finds something


def test_a_closed_account_and_an_ended_hold_stay_so():
    assert ACCOUNT.terminal == {AccountStatus.CLOSED}
    assert HOLD.terminal == {HoldState.CAPTURED, HoldState.VOIDED, HoldState.EXPIRED}
