"""A message between the programs counts as it was signed, for whom, when, and once."""

from __future__ import annotations

import os

import pytest

from kernel import signing as keys
from kernel.signing import Signer
from wallet_bridge.wire import signing
from wallet_bridge.wire.signing import Message, WireRefused

SIGNER = Signer("bridge", os.urandom(32))
KEYS = {"bridge": keys._public(SIGNER.seed)}
ASKED = Message("custodian", "POST", "/v1/transfers?x=1", b'{"amount": "1"}')
NOW = 1_800_000_000.0


def test_a_signed_message_is_believed():
    seen = signing.verify(KEYS, ASKED, signing.sign(SIGNER, ASKED, now=NOW), now=NOW)
    assert seen.key_id == "bridge"


def test_each_signature_has_a_nonce_of_its_own():
    made = {signing.sign(SIGNER, ASKED, now=NOW)[signing.NONCE] for _ in range(100)}
    assert len(made) == 100


@pytest.mark.parametrize(
    "other",
    [
        Message("somebody", "POST", "/v1/transfers?x=1", b'{"amount": "1"}'),
        Message("custodian", "PUT", "/v1/transfers?x=1", b'{"amount": "1"}'),
        Message("custodian", "POST", "/v1/transfers?x=2", b'{"amount": "1"}'),
        Message("custodian", "POST", "/v1/transfers?x=1", b'{"amount": "2"}'),
    ],
)
def test_nothing_of_it_can_be_changed(other):
    headers = signing.sign(SIGNER, ASKED, now=NOW)
    with pytest.raises(WireRefused):
        signing.verify(KEYS, other, headers, now=NOW)


@pytest.mark.parametrize("shift", [-31, 31, 3_600])
def test_old_and_future_messages_are_refused(shift):
    with pytest.raises(WireRefused):
        signing.verify(KEYS, ASKED, signing.sign(SIGNER, ASKED, now=NOW), now=NOW + shift)


@pytest.mark.parametrize("name", [signing.KEY, signing.AT, signing.NONCE, signing.SIGNATURE])
@pytest.mark.parametrize("value", ["", "x", "１２３", "\n", "A" * 500])
def test_every_header_counts(name, value):
    headers = {**signing.sign(SIGNER, ASKED, now=NOW), name: value}
    with pytest.raises(WireRefused):
        signing.verify(KEYS, ASKED, headers, now=NOW)


def test_a_stranger_is_refused():
    stranger = Signer("bridge", os.urandom(32))
    with pytest.raises(WireRefused):
        signing.verify(KEYS, ASKED, signing.sign(stranger, ASKED, now=NOW), now=NOW)
