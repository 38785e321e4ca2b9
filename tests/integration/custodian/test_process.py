"""The custodian as people start it: killed at every place of a payment it pays each transfer once, and it says in a sentence why it cannot start."""

from __future__ import annotations

import os
import re
import signal
import time
from decimal import Decimal

import pytest
from sqlalchemy.engine import make_url
from typer.testing import CliRunner

from kernel import failpoints
from kernel.ids import uuid7
from rivermouth.cli import app
from rivermouth.prove.kills import CUSTODIAN_FAILPOINTS
from tests.custodian_desk import FINAL, NETWORK, WEI
from tests.custodian_process import prepared
from tests.integration.custodian.test_keeper_process import PLACES as KEEPER_PLACES
from wallet_bridge.custodian import settings
from wallet_bridge.custodian.chains.eth import to_checksum_address
from wallet_bridge.custodian.transfers import service as _transfers  # noqa: F401  it names the places

AMOUNTS = ("1", "0.5", "0.25")
PATIENCE_S = 180.0
PLACES = sorted(name for name in failpoints.NAMES if re.match(r"custody\.(sign|send|sent|located)\.", name))


@pytest.fixture
def start(anvil, empty_url, tmp_path):
    made = []

    def one(module="rivermouth"):
        made.append(prepared(anvil, empty_url, tmp_path, module=module))
        return made[-1]

    yield one
    for process in made:
        process.stop()


def wishes():
    """Each to an address of its own, that nobody else ever pays."""
    return [
        {
            "client_ref": f"w/{uuid7()}", "destination": {"type": "address", "address": to_checksum_address(os.urandom(20))},
            "asset": "ETH", "network": NETWORK, "amount": amount, "fee_cap": "0.01", "purpose": "withdrawal",
        }
        for amount in AMOUNTS
    ]  # fmt: skip


def units(process, address):
    return int(process.anvil.ask("eth_getBalance", address, "latest"), 16)


def paid_once_in_spite_of(process, place):
    """Kill it there, start it again, and hold every transfer against the chain."""
    hot, wanted = process.hot(), wishes()
    process.anvil.ask("anvil_setBalance", hot, hex(100 * WEI))
    process.start({"RIVERMOUTH_FAILPOINT": f"{place}:1"})
    process.want(wanted[:1])
    _until(process, lambda: process.dead() is not None)
    assert process.dead() == -signal.SIGKILL, process.log.read_text()
    process.anvil.mine()  # what reached the node is in a block before anybody looks
    process.start()
    process.want(wanted)
    _until(process, lambda: all(process.found(wish)["state"] in {"final", "failed"} for wish in wanted))
    told = [process.found(wish) for wish in wanted]
    assert [one["state"] for one in told] == ["final"] * len(wanted)
    for wish in wanted:
        assert units(process, wish["destination"]["address"]) == Decimal(wish["amount"]) * WEI
    fees = sum(Decimal(one["fee"]) for one in told)
    assert Decimal(100 * WEI - units(process, hot)) / WEI == sum(map(Decimal, AMOUNTS)) + fees
    assert int(process.anvil.ask("eth_getTransactionCount", hot, "latest"), 16) == len(wanted)


def _until(process, holds):
    end = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < end, process.log.read_text()
        process.anvil.mine()
        time.sleep(0.1)


def test_every_place_is_tried():
    """By `prove withdrawals`, the first ones here too, or by the keeper's own tests."""
    assert len(PLACES) == 8
    assert set(PLACES) < set(CUSTODIAN_FAILPOINTS)
    assert set(CUSTODIAN_FAILPOINTS) | set(KEEPER_PLACES) == {
        one for one in failpoints.NAMES if one.startswith("custody.")
    }


@pytest.mark.parametrize("place", PLACES)
def test_killed_anywhere_it_pays_each_transfer_exactly_once(start, place):
    paid_once_in_spite_of(start(), place)


