"""What `rivermouth audit …` does and prints; it runs as the engine, over all tenants."""

from __future__ import annotations

import os
from pathlib import Path

from identity.audit import chain, verifying
from identity.audit.states import Fault
from identity.audit.verifying import Broken
from kernel import crypto, db, log, signing
from kernel.settings import settings

_WORDS = {
    Fault.ENTRY_CHANGED: "the entry is not what it was when it got its place",
    Fault.ENTRY_MISSING: "the entry was taken away",
    Fault.ENTRY_UNLINKED: "the entry was put in beside the chain",
    Fault.LINK_MISSING: "the link was taken away",
    Fault.CHAIN_BROKEN: "the link does not follow from the one before",
    Fault.CHECKPOINT_DIFFERS: "the chain is not the one that was signed: something up to here was made anew",
    Fault.CHECKPOINT_MISSING: "the checkpoint was taken away",
    Fault.SIGNATURE_WRONG: "the signature of the checkpoint is wrong",
    Fault.KEY_UNKNOWN: "the checkpoint is signed by a key that is not ours",
    Fault.HEAD_DIFFERS: "the chain is not the one whose head was published",
    Fault.UNSIGNED: "from here on nobody has signed the chain: the engine needs RIVERMOUTH_AUDIT_KEYS, and to run",
}
_SHOWN = 20


def verify(data: Path, public_keys: str | None) -> bool:
    """The whole chain, its checkpoints, and the heads that were published."""
    log.configure("audit", "WARNING")
    try:
        keys = signing.read_public_keys(public_keys) if public_keys else signing.public_keys(settings(), data)
    except crypto.MasterKeysMalformed:
        print("rivermouth: the public keys are not `id:base64 of 32 bytes`, separated by commas")
        return False
    if not keys:
        print("there is no key: signatures cannot be checked (RIVERMOUTH_AUDIT_KEYS, or --public-keys)")
    db.configure(os.environ["RIVERMOUTH_DATABASE_URL"], pool_size=1, application_name="rivermouth-audit")
    try:
        print("verifying the chain of the audit")
        found = verifying.verify(
            keys, heads=chain.published(data / "audit"), progress=lambda done, last: print(f"  link {done} of {last}")
        )
    finally:
        db.dispose()
    for broken in found[:_SHOWN]:
        print(f"BROKEN  {describe(broken)}")
    if len(found) > _SHOWN:
        print(f"BROKEN  … and {len(found) - _SHOWN} more")
    if not found:
        print("intact")
    return not found


def describe(broken: Broken) -> str:
    """One line: the fault's name, where it is, and what that means."""
    where = [f"link {broken.seq}"] if broken.seq is not None else []
    where += [f"entry {broken.entry_id}"] if broken.entry_id is not None else []
    where += [f"checkpoint {broken.checkpoint_no}"] if broken.checkpoint_no is not None else []
    return f"{broken.fault.value}: {', '.join(where)} ({_WORDS[broken.fault]})"


def show_keys(data: Path) -> bool:
    """False when there is none."""
    keys = signing.public_keys(settings(), data)
    print(signing.shown(keys) if keys else "there is no key yet")
    return bool(keys)
