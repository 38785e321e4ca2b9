"""schemathesis over every operation of the running product, as each role: no server error, ever."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from rivermouth.prove.report import Report
from rivermouth.prove.stack import running

GENERATED = re.compile(r"(\d+) generated, .*")
ROLES = ("retail", "treasury", "finance", "admin", "auditor")


def prove(*, cases: int = 5_000, folder: Path | None = None) -> int:
    report = Report("fuzz", "nonsense over HTTP", ("role", "generated cases", "exit code", "summary"))
    with running() as stack:
        paths = stack.retail.get("/openapi.json")["paths"]
        operations = sum(len(methods) for methods in paths.values())
        each = max(1, cases // (len(ROLES) * operations))
        report.notes.append(
            f"{operations} operations, at most {each} examples per operation, role and phase; checks: not_a_server_error"
        )
        total = 0
        for role in ROLES:
            token = stack.client(role).http.headers["Authorization"]
            done = subprocess.run(
                [
                    str(Path(sys.executable).parent / "schemathesis"),
                    "run",
                    stack.base + "/openapi.json",
                    "--checks",
                    "not_a_server_error",
                    "--max-examples",
                    str(each),
                    "--header",
                    f"Authorization: {token}",
                    "--no-color",
                    "--generation-deterministic",
                    "--exclude-path-regex",
                    "/v1/sandbox/(clock|prices|faults)|/v1/sessions/current",
                    "--request-timeout",
                    "30",
                ],
                capture_output=True,
                text=True,
                timeout=3600,
                check=False,
            )
            found = GENERATED.search(done.stdout)
            generated = int(found.group(1)) if found else 0
            total += generated
            report.row(role, generated, done.returncode, found.group(0) if found else "no summary")
            report.require(done.returncode == 0, f"{role}: {done.stdout[-1500:]}{done.stderr[-500:]}")
        report.require(total >= cases, f"{total} cases, {cases} were asked for")
        report.require(not stack.broken_invariants(), "invariants after the fuzzing")
    return report.finish(folder)
