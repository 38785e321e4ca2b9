"""Who may take money out: a person who proved themselves lately, or a program whose key may; after a change of the way in, nobody for a day."""

from __future__ import annotations

import json

import pytest

from tests.integration.identity.test_signed_requests import headers
from tests.withdrawal_desk import address


def problem(answer):
    return answer.status_code, answer.json()["code"]


def test_a_proof_of_long_ago_is_none(desk):
    anna = desk.customer("100")
    to = anna.book()
    desk.superuser(
        "UPDATE identity.sessions SET proven_at = proven_at - interval '11 minutes' WHERE principal_id = %s", anna.id
    )
    assert problem(anna.withdraw("10", to)) == (403, "step_up_required")
    assert problem(anna.add()) == (403, "step_up_required")
    assert anna.ask("GET", "/withdrawals").status_code == 200
    assert anna.has() == (100, 0)


def test_for_a_day_after_a_change_of_the_way_in_nothing_leaves_and_nothing_is_prepared(desk):
    anna = desk.customer("100")
    to = anna.book()
    desk.superuser(
        "INSERT INTO identity.second_factors (tenant_id, principal_id, weakened_at) VALUES (%s, %s, kernel.business_now())"
        " ON CONFLICT (principal_id) DO UPDATE SET weakened_at = excluded.weakened_at",
        anna.tenant, anna.id,
    )  # fmt: skip
    for refused in (anna.withdraw("10", to), anna.add()):
        assert problem(refused) == (403, "cooling_down")
        assert refused.json()["until"]
    assert anna.ask("DELETE", f"/address-book/{to}").status_code == 200, "what makes it safer is always open"
    desk.superuser(
        "UPDATE identity.second_factors SET weakened_at = weakened_at - interval '24 hours 1 second' WHERE principal_id = %s",
        anna.id,
    )
    assert anna.add().status_code == 201


@pytest.mark.parametrize(
    ("scopes", "asked", "added"),
    [(["read"], 403, 403), (["read", "trade"], 403, 403), (["read", "withdraw"], 201, 403)],
)
def test_a_key_withdraws_with_its_scope_and_names_no_address(desk, scopes, asked, added):
    anna = desk.customer("100")
    to = anna.book()
    made = anna.ask("POST", "/api-keys", {"name": "bot", "scopes": scopes, "ip_allow": ["127.0.0.1/32"]})
    assert made.status_code == 201, made.text

    def signed(path, body):
        content = json.dumps(body).encode()
        given = headers(made.json(), "POST", path, body=content) | {"Content-Type": "application/json"}
        return desk.house.client.post(path, content=content, headers=given)

    wish = {"asset": "USDT", "network": "ethereum", "amount": "10", "address_id": to}
    assert signed("/v1/withdrawals", wish).status_code == asked
    assert signed("/v1/address-book", {"network": "ethereum", "address": address(), "label": "x"}).status_code == added
    assert anna.has() == ((89, 11) if asked == 201 else (100, 0))
