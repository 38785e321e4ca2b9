"""What tests of earn share: a template as a request, two people who publish, and the engine's part in it."""

import copy

from earn.templates.schemas import EarnTermsIn
from identity.principals import service as principals
from identity.principals.states import Role
from kernel import outbox
from rivermouth import earn_parts
from tests.house import PASSWORD
from tests.ledger_books import as_engine

SECOND = "product2@first.example"
TERMS = {
    "apr": "0.05", "payout": "monthly", "tenor": "3M", "daily_quota": "10000", "minimum": "100", "step": "10",
}  # fmt: skip
EARN_TERMS = EarnTermsIn.model_validate(TERMS).terms().document()
"""The same terms as they are stored."""


def wish(**changes):
    """A template; a change names a field of it or of its terms."""
    made = {"name": "Quarterly", "asset": "USDT", "terms": copy.deepcopy(TERMS)}
    for name, value in changes.items():
        if name in {*made, "template_id", "effective_from"}:
            made[name] = value
        elif value is None:
            made["terms"].pop(name, None)
        else:
            made["terms"][name] = value
    return made


def coupon_wish(**changes):
    """A coupon that is good from long ago until far away."""
    made = {
        "name": "Welcome", "asset": "USDT", "apr_boost": "0.02", "max_principal": "1000", "budget": "100",
        "starts_at": "2020-01-01T00:00:00Z", "ends_at": "2099-01-01T00:00:00Z",
    }  # fmt: skip
    return made | changes


class EarnDesk:
    def __init__(self, house):
        self.house = house
        self.tokens = {}
        with as_engine(house.database):
            house.ids[SECOND] = principals.ensure_staff(
                house.first, email=SECOND, password=PASSWORD, roles=[Role.PRODUCT]
            )

    def call(self, who, method, path, body=None, **headers):
        if "@" in who and who not in self.tokens:
            self.tokens[who] = self.house.login(who).json()["access_token"]
        known = {"Authorization": f"Bearer {self.tokens[who]}"} if "@" in who else self.house.auth(who)
        return self.house.client.request(method, f"/v1/earn{path}", headers=known | headers, json=body)

    def draft(self, **changes):
        made = self.call("product", "POST", "/templates", wish(**changes))
        assert made.status_code == 201, made.text
        return made.json()

    def coupon(self, **changes):
        """Published by two people."""
        made = self.call("product", "POST", "/coupons", coupon_wish(**changes))
        assert made.status_code == 201, made.text
        approval = self.call("product", "POST", f"/coupons/{made.json()['id']}/publish").json()["approval_id"]
        assert self.agree(approval).status_code == 200
        self.run_events()
        return self.call("product", "GET", f"/coupons/{made.json()['id']}").json()

    def ask(self, template_id, **headers):
        return self.call("product", "POST", f"/templates/{template_id}/publish", **headers)

    def agree(self, approval_id, who=SECOND):
        shown = self.call(who, "GET", f"/../approvals/{approval_id}").json()
        return self.call(who, "POST", f"/../approvals/{approval_id}/approve", {"digest": shown["digest"]})

    def publish(self, template_id):
        approval = self.ask(template_id).json()["approval_id"]
        assert self.agree(approval).status_code == 200
        self.run_events()
        return approval

    def run_events(self):
        with as_engine(self.house.database):
            while sum(outbox.consume(consumer) for consumer in earn_parts.CONSUMERS):
                pass

    def template(self, template_id):
        answer = self.call("product", "GET", f"/templates/{template_id}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    def days(self, month, template_id):
        """The calendar of one template, by day of sale."""
        answer = self.call("product", "GET", f"/calendar?month={month}&template={template_id}")
        assert answer.status_code == 200, answer.text
        return {one["sale_date"]: one for one in answer.json()["items"]}
