"""What tests of tenants share: two administrators, the engine's work done by hand, and business time that goes on."""

from identity.principals import service as principals
from identity.principals.states import Role
from identity.tenants import policies
from kernel import db, outbox
from rivermouth.registry import CONSUMERS
from tests.house import PASSWORD
from tests.ledger_books import as_engine

SECOND = "admin2@first.example"
POLICIES = next(consumer for consumer in CONSUMERS if consumer.name == "policies")


class TenantDesk:
    def __init__(self, house):
        self.house = house
        self.tokens = {}
        with as_engine(house.database):
            house.ids[SECOND] = principals.ensure_staff(
                house.first, email=SECOND, password=PASSWORD, roles=[Role.ADMIN]
            )
            house.ids["other admin"] = principals.ensure_staff(
                house.second, email="admin@second.example", password=PASSWORD, roles=[Role.ADMIN]
            )

    def headers(self, who):
        if "@" not in who:
            return self.house.auth(who)
        if who not in self.tokens:
            self.tokens[who] = self.house.login(who).json()["access_token"]
        return {"Authorization": f"Bearer {self.tokens[who]}"}

    def call(self, who, method, path, body=None, *, tenant=None, **headers):
        """As `who`; a step-up first, so that no test depends on the age of its login."""
        if method == "PATCH":
            proof = self.house.client.post("/v1/step-up", json={"password": PASSWORD}, headers=self.headers(who))
            assert proof.status_code < 300, proof.text
        address = f"/v1/tenants/{tenant or self.house.first}{path}"
        return self.house.client.request(method, address, json=body, headers=self.headers(who) | headers)

    def change(self, body, who="admin"):
        return self.call(who, "PATCH", "", body)

    def ask(self, body, who="admin"):
        return self.call(who, "PATCH", "/policy", body)

    def policy(self):
        return self.call("admin", "GET", "/policy").json()

    def waiting(self):
        return self.policy()["waiting"]

    def decide(self, verb, who=SECOND, **body):
        """A second person at the inbox of approvals, for the change that waits."""
        found = self.house.client.get(
            f"/v1/approvals/{self.waiting()['approval_id']}", headers=self.headers(who)
        ).json()
        given = {"digest": found["digest"]} if verb == "approve" else {"reason": "no"}
        return self.house.client.post(
            f"/v1/approvals/{found['id']}/{verb}", json=given | body, headers=self.headers(who)
        )

    def run(self):
        """What the engine does: events, then what is due."""
        with as_engine(self.house.database):
            while outbox.consume(POLICIES):
                pass
            policies.apply_due()

    def advance(self, hours):
        with as_engine(self.house.database), db.transaction() as tx:
            tx.execute('UPDATE kernel.clock SET "offset" = "offset" + make_interval(hours => :hours)', hours=hours)
        self.run()

    def loosen(self, body, who="admin"):
        """The whole way, for a test that starts from a looser policy."""
        assert self.ask(body, who).status_code == 202
        assert self.decide("approve").status_code == 200
        self.run()
        self.advance(self.policy()["policy"]["change_delay_h"])
        assert self.waiting() is None
