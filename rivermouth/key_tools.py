"""What `rivermouth keys …` does and prints; it runs as the engine, over all tenants."""

from __future__ import annotations

import os
from collections import Counter

from identity.audit import service as audit
from kernel import crypto, db, log, resealing
from kernel.errors import DomainError
from kernel.ids import SYSTEM
from kernel.settings import settings
from payments.reconciliation.service import OPERATOR
from rivermouth.registry import SEALED

_SHOWN = 20


def _start() -> None:
    log.configure("keys", "WARNING")
    db.configure(os.environ["RIVERMOUTH_DATABASE_URL"], pool_size=1, application_name="rivermouth-keys")


def show() -> bool:
    """Which keys there are and what each opens; False when one is missing that secrets were sealed under."""
    try:
        known = crypto.known_key_ids()
    except DomainError as error:
        print(f"rivermouth: {error.detail}")
        return False
    _start()
    try:
        used: Counter[str] = Counter()
        for place in SEALED:
            used.update(resealing.uses(place))
    finally:
        db.dispose()
    for number, name in enumerate(known):
        print(f"{name:32} {used[name]:>9} secrets{'  (seals)' if number == 0 else ''}")
    missing = sorted(set(used) - set(known))
    for name in missing:
        print(f"{name:32} {used[name]:>9} secrets  MISSING: put it back into RIVERMOUTH_MASTER_KEYS")
    return not missing


def rotate(*, fresh: bool) -> bool:
    """Every sealed column in turn; True when the first key opens all of it now."""
    if fresh and not _put_in_front():
        return False
    try:
        newest = crypto.newest_key_id()
    except DomainError as error:
        print(f"rivermouth: {error.detail}")
        return False
    _start()
    try:
        results = [_column(place) for place in SEALED]
        done = sum(result.done for result in results)
        with db.transaction(tenant=settings().house_tenant) as tx:
            audit.record(
                tx, "master_keys.rotated", kind="deployment", resource=SYSTEM, actor=OPERATOR, to=newest, secrets=done
            )
    finally:
        db.dispose()
    unreadable = sum(len(result.unreadable) for result in results)
    print(f"{newest} opens everything" if not unreadable else f"{unreadable} secrets do not open: is a key missing?")
    return not unreadable


def _column(place: resealing.Sealed) -> resealing.Resealed:
    result = resealing.Resealed(place)
    for result in resealing.reseal(place):
        print(f"  {place.table}.{place.column}: {result.done} sealed anew", flush=True)
    for row in result.unreadable[:_SHOWN]:
        print(f"  UNREADABLE  {place.table}.{place.column} of {row}")
    return result


def _put_in_front() -> bool:
    """A fresh key for a sandbox that keeps its own list. Processes read the list again by themselves."""
    chosen = settings()
    if not chosen.sandbox or chosen.master_keys is not None:
        print("rivermouth: --new is for a sandbox with a list of its own; put the key into RIVERMOUTH_MASTER_KEYS")
        return False
    crypto.put_in_front(chosen.data_dir / crypto.FILE)
    return True
