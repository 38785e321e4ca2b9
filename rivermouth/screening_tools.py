"""`rivermouth screening import`: a new version of a list of names, and every customer compared with it."""

from __future__ import annotations

import os
from pathlib import Path
from uuid import UUID

from identity.kyc import service as kyc
from identity.screening import service as screening
from identity.screening.errors import ListInvalid
from kernel import db
from kernel.settings import settings


def import_file(path: Path, *, name: str, version: str | None, tenant: UUID | None) -> bool:
    """Print what became of it; False when it is no list."""
    house = tenant or settings().house_tenant
    db.configure(os.environ["RIVERMOUTH_DATABASE_URL"], pool_size=1, application_name="rivermouth-screening")
    try:
        made = screening.import_list(house, name=name, version=version, body=path.read_bytes())
        print(
            f"{name}: this is the current version already" if made is None else f"{name} {made[0]}: {made[1]} entries"
        )
        compared, hits = kyc.rescreen(house)
        print(f"{compared} customers compared, {hits} to be looked at")
    except ListInvalid as refusal:
        print(f"not a list: {refusal.detail}")
        return False
    finally:
        db.dispose()
    return True
