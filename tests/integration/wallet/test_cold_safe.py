"""Who may sign out of a real Safe as the platform shows it: an owner who was removed does not count any more, on either side."""

from __future__ import annotations

import os

import pytest

from kernel import db
from tests import cold_desk
from tests.custodian_desk import CustodianDesk
from tests.custodian_process import prepared
from tests.ledger_books import as_engine
from tests.safe_desk import SafeDesk, fresh
from tests.wallet_desk import NETWORK, WEI, offer
from wallet_bridge.custodian.chains.safes import Safe
from wallet_bridge.custodian.keys import Seed
from wallet_bridge.custodian.localnet import CHAIN_ID, packages
from wallet_bridge.custodian.localnet import safe as localnet
from wallet_bridge.custody import service as custody
from wallet_bridge.wire.schemas import EventOut

FIRST_OWNER = "0x" + "1".rjust(40, "0")
ASKED = {"network": NETWORK, "asset": "ETH", "amount": "2", "fee_cap": "0.01"}


@pytest.fixture
def safe(anvil, tmp_path):
    packages(print)
    owners = fresh()
    address = localnet.deployed(anvil, owners.addresses, 2)
    anvil.ask("anvil_setBalance", address, hex(10 * WEI))
    return SafeDesk(CustodianDesk(anvil, Seed(os.urandom(32)), tmp_path), owners, Safe(address, CHAIN_ID))


@pytest.fixture
def cold(house, anvil, empty_url, tmp_path, safe):
    custodian = prepared(anvil, empty_url, tmp_path, cold=safe.safe.address, safe={})
    with cold_desk.opened(house, custodian, offer(), safe.owners, ASKED) as desk:
        anvil.ask("anvil_setBalance", custodian.hot(), hex(WEI))
        yield desk


def remove(safe, owner):
    """By the owners themselves, under the Safe's number 0."""
    owners = safe.owners.addresses
    place = owners.index(owner)
    before = owners[place - 1] if place else FIRST_OWNER
    safe.administer("removeOwner", ["address", "address", "uint256"], [before, owner, 2])


def signed_by(cold, spend):
    return cold.look(spend)["draft"]["signed_by"]


def told_again(cold, seq):
    """As an event that was put aside and is applied late."""
    with as_engine(cold.house.database):
        event = next(EventOut.model_validate(one) for one in cold.told() if one["seq"] == seq)
        with db.transaction(tenant=cold.house.first) as tx:
            custody.tell(tx, event)


def test_who_was_removed_from_the_safe_has_not_signed_and_an_older_telling_changes_nothing(cold, safe):
    cold.drafted()  # number 0, which the owners use otherwise
    spend = cold.drafted()
    first, second, third = safe.owners.addresses
    cold.sign(spend, 0)
    cold.sign(spend, 1)
    assert signed_by(cold, spend) == [first, second]
    assert cold.look(spend)["state"] == "drafted"  # number 0 goes first
    signed = max(one["seq"] for one in cold.told())

    remove(safe, first)
    with as_engine(cold.house.database):
        cold.wallet.hear_until(lambda: any(one["type"] == "cold.changed" for one in cold.told()))
    draft = cold.look(spend)["draft"]
    assert (draft["signed_by"], sorted(draft["holders"])) == ([second], sorted([second, third]))

    told_again(cold, signed)
    assert signed_by(cold, spend) == [second]
    cold.sign(spend, 2)
    assert sorted(signed_by(cold, spend)) == sorted([second, third])
    assert cold.until(spend, "final", mining=True)["signatures"][-1]["state"] == "counted"
