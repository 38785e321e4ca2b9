"""The house keeps its own rules: every package is under the floors contract, every thing under the rooms contract, sizes and names."""

import importlib.util
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

from kernel import failpoints
from rivermouth.prove import kills

ROOT = Path(__file__).resolve().parents[2]
CONFIG = tomllib.loads((ROOT / "pyproject.toml").read_text())
LINTER = CONFIG["tool"]["importlinter"]
PACKAGES = {
    p.parent.name for p in ROOT.glob("*/__init__.py") if p.parent.name not in {"tests", "migrations", "tools", "bench"}
}


def _contract(name):
    return next(c for c in LINTER["contracts"] if c["id"] == name)


def test_every_package_is_seen_by_the_linter_and_shipped():
    assert set(LINTER["root_packages"]) == PACKAGES
    assert set(CONFIG["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]) == PACKAGES
    layers = {name.strip() for layer in _contract("floors")["layers"] for name in layer.split("|")}
    assert layers == PACKAGES


def test_every_thing_stands_in_the_rooms_contract():
    things = {
        f"{p.parent.parent.name}.{p.parent.name}"
        for p in ROOT.glob("*/*/__init__.py")
        if p.parent.parent.name in PACKAGES - {"kernel", "rivermouth", "venues"}
    }
    assert things == set(_contract("rooms")["containers"])


def test_names_belong_to_us_alone():
    others = packages_distributions()
    for name in PACKAGES:
        assert name not in sys.stdlib_module_names
        assert set(others.get(name, ["rivermouth"])) == {"rivermouth"}, name


def test_sizes_names_and_clocks():
    spec = importlib.util.spec_from_file_location("tidy", ROOT / "tools" / "tidy.py")
    tidy = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tidy)
    assert tidy.findings() == []


def test_locks_hold_hashes_and_no_address():
    for name in ("requirements.lock", "docker/requirements.prod.lock", "boot.lock"):
        text = (ROOT / name).read_text()
        assert "--hash=sha256:" in text
        assert "://" not in text
        pinned = [line for line in text.splitlines() if re.match(r"^[a-z0-9]", line)]
        assert all("==" in line for line in pinned), name


def test_every_failpoint_is_in_the_kill_proof():
    import rivermouth.engine.main  # noqa: F401  declares them all

    lists = [getattr(kills, name) for name in dir(kills) if name.endswith("_FAILPOINTS")]
    named = {place for places in lists for place in places}
    # The custodian is another program: tests/integration/custodian holds its list against its code.
    ours = {name for name in failpoints.NAMES if not name.startswith("custody.")}
    assert named - set(kills.CUSTODIAN_FAILPOINTS) == ours
