"""Cold to hot through the platform: two people ask, a real custodian drafts, holders sign elsewhere, a real chain pays."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import httpx
import pytest

from identity.principals import service as principals
from identity.principals.states import Role
from kernel import db, outbox
from kernel.settings import settings
from kernel.signing import Signer
from rivermouth import wallet_parts
from tests.cold_holders import Holders
from tests.custodian_process import CustodianProcess, environment
from tests.house import PASSWORD
from tests.ledger_books import as_engine
from tests.utxo_desk import FINAL, written
from tests.wallet_desk import WalletDesk
from wallet_bridge.networks import service as networks
from wallet_bridge.networks.queries import Offer

D = Decimal
NETWORK = "bitcoin"
OFFER = Offer(
    network=NETWORK, asset="BTC", title="Bitcoin", kind="utxo", deposits=True, withdrawals=True, confirmations=2,
    final_confirmations=FINAL, memo_required=False, minimum_deposit=D("0.001"), minimum_withdrawal=D("0.001"),
    withdrawal_fee=D("0.0001"), fee_asset="BTC", fee_cap=D("0.001"), explorer=None,
)  # fmt: skip
FIRST, SECOND = "treasury@first.example", "treasury2@first.example"
ASKED = {"network": NETWORK, "asset": "BTC", "amount": "40", "fee_cap": "0.01"}


@dataclass
class ColdDesk:
    """Treasury's two people over HTTP, the engine's work on demand, and the holders with their devices."""

    house: Any
    wallet: WalletDesk
    holders: Holders
    node: Any
    path: str = "/v1/treasury/cold-spends"

    def __post_init__(self) -> None:
        self.tokens = {}

    def ask(self, method: str, path: str, body: Any = None, *, who: str = FIRST, **headers: str) -> httpx.Response:
        if who not in self.tokens:
            self.tokens[who] = self.house.login(who).json()["access_token"]
        own = {"Authorization": f"Bearer {self.tokens[who]}"} | headers
        return self.house.client.request(method, path, headers=own, json=body)

    def made(self, **changed: Any) -> dict[str, Any]:
        answer = self.ask("POST", self.path, ASKED | changed)
        assert answer.status_code == 202, answer.text
        return answer.json()

    def agree(self, spend: dict[str, Any], verdict: str = "approve") -> None:
        path, who = f"/v1/approvals/{spend['approval_id']}", SECOND
        digest = self.ask("GET", path, who=who).json()["digest"]
        body = {"digest": digest} if verdict == "approve" else {"reason": "not now"}
        answer = self.ask("POST", f"{path}/{verdict}", body, who=who)
        assert answer.status_code in {200, 202}, answer.text
        self.engine()

    def engine(self) -> None:
        """Events, the lane, and what the custodian tells."""
        with as_engine(self.house.database):
            while sum(outbox.consume(consumer) for consumer in wallet_parts.CONSUMERS):
                pass
            self.wallet.answered()
            self.wallet.hear()

    def until(self, spend: dict[str, Any], state: str, *, mining: bool = False) -> dict[str, Any]:
        end = time.monotonic() + 90
        while (seen := self.look(spend))["state"] != state:
            assert time.monotonic() < end, (seen, self.wallet.custodian.log.read_text()[-3_000:])
            if mining:
                self.node.mine()
            time.sleep(0.1)
            self.engine()
        return seen

    def look(self, spend: dict[str, Any]) -> dict[str, Any]:
        answer = self.ask("GET", f"{self.path}/{spend['id']}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    def sign(self, spend: dict[str, Any], holder: int) -> dict[str, Any]:
        signed = self.holders.sign(holder, self.look(spend)["draft"]["to_sign"])
        answer = self.hand_in(spend, signed)
        assert answer.status_code == 202, answer.text
        self.engine()
        return self.look(spend)

    def hot(self) -> Decimal:
        rows = self.wallet.custodian.ask("GET", "/v1/balances").json()["items"]
        return next(D(row["confirmed"]) for row in rows if row["wallet"] == "hot")

    def told(self) -> list[dict[str, Any]]:
        """The custodian's events of cold payments."""
        items = self.wallet.custodian.ask("GET", "/v1/events?limit=500").json()["items"]
        return [one for one in items if one["type"].startswith("cold.")]

    def hand_in(self, spend: dict[str, Any], signed: str) -> httpx.Response:
        return self.ask("POST", f"{self.path}/{spend['id']}/signatures", {"signed": signed})

    def drafted(self, **changed: Any) -> dict[str, Any]:
        spend = self.made(**changed)
        self.agree(spend)
        return self.until(spend, "drafted")


