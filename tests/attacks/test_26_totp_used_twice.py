"""Attack 26: a code of the authenticator app used twice, in parallel, or at another door. The second use is refused."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from tests.house import PASSWORD
from tests.integration.identity.test_second_factors import fresh_counters, person, refusal

__all__ = ["fresh_counters", "person"]


def test_26_a_code_is_good_once_also_at_another_door(person):
    person.enrol()
    person.login(totp=person.code())
    assert person.login(expect=401, totp=person.code())["code"] == "second_factor_invalid"
    assert refusal(person.ask("POST", "/v1/step-up", {"totp": person.code()})) == (401, "second_factor_invalid")
    assert person.login(expect=401, totp=person.code(-1))["code"] == "second_factor_invalid", "an older one neither"
    person.login(totp=person.code(1))


def test_26_of_forty_parallel_uses_of_one_code_exactly_one_wins(person):
    person.enrol()
    code = person.code()
    body = {"email": person.email, "password": PASSWORD, "totp": code}

    def attempt(_):
        answer = person.house.client.post("/v1/sessions", json=body)
        while answer.status_code == 429 and answer.json()["code"] == "login_busy":
            answer = person.house.client.post("/v1/sessions", json=body)
        return answer.status_code, answer.json().get("code")

    with ThreadPoolExecutor(8) as pool:
        counted = Counter(pool.map(attempt, range(40)))
    assert counted == {(201, None): 1, (401, "second_factor_invalid"): 39}
    person.login(totp=person.code(1))  # repeats of a right code are no guesses: nothing is locked
