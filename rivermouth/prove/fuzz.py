"""schemathesis over every operation of the running product, as each role and as nobody: no server error, and nothing without a session."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from identity.principals.states import Role
from rivermouth.prove.report import Report
from rivermouth.prove.stack import running

GENERATED = re.compile(r"(\d+) generated, .*")
ROLES = (*(role.value for role in Role), None)
"""None: nobody is logged in."""
EVERY_PHASE, RANDOM_ONLY = "examples,coverage,fuzzing,stateful", "fuzzing"


def prove(*, cases: int | None = None, folder: Path | None = None) -> int:
    """Every phase, one odd value of every field among them: far over 100,000 cases. A number asks for so many random requests alone."""
    phases, cases = (EVERY_PHASE, 5_000) if cases is None else (RANDOM_ONLY, cases)
    report = Report("fuzz", "nonsense over HTTP", ("role", "generated cases", "exit code", "summary"))
    with running() as stack:
        paths = stack.retail.get("/openapi.json")["paths"]
        operations = sum(len(methods) for methods in paths.values())
        each = -(-cases // (len(ROLES) * operations))
        report.notes.append(
            f"{operations} operations, at most {each} examples per operation, role and phase ({phases}); "
            "checks: not_a_server_error, and ignored_auth"
        )
        total = 0
        for role in ROLES:
            known = (
                []
                if role is None
                else ["--header", f"Authorization: {stack.client(role).http.headers['Authorization']}"]
            )
            done = subprocess.run(
                [
                    str(Path(sys.executable).parent / "schemathesis"),
                    "run",
                    stack.base + "/openapi.json",
                    "--checks",
                    "not_a_server_error,ignored_auth",
                    "--phases",
                    phases,
                    "--max-examples",
                    str(each),
                    *known,
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
            report.row(role or "nobody", generated, done.returncode, found.group(0) if found else "no summary")
            report.require(done.returncode == 0, f"{role or 'nobody'}: {done.stdout[-1500:]}{done.stderr[-500:]}")
        report.require(total >= cases, f"{total} cases, {cases} were asked for")
        report.require(not stack.broken_invariants(), "invariants after the fuzzing")
    return report.finish(folder)
