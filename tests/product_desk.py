"""What tests of loan products share: the brief's product as a request, a funding line, and two people who publish."""

import copy
from datetime import UTC, datetime

from identity.principals import service as principals
from identity.principals.states import Role
from kernel import outbox
from kernel.ids import uuid7
from lending.products.schemas import ProductTermsIn
from rivermouth.registry import CONSUMERS
from tests.house import PASSWORD
from tests.ledger_books import as_engine

SECOND = "product2@first.example"
OWNERS = [consumer for consumer in CONSUMERS if consumer.name in {"loan_products", "funding_lines"}]
BTC = {
    "asset": "BTC", "basis": "PRICE_FRACTION", "pledge": "0.80", "warning": "0.85", "displayed": "0.83", "actual": "0.82",
    "hard": "0.81",
}  # fmt: skip
ETH = BTC | {
    "asset": "ETH",
    "pledge": "0.70",
    "warning": "0.78",
    "displayed": "0.755",
    "actual": "0.74",
    "hard": "0.73",
}
TERMS = {"rate": "0.12", "min_amount": "100", "max_amount": "1000000", "step": "0.01", "tenors": [30, 90, 180]}
LOAN_TERMS = ProductTermsIn.model_validate(TERMS).terms().document()
"""The same terms as they are stored."""


def wish(**changes):
    """The brief's product; a change names a field of the product, of its terms, or (with `lines`) of its first collateral."""
    made = {"name": "BTC loan", "asset": "USDT", "terms": copy.deepcopy(TERMS), "collaterals": [dict(BTC)]}
    for name, value in changes.items():
        if name == "lines":
            made["collaterals"][0] |= value
        elif name in made or name in {"product_id", "funding_line_id", "prices"}:
            made[name] = value
        else:
            made["terms"][name] = value
    return made


class ProductDesk:
    def __init__(self, house):
        self.house = house
        self.tokens = {}
        self.line = str(uuid7())
        with as_engine(house.database):
            house.ids[SECOND] = principals.ensure_staff(
                house.first, email=SECOND, password=PASSWORD, roles=[Role.PRODUCT]
            )
        self.add_line("USDT", "house USDT", self.line)

    def add_line(self, asset, name, line_id=None, rate="0.05"):
        with self.house.sql("engine", self.house.first) as engine:
            engine.execute(
                "INSERT INTO lending.funding_lines (tenant_id, id, name, adapter, source, asset, line_limit, rate, day_count,"
                " accrued_through, created_at) VALUES (%s, %s, %s, 'ledger', 'house', %s, 10000000, %s, 'actual/365', %s, %s)",
                [
                    self.house.first,
                    line_id or uuid7(),
                    name,
                    asset,
                    rate,
                    datetime.now(UTC).date(),
                    datetime.now(UTC),
                ],
            )

    def call(self, who, method, path, body=None, **headers):
        if "@" in who and who not in self.tokens:
            self.tokens[who] = self.house.login(who).json()["access_token"]
        known = {"Authorization": f"Bearer {self.tokens[who]}"} if "@" in who else self.house.auth(who)
        return self.house.client.request(method, f"/v1{path}", headers=known | headers, json=body)

    def draft(self, **changes):
        made = self.call("product", "POST", "/loan-products", wish(**changes))
        assert made.status_code == 201, made.text
        return made.json()

    def ask(self, product_id, **headers):
        return self.call("product", "POST", f"/loan-products/{product_id}/publish", **headers)

    def agree(self, approval_id, who=SECOND):
        shown = self.call(who, "GET", f"/approvals/{approval_id}").json()
        return self.call(who, "POST", f"/approvals/{approval_id}/approve", {"digest": shown["digest"]})

    def publish(self, product_id):
        approval = self.ask(product_id).json()["approval_id"]
        assert self.agree(approval).status_code == 200
        self.run_events()
        return approval

    def run_events(self):
        with as_engine(self.house.database):
            for owner in OWNERS:
                while outbox.consume(owner):
                    pass

    def listed(self, who="product"):
        answer = self.call(who, "GET", "/loan-products")
        assert answer.status_code == 200, answer.text
        return answer.json()["items"]

    def version(self, product_id, number=1):
        return next(one for one in self.listed() if (one["id"], one["version"]) == (product_id, number))
