"""How the chain stands, for whoever looks at the audit: the engine's word, by the way of Valkey, with names beside the ids."""

from __future__ import annotations

import pytest

from identity.audit import chain, standing, verifying
from kernel import cache
from tests.audit_trail import KEYS, SIGNER
from tests.notice_board import as_engine


@pytest.fixture
def nothing_said(house):
    cache.client().flushall()


def told(house, who="auditor"):
    return house.client.get("/v1/audit/standing", headers=house.auth(who))


def test_nothing_is_claimed_before_the_engine_has_said_it(house, nothing_said):
    assert set(told(house).json().values()) == {None}


def test_it_tells_how_far_the_chain_is_signed_and_was_checked(house, nothing_said):
    house.client.get("/v1/me", headers=house.auth("auditor"))
    with as_engine(house.database, house.database.app):
        chain.extend()
        chain.checkpoint(SIGNER)
        verifying.check_some(KEYS)
    found = told(house).json()
    newest = house.client.get("/v1/audit", params={"limit": 1}, headers=house.auth("auditor")).json()["items"][0]
    assert found["signed_seq"] == found["checked_seq"] == newest["seq"]
    assert (found["faults"], found["round_faults"]) == (0, 0)
    assert None not in found.values()


def test_a_fault_shows_until_a_whole_round_has_found_none(house, nothing_said):
    standing.checked(seq=9, faults=2, ended=True)
    standing.checked(seq=4, faults=0, ended=False)
    found = told(house).json()
    assert (found["checked_seq"], found["faults"], found["round_faults"]) == (4, 0, 2)


def test_without_valkey_the_engine_goes_on_and_nothing_is_claimed(house, monkeypatch):
    def away(*_):
        raise ConnectionError

    monkeypatch.setattr(cache.client(), "set", away)
    monkeypatch.setattr(cache.client(), "get", away)
    standing.checked(seq=1, faults=0, ended=True)
    assert set(told(house).json().values()) == {None}


@pytest.mark.parametrize("who", ["retail", "support", "treasury"])
def test_only_those_see_it_who_see_the_audit(house, who):
    answer = told(house, who)
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


def test_entries_name_whoever_did_it(house):
    answer = house.client.get("/v1/audit", params={"action": "session.opened"}, headers=house.auth("auditor"))
    names = {entry["actor"]: entry["actor_name"] for entry in answer.json()["items"]}
    assert names[str(house.ids["auditor"])] == "auditor@first.example"
