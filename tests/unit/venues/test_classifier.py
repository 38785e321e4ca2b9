"""Every row of the table that decides whether an order can exist, and that everything unlisted is unknown."""

import json

import ccxt
import pytest

from venues.errors import Reply, Verdict, classify, says_absent
from venues.gateway import Refused, Unknown


def binance(code, text="x"):
    return json.dumps({"code": int(code), "msg": text})


def kraken(text):
    return json.dumps({"error": [text]})


def okx(code, *, item=True):
    if item:
        return json.dumps({"code": "1", "msg": "", "data": [{"sCode": code, "sMsg": "x", "ordId": ""}]})
    return json.dumps({"code": code, "msg": "x", "data": []})


def bitfinex(code, text="x"):
    return json.dumps(["error", int(code), text])


N, R, D, U = Verdict.NOT_ACCEPTED, Verdict.REJECTED, Verdict.DUPLICATE, Verdict.UNKNOWN
FUNDS = "insufficient"

# venue, HTTP status, body, what the library raises, verdict
TABLE = [
    ("binance", 429, binance(-1003), ccxt.DDoSProtection, N),
    ("binance", 418, "banned", ccxt.DDoSProtection, N),
    ("binance", 400, binance(-1003), ccxt.RateLimitExceeded, N),
    ("binance", 400, binance(-1015), ccxt.DDoSProtection, N),
    ("binance", 400, binance(-1021), ccxt.InvalidNonce, N),
    ("binance", 400, binance(-1022), ccxt.AuthenticationError, N),
    ("binance", 401, binance(-2015), ccxt.AuthenticationError, N),
    (
        "binance",
        400,
        binance(-2010, "Account has insufficient balance for requested action."),
        ccxt.InsufficientFunds,
        FUNDS,
    ),
    ("binance", 400, binance(-2010, "Duplicate order sent."), ccxt.InvalidOrder, D),
    ("binance", 400, binance(-2010, "Market is closed."), ccxt.MarketClosed, R),
    ("binance", 400, binance(-2010, "Order would immediately match and take."), ccxt.OrderImmediatelyFillable, R),
    ("binance", 400, binance(-2010, "a text of next year"), ccxt.ExchangeError, U),
    ("binance", 400, binance(-1013, "Filter failure: LOT_SIZE"), ccxt.InvalidOrder, R),
    ("binance", 400, binance(-1013, "Filter failure: NOTIONAL"), ccxt.BadRequest, R),
    ("binance", 400, binance(-1121, "Invalid symbol."), ccxt.BadSymbol, R),
    ("binance", 400, binance(-1000), ccxt.OperationFailed, U),
    ("binance", 400, binance(-1001), ccxt.OperationFailed, U),
    ("binance", 400, binance(-1006), ccxt.OperationFailed, U),
    ("binance", 503, binance(-1007), ccxt.RequestTimeout, U),
    ("binance", 503, binance(-1008), ccxt.ExchangeError, U),
    ("binance", 400, binance(-1016), ccxt.BadRequest, U),
    ("binance", 403, "<html>firewall</html>", ccxt.ExchangeNotAvailable, U),
    ("binance", 500, "", ccxt.ExchangeNotAvailable, U),
    ("binance", 502, "", ccxt.ExchangeNotAvailable, U),
    ("binance", 504, "", ccxt.RequestTimeout, U),
    ("kraken", 200, kraken("EAPI:Rate limit exceeded"), ccxt.DDoSProtection, N),
    ("kraken", 200, kraken("EOrder:Rate limit exceeded"), ccxt.DDoSProtection, N),
    ("kraken", 200, kraken("EAPI:Invalid nonce"), ccxt.InvalidNonce, N),
    ("kraken", 200, kraken("EAPI:Invalid signature"), ccxt.ExchangeError, N),
    ("kraken", 200, kraken("EGeneral:Temporary lockout"), ccxt.DDoSProtection, N),
    ("kraken", 200, kraken("EOrder:Insufficient funds"), ccxt.InsufficientFunds, FUNDS),
    ("kraken", 200, kraken("EOrder:Order minimum not met"), ccxt.InvalidOrder, R),
    ("kraken", 200, kraken("EOrder:Cost minimum not met"), ccxt.ExchangeError, R),
    ("kraken", 200, kraken("EOrder:Tick size check failed"), ccxt.ExchangeError, R),
    ("kraken", 200, kraken("EOrder:cl_ord_id is already in use"), ccxt.ExchangeError, D),
    ("kraken", 200, kraken("EService:Market in cancel_only mode"), ccxt.OnMaintenance, R),
    ("kraken", 200, kraken("EService:Market in post_only mode"), ccxt.OnMaintenance, R),
    ("kraken", 200, kraken("EService:Market in limit_only mode"), ccxt.ExchangeError, R),
    ("kraken", 200, kraken("EService:Timeout"), ccxt.ExchangeError, U),
    ("kraken", 200, kraken("EService:Deadline elapsed"), ccxt.ExchangeError, U),
    ("kraken", 200, kraken("EService:Unavailable"), ccxt.ExchangeNotAvailable, U),
    ("kraken", 200, kraken("EService:Busy"), ccxt.ExchangeNotAvailable, U),
    ("kraken", 200, kraken("EGeneral:Internal error"), ccxt.ExchangeNotAvailable, U),
    ("okx", 429, okx("50011", item=False), ccxt.RateLimitExceeded, N),
    ("okx", 200, okx("50061"), ccxt.ExchangeError, N),
    ("okx", 401, okx("50102", item=False), ccxt.InvalidNonce, N),
    ("okx", 200, okx("50111", item=False), ccxt.AuthenticationError, N),
    ("okx", 200, okx("50113", item=False), ccxt.AuthenticationError, N),
    ("okx", 200, okx("51008"), ccxt.InsufficientFunds, FUNDS),
    ("okx", 200, okx("51119"), ccxt.InsufficientFunds, FUNDS),
    ("okx", 200, okx("51131"), ccxt.InsufficientFunds, FUNDS),
    ("okx", 200, okx("51016"), ccxt.InvalidOrder, D),
    ("okx", 200, okx("51006"), ccxt.InvalidOrder, R),
    ("okx", 200, okx("51020"), ccxt.InvalidOrder, R),
    ("okx", 200, okx("50001", item=False), ccxt.OnMaintenance, U),
    ("okx", 200, okx("50004", item=False), ccxt.RequestTimeout, U),
    ("okx", 200, okx("50013", item=False), ccxt.ExchangeNotAvailable, U),
    ("okx", 200, okx("50026", item=False), ccxt.ExchangeNotAvailable, U),
    ("okx", 200, okx("51149"), ccxt.ExchangeError, U),
    ("bitfinex", 500, bitfinex(10100, "apikey: invalid"), ccxt.AuthenticationError, N),
    ("bitfinex", 500, bitfinex(10114, "nonce: small"), ccxt.InvalidNonce, N),
    ("bitfinex", 500, bitfinex(11010, "ratelimit: error"), ccxt.RateLimitExceeded, N),
    (
        "bitfinex",
        500,
        bitfinex(10001, "Invalid order: not enough exchange balance for 1 BTC"),
        ccxt.InsufficientFunds,
        FUNDS,
    ),
    ("bitfinex", 500, bitfinex(10001, "Invalid order: minimum size for BTCUST is 0.00004"), ccxt.PermissionDenied, R),
    ("bitfinex", 500, bitfinex(10001, "temporarily_unavailable"), ccxt.PermissionDenied, U),
    ("bitfinex", 500, bitfinex(20060, "maintenance"), ccxt.OnMaintenance, U),
    ("bitfinex", 500, bitfinex(10020, "field: invalid"), ccxt.BadRequest, U),
    ("bitfinex", 500, bitfinex(11000, "not ready"), ccxt.ExchangeError, U),
]


