"""Play money that would become real: no door moves it, and where somebody reaches past the doors, the ledger does not."""

import re
from datetime import timedelta

import psycopg
import pytest

from kernel import db, roles
from kernel.ids import uuid7
from payments.accounts import service as accounts
from payments.accounts.states import AccountKind
from payments.chart import JournalIn, Line, capture_line, move
from payments.errors import AccountDiffers, RealmMismatch
from payments.holds import service as holds
from payments.holds.states import HoldKind
from payments.journal import bulk
from payments.journal import service as journal
from tests.openapi_bodies import SOME_ID, Document
from tests.withdrawal_desk import D

PLAY = {"Rivermouth-Realm": "demo"}
REFUSED = {"realm_not_offered", "real_money_only"}


class Player:
    """A customer with nothing, and a million to play with."""

    def __init__(self, payouts):
        self.payouts, self.person = payouts, payouts.customer("0")
        with self.tx() as tx:
            self.real = accounts.customer(tx, customer_id=self.person.id, asset="USDT")
            self.play = accounts.customer(tx, customer_id=self.person.id, asset="USDT", realm="DEMO")
            bank = accounts.house(
                tx, path="external.deposits", asset="USDT", kind=AccountKind.EXTERNAL, normal_side="debit", realm="DEMO"
            )
            journal.post(tx, [self.journal(move(bank, self.play, D(1_000_000)), realm="DEMO")])

    def tx(self):
        return db.transaction(tenant=self.payouts.house.first)

    def journal(self, lines, realm):
        return JournalIn(key=f"s/play:{uuid7()}", kind="test", lines=lines, realm=realm)

    def nothing_moved(self):
        assert self.person.has() == (0, 0)
        with self.tx() as tx:
            assert accounts.get(tx, self.play, owner=self.person.id, realm="DEMO").posted == 1_000_000


@pytest.fixture
def player(payouts):
    made = Player(payouts)
    yield made
    made.nothing_moved()


# By the doors of the house ---------------------------------------------------------------------------------------------------------


def test_24_no_transfer_of_a_customer_names_an_account_of_the_other_realm(player):
    wish = {"asset": "USDT", "amount": "5"}
    friend = player.payouts.customer("0")
    for ends, headers in (
        ({"to": str(player.real)}, PLAY),
        ({"from": str(player.play), "to": str(player.real)}, PLAY),
        ({"from": str(player.play), "to": friend.email}, {}),
        ({"from": str(player.play), "to": str(player.real)}, {}),
    ):
        answer = player.person.ask("POST", "/transfers", wish | ends, **headers)
        assert (answer.status_code, answer.json()["code"]) == (404, "account_not_found"), (ends, headers)
        batch = player.person.ask("POST", "/transfers:batch", {"mode": "atomic", "items": [wish | ends]}, **headers)
        assert batch.status_code == 409, (ends, headers, batch.text)
    assert friend.has() == (0, 0)


@pytest.mark.parametrize("headers", [{}, PLAY], ids=["as-real", "as-play"])
def test_24_no_transfer_of_staff_either(player, headers):
    path = f"customer:{player.person.id}:USDT"
    for ends in (
        {"from": str(player.play), "to": str(player.real)},
        {"from": str(player.play), "to": path},
        {"from": path, "to": path},
    ):
        body = {"asset": "USDT", "amount": "5", **ends}
        answer = player.payouts.staff("finance@first.example", "POST", "/transfers", body, **headers)
        assert answer.status_code in {400, 404}, answer.text
        assert answer.json()["code"] in {"account_not_found", "same_account"}


SPENT = [
    "/orders", "/orders:batch", "/orders/oco", "/orders/{order_id}/replace", "/quotes", "/quotes/{id}/accept", "/loan-quotes", "/loans",
    "/earn/subscriptions", "/withdrawals",
]  # fmt: skip


@pytest.mark.parametrize("path", SPENT)
def test_24_play_money_buys_nothing_that_is_real(player, path):
    """And real money is not spent by somebody who believes to play."""
    document = Document(player.payouts.house.client.get("/openapi.json").json())
    body = document.body("POST", f"/v1{path}")
    if path == "/loan-quotes":
        body["max"] = True
    answer = player.person.ask("POST", re.sub(r"\{.*\}", SOME_ID, path), body, **PLAY)
    assert (answer.status_code, answer.json()["code"] in REFUSED) == (409, True), answer.text


# Past the doors --------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("realm", ["DEMO", "REAL"])
def test_24_no_journal_has_lines_of_both(player, realm):
    wanted = player.journal(move(player.play, player.real, D(5)), realm)
    with pytest.raises(RealmMismatch), player.tx() as tx:
        journal.post(tx, [wanted])
    assert [one.status for one in journal.post_batch(tenant=player.payouts.house.first, journals=[wanted])] == [
        "realm_mismatch"
    ]
    assert [one.status for one in bulk.post_bulk(player.payouts.house.first, [wanted]).refused] == ["realm_mismatch"]


def test_24_what_is_held_in_play_pays_nobody_real(player):
    def held(tx, **more):
        return holds.open_hold(tx, account_id=player.play, amount=D(5), kind=HoldKind.ORDER, reference="play", **more)

    with pytest.raises(RealmMismatch), player.tx() as tx:
        taken = holds.capture(tx, hold_id=(hold := held(tx)), amount=D(5))
        line = capture_line(taken.account_id, taken.amount, held_delta=taken.held_delta, hold_id=hold)
        journal.post(tx, [player.journal([line, Line(player.real, D(5))], "REAL")])
    with pytest.raises(AccountDiffers), player.tx() as tx:
        held(tx, capture_at=tx.now + timedelta(hours=1), capture_to=player.real)


@pytest.mark.parametrize("role", ["app", "engine"])
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE payments.accounts SET realm = 'REAL' WHERE account_id = %(play)s",
        "UPDATE payments.balances SET posted = posted + 5 WHERE account_id = %(real)s",
        ("INSERT INTO payments.entries (journal_id, line, tenant_id, account_id, asset_id, amount, epoch)"
        " VALUES (uuidv7(), 1, current_setting('app.tenant')::uuid, %(real)s, 1, 5, 1)"),
    ],
)  # fmt: skip
def test_24_no_role_of_the_product_writes_beside_the_ledger(player, role, statement):
    with (
        psycopg.connect(roles.conninfo(getattr(player.payouts.house.database, role))) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute("SELECT set_config('app.tenant', %s, true)", [str(player.payouts.house.first)])
        connection.execute(statement, {"play": player.play, "real": player.real})
