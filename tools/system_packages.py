"""Debian packages that tests need (docker/apt-test.txt): what is missing is installed as root, or unpacked beside us as an ordinary user.

Where neither works, the tests that need them say NOT RUN with the line that would help, and `./run test` ends with 3.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import NoReturn

from kernel import apt
from wallet_bridge.custodian.localnet import litecoin

ROOT = Path(__file__).resolve().parent.parent
LIST = ROOT / "docker" / "apt-test.txt"
UNPACKED = ROOT / ".boot" / "system"
CHROMIUM = "RIVERMOUTH_CHROMIUM"
LITECOIND = "RIVERMOUTH_LITECOIND"
NOT_RUN = "RIVERMOUTH_NOT_RUN"
TOOLS = {CHROMIUM: ("chromium", "fonts-noto-cjk"), LITECOIND: ("litecoind",)}  # named by hand, they are not got
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def install_line() -> str:
    return f"apt-get install -y --no-install-recommends {' '.join(wanted())}"


def wanted() -> list[str]:
    return LIST.read_text().split()


def ensure() -> dict[str, str]:
    """Install what is missing; the environment in which the tools are found."""
    if not _missing():
        return {}
    if shutil.which("apt-get") is None:
        return {}
    try:
        if os.geteuid() == 0:
            _install()
            return {}
        return _unpack()
    except apt.AptFailed as error:
        print(f"system packages could not be had: {error}", flush=True)
        return {}


def _missing() -> list[str]:
    given = {name for tool, names in TOOLS.items() if os.environ.get(tool) for name in names}
    return [name for name in wanted() if name not in given and _status(name) != "install ok installed"]


def _status(package: str) -> str:
    if shutil.which("dpkg-query") is None:  # not Debian: what is on PATH counts
        return "install ok installed"
    asked = subprocess.run(
        ["dpkg-query", "--show", "--showformat=${Status}", package], capture_output=True, text=True, check=False
    )
    return asked.stdout


def _install() -> None:
    print(f"installing {', '.join(_missing())} …", flush=True)
    apt.run("apt-get", "update", "-qq")
    apt.run("apt-get", "install", "-y", "-qq", "--no-install-recommends", *_missing())


def _unpack() -> dict[str, str]:
    """What root would install, downloaded and unpacked into our own folder."""
    say = f"unpacking {', '.join(wanted())} into {UNPACKED} …"
    tree = apt.unpack(wanted(), UNPACKED, lambda: print(say, flush=True))
    every = apt.libraries(tree)
    # What the system had already is not in the tree, and is found where it always was.
    tools = {CHROMIUM: tree / "usr/lib/chromium/chromium", LITECOIND: tree / litecoin.DEBIANS}
    return {name: str(path) for name, path in tools.items() if path.exists()} | {
        "RIVERMOUTH_CHROMIUM_LIBRARIES": every,
        "RIVERMOUTH_CHROMIUM_SHARE": str(tree / "usr/share"),
        "RIVERMOUTH_LITECOIND_LIBRARIES": every,
    }


def not_run(line: str) -> NoReturn:
    """Skip a test for want of a tool, and tell `./run test`, which then does not call the whole a success."""
    import pytest

    file = os.environ.get(NOT_RUN)
    if file and line not in (Path(file).read_text().splitlines() if Path(file).exists() else ()):
        with Path(file).open("a") as opened:
            opened.write(line + "\n")
    pytest.skip(f"NOT RUN {line}")


def chromium() -> tuple[str, dict[str, str]] | None:
    """Path of the browser and what its environment needs besides; None where there is none."""
    given = os.environ.get(CHROMIUM)
    if given:
        more = {}
        if os.environ.get("RIVERMOUTH_CHROMIUM_LIBRARIES"):
            more["LD_LIBRARY_PATH"] = os.environ["RIVERMOUTH_CHROMIUM_LIBRARIES"]
            more["XDG_DATA_HOME"] = os.environ["RIVERMOUTH_CHROMIUM_SHARE"]
        return given, more
    found = next((path for path in map(shutil.which, BROWSERS) if path), None)
    return None if found is None else (found, {})
