"""A worker of the payout in a process of its own: it pays what is due by a moment, says how long that took, and may die on the way.

    python -m rivermouth.prove.payout_worker ADDRESS TENANT MOMENT SIGN [--batch ROWS] [--change MODULE:FUNCTION]

SIGN is a file that says "I have begun". A change is what a test breaks, to see that the proof finds it.
"""

from __future__ import annotations

import argparse
import json
import sys
from datetime import datetime
from importlib import import_module
from pathlib import Path
from uuid import UUID

from earn.payouts import service
from kernel import clock, db, log


def main(words: list[str]) -> int:
    read = argparse.ArgumentParser()
    read.add_argument("address")
    read.add_argument("tenant", type=UUID)
    read.add_argument("moment", type=datetime.fromisoformat)
    read.add_argument("sign", type=Path)
    read.add_argument("--batch", type=int, default=service.BATCH)
    read.add_argument("--change")
    given = read.parse_args(words)
    log.configure("prove", "CRITICAL")
    if given.change:
        module, _, name = given.change.partition(":")
        getattr(import_module(module), name)()
    service.BATCH = given.batch
    db.configure(given.address, pool_size=2, application_name="rivermouth-prove")
    given.sign.touch()
    began = clock.monotonic()
    done = service.run(given.tenant, by=given.moment)
    print(json.dumps({"paid": done.paid, "refused": done.refused, "began": began, "ended": clock.monotonic()}))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
