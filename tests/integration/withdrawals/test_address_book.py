"""Addresses: named with a proof, used after a delay, removed at once, each customer's own."""

import threading
from datetime import datetime, timedelta

import pytest

from kernel.ids import uuid7
from tests.ledger_books import as_engine
from tests.withdrawal_desk import address
from wallet_bridge.address_book import rules


def problem(answer):
    return answer.status_code, answer.json()["code"]


def test_an_address_is_used_after_the_delay_of_the_house(desk):
    anna = desk.customer("100")
    made = anna.add(label=" My\u200b  cold\nwallet ")
    assert made.status_code == 201, made.text
    entry = made.json()
    assert (entry["status"], entry["label"]) == ("waiting", "My cold wallet")
    span = datetime.fromisoformat(entry["active_from"]) - datetime.fromisoformat(entry["created_at"])
    assert span == timedelta(hours=24)
    early = anna.withdraw("10", entry["id"])
    assert (problem(early), early.json()["active_from"]) == (
        (409, "address_not_active"),
        entry["active_from"].replace("Z", "+00:00"),
    )
    with as_engine(desk.house.database, later=timedelta(hours=24)):
        pass
    assert [one["status"] for one in anna.ask("GET", "/address-book").json()["items"]] == ["active"]
    assert anna.made("10", entry["id"])["address"] == entry["address"]


def test_it_is_added_once_told_of_and_removed_at_once(desk):
    anna, to = desk.customer("100"), address()
    key = str(uuid7())
    first = anna.add(to, **{"Idempotency-Key": key})
    again = anna.add(to, **{"Idempotency-Key": key})
    assert (first.status_code, again.status_code, first.json()["id"]) == (201, 200, again.json()["id"])
    assert problem(anna.add(to.upper().replace("0X", "0x"))) == (409, "address_known")
    facts = [fact for fact in desk.told("wallet.address_added.v1") if fact["customer_id"] == str(anna.id)]
    assert [(fact["address"], fact["label"]) for fact in facts] == [(to, "Mine")]
    for _ in range(2):
        gone = anna.ask("DELETE", f"/address-book/{first.json()['id']}")
        assert (gone.status_code, gone.json()["status"]) == (200, "removed")
    assert anna.ask("GET", "/address-book").json()["items"] == []
    assert anna.add(to).status_code == 201


def test_a_book_is_its_owners(desk):
    anna, bert = desk.customer("0"), desk.customer("0")
    to = anna.add().json()["id"]
    assert problem(bert.ask("DELETE", f"/address-book/{to}")) == (404, "address_not_found")
    assert bert.ask("GET", "/address-book").json()["items"] == []
    assert [one["id"] for one in anna.ask("GET", "/address-book").json()["items"]] == [to]


def test_a_book_holds_so_many_and_no_more_however_they_come(desk, monkeypatch):
    monkeypatch.setattr(rules, "MOST", 3)
    anna, answers = desk.customer("0"), []
    threads = [threading.Thread(target=lambda: answers.append(anna.add().status_code)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [201] * 3 + [409] * 5
    assert problem(anna.add()) == (409, "address_book_full")


@pytest.mark.parametrize(
    ("body", "refused"),
    [
        ({"address": "0x1234"}, (400, "address_invalid")),
        ({"address": "0x" + "0" * 40}, (400, "address_invalid")),
        ({"address": "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"}, (400, "address_invalid")),
        ({"address": "0x" + "g" * 40}, (400, "address_invalid")),
        ({"memo": "77"}, (400, "memo_not_taken")),
        ({"network": "nowhere"}, (422, "network_unknown")),
        ({"label": "\u200b\u200b"}, (400, "invalid_request")),
        ({"label": ""}, (400, "invalid_request")),
        ({"address": "a b"}, (400, "invalid_request")),
        ({"more": 1}, (400, "invalid_request")),
    ],
)
def test_what_is_no_address_is_refused(desk, body, refused):
    anna = desk.customer("0")
    given = {"network": "ethereum", "address": address(), "label": "Mine"} | body
    assert problem(anna.ask("POST", "/address-book", given)) == refused


def test_a_network_of_memos_needs_one(desk):
    desk.offer(network="memos", memo_required=True)
    anna, to = desk.customer("0"), address()
    assert problem(anna.add(to, network="memos")) == (400, "memo_required")
    assert anna.add(to, network="memos", memo="77").status_code == 201
    assert anna.add(to, network="memos", memo="78").status_code == 201, "another memo is another receiver"
    assert problem(anna.add(to, network="memos", memo="77")) == (409, "address_known")


@pytest.mark.parametrize(
    ("kind", "given", "plain"),
    [
        ("evm", "0x52908400098527886E0F7030069857D2E4169EE7", "0x52908400098527886e0f7030069857d2e4169ee7"),
        ("utxo", "RLTC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4", "rltc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"),
        ("utxo", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"),
    ],
)
def test_an_address_has_one_spelling(kind, given, plain):
    assert rules.plain(kind, given) == plain


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        ("utxo", "Rltc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"),
        ("utxo", "1A1zP1eP5QGefi2DMPTfTL5SLmv7Div0Na"),
        ("btc", "x"),
    ],
)
def test_what_no_network_of_that_kind_has_is_no_address(kind, given):
    with pytest.raises(rules.AddressInvalid):
        rules.plain(kind, given)
