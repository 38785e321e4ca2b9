"""Borrowing over the API of a house: its customer, a product of the brief's, prices made by hand at each call."""

import itertools
from decimal import Decimal

from identity.principals import service as principals
from tests.house import PASSWORD
from tests.ledger_books import as_engine
from tests.loan_books import Lender

D = Decimal
KEYS = itertools.count(1)


class LoanDesk(Lender):
    """Every call is made at the price that stands in `at`, fresh from three venues."""

    def __init__(self, house):
        super().__init__(house.database, house.valkey_url, tenant=house.first)
        self.house, self.at, self.tokens = house, {"BTC-USDT": "30000", "ETH-USDT": "2000"}, {}
        self.retail = house.ids["retail"]
        self.brief = str(self.product())
        self.give(self.retail, BTC="100", ETH="100", USDT="100000")

    def customer_named(self, name, **funds):
        """Another customer with a login; answers who to call as."""
        email = f"{name}@first.example"
        with as_engine(self.house.database):
            made = principals.ensure_customer(self.house.first, email=email, password=PASSWORD)
        self.give(made, **funds)
        self.tokens[email] = self.house.login(email).json()["access_token"]
        self.house.ids[email] = made
        return email

    def call(self, method, path, body=None, who="retail", key=None):
        for symbol, price in self.at.items():
            if price is None:
                self.no_price(symbol)
            else:
                self.price(symbol, price)
        headers = {"Authorization": f"Bearer {self.tokens[who]}"} if who in self.tokens else self.house.auth(who)
        if key is not None:
            headers = headers | {"Idempotency-Key": key}
        return self.house.client.request(method, f"/v1{path}", headers=headers, json=body)

    def quote(self, amount=None, product=None, collateral=None, tenor=90, who="retail", key=None, borrow="USDT"):
        body = {
            "product_id": product or self.brief,
            "collateral": [{"asset": a, "quantity": q} for a, q in (collateral or {"BTC": "1"}).items()],
            "borrow_asset": borrow,
            "tenor_days": tenor,
        } | ({"max": True} if amount is None else {"amount": amount})
        return self.call("POST", "/loan-quotes", body, who=who, key=key)

    def accept(self, quote_id, who="retail", key=None):
        return self.call("POST", "/loans", {"quote_id": quote_id}, who=who, key=key)

    def lend(self, amount=None, **quoted):
        """A loan from quote to payout; answers it as its customer sees it."""
        asked = self.quote(amount, **quoted)
        assert asked.status_code == 201, asked.text
        made = self.accept(asked.json()["id"], who=quoted.get("who", "retail"))
        assert made.status_code == 201, made.text
        return made.json()

    def get(self, loan_id, who="retail"):
        return self.call("GET", f"/loans/{loan_id}", who=who).json()

    def act(self, loan_id, what, body, who="retail", key=None):
        return self.call("POST", f"/loans/{loan_id}/{what}", body, who=who, key=key)

    def would_be(self, loan_id, who="treasury", **asked):
        answer = self.act(loan_id, "what-if", asked, who=who)
        assert answer.status_code == 200, answer.text
        return answer.json()