@pytest.fixture(scope="module")
def cold(house, litecoin, bare_cluster, tmp_path_factory):
    """One custodian and one cold wallet of five outputs for all tests here."""
    holders, bridge, folder = Holders(), Signer("bridge", os.urandom(32)), tmp_path_factory.mktemp("cold")
    file = written(
        litecoin, folder, name=NETWORK, native="BTC", assets={"BTC": {"decimals": 8}}, poll_s=0.1, cold=holders.address,
        utxo={"cold": holders.descriptor},
    )  # fmt: skip
    url = bare_cluster.create("template0").owner
    custodian = CustodianProcess(litecoin, environment(url, file, folder, bridge), bridge, folder / "custodian.log")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RIVERMOUTH_HOUSE_TENANT", str(house.first))
        patch.setenv("RIVERMOUTH_CUSTODIAN_URL", f"http://127.0.0.1:{custodian.port}")
        settings.cache_clear()
        with as_engine(house.database):
            principals.ensure_staff(house.first, email=SECOND, password=PASSWORD, roles=[Role.TREASURY])
        with db.transaction(tenant=house.first) as tx:
            networks.put(tx, OFFER)
        for _ in range(5):
            litecoin.ask("sendtoaddress", holders.address, 50)
        litecoin.mine(FINAL)
        custodian.start()
        yield ColdDesk(house, WalletDesk(house.database, litecoin, custodian, house.first), holders, litecoin)
        custodian.stop()
    settings.cache_clear()


def test_two_people_ask_two_holders_sign_and_the_hot_wallet_is_fuller(cold):
    before, spend = cold.hot(), cold.made()
    assert (spend["state"], spend["draft"], spend["can_cancel"]) == ("waiting_approval", None, True)
    assert (
        cold.ask("POST", f"/v1/approvals/{spend['approval_id']}/approve", {"digest": "0" * 64}).status_code == 403
    )  # the same person
    cold.agree(spend)

    seen = cold.until(spend, "drafted")
    draft = seen["draft"]
    assert (draft["matches"], draft["differences"], draft["needed"], draft["signed_by"]) == (True, [], 2, [])
    assert [(one["amount"], one["change"]) for one in draft["pays"]] == [
        ("40", False),
        (draft["pays"][1]["amount"], True),
    ]

    assert cold.hand_in(spend, draft["to_sign"]).status_code == 202  # nobody has signed it
    cold.engine()
    refused = cold.look(spend)["signatures"][0]
    assert refused["state"] == "refused"
    assert refused["reason"].startswith("signature_unfit")

    one = cold.sign(spend, 0)
    assert (one["state"], len(one["draft"]["signed_by"]), one["can_cancel"]) == ("drafted", 1, False)
    assert cold.ask("DELETE", f"{cold.path}/{spend['id']}").json()["code"] == "cold_spend_signed"
    cold.node.mine(2)
    cold.engine()
    assert cold.look(spend)["state"] == "drafted"  # one of two pays nothing

    cold.sign(spend, 2)
    done = cold.until(spend, "final", mining=True)
    assert (done["txid"], done["confirmations"] >= FINAL) == (draft["digest"], True)
    assert [signature["state"] for signature in done["signatures"]] == ["refused", "counted", "counted"]
    assert cold.hot() == before + 40
    assert cold.ask("GET", cold.path).json()["items"][0]["state"] == "final"
    assert cold.hand_in(spend, draft["to_sign"]).json()["code"] == "cold_spend_not_drafted"


def test_what_nobody_agreed_to_never_reaches_the_custodian(cold):
    before, spend = cold.told(), cold.made()
    cold.agree(spend, "reject")
    assert cold.look(spend)["state"] == "refused"
    taken_back = cold.made()
    assert cold.ask("DELETE", f"{cold.path}/{taken_back['id']}").json()["state"] == "cancelled"
    cold.engine()
    assert cold.told() == before


def test_a_draft_that_nobody_signed_is_taken_back_at_the_custodian(cold):
    spend = cold.drafted()
    for _press in range(2):
        answer = cold.ask("DELETE", f"{cold.path}/{spend['id']}")
        assert answer.status_code == 200, answer.text
    cold.until(spend, "cancelled")


def test_nobody_signs_what_differs_from_what_was_agreed_to(cold):
    spend = cold.drafted()
    with as_engine(cold.house.database), db.transaction(tenant=cold.house.first) as tx:
        tx.execute(
            "UPDATE wallet_bridge.cold_spends SET draft = jsonb_set(draft, '{pays,0,address}', '\"ltc1qsomebodyelse\"') WHERE id = :id",
            id=spend["id"],
        )  # fmt: skip
    shown = cold.look(spend)["draft"]
    assert (shown["matches"], shown["differences"]) == (False, ["it pays ltc1qsomebodyelse"])
    assert cold.hand_in(spend, cold.holders.sign(0, shown["to_sign"])).json()["code"] == "cold_draft_differs"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"network": "nowhere"}, "network_unknown"),
        ({"amount": "0"}, "cold_amount_unfit"),
        ({"amount": "-1"}, "cold_amount_unfit"),
        ({"amount": "0.000000001"}, "cold_amount_unfit"),
        ({"fee_cap": "0"}, "cold_amount_unfit"),
        ({"to": "me"}, "invalid_request"),
    ],
)
def test_nonsense_is_refused(cold, changed, code):
    assert cold.ask("POST", cold.path, ASKED | changed).json()["code"] == code


def test_what_the_custodian_cannot_do_ends_with_its_reason(cold):
    spend = cold.made(amount="0.00000001")  # dust on this network
    cold.agree(spend)
    refused = cold.until(spend, "refused")
    assert refused["reason"].startswith("amount_unfit")
