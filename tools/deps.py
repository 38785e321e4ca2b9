"""What the product stands on: pinned, hashed, known to nobody as broken. `./run audit-deps` and `./run sbom`.

    audit-deps   every requirement of the locks has a version and a hash; then `pip-audit` asks the advisories about each.
                 0 nothing is known · 1 something is known, or not pinned · 3 NOT ASKED: the advisories could not be reached for some
    sbom         dist/rivermouth.cdx.json, CycloneDX, from the lock; needs no network

`pip-audit` answers 0 with "no known vulnerabilities" for what it could not look up, so its list is read, not its exit code.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ("requirements.lock", "docker/requirements.prod.lock", "docker/requirements.build.lock", "boot.lock")
SBOM = ROOT / "dist" / "rivermouth.cdx.json"
NOT_ASKED = 3
_PINNED = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(\[[a-z0-9,_-]+\])?==[^\s;*]+\s*(;.*)?")
_HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")
_NAME = re.compile(r"[A-Za-z0-9._-]+")


@dataclass(frozen=True, slots=True)
class Finding:
    """`known`: an advisory; else it could not be looked up."""

    package: str
    version: str
    text: str
    known: bool


def unpinned(text: str) -> list[str]:
    """The requirements of a lock that somebody could replace: no exact version, no hash, or not from an index at all."""
    joined = re.sub(r"\\\n", " ", text)
    found = []
    for line in (raw.split(" #", 1)[0].strip() for raw in joined.splitlines()):
        if not line or line.startswith("#"):
            continue
        requirement, *hashes = re.split(r"\s+(?=--hash)", line)
        if not _PINNED.fullmatch(requirement) or not hashes or not all(map(_HASH.fullmatch, hashes)):
            found.append(requirement)
    return found


def locked(text: str) -> set[str]:
    """The names in a lock, in one spelling."""
    return {_plain(m[1]) for m in re.finditer(r"^([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^\]]*\])?==", text, re.MULTILINE)}


def declared(pyproject: str) -> set[str]:
    """The names that the product asks for itself."""
    config = tomllib.loads(pyproject)
    groups = [
        config["project"]["dependencies"],
        *config["project"]["optional-dependencies"].values(),
        *config["dependency-groups"].values(),
    ]
    return {_plain(m[0]) for group in groups for one in group if (m := _NAME.match(one))}


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def read(report: str) -> list[Finding]:
    """What `pip-audit -f json` says, in findings; nothing that it passed over counts as clean."""
    found = []
    for one in json.loads(report)["dependencies"]:
        if "skip_reason" in one:
            found.append(Finding(one["name"], "?", "could not be looked up", known=False))
        for advisory in one.get("vulns", ()):
            names = ", ".join([advisory["id"], *advisory.get("aliases", ())])
            fixed = ", ".join(advisory.get("fix_versions", ())) or "no version yet"
            found.append(Finding(one["name"], one["version"], f"{names}; fixed in {fixed}", known=True))
    return found


def verdict(findings: Sequence[Finding]) -> int:
    if any(finding.known for finding in findings):
        return 1
    return NOT_ASKED if findings else 0


def ask(lock: Path) -> list[Finding] | None:
    """The advisories about everything in a lock; None when nobody answered."""
    command = ["-m", "pip_audit", "--requirement", str(lock), "--require-hashes", "--disable-pip", "--format", "json"]
    done = subprocess.run(
        [sys.executable, *command, "--progress-spinner", "off"], capture_output=True, text=True, check=False
    )
    try:
        return read(done.stdout)
    except (ValueError, KeyError):
        return None


def audit(locks: Sequence[Path]) -> int:
    """Say what is wrong with these locks."""
    loose = [(lock, one) for lock in locks for one in unpinned(lock.read_text())]
    for lock, one in loose:
        print(f"NOT PINNED  {lock.name}: {one}")
    worst = 1 if loose else 0
    for lock in locks:
        findings = ask(lock)
        if findings is None:
            print(f"NOT ASKED   {lock.name}: the advisories cannot be reached from here")
            worst = worst or NOT_ASKED
            continue
        for one in (finding for finding in findings if finding.known):
            print(f"KNOWN       {one.package} {one.version}: {one.text}")
        missing = sum(not finding.known for finding in findings)
        if missing:
            print(f"NOT ASKED   {lock.name}: {missing} packages could not be looked up from here")
        worst = 1 if verdict(findings) == 1 else worst or verdict(findings)
    print({0: "nothing is known", 1: "something has to be done", NOT_ASKED: "this proves nothing"}[worst])
    return worst


def sbom(target: Path = SBOM) -> dict[str, Any]:
    """Write the bill of materials of what is installed for production; the same lock gives the same bytes."""
    target.parent.mkdir(parents=True, exist_ok=True)
    command = ["-m", "cyclonedx_py", "requirements", "docker/requirements.prod.lock", "--pyproject", "pyproject.toml"]
    subprocess.run(
        [sys.executable, *command, "--output-reproducible", "--of", "JSON", "-o", str(target)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    made: dict[str, Any] = json.loads(target.read_text())
    return made


def main(arguments: list[str]) -> int:
    match arguments:
        case ["audit-deps", *locks]:
            return audit([Path(lock) for lock in locks] or [ROOT / lock for lock in LOCKS])
        case ["sbom"]:
            made = sbom()
            print(f"{SBOM.relative_to(ROOT)}: {len(made['components'])} components")
            return 0
    print(__doc__)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
