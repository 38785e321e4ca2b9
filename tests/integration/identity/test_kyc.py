"""Identity checks over HTTP: a case is begun, filled, handed in and decided by a person; and what that opens."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from identity.principals import service as principals
from identity.principals.states import Role
from kernel import db
from kernel.ids import uuid7
from tests.house import PASSWORD
from tests.kyc_papers import APPLICANT, Candidate, paper, picture
from tests.notice_board import as_engine, consume


@pytest.fixture
def ada(house):
    return Candidate(house, f"ada-{uuid7()}@first.example")


def decide(house, case_id, decision="approve", reason="The papers are fine.", who=Role.COMPLIANCE, **more):
    body = {"decision": decision, "reason": reason, **more}
    return house.client.post(f"/v1/kyc/cases/{case_id}/decision", json=body, headers=house.auth(who))


def order(ada):
    return ada.ask(
        "POST",
        "/v1/orders",
        {
            "symbol": "BTC-USDT",
            "side": "buy",
            "type": "limit",
            "quantity": "0.01",
            "limit_price": "60000",
            "venue": "best",
        },
    )


def test_somebody_new_may_look_and_begin_nothing(ada):
    standing = ada.standing()
    assert (standing["level"], standing["cases"]) == (0, [])
    rights = {right["product"]: right for right in standing["rights"]}
    assert rights["trading"] == {
        "product": "trading", "verdict": "deny", "reasons": ["level_too_low"], "level": 1, "per_day": None,
    }  # fmt: skip
    assert rights["lending"]["level"] == 2
    refused = ada.ask("POST", "/v1/transfers", {"to": "retail@first.example", "asset": "USDT", "amount": "1"})
    assert (refused.status_code, refused.json()["code"]) == (403, "not_eligible")
    assert (refused.json()["reasons"], refused.json()["level"]) == (["level_too_low"], 1)
    batch = ada.ask(
        "POST",
        "/v1/transfers:batch",
        {"mode": "continue", "items": [{"to": "retail@first.example", "asset": "USDT", "amount": "1"}]},
    )
    assert (batch.status_code, batch.json()["code"]) == (403, "not_eligible")
    assert ada.ask("GET", "/v1/markets").status_code == 200


def test_a_case_goes_its_way_and_opens_a_level(house, ada):
    case_id = ada.begin(1)
    assert ada.standing()["cases"][0]["missing"] == [["driving_licence", "identity_card", "passport"]]
    early = ada.submit(case_id)
    assert (early.status_code, early.json()["code"]) == (409, "kyc_documents_missing")
    sent = ada.send(case_id, "passport", picture("PNG"), name="x.png").json()
    assert (sent["media_type"], sent["pages"]) == ("image/jpeg", 1)
    handed_in = ada.submit(case_id).json()
    assert (handed_in["state"], handed_in["missing"]) == ("in_review", [])
    assert ada.send(case_id).json()["code"] == "kyc_case_closed"
    waiting = house.client.get(
        "/v1/kyc/cases", params={"state": "in_review"}, headers=house.auth(Role.COMPLIANCE)
    ).json()
    assert case_id in [row["id"] for row in waiting["items"]]
    seen = house.client.get(f"/v1/kyc/cases/{case_id}", headers=house.auth(Role.COMPLIANCE)).json()
    assert seen["applicant"] == APPLICANT
    assert (seen["email"], seen["findings"], seen["screening"]) == (ada.email, ["not_screened"], None)
    assert decide(house, case_id, version=seen["version"]).json()["state"] == "approved"
    standing = ada.standing()
    assert (standing["level"], standing["country"]) == (1, "SG")
    trading = next(right for right in standing["rights"] if right["product"] == "trading")
    assert (trading["verdict"], trading["per_day"]) == ("allow", "10000")
    assert (
        ada.ask("POST", "/v1/transfers", {"to": "retail@first.example", "asset": "USDT", "amount": "1"}).json()["code"]
        == "insufficient_funds"
    )


def test_more_information_is_asked_for_and_a_stale_page_approves_nothing(house, ada):
    case_id = ada.handed_in()
    seen = house.client.get(f"/v1/kyc/cases/{case_id}", headers=house.auth(Role.COMPLIANCE)).json()
    assert decide(house, case_id, "more_information", "The picture is blurred.").status_code == 200
    mine = ada.standing()["cases"][0]
    assert (mine["state"], mine["reason"]) == ("more_information", "The picture is blurred.")
    renamed = ada.ask("PUT", f"/v1/kyc/cases/{case_id}/applicant", APPLICANT | {"full_name": "Ada King"})
    assert renamed.json()["applicant"]["full_name"] == "Ada King"
    assert (
        ada.send(case_id, "identity_card", paper(), "p.pdf", "application/pdf").json()["media_type"]
        == "application/pdf"
    )
    assert ada.submit(case_id).json()["state"] == "in_review"
    stale = decide(house, case_id, version=seen["version"])
    assert (stale.status_code, stale.json()["code"]) == (409, "kyc_case_changed")
    assert decide(house, case_id, "reject", "Two different names.").json()["state"] == "rejected"
    assert decide(house, case_id).json()["code"] == "kyc_case_closed"
    assert ada.standing()["level"] == 0
    assert ada.begin(2) != case_id


def test_one_of_many_decisions_at_once_wins(house, ada):
    case_id = ada.handed_in()
    house.auth(Role.COMPLIANCE)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: decide(house, case_id, ("approve", "reject")[n % 2]), range(16)))
    assert sorted(a.status_code for a in answers) == [200] + [409] * 15


def test_nobody_decides_about_themselves(house, ada):
    """A reviewer who is a customer too is the same person in both accounts."""
    email = f"double-{uuid7()}@first.example"
    with db.transaction(tenant=house.first) as tx:
        principals.register_staff(
            tx, email=email, password_hash=principals.hash_password(PASSWORD), roles=[Role.COMPLIANCE]
        )
    case_id = ada.handed_in()
    principals.same_person(house.first, [email, ada.email])
    headers = {"Authorization": f"Bearer {house.login(email).json()['access_token']}"}
    own = house.client.post(
        f"/v1/kyc/cases/{case_id}/decision", json={"decision": "approve", "reason": "me"}, headers=headers
    )
    assert (own.status_code, own.json()["code"]) == (403, "kyc_own_case")


def test_a_case_belongs_to_its_customer_and_its_house(house, ada):
    case_id = ada.begin()
    eve = Candidate(house, f"eve-{uuid7()}@first.example")
    assert eve.send(case_id).status_code == 404
    assert eve.submit(case_id).status_code == 404
    assert eve.ask("PUT", f"/v1/kyc/cases/{case_id}/applicant", APPLICANT).status_code == 404
    other = house.client.post(f"/v1/kyc/cases/{case_id}/submit", headers=house.auth("other"))
    assert other.status_code == 404
    draft = house.client.get(f"/v1/kyc/cases/{case_id}", headers=house.auth(Role.COMPLIANCE))
    assert draft.status_code == 404, "what was not handed in is nobody's business"
    second = ada.ask("POST", "/v1/kyc/cases", {"level": 1, "applicant": APPLICANT})
    assert (second.status_code, second.json()["code"]) == (409, "kyc_case_open")
    assert second.json()["id"] == case_id


def test_a_repeat_makes_nothing_twice(house, ada):
    case_id = ada.begin()
    first, again = (ada.send(case_id, key="one-paper") for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    other = ada.send(case_id, file=picture(colour="red"), key="one-paper")
    assert other.json()["code"] == "idempotency_conflict"
    assert len(ada.standing()["cases"][0]["documents"]) == 1


def test_who_somebody_is_lies_sealed(house, ada):
    case_id = ada.handed_in(full_name="Canary Sealedname")
    with house.sql("superuser") as connection:
        row = connection.execute("SELECT sealed_applicant FROM identity.kyc_cases WHERE id = %s", [case_id]).fetchone()
        files = connection.execute(
            "SELECT f.sealed FROM identity.kyc_files f JOIN identity.kyc_documents d ON d.id = f.document_id WHERE d.case_id = %s",
            [case_id],
        ).fetchall()
        said = connection.execute("SELECT payload::text FROM kernel.outbox WHERE key = %s", [case_id]).fetchall()
    assert b"Canary" not in bytes(row[0])
    assert files
    assert all(b"JFIF" not in bytes(sealed) for (sealed,) in files)
    assert "Canary" not in str(said)


def test_the_customer_is_told(house, ada):
    case_id = ada.handed_in()
    assert decide(house, case_id, "reject", "Show us the back as well.").status_code == 200
    with as_engine(house.database, back_to=house.database.app):
        consume()
    notice = ada.ask("GET", "/v1/notices").json()["items"][0]
    assert notice["kind"] == "kyc_rejected"
    assert "Show us the back as well." in notice["body"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"birth_date": "yesterday"},
        {"birth_date": "2999-01-01"},
        {"country": "Singapore"},
        {"country": "XX"},
        {"full_name": " "},
        {"full_name": "x" * 201},
        {"more": 1},
    ],
)
def test_what_is_no_applicant_is_refused(ada, wrong):
    answer = ada.ask("POST", "/v1/kyc/cases", {"level": 1, "applicant": APPLICANT | wrong})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request")


@pytest.mark.parametrize(
    "body",
    [b"", b"--x--", b"kind=passport", b'--x\r\nContent-Disposition: form-data; name="kind"\r\n\r\npassport\r\n--x--'],
)
def test_what_is_no_form_is_refused(house, ada, body):
    case_id = ada.begin()
    for media_type in ("multipart/form-data; boundary=x", "multipart/form-data", "application/json", "text/plain"):
        headers = ada.headers | {"Content-Type": media_type}
        answer = house.client.post(f"/v1/kyc/cases/{case_id}/documents", content=body, headers=headers)
        assert answer.status_code == 400, (media_type, answer.text)
