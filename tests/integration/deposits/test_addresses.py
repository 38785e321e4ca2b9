"""A customer's address: one per network, asked of the custodian once, shown when it can be used."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from identity.eligibility.errors import NotEligible
from kernel.ids import uuid7
from kernel.settings import settings
from payments.accounts import service as accounts
from payments.errors import AccountClosed, AccountFrozen
from tests.deposit_books import NETWORK
from wallet_bridge.custody.errors import WalletNotConfigured
from wallet_bridge.custody.refs import Owner, Ref, RefKind
from wallet_bridge.deposit_addresses import errors, service
from wallet_bridge.networks.errors import NetworkUnknown
from wallet_bridge.wire.schemas import AddressOut


@pytest.fixture
def wallet(deposits, monkeypatch):
    monkeypatch.setenv("RIVERMOUTH_CUSTODIAN_URL", "http://127.0.0.1:1")
    settings.cache_clear()
    yield deposits
    settings.cache_clear()


def ask(books, customer, asset="ETH"):
    return service.ask(books.tenant, customer, network=NETWORK, asset=asset)


def asked(books):
    rows = books.engine.execute("SELECT payload FROM kernel.calls WHERE tenant_id = %s", (books.tenant,))
    return [row[0] for row in rows]


def made(books, view, **changed):
    ref = Ref(RefKind.ADDRESS, books.tenant, view.row.id)
    told = {
        "id": uuid7(), "client_ref": str(ref), "owner_ref": str(Owner(books.tenant, view.row.customer_id)),
        "network": NETWORK, "address": "0xnew", "memo": None, "index": 7,
    } | changed  # fmt: skip
    with books.tx() as tx:
        service.Made().made(tx, ref, AddressOut.model_validate(told))


def test_it_is_asked_for_once_and_is_the_same_for_every_asset(wallet):
    wallet.offered(asset="USDT")
    customer = wallet.known_customer()
    with ThreadPoolExecutor(8) as pool:
        views = list(pool.map(lambda n: ask(wallet, customer, ("ETH", "USDT")[n % 2]), range(8)))
    assert len({view.row.id for view in views}) == 1
    assert not any(view.ready for view in views)
    [call] = asked(wallet)
    assert call["owner_ref"] == str(Owner(wallet.tenant, customer))
    made(wallet, views[0])
    made(wallet, views[0], address="0xanother")  # told twice
    ready = ask(wallet, customer)
    assert (ready.ready, ready.row.address) == (True, "0xnew")
    assert len(asked(wallet)) == 1
    with wallet.tx() as tx:
        assert service.owner_of(tx, network=NETWORK, address="0xnew", memo=None) == customer
        assert service.owner_of(tx, network="other", address="0xnew", memo=None) is None


@pytest.mark.parametrize(
    ("changed", "reason"),
    [({"owner_ref": f"{uuid7()}/{uuid7()}"}, "for_somebody_else"), ({"network": "other"}, "for_somebody_else"),
     ({"address": "0xtaken"}, "taken")],
)  # fmt: skip
def test_an_address_that_would_reach_somebody_else_is_never_shown(wallet, changed, reason):
    customer, _ = wallet.known_customer(), wallet.address(wallet.known_customer(), "0xtaken")
    view = ask(wallet, customer)
    made(wallet, view, **changed)
    with pytest.raises(errors.DepositAddressRefused) as refusal:
        service.look(wallet.tenant, view)
    assert refusal.value.extra["reason"] == reason
    assert ask(wallet, customer).row.id != view.row.id  # asked for anew
    assert len(asked(wallet)) == 2


def test_where_all_share_an_address_it_needs_its_memo(wallet):
    wallet.offered(memo_required=True)
    first, second = ask(wallet, wallet.known_customer()), ask(wallet, wallet.known_customer())
    made(wallet, first, address="0xshared", memo="1")
    made(wallet, second, address="0xshared", memo="2")
    assert service.look(wallet.tenant, first).row.memo == "1"
    assert service.look(wallet.tenant, second).ready
    third = ask(wallet, wallet.known_customer())
    made(wallet, third, address="0xshared")
    with pytest.raises(errors.DepositAddressRefused):
        service.look(wallet.tenant, third)


def test_who_may_not_deposit_gets_none(wallet):
    with pytest.raises(NotEligible):
        ask(wallet, wallet.known_customer(level=0))
    with pytest.raises(NetworkUnknown):
        ask(wallet, wallet.known_customer(), "BTC")
    for deed, refusal in ((accounts.freeze, AccountFrozen), (accounts.close, AccountClosed)):
        customer = wallet.known_customer()
        with wallet.tx() as tx:
            deed(tx, accounts.customer(tx, customer_id=customer, asset="ETH"))
        with pytest.raises(refusal):
            ask(wallet, customer)
    wallet.offered(deposits=False)
    with pytest.raises(errors.DepositsClosed):
        ask(wallet, wallet.known_customer())
    assert asked(wallet) == []


def test_without_a_custodian_there_is_none(deposits):
    with pytest.raises(WalletNotConfigured):
        ask(deposits, deposits.known_customer())
