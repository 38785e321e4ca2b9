"""Unmodified bots on a running demo: ccxt (sync, async, pro), ccxt's own generic exchange tests against the class in `sdk/`, freqtrade.

Everything a bot runs is what a user would run: the examples in `sdk/examples`, and freqtrade from its own package in an environment of its
own. ccxt's tests come with its package; they refuse to run against an installed ccxt, so they run on a copy outside.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rivermouth.prove.report import Report
from rivermouth.prove.stack import Stack, running

ROOT = Path(__file__).resolve().parent.parent.parent
SDK = ROOT / "sdk"
FREQTRADE = "freqtrade==2026.9"
SYMBOLS = ("BTC-USDT", "ETH-USDT", "ETH-BTC")
EXAMPLES = ("ccxt_sync", "ccxt_async", "ccxt_pro")
_PASSED = re.compile(r"^\[INFO\] TESTING DONE +rivermouth (\w+)", re.MULTILINE)
_FAILED = re.compile(r"^\[TEST_(?:FAILURE|WARNING)\] ?rivermouth (\w+)[^\n]*", re.MULTILINE)
# What the tests of ccxt cannot do in Python, whatever the exchange: their log lines add numbers to texts.
_BROKEN_UPSTREAM = {"createOrder": "ccxt's test adds numbers to texts in Python"}
_LAUNCH = """
import runpy, sys
from pathlib import Path
copy, sdk = Path({copy!r}), {sdk!r}
sys.path[:0] = [sdk, str(copy / "python"), str(copy / "python/ccxt/test")]
import ccxt
assert Path(ccxt.__file__).is_relative_to(copy), ccxt.__file__
import rivermouth_ccxt
rivermouth_ccxt.register()
sys.argv[0] = str(copy / "python/ccxt/test/tests_init.py")
runpy.run_path(sys.argv[0], run_name="__main__")
"""


@dataclass(frozen=True, slots=True)
class Key:
    """What a bot is given."""

    url: str
    key: str
    secret: str

    @property
    def environment(self) -> dict[str, str]:
        mine = {"RIVERMOUTH_URL": self.url, "RIVERMOUTH_KEY": self.key, "RIVERMOUTH_SECRET": self.secret}
        return {**{k: v for k, v in os.environ.items() if k != "PYTHONPATH"}, **mine}


def new_key(stack: Stack, name: str = "proof") -> Key:
    made = stack.retail.api_key(name)
    return Key(stack.base, made["key"], made["secret"])


def prove(*, folder: Path | None = None, venv: Path | None = None) -> int:
    report = Report(
        "bots", "bots that trade here unmodified", ("what", "how", "result", "seconds", "orders it left at the desk")
    )
    with running() as stack, tempfile.TemporaryDirectory(prefix="rm-bots-") as work:
        for symbol, price in zip(SYMBOLS, ("60000", "3000", "0.05"), strict=True):
            stack.price(symbol, price)
        wait_for_candles(stack)
        for name in EXAMPLES:
            _row(
                report, stack, f"sdk/examples/{name}.py", "unmodified ccxt.binance", lambda key, n=name: example(n, key)
            )
        _generic_tests(report, stack, Path(work))
        python = freqtrade_environment(venv or ROOT / ".rivermouth" / "bots")
        for live in (False, True):
            how = "live" if live else "dry"
            _row(
                report,
                stack,
                f"{FREQTRADE} {how}",
                "its own binance class and sdk/examples/freqtrade",
                lambda key, live=live, how=how: freqtrade(python, key, Path(work) / how, live=live),
            )
        broken = stack.broken_invariants()
        report.require(not broken, f"invariants: {broken}")
    return report.finish(folder)


def _row(report: Report, stack: Stack, what: str, how: str, run: Any) -> None:
    began, before = time.monotonic(), _orders(stack)
    try:
        told = run(new_key(stack))
        ok = True
    except AssertionError as error:
        told, ok = str(error)[-1500:], False
    report.row(what, how, told, round(time.monotonic() - began), _orders(stack) - before)
    report.require(ok, f"{what}: {told}")


def _orders(stack: Stack) -> int:
    """How many orders the customer has, by the desk's own list."""
    found, cursor = 0, None
    while True:
        page = stack.retail.get("/v1/orders?limit=200" + (f"&cursor={cursor}" if cursor else ""))
        found, cursor = found + len(page["items"]), page["next_cursor"]
        if cursor is None:
            return found


def wait_for_candles(stack: Stack, *, within_s: float = 90.0) -> None:
    """The first public trade makes the first candle."""
    deadline = time.monotonic() + within_s
    path = "/compat/binance/api/v3/klines?symbol=BTCUSDT&interval=1m&limit=1"
    while not stack.retail.get(path):
        assert time.monotonic() < deadline, "no candles"
        time.sleep(0.5)


def example(name: str, key: Key, *, within_s: float = 180.0) -> str:
    """Run an example as its reader would; what it printed, on one line."""
    done = subprocess.run(
        [sys.executable, str(SDK / "examples" / f"{name}.py")],
        env=key.environment,
        capture_output=True,
        text=True,
        timeout=within_s,
        check=False,
    )
    assert done.returncode == 0, f"{name}: {done.stdout[-1500:]}{done.stderr[-3000:]}"
    return "; ".join(done.stdout.splitlines())