@pytest.mark.parametrize(("venue", "status", "body", "raised", "wanted"), TABLE)
def test_table(venue, status, body, raised, wanted):
    got = classify(venue, error=raised(f"{venue} {body}"), reply=Reply(status, body), sent=True)
    assert got.verdict is (R if wanted == FUNDS else wanted)
    assert got.insufficient_funds is (wanted == FUNDS)
    if got.verdict in {U, D}:
        assert isinstance(got.outcome(), Unknown)
    else:
        assert isinstance(got.outcome(), Refused)


@pytest.mark.parametrize("venue", ["binance", "kraken", "okx", "bitfinex"])
class TestEveryVenue:
    @pytest.mark.parametrize("error", [TypeError("x"), KeyError("x"), ValueError("x"), OSError("x"), RuntimeError("x")])
    def test_foreign_exception_is_unknown_even_with_a_listed_body(self, venue, error):
        reply = Reply(429, kraken("EOrder:Insufficient funds"))
        assert classify(venue, error=error, reply=reply, sent=True).verdict is U

    @pytest.mark.parametrize(
        "error",
        [ccxt.RequestTimeout, ccxt.NetworkError, ccxt.ExchangeNotAvailable, ccxt.BadResponse, ccxt.NullResponse],
    )
    def test_no_answer_is_unknown(self, venue, error):
        assert classify(venue, error=error("x"), reply=None, sent=True).verdict is U

    def test_nothing_on_the_wire_was_never_sent(self, venue):
        got = classify(venue, error=ccxt.InvalidOrder("too small"), reply=None, sent=False).outcome()
        assert isinstance(got, Refused)
        assert got.never_sent

    def test_rate_limit_carries_retry_after(self, venue):
        got = classify(venue, error=ccxt.DDoSProtection("x"), reply=Reply(429, "", 7.0), sent=True).outcome()
        assert got == Refused(reason="not_accepted", code="429", text="DDoSProtection: x", retry_after_s=7.0)

    def test_an_answer_without_an_order_is_unknown(self, venue):
        assert classify(venue, error=None, reply=Reply(200, "{}"), sent=True).verdict is U


def test_a_refusal_hidden_in_a_successful_answer_is_read():
    body = json.dumps({"code": "2", "data": [{"sCode": "51008", "sMsg": "Insufficient balance"}]})
    got = classify("okx", error=None, reply=Reply(200, body), sent=True)
    assert got.insufficient_funds


def test_only_the_venues_own_code_means_absent():
    assert says_absent("binance", Reply(400, binance(-2013, "Order does not exist.")))
    assert says_absent("okx", Reply(200, okx("51603", item=False)))
    assert not says_absent("binance", Reply(400, binance(-2011)))
    assert not says_absent("binance", Reply(404, "not found"))
    assert not says_absent("kraken", Reply(200, kraken("EOrder:Unknown order")))
    assert not says_absent("okx", None)
