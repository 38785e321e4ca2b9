"""Attack 51: a dependency without a pinned hash, or one that is known to be broken. The first fails here, offline; the second where it is asked."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tools import deps

GOOD = (
    "segno==1.6.6 \\\n    --hash=sha256:" + "0" * 64 + " \\\n    --hash=sha256:" + "1" * 64 + "\n    # via rivermouth\n"
)


def test_51_every_requirement_of_every_lock_has_a_version_and_a_hash():
    for name in deps.LOCKS:
        text = (deps.ROOT / name).read_text()
        assert deps.unpinned(text) == [], name
        assert len(deps.locked(text)) > 0, name


@pytest.mark.parametrize(
    "bad",
    [
        "segno==1.6.6\n",
        "segno>=1.6 --hash=sha256:" + "0" * 64,
        "segno --hash=sha256:" + "0" * 64,
        "segno==1.6.6 --hash=md5:" + "0" * 32,
        "segno==1.6.6 --hash=sha256:" + "0" * 63,
        "segno @ https://example.com/segno.whl --hash=sha256:" + "0" * 64,
        "git+https://example.com/segno.git",
        "-e .",
        "--index-url https://example.com/simple",
        "./segno.whl",
    ],
)
def test_51_what_is_not_pinned_is_found(bad):
    assert deps.unpinned(GOOD) == []
    assert len(deps.unpinned(GOOD + bad)) == 1


def test_51_what_the_product_asks_for_is_in_the_lock_and_the_lock_is_what_is_installed():
    project = (deps.ROOT / "pyproject.toml").read_text()
    assert deps.declared(project) - deps.locked((deps.ROOT / "requirements.lock").read_text()) == set()
    runner = (deps.ROOT / "run").read_text()
    assert '"sync"' in runner
    assert runner.count("--require-hashes") == 2, "the installer, and what it installs"
    assert "--require-hashes" in (deps.ROOT / "docker" / "Dockerfile").read_text()


def report(*dependencies):
    return json.dumps({"dependencies": list(dependencies), "fixes": []})


CLEAN = {"name": "segno", "version": "1.6.6", "vulns": []}
BROKEN = {
    "name": "x",
    "version": "1",
    "vulns": [{"id": "GHSA-1", "aliases": ["CVE-2026-1"], "fix_versions": ["2"], "description": ""}],
}
PASSED_OVER = {"name": "y", "skip_reason": "Dependency not found"}


def test_51_a_known_fault_is_red_and_what_was_not_looked_up_is_not_green(capsys, monkeypatch, tmp_path):
    lock = tmp_path / "some.lock"
    lock.write_text(GOOD)
    for said, expected, word in (
        (report(CLEAN), 0, "nothing is known"),
        (report(CLEAN, BROKEN), 1, "KNOWN       x 1: GHSA-1, CVE-2026-1; fixed in 2"),
        (report(CLEAN, PASSED_OVER), 3, "NOT ASKED   some.lock: 1 packages"),
        (report(BROKEN, PASSED_OVER), 1, "NOT ASKED"),
        ("no JSON: the network is away", 3, "cannot be reached"),
    ):
        done = subprocess.CompletedProcess(
            [], 0, stdout=said, stderr=""
        )  # 0, as the library answers what it passed over
        monkeypatch.setattr(deps.subprocess, "run", lambda *_, done=done, **__: done)
        assert deps.audit([lock]) == expected
        assert word in capsys.readouterr().out
    lock.write_text("segno==1.6.6\n")
    assert deps.audit([lock]) == 1, "not pinned is red whatever the advisories say"


def test_51_the_bill_of_materials_names_what_is_installed_with_its_hashes(tmp_path):
    made = deps.sbom(tmp_path / "sbom.json")
    names = {deps._plain(component["name"]) for component in made["components"]}
    assert names == deps.locked((deps.ROOT / "docker" / "requirements.prod.lock").read_text())
    assert made["bomFormat"] == "CycloneDX"
    assert all(one["hashes"] for c in made["components"] for one in c["externalReferences"])
    assert made["metadata"]["component"]["name"] == "rivermouth"
    assert "timestamp" not in made["metadata"], "the same lock gives the same bytes"


def test_51_the_targets_are_there():
    done = subprocess.run([sys.executable, "-m", "tools.deps"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "audit-deps" in done.stdout