# --- ccxt's generic tests


def _generic_tests(report: Report, stack: Stack, work: Path) -> None:
    copy = copy_of_ccxt(work / "ccxt")
    for mode in ("--sync", ""):
        began, before = time.monotonic(), _orders(stack)
        passed, failed = generic_tests(copy, new_key(stack), mode)
        name = "sync" if mode else "async"
        text = f"{len(passed)} passed: {', '.join(passed)}" + (f"; FAILED: {failed}" if failed else "")
        seconds = round(time.monotonic() - began)
        report.row(f"ccxt's exchange tests, {name}", "the class in sdk/", text, seconds, _orders(stack) - before)
        report.require(bool(passed) and not failed, f"ccxt's exchange tests, {name}: {failed or 'none ran'}")
    for test, why in _BROKEN_UPSTREAM.items():
        report.notes.append(f"not run: the test {test}, because {why}; the examples do what it would")


SKIPPED = {"fetchTrades": {"sideSequence": "two venues' trades of one millisecond have no common order"}}
"""What ccxt's tests are told to leave out, in their own words: they expect the tape of one matching engine."""


def copy_of_ccxt(copy: Path) -> Path:
    found = importlib.util.find_spec("ccxt")
    assert found is not None, "ccxt is not installed"
    assert found.origin is not None, "ccxt is not a package"
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(Path(found.origin).parent, copy / "python" / "ccxt", ignore=ignored)
    (copy / "skip-tests.json").write_text(json.dumps({"rivermouth": {"skipMethods": SKIPPED}}))
    return copy


def generic_tests(copy: Path, key: Key, mode: str, *, within_s: float = 400.0) -> tuple[list[str], dict[str, str]]:
    """(methods whose tests passed, method → what went wrong) of one of ccxt's faces: `--sync`, or async."""
    (copy / "keys.local.json").write_text(json.dumps({"rivermouth": {"apiKey": key.key, "secret": key.secret}}))
    launcher = copy / "launch.py"
    launcher.write_text(_LAUNCH.format(copy=str(copy), sdk=str(SDK)))
    arguments = [sys.executable, str(launcher), "rivermouth", "BTC/USDT", "--private", "--info"]
    done = subprocess.run(
        [*arguments, *([mode] if mode else [])],
        env=key.environment,
        cwd=copy,
        capture_output=True,
        text=True,
        timeout=within_s,
        check=False,
    )
    output = done.stdout + done.stderr
    failed = {m.group(1): output[m.start() : m.start() + 1_000] for m in _FAILED.finditer(output)}
    if done.returncode != 0 and not failed:
        failed["run"] = output[-1_500:]
    return sorted(set(_PASSED.findall(output)) - set(failed)), failed


# --- freqtrade


def freqtrade_environment(folder: Path) -> Path:
    """A Python of its own with freqtrade, made once; where its packages come from is pip's configuration."""
    home = folder / FREQTRADE.replace("==", "-")
    python = home / "bin" / "python"
    if not (home / "ready").exists():
        shutil.rmtree(home, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", str(home)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", FREQTRADE], check=True)
        (home / "ready").touch()
    return python


def freqtrade(python: Path, key: Key, home: Path, *, live: bool, within_s: float = 240.0) -> str:
    """Run until one trade was entered and left, by freqtrade's own books; then stop it as Ctrl-C does."""
    home.mkdir(parents=True)
    config = json.loads((SDK / "examples" / "freqtrade" / "config.json").read_text())
    gateway = key.url + "/compat/binance/api/v3"
    config["dry_run"] = not live
    config["exchange"] |= {"key": key.key, "secret": key.secret}
    config["exchange"]["ccxt_config"]["urls"]["api"] = {"public": gateway, "private": gateway}
    (home / "config.json").write_text(json.dumps(config))
    books, log = home / "trades.sqlite", home / "freqtrade.log"
    arguments = ["--config", str(home / "config.json"), "--userdir", str(home), "--db-url", f"sqlite:///{books}"]
    strategy = ["--strategy", "RoundTrip", "--strategy-path", str(SDK / "examples" / "freqtrade")]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [str(python), "-m", "freqtrade", "trade", *arguments, *strategy],
            env=key.environment,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
        try:
            trade = _first_round_trip(books, process, log, within_s=within_s)
        finally:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
    opened, closed, amount, reason = trade
    return f"entered at {opened}, left at {closed} with {amount} BTC ({reason})"


def _first_round_trip(books: Path, process: subprocess.Popen[bytes], log: Path, *, within_s: float) -> tuple[Any, ...]:
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        with suppress(sqlite3.Error), closing(sqlite3.connect(f"file:{books}?mode=ro", uri=True)) as connection:
            query = "SELECT open_rate, close_rate, amount, exit_reason FROM trades WHERE is_open = 0 AND close_rate IS NOT NULL"
            found: tuple[Any, ...] | None = connection.execute(query).fetchone()
            if found is not None:
                return found
        assert process.poll() is None, f"freqtrade ended:\n{log.read_text()[-3000:]}"
        time.sleep(0.5)
    raise AssertionError(f"no round trip in {within_s:.0f} s:\n{log.read_text()[-3000:]}")
