"""Lists of names: whose name is like whose, what a hit stops, and that a new list meets everybody again."""

import pytest

from identity.eligibility import service as eligibility
from identity.eligibility.states import Level, Product, Screening
from identity.kyc import service as kyc
from identity.principals import service as principals
from identity.principals.states import Role
from identity.screening import rules
from identity.screening import service as screening
from identity.screening.errors import ListInvalid
from identity.screening.rules import Book, Entry
from kernel import db
from kernel.ids import uuid7
from rivermouth import screening_tools
from tests.house import PASSWORD
from tests.kyc_papers import Candidate
from tests.notice_board import as_engine

HEAD = "ref,name,aliases,born,note\n"
BOOK = Book.of(
    "test",
    "1",
    [
        Entry("a", ("Évariste Galois-Müller", "E. Galois"), 1961, ""),
        Entry("b", ("张伟明",), None, ""),
        Entry("c", ("Boris Placeholder", "Борис Плейсхолдер"), 1970, ""),
    ],
)


@pytest.mark.parametrize(
    ("name", "born", "refs"),
    [
        ("evariste galois muller", None, ["a"]),
        ("Müller-Galois, Évariste", 1961, ["a"]),
        ("Evarist Galois Muller", 1960, ["a"]),
        ("Evarist Gallois Mueler", 1990, []),  # merely similar, and another age
        ("Évariste Galois-Müller", 1990, ["a"]),  # the very name: a person looks, whatever the age
        ("张伟明", None, ["b"]),
        ("Борис Плейсхолдер", 1970, ["c"]),
        ("Ada Lovelace", None, []),
        ("", None, []),
    ],
)
def test_names_are_compared_as_people_write_them(name, born, refs):
    assert [hit.ref for hit in rules.hits(BOOK, name, born)] == refs


WRONG = ("1,,,,", ",x,,,", "1,x,,,\n1,y,,,", "1,x", "1,x,,99,", "1,x,,19x9,", "1,!!!,,,", '1,"x,,,', "1,x,,,n,more")


@pytest.mark.parametrize("text", ["", "name\nx\n", HEAD, *(f"{HEAD}{row}\n" for row in WRONG)])
def test_what_is_no_list_is_refused(text):
    with pytest.raises(ListInvalid):
        rules.read(text)


def imported(house, *rows, name="sanctions"):
    body = (HEAD + "".join(f"{row}\n" for row in rows)).encode()
    with as_engine(house.database, back_to=house.database.app):
        screening.import_list(house.first, name=name, version=None, body=body)
        return kyc.rescreen(house.first)


def standing(house, customer):
    with db.transaction(tenant=house.first) as tx:
        return eligibility.standing(tx, customer).screening


def may_trade(house, customer):
    with db.transaction(tenant=house.first) as tx:
        return eligibility.eligibility(tx, customer, Product.TRADING, eligibility.Action.BEGIN).verdict.value


def open_hit(house, customer):
    found = house.client.get("/v1/screenings", params={"state": "review"}, headers=house.auth(Role.COMPLIANCE)).json()
    return next((one for one in found["items"] if one["customer_id"] == str(customer)), None)


def say(house, screening_id, finding):
    body = {"finding": finding, "reason": "looked at both passports"}
    return house.client.post(f"/v1/screenings/{screening_id}/decision", json=body, headers=house.auth(Role.COMPLIANCE))


def test_a_hit_waits_for_a_person_and_is_told_apart_for_good(house):
    imported(house, "n-1,Norbert Nobody,,1985,test", name="first")
    norbert = Candidate(house, f"norbert-{uuid7()}@first.example")
    case_id = norbert.handed_in(full_name="Norbert Nobody")
    assert standing(house, norbert.id) is Screening.REVIEW
    assert "screening" not in str(norbert.standing()), "the customer is not told"
    decision = {"decision": "approve", "reason": "fine"}
    early = house.client.post(f"/v1/kyc/cases/{case_id}/decision", json=decision, headers=house.auth(Role.COMPLIANCE))
    assert (early.status_code, early.json()["code"]) == (409, "screening_open")
    seen = house.client.get(f"/v1/kyc/cases/{case_id}", headers=house.auth(Role.COMPLIANCE)).json()["screening"]
    assert [(hit["ref"], hit["score"]) for hit in seen["hits"]] == [("n-1", 100)]
    assert seen["lists"][0]["name"] == "first"
    assert say(house, seen["id"], "clear").json()["state"] == "cleared"
    assert say(house, seen["id"], "confirm").json()["code"] == "screening_closed"
    approved = house.client.post(
        f"/v1/kyc/cases/{case_id}/decision", json=decision, headers=house.auth(Role.COMPLIANCE)
    )
    assert approved.status_code == 200
    assert may_trade(house, norbert.id) == "allow"
    imported(house, "n-1,Norbert Nobody,,1985,test", "n-2,Somebody Else,,,test", name="first")
    assert may_trade(house, norbert.id) == "allow", "told apart from n-1 once, told apart for good"
    imported(house, "n-3,Norbert Nobody,,,another one of that name", name="first")
    assert may_trade(house, norbert.id) == "review"


def test_a_new_list_stops_whoever_traded_before(house):
    """Also customers of the house itself, who never handed anything in."""
    customer = principals.ensure_customer(
        house.first, email=f"v-{uuid7()}@first.example", password=PASSWORD, name="Vera Villain", level=Level.VERIFIED
    )
    assert may_trade(house, customer) == "allow"
    compared, hits = imported(house, "v-1,Vera Villain,,,test", name="second")
    assert compared >= 1
    assert hits >= 1
    assert may_trade(house, customer) == "review"
    hit = open_hit(house, customer)
    assert say(house, hit["id"], "confirm").json()["state"] == "confirmed"
    assert may_trade(house, customer) == "deny"
    imported(house, "z-1,Zoe Zero,,,test", name="second")
    assert may_trade(house, customer) == "deny", "a list that is shorter makes nobody another person"


def test_no_refusal_tells_a_customer_of_a_list(house):
    """Whoever may be on a list must not learn it from what is refused either."""
    name = f"Tessa {uuid7()}"
    tessa = Candidate(house, f"tessa-{uuid7()}@first.example", name=name)
    with db.transaction(tenant=house.first) as tx:
        eligibility.raise_level(tx, tessa.id, level=Level.VERIFIED, country="SG")
    imported(house, f"t-1,{name},,,test", name="third")
    for finding in (None, "confirm"):
        if finding:
            say(house, open_hit(house, tessa.id)["id"], finding)
        refused = tessa.ask("POST", "/v1/transfers", {"to": "retail@first.example", "asset": "USDT", "amount": "1"})
        assert (refused.status_code, refused.json()["code"]) == (403, "not_eligible")
        assert refused.json()["reasons"] == []
        assert "screening" not in refused.text


def test_the_command_takes_a_list_once_and_refuses_what_is_none(house, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("RIVERMOUTH_DATABASE_URL", house.database.engine)
    good, bad = tmp_path / "names.csv", tmp_path / "bad.csv"
    good.write_text(HEAD + "t-1,Tom Tool,T. Tool;Thomas Tool,1980,x\n")
    bad.write_text("who\nme\n")
    try:
        for wanted in (["1 entries"], ["current version already"]):
            assert screening_tools.import_file(good, name="tool", version="2026-01", tenant=str(house.first))
            said = capsys.readouterr().out
            assert all(word in said for word in wanted), said
        assert not screening_tools.import_file(bad, name="tool", version=None, tenant=str(house.first))
        assert "not a list" in capsys.readouterr().out
    finally:
        db.configure(house.database.app, pool_size=20)
