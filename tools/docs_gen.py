"""Writes the reference pages that must not be kept by hand: settings, errors, states, events, invariants.

`python tools/docs_gen.py` writes them to docs/reference/; a test compares them with the code.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

PACKAGES = (
    "kernel",
    "identity",
    "payments",
    "venues",
    "markets",
    "wallet_bridge",
    "broker",
    "earn",
    "lending",
    "notices",
    "rivermouth",
)
_ROOMS = ("errors", "states", "events", "http", "db", "money", "service", "control", "commands")


def load_rooms() -> None:
    """Import every room that may define errors, states or events."""
    for package in PACKAGES:
        module = importlib.import_module(package)
        for info in pkgutil.walk_packages(module.__path__, package + "."):
            if info.name.rsplit(".", 1)[-1] in _ROOMS and "simulator" not in info.name and ".prove" not in info.name:
                importlib.import_module(info.name)


def settings_page() -> str:
    from kernel.settings import Settings

    lines = [
        "# Settings",
        "",
        "Environment variables; a process reads them once, at its start.",
        "",
        "| variable | default | meaning |",
        "|---|---|---|",
    ]
    for name, field in sorted(Settings.model_fields.items()):
        default = "–" if field.default is None else f"`{field.default}`"
        lines.append(f"| `RIVERMOUTH_{name.upper()}` | {default} | {field.description} |")
    lines += ["", "Per venue: `RIVERMOUTH_VENUE_<NAME>_KEY`, `…_SECRET`, `…_PASSWORD` (OKX), `…_REST_URL`, `…_WS_URL`."]
    return "\n".join(lines) + "\n"


def errors_page() -> str:
    from kernel.errors import DomainError

    def all_of(kind: type[DomainError]) -> set[type[DomainError]]:
        found = set(kind.__subclasses__())
        return found.union(*(all_of(k) for k in found)) if found else set()

    rows = sorted(
        {(k.code, k.status, k.title()) for k in all_of(DomainError) if k.__module__.split(".")[0] in PACKAGES}
    )
    lines = [
        "# Errors",
        "",
        "Every refusal is `application/problem+json` with one of these codes.",
        "",
        "| code | status | meaning |",
        "|---|---|---|",
    ]
    return "\n".join(lines + [f"| `{code}` | {status} | {title} |" for code, status, title in rows]) + "\n"


def states_page() -> str:
    from broker.orders.states import CHILD, ORDER
    from earn.plans.states import ROW
    from earn.subscriptions.states import SUBSCRIPTION
    from identity.approvals.states import APPROVAL
    from identity.eligibility.states import RULE
    from identity.kyc.states import CASE
    from identity.oauth.states import CONNECTION, DEVICE
    from identity.screening.states import SCREENING
    from kernel.calls.states import CALL
    from notices.chat.states import MESSAGE
    from notices.mails.states import MAIL
    from notices.webhooks.states import DELIVERY
    from payments.orders.states import PAYMENT_ORDER
    from payments.reconciliation.states import BREAK, RUN
    from wallet_bridge.reserves.states import SNAPSHOT

    lines = ["# States", ""]
    tables = (
        ORDER,
        CHILD,
        CALL,
        PAYMENT_ORDER,
        RUN,
        BREAK,
        APPROVAL,
        CASE,
        SCREENING,
        RULE,
        CONNECTION,
        DEVICE,
        MAIL,
        DELIVERY,
        MESSAGE,
        ROW,
        SUBSCRIPTION,
        SNAPSHOT,
    )
    for table in tables:
        lines += [f"## {table.name}", "", "```mermaid", table.mermaid(), "```", ""]
    return "\n".join(lines)


def events_page() -> str:
    from kernel import events

    lines = [
        "# Events",
        "",
        "Facts that leave a package through the outbox.",
        "",
        "| topic | fields | meaning |",
        "|---|---|---|",
    ]
    for topic, kind in events.catalogue().items():
        if topic.startswith("tests."):
            continue
        fields = ", ".join(f"`{name}`" for name in kind.__dataclass_fields__)
        lines.append(f"| `{topic}` | {fields} | {(kind.__doc__ or '').strip().splitlines()[0]} |")
    return "\n".join(lines) + "\n"


def invariants_page() -> str:
    from rivermouth.checks import INVARIANTS

    lines = [
        "# Invariants",
        "",
        "Each is one SQL count that must be 0. `rivermouth check` runs them all in one snapshot.",
        "",
        "| name | must hold |",
        "|---|---|",
    ]
    return "\n".join(lines + [f"| `{i.name}` | {i.title} |" for i in INVARIANTS]) + "\n"


def pages() -> dict[str, str]:
    load_rooms()
    return {
        "settings.md": settings_page(),
        "errors.md": errors_page(),
        "states.md": states_page(),
        "events.md": events_page(),
        "invariants.md": invariants_page(),
    }


def main() -> None:
    folder = ROOT / "docs" / "reference"
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (folder / name).write_text(text)


if __name__ == "__main__":
    main()
