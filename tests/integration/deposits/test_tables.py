"""What the tables themselves refuse, and what of a customer's money is not settled."""

from decimal import Decimal

import psycopg
import pytest

from kernel import db
from kernel.ids import uuid7
from wallet_bridge.deposits import service

D = Decimal
_INSERT = """
    INSERT INTO wallet_bridge.deposits (tenant_id, id, customer_id, network, txid, output, asset, amount, address, status, height, block,
                                        confirmations, confirmations_to_credit, confirmations_to_final, seq, place, booked, journal_id,
                                        seen_at, updated_at)
    VALUES (%(tenant)s, gen_random_uuid(), %(customer)s, 'anvil', %(txid)s, 0, %(asset)s, %(amount)s, '0xaa', %(status)s, 1, '0xbb',
            3, 3, 6, 1, %(place)s, %(booked)s, CASE WHEN CAST(%(place)s AS text) IS NULL THEN NULL ELSE gen_random_uuid() END, now(), now())"""


def arrived(books, customer, status, amount, *, asset="USDT", place=None, txid=None, tenant=None):
    given = {
        "tenant": tenant or books.tenant, "customer": customer, "txid": txid or str(uuid7()), "asset": asset, "amount": amount,
        "status": status, "place": place, "booked": amount if place else 0,
    }  # fmt: skip
    books.engine.execute(_INSERT, given)


def test_only_what_is_credited_and_not_final_is_unsettled(books):
    customer = uuid7()
    arrived(books, customer, "credited", "5", place="customer")
    arrived(books, customer, "credited", "0.5", place="customer")
    arrived(books, customer, "final", "70", place="customer")
    arrived(books, customer, "confirming", "900")
    arrived(books, customer, "credited", "11", place="customer", asset="BTC")
    arrived(books, uuid7(), "credited", "13", place="customer")
    arrived(books, customer, "credited", "17", place="customer", tenant=uuid7())
    with db.read_only(tenant=books.tenant) as tx:
        assert service.unsettled(tx, customer_id=customer, asset="USDT") == D("5.5")
        assert service.unsettled(tx, customer_id=customer, asset="ETH") == 0


def test_an_output_has_one_row_whatever_the_house(books):
    arrived(books, uuid7(), "seen", "5", txid="0x01")
    with pytest.raises(psycopg.errors.UniqueViolation):
        arrived(books, uuid7(), "seen", "5", txid="0x01", tenant=uuid7())


@pytest.mark.parametrize(
    ("status", "place"),
    [("credited", None), ("credited", "held"), ("final", None), ("seen", "customer"), ("held", "customer")],
)
def test_what_the_status_says_and_where_the_books_have_it_agree(books, status, place):
    with pytest.raises(psycopg.errors.CheckViolation):
        arrived(books, uuid7(), status, "5", place=place)
