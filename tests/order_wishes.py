"""Orders of every type on a desk of tests, and one look of the market's owner at its stops."""

from decimal import Decimal

from broker.book import service as book
from broker.orders import service
from broker.orders.wishes import Wish
from broker.stops.service import Stops
from kernel.ids import uuid7
from markets.instruments import service as instruments
from markets.quotes import service as quotes
from tests.broker_desk import leg, planned

D = Decimal
PRICE = "99970"


def wished(**fields):
    base = {
        "symbol": "BTC-USDT", "side": "sell", "type": "limit", "quantity": "0.5", "quote_quantity": None, "limit_price": None,
        "venue": "best", "time_in_force": "gtc", "expected_price": None, "tolerance": D("0.002"), "client_order_id": None,
    }  # fmt: skip
    made = base | fields
    for name in ("quantity", "quote_quantity", "limit_price", "stop_price", "display_quantity"):
        if made.get(name) is not None:
            made[name] = D(made[name])
    return Wish(**made)


def place(desk, *, fresh=True, **fields):
    if fresh:
        desk.market()
    order_id = uuid7()
    service.place_order(
        tenant=desk.tenant, owner=desk.owner, wish=wished(**fields), order_id=order_id, key=None, fingerprint=b""
    )
    return order_id


def turn(desk, stops=None, **market):
    """The owner of the market looks once; the stops it keeps."""
    if market:
        desk.market(**market)
    view = quotes.load("BTC-USDT")
    with desk.as_engine():
        if stops is None:
            stops = Stops(instruments.get("BTC-USDT"))
            stops.rebuild()
        else:
            stops.follow(instruments.get("BTC-USDT"))
        stops.turn(view)
    return stops


def trigger(desk, *order_ids, quantity="0.5", price="99960"):
    with desk.as_engine():
        return book.trigger(
            tenant=desk.tenant,
            order_ids=list(order_ids),
            plan_of=lambda _o, _w: planned(leg("binance", quantity, price)),
        )
