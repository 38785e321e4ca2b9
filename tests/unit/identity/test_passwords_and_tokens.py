"""Hashes, tokens, the gate in front of the hasher, the local count of failures."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from identity.principals import passwords
from identity.sessions import attempts, tokens
from identity.sessions.tenant_memory import TenantMemory
from kernel.ids import uuid7


def test_the_parameters_are_the_agreed_ones():
    assert passwords.hash_password("x").startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_a_password_matches_its_own_hash_only():
    stored = passwords.hash_password("pässword")
    assert passwords.matches("pässword", stored)
    assert not passwords.matches("passwörd", stored)
    assert not passwords.matches("pässword", None)
    assert not passwords.matches("pässword", "not a hash")
    assert not passwords.outdated(stored)


def test_two_hashes_of_one_password_differ():
    assert passwords.hash_password("x") != passwords.hash_password("x")


def test_nobodys_hash_costs_what_a_real_one_costs():
    from argon2 import extract_parameters

    assert extract_parameters(passwords._NOBODY) == extract_parameters(passwords.hash_password("x"))


def test_the_gate_lets_two_work_ten_in_and_turns_the_eleventh_away(monkeypatch):
    monkeypatch.setattr(passwords, "WAIT_S", 600)
    working, most, lock = [0], [0], threading.Lock()
    leave = threading.Event()

    def visit():
        with passwords._gate():
            with lock:
                working[0] += 1
                most[0] = max(most[0], working[0])
            leave.wait(60)
            with lock:
                working[0] -= 1

    with ThreadPoolExecutor(16) as pool:
        inside = [pool.submit(visit) for _ in range(passwords.AT_ONCE + passwords.QUEUE)]
        while passwords._places._value:  # until all ten are in
            time.sleep(0.01)
        with pytest.raises(passwords.GateFull):
            visit()
        leave.set()
        for each in inside:
            each.result(60)
    assert most[0] == passwords.AT_ONCE
    with passwords._gate():
        pass


def test_tokens_are_long_random_and_recognised():
    made = {tokens.new_token() for _ in range(100)}
    assert len(made) == 100
    assert all(tokens.looks_right(token) and len(token) == 47 for token in made)
    token = made.pop()
    for bad in ("", "rms_", token[:-1], token + "a", token + "\n", token.replace("rms_", "rmx_"), "rms_" + "é" * 43):
        assert not tokens.looks_right(bad)


def test_the_local_count_ends_with_its_window_and_forgets_what_was_right():
    counter = attempts.LocalCounter()
    assert [counter.count("a", now=0.0)[0] for _ in range(4)] == [1, 2, 3, 4]
    counter.refund("a")
    assert counter.count("a", now=1.0) == (4, attempts.WINDOW_S - 1)
    assert counter.count("b", now=1.0)[0] == 1
    assert counter.count("a", now=attempts.WINDOW_S + 0.1)[0] == 1


def test_the_local_count_is_bounded():
    counter = attempts.LocalCounter()
    for number in range(attempts.REMEMBERED + 50):
        counter.count(str(number), now=0.0)
    assert len(counter._windows) == attempts.REMEMBERED


def test_the_memory_of_tenants_keeps_the_most_recently_used():
    memory = TenantMemory(2)
    a, b, c = b"a", b"b", b"c"
    one, two, three = uuid7(), uuid7(), uuid7()
    memory.put(a, one)
    memory.put(b, two)
    assert memory.get(a) == one
    memory.put(c, three)
    assert (memory.get(a), memory.get(b), memory.get(c)) == (one, None, three)