def test_a_custodian_that_sends_before_it_stores_is_found_out(start):
    with pytest.raises(AssertionError):
        paid_once_in_spite_of(mutant := start("tests.custodian_mutant"), "custody.sign.before_commit")
    assert mutant.dead() is None  # it lives, and has paid twice
    assert int(mutant.anvil.ask("eth_getTransactionCount", mutant.hot(), "latest"), 16) == len(AMOUNTS) + 1


def run(env, *arguments):
    """The command line in this process: what it says before it would serve."""
    gone = {name: None for name in os.environ if name.startswith("RIVERMOUTH_")}
    made = CliRunner().invoke(app, arguments, env=gone | env)
    return made.exit_code, made.stdout, made.stderr


@pytest.mark.parametrize(
    ("setting", "value", "said"),
    [
        ("DATABASE_URL", None, "RIVERMOUTH_CUSTODIAN_DATABASE_URL is not set."),
        ("DATABASE_URL", "mysql://a:hushhush@b/c", "RIVERMOUTH_CUSTODIAN_DATABASE_URL must be the address of a PostgreSQL database."),
        ("DATABASE_URL", "postgresql://a:hushhush@127.0.0.1:1/c", "The custodian's database cannot be used (OperationalError)"),
        ("SEED", "aHVzaGh1c2g=", "RIVERMOUTH_CUSTODIAN_SEED must be the base64 of 32 bytes."),
        ("SIGNING_KEY", "custodian:hushhush", "RIVERMOUTH_CUSTODIAN_SIGNING_KEY must be `id:base64 of 32 bytes`"),
        ("CLIENTS", "hushhush", "RIVERMOUTH_CUSTODIAN_CLIENTS must be `id:base64 of 32 bytes`"),
        ("NETWORKS", "/nowhere/networks.json", "/nowhere/networks.json cannot be read (No such file or directory)."),
        ("NETWORKS", '{"eth": {"kind": "evm", "rpc": "http://a:hushhush@b"}}', "eth.native: is not set."),
    ],
)  # fmt: skip
def test_what_it_cannot_start_with_is_said_in_one_sentence(start, tmp_path, setting, value, said):
    env = start().env
    if value is not None and value.startswith("{"):
        file = tmp_path / "other.json"
        file.write_text(value)
        value = str(file)
    name = f"RIVERMOUTH_CUSTODIAN_{setting}"
    env = {key: kept for key, kept in env.items() if key != name} | ({} if value is None else {name: value})
    code, _, told = run(env, "custodian", "--port", "1")
    assert (code, told.count("\n")) == (1, 1) and said in told
    assert (
        "hushhush" not in told and "aHVzaGh1c2g" not in told and env.get("RIVERMOUTH_CUSTODIAN_SEED", "-") not in told
    )


def test_it_does_not_start_as_a_superuser(start, bare_cluster):
    process = start()
    name = make_url(process.env["RIVERMOUTH_CUSTODIAN_DATABASE_URL"]).database
    env = process.env | {"RIVERMOUTH_CUSTODIAN_DATABASE_URL": bare_cluster.postgres.url("postgres", name)}
    code, _, told = run(env, "custodian")
    assert (code, told) == (
        1,
        "rivermouth: RIVERMOUTH_CUSTODIAN_DATABASE_URL names a superuser: the custodian does not start as one.\n",
    )


def test_fresh_keys_are_what_the_settings_take(start, monkeypatch):
    process = start()
    code, first, _ = run(process.env, "custodian-keys")
    assert code == 0 and first != run(process.env, "custodian-keys")[1]
    lines = [line for line in first.splitlines() if not line.startswith("#")]
    for name, value in (process.env | dict(line.split("=", 1) for line in lines)).items():
        monkeypatch.setenv(name, value)
    found, served = settings.read()
    assert found.clients.startswith("bridge:") and list(served) == [NETWORK] and served[NETWORK].confirmations == FINAL
