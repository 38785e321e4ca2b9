"""How long a price takes from the socket to the screen, and how busy the page is: the trade room beside a bare page that only paints.

Both pages carry the same instrument: the arrival of a message with a composite price is noted; once the element that shows it has the
new text, the end of the frame that shows it counts as painted (a message behind the animation frame).
"""

from __future__ import annotations

import statistics
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from importlib.resources import files
from typing import Any

from playwright.sync_api import CDPSession, Page

from kernel import db
from rivermouth.prove.pages import Visit
from rivermouth.prove.report import Report
from rivermouth.prove.stack import Stack
from rivermouth.prove.stream_crowd import PER_SECOND, SYMBOL, Owner

ROUNDS = 3
LEAST_SHARE = 0.9  # of the updates that must have been painted one by one
FRAME_MS = 1000 / 60
BLANK = "/healthz"  # of the same origin, and with no policy on what may run there
INSTRUMENT = """
(() => {
  const seen = { arrived: 0, painted: [], frames: [], waiting: null, sockets: [] };
  window.rivermouthSeen = seen;
  const price = /"channel":"quotes:BTC-USDT".*?"composite":\\{[^}]*?"price":"([0-9.]+)"/;
  const channel = new MessageChannel();
  const painted = [];
  channel.port1.onmessage = () => { const now = performance.now(); for (const at of painted.splice(0)) seen.painted.push(now - at); };
  // What changes inside a frame is painted with it; what changes between two waits for the next.
  const native = window.requestAnimationFrame.bind(window);
  const after = new MessageChannel();
  let inFrame = false;
  after.port1.onmessage = () => { inFrame = false; };
  window.requestAnimationFrame = (act) => native((time) => { inFrame = true; after.port2.postMessage(0); act(time); });
  const Native = window.WebSocket;
  window.WebSocket = class extends Native {
    constructor(...given) {
      super(...given);
      seen.sockets.push(this);
      this.addEventListener("message", (event) => {
        if (event.data.includes('"channel":"orders"') || event.data.includes('"channel":"fills"')) seen.frames.push(event.data);
        const found = price.exec(event.data.slice(0, 4000));
        if (found === null) return;
        seen.arrived += 1;
        seen.waiting = { at: performance.now(), price: Number(found[1]) };
      });
    }
  };
  new MutationObserver(() => {
    if (seen.waiting === null) return;
    const shown = document.querySelector(".retail-composite .retail-price > span");
    if (shown === null || Number(shown.textContent.replaceAll(",", "")) !== seen.waiting.price) return;
    const { at } = seen.waiting;
    seen.waiting = null;
    const tell = () => { painted.push(at); channel.port2.postMessage(0); };
    if (inFrame) tell();
    else native(tell);
  }).observe(document, { subtree: true, childList: true, characterData: true });
})();
"""
_SHARES = ("TaskDuration", "ScriptDuration", "LayoutDuration", "RecalcStyleDuration")


def counters(page: Page) -> dict[str, float]:
    """What is left after a collection of garbage: bytes of heap, nodes, listeners."""
    session = page.context.new_cdp_session(page)
    try:
        session.send("HeapProfiler.collectGarbage")
        session.send("HeapProfiler.collectGarbage")
        return _metrics(session)
    finally:
        session.detach()


def _metrics(session: CDPSession) -> dict[str, float]:
    session.send("Performance.enable")
    return {row["name"]: row["value"] for row in session.send("Performance.getMetrics")["metrics"]}


@contextmanager
def twenty_a_second(stack: Stack) -> Iterator[None]:
    """The engine is dead for as long; in its place a writer changes every number of the market twenty times a second."""
    db.configure(stack.urls()["app"], pool_size=2)
    try:
        with stack.nobody_restarts():
            stack.kill("engine")
            owner = Owner(stack.urls()["redis"])
            owner.write(Decimal(60_000))
            thread = threading.Thread(target=owner.run, daemon=True)
            thread.start()
            try:
                yield
            finally:
                owner.stop()
                owner.end()
                thread.join(timeout=30)
    finally:
        db.dispose()


def prove(stack: Stack, report: Report, visit: Visit, *, seconds: float) -> None:
    """Rounds of bare page and trade room in turn, one open at a time; `visit` is logged in and carries the instrument."""
    page = visit.page

    def bare() -> None:
        page.goto(visit.base + BLANK)
        page.evaluate(files("rivermouth.prove").joinpath("bare_page.js").read_text(), SYMBOL)

    def trade_room() -> None:
        page.goto(f"{visit.base}/trade/{SYMBOL}")

    kinds = {"bare page": bare, "trade room": trade_room}
    found: dict[str, list[dict[str, float]]] = {kind: [] for kind in kinds}
    with twenty_a_second(stack):
        for _ in range(ROUNDS):
            for kind, show in kinds.items():
                show()
                page.wait_for_function("() => window.rivermouthSeen.painted.length > 20")
                found[kind].append(_round(page, seconds))
    for kind, rounds in found.items():
        _row(report, kind, rounds)
    latencies = [_median(rounds, "p50 ms") for rounds in found.values()]
    report.row("trade room ÷ bare page, median of paint latency", f"{latencies[1] / latencies[0]:.2f}", "")
    report.require(
        latencies[1] <= latencies[0] + 2 * FRAME_MS,
        f"a price waits {latencies[1]:.0f} ms, on a bare page {latencies[0]:.0f} ms",
    )
    share = _median(found["trade room"], "painted") / _median(found["trade room"], "arrived")
    report.require(share >= LEAST_SHARE, f"only {share:.0%} of the updates were painted one by one")


def _round(page: Page, seconds: float) -> dict[str, float]:
    page.evaluate("() => { const s = window.rivermouthSeen; s.arrived = 0; s.painted = []; }")
    session = page.context.new_cdp_session(page)
    before = _metrics(session)
    page.wait_for_timeout(seconds * 1000)
    after = _metrics(session)
    session.detach()
    seen: dict[str, Any] = page.evaluate("() => ({ arrived: rivermouthSeen.arrived, painted: rivermouthSeen.painted })")
    lags = sorted(seen["painted"])
    span = after["Timestamp"] - before["Timestamp"]
    shares = {name: (after[name] - before[name]) / span for name in _SHARES}
    return {
        "arrived": seen["arrived"],
        "painted": len(lags),
        "per s": seen["arrived"] / span,
        "p50 ms": statistics.median(lags),
        "p99 ms": lags[int(len(lags) * 0.99)],
        **shares,
    }


def _median(rounds: list[dict[str, float]], name: str) -> float:
    return statistics.median(one[name] for one in rounds)


def _row(report: Report, kind: str, rounds: list[dict[str, float]]) -> None:
    middle = {name: _median(rounds, name) for name in rounds[0]}
    noise = max(one["p50 ms"] for one in rounds) / min(one["p50 ms"] for one in rounds)
    report.row(
        f"{kind}: {middle['per s']:.1f} updates a second (owner writes {PER_SECOND})",
        f"p50 {middle['p50 ms']:.1f} ms, p99 {middle['p99 ms']:.1f} ms; "
        f"{middle['painted']:.0f} of {middle['arrived']:.0f} painted one by one",
        f"main thread {middle['TaskDuration']:.1%} (script {middle['ScriptDuration']:.1%}, layout {middle['LayoutDuration']:.1%}, "
        f"style {middle['RecalcStyleDuration']:.1%}); slowest round ÷ fastest {noise:.2f}",
    )
