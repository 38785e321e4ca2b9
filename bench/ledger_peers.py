"""Peers that only some machines have: a running TigerBeetle, an installed django-hordak. What is not there is said in one line.

Both are driven as an application in Python uses them, single transfers from threads; what a row leaves out stands beside it.
"""

from __future__ import annotations

import importlib.util
import os
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from decimal import Decimal

from bench.ledger_server import Server

ACCOUNTS, SUBMITTERS = 1_000, 64
Submit = Callable[[random.Random], None]


def report(server: Server, tigerbeetle: str | None, seconds: float) -> None:
    """One run each, printed apart: not shuffled with the others, so only an order of magnitude."""
    print("\npeers, one run each")
    if tigerbeetle is None:
        print("  TigerBeetle: not measured (give --tigerbeetle ADDRESS of a running server)")
    elif importlib.util.find_spec("tigerbeetle") is None:
        print("  TigerBeetle: not measured (its Python client is not installed)")
    else:
        _print(
            "TigerBeetle, single transfers of a Python client", _drive(_tigerbeetle(tigerbeetle), SUBMITTERS, seconds)
        )
    if importlib.util.find_spec("hordak") is None:
        print("  django-hordak: not measured (it is not installed)")
    else:
        _print("django-hordak transfer_to, 4 threads", _drive(_hordak(server), 4, seconds))


def _drive(submit: Submit, submitters: int, seconds: float) -> tuple[Counter[str], list[float], float]:
    said, took, lock, until = Counter[str](), list[float](), threading.Lock(), time.monotonic() + seconds

    def work(number: int) -> None:
        rng, mine, times = random.Random(number), Counter[str](), []
        while (start := time.monotonic()) < until:
            try:
                submit(rng)
                mine["ok"] += 1
            except Exception as error:  # noqa: BLE001  a peer's errors are counted, whatever they are
                mine[type(error).__name__] += 1
            times.append(time.monotonic() - start)
        with lock:
            said.update(mine)
            took.extend(times)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(submitters)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return said, sorted(took), seconds


def _print(name: str, run: tuple[Counter[str], list[float], float]) -> None:
    said, took, seconds = run
    errors = said.total() - said["ok"]
    p50, p99 = took[len(took) // 2] * 1e3, took[int(len(took) * 0.99)] * 1e3
    print(f"  {name}: {said['ok'] / seconds:.0f}/s, p50 {p50:.1f} ms, p99 {p99:.1f} ms, {errors} errors")


def _tigerbeetle(address: str) -> tuple[Submit, Callable[[], bool]]:
    import tigerbeetle as tb  # noqa: PLC0415  an optional peer

    client = tb.ClientSync(cluster_id=0, replica_addresses=address)
    ids = [tb.id() for _ in range(ACCOUNTS)]
    client.create_accounts([tb.Account(id=i, ledger=1, code=1) for i in ids])
    sent: list[int] = []

    def submit(rng: random.Random) -> None:
        (payer, payee), amount = rng.sample(ids, 2), rng.randint(1, 500)
        transfer = tb.Transfer(
            id=tb.id(), debit_account_id=payer, credit_account_id=payee, amount=amount, ledger=1, code=1
        )
        client.create_transfers([transfer])
        sent.append(amount)

    def balanced() -> bool:
        found = client.lookup_accounts(ids)
        return sum(a.debits_posted for a in found) == sum(a.credits_posted for a in found) == sum(sent)

    return submit, balanced


def _hordak(server: Server) -> Submit:
    import django  # noqa: PLC0415  an optional peer
    from django.conf import settings  # noqa: PLC0415
    from django.core.management import call_command  # noqa: PLC0415

    server.admin("CREATE DATABASE hordak")
    backend = {"ENGINE": "django.db.backends.postgresql", "NAME": "hordak", "USER": "postgres"}
    settings.configure(
        INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "mptt", "hordak"],
        DATABASES={"default": {**backend, "HOST": str(server.postgres.sockets)}},
        DEFAULT_CURRENCY="EUR",
        CURRENCIES=["EUR"],
        USE_TZ=True,
    )  # fmt: skip
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    django.setup()
    call_command("migrate", verbosity=0)
    from hordak.models import Account  # noqa: PLC0415
    from moneyed import Money  # noqa: PLC0415

    accounts = [
        Account.objects.create(name=f"bench {n}", code=str(n), type="AS", currencies=["EUR"]) for n in range(100)
    ]

    def submit(rng: random.Random) -> None:
        payer, payee = rng.sample(accounts, 2)
        payer.transfer_to(payee, Money(Decimal(rng.randint(1, 500)) / 100, "EUR"))

    return submit
