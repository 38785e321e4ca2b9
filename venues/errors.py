"""What an error of a venue proves about an order: a table by the venue's own code and text, then by the client library's class.

The question is never "what went wrong" but "can the order exist?". Only listed answers prove that it cannot; everything else is
unknown and must be asked: time-outs, broken connections, 5xx, unlisted codes, and every exception that is not the library's own. An
unlisted but harmless refusal costs one question; a wrong row would cost a second order.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from venues.gateway import Outcome, RefusalReason, Refused, Unknown


class Verdict(StrEnum):
    """Of one attempt to place an order. DUPLICATE: the venue has an order under this id, so ask for it."""

    NEVER_SENT = "never_sent"
    NOT_ACCEPTED = "not_accepted"
    REJECTED = "rejected"
    DUPLICATE = "duplicate"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back on the wire, if anything did."""

    status: int
    body: str
    retry_after_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the table; `code` matches the whole code, `text` any part of the text, both without regard to case."""

    code: str = ".*"
    text: str = ""
    verdict: Verdict
    insufficient_funds: bool = False

    def matches(self, code: str, text: str) -> bool:
        return bool(re.fullmatch(self.code, code, re.IGNORECASE) and re.search(self.text, text, re.IGNORECASE))


@dataclass(frozen=True, slots=True, kw_only=True)
class Classified:
    verdict: Verdict
    code: str
    text: str
    insufficient_funds: bool = False
    retry_after_s: float | None = None

    def outcome(self) -> Outcome:
        """The verdict in the gateway's words."""
        reasons: dict[Verdict, RefusalReason] = {
            Verdict.NEVER_SENT: "never_sent",
            Verdict.NOT_ACCEPTED: "not_accepted",
            Verdict.REJECTED: "rejected",
        }
        reason = reasons.get(self.verdict)
        if reason is None:
            return Unknown(
                text=self.text, retry_after_s=self.retry_after_s, duplicate=self.verdict is Verdict.DUPLICATE
            )
        return Refused(
            reason=reason,
            code=self.code,
            text=self.text,
            insufficient_funds=self.insufficient_funds,
            retry_after_s=self.retry_after_s,
        )


NOT_ACCEPTED_STATUS = frozenset((401, 418, 429))  # 400 and 403 may come from a firewall in front of the venue

ROWS: dict[str, tuple[Row, ...]] = {
    "binance": (
        Row(code="-1003|-1015|-1021|-1022", verdict=Verdict.NOT_ACCEPTED),
        Row(code="-2010", text="insufficient balance", verdict=Verdict.REJECTED, insufficient_funds=True),
        Row(code="-2010", text="duplicate order", verdict=Verdict.DUPLICATE),
        Row(
            code="-2010",
            text="market is closed|immediately match|not permitted|is disabled|not enabled",
            verdict=Verdict.REJECTED,
        ),
        Row(code="-1013|-1111|-1121", verdict=Verdict.REJECTED),
    ),
    "kraken": (
        Row(code="EAPI:.*|.*rate limit.*|.*lockout.*", verdict=Verdict.NOT_ACCEPTED),
        Row(code="EService:Market in .*mode.*|EQuery:Unknown asset pair.*", verdict=Verdict.REJECTED),
        Row(code="EOrder:Insufficient funds.*", verdict=Verdict.REJECTED, insufficient_funds=True),
        Row(code="EOrder:.*(cl_?ord_?id|client order id|duplicate).*", verdict=Verdict.DUPLICATE),
        Row(code="EOrder:.*", verdict=Verdict.REJECTED),
        Row(code="EGeneral:Invalid arguments:volume minimum.*", verdict=Verdict.REJECTED),
    ),
    "okx": (
        Row(code=r"50011|50061|50102|5011\d", verdict=Verdict.NOT_ACCEPTED),
        Row(code="51008|51119|51131", verdict=Verdict.REJECTED, insufficient_funds=True),
        Row(code="51016", verdict=Verdict.DUPLICATE),
        Row(code="51001|51006|51020|51121", verdict=Verdict.REJECTED),
    ),
    "bitfinex": (
        Row(code="10100|10114|11010", verdict=Verdict.NOT_ACCEPTED),
        Row(code="10001", text="not enough .*balance", verdict=Verdict.REJECTED, insufficient_funds=True),
        Row(code="10001", text="minimum size|symbol: invalid|invalid symbol", verdict=Verdict.REJECTED),
    ),
}

SHORTEST_S = {429: 1.0, 418: 120.0}  # where the venue does not say how long; no ban is shorter than two minutes


def pause_asked_s(reply: Reply | None) -> float | None:
    """For how long the venue wants to be left alone: it limits us, or it is away and says until when. None when it does not."""
    if reply is None or (reply.status not in SHORTEST_S and (reply.status < 500 or reply.retry_after_s is None)):
        return None
    return reply.retry_after_s if reply.retry_after_s is not None else SHORTEST_S[reply.status]


def cause_of(error: Exception) -> Exception:
    """What broke a stream, the first of several."""
    first = error.exceptions[0] if isinstance(error, ExceptionGroup) else error
    return first if isinstance(first, Exception) else error


def refusal_of(error: Exception) -> Reply | None:
    """The answer that refused a stream its opening, as the library hands it on inside its own error; None when it broke otherwise."""
    cause = cause_of(error)
    answer = cause.args[0] if cause.args else None
    status = getattr(answer, "status", None)
    if not isinstance(status, int):
        refused = next((status for status in SHORTEST_S if f" {status}" in str(cause)), None)
        return None if refused is None else Reply(refused, "")
    asked = (getattr(answer, "headers", None) or {}).get("Retry-After", "")
    return Reply(status, "", float(asked) if asked.isdigit() else None)


ABSENT_CODES: dict[str, str] = {"binance": "-2013", "okx": "51603"}
"""The answers that mean "I have no such order" to a question by client order id."""

_OWN_CLASSES = {"InsufficientFunds": Row(verdict=Verdict.REJECTED, insufficient_funds=True)}


def classify(
    venue: str,
    *,
    error: BaseException | None,
    reply: Reply | None,
    sent: bool,
    rows: Mapping[str, Sequence[Row]] = ROWS,
    words_only: bool = False,
) -> Classified:
    """Judge one attempt to place an order, or of what else `rows` is about.

    Args:
        error: what the client library raised; None where it accepted an answer that does not name an order.
        reply: the last answer on the wire; None where none came.
        sent: whether a request was handed to the network at all.
        words_only: only the venue's own words prove something, whatever the library made of them.
    """
    text = _short(f"{type(error).__name__}: {error}" if error is not None else (reply.body if reply else "no answer"))
    if not sent:
        return Classified(verdict=Verdict.NEVER_SENT, code="not_sendable", text=text)
    unknown = Classified(
        verdict=Verdict.UNKNOWN, code="", text=text, retry_after_s=reply.retry_after_s if reply else None
    )
    if error is not None and not words_only and not _of_library(error):
        return unknown
    if reply is not None and reply.status in NOT_ACCEPTED_STATUS:
        return replace(unknown, verdict=Verdict.NOT_ACCEPTED, code=str(reply.status))
    for code, message in venue_errors(venue, reply.body if reply else ""):
        for row in rows[venue]:
            if row.matches(code, message):
                return replace(unknown, verdict=row.verdict, code=code, insufficient_funds=row.insufficient_funds)
        unknown = replace(unknown, code=code)
    for parent in () if words_only else type(error).__mro__:
        own = _OWN_CLASSES.get(parent.__name__)
        if own is not None:
            return replace(
                unknown, verdict=own.verdict, code=parent.__name__, insufficient_funds=own.insufficient_funds
            )
    return unknown


def says_absent(venue: str, reply: Reply | None) -> bool:
    """Whether the venue's own code, not merely a class, says that there is no such order."""
    wanted = ABSENT_CODES.get(venue)
    return reply is not None and any(code == wanted for code, _ in venue_errors(venue, reply.body))


def venue_errors(venue: str, body: str) -> list[tuple[str, str]]:
    """The (code, text) pairs of an answer in the venue's own form, most specific first; empty where there are none."""
    try:
        answer = json.loads(body)
    except ValueError:
        return []
    pairs = _READERS[venue](answer)
    return [(code, text) for code, text in pairs if code not in {"", "0", "None"}]


def _binance(answer: Any) -> list[tuple[str, str]]:
    return [(str(answer.get("code", "")), str(answer.get("msg", "")))] if isinstance(answer, dict) else []


def _kraken(answer: Any) -> list[tuple[str, str]]:
    errors = answer.get("error") if isinstance(answer, dict) else None
    return [(str(e), str(e)) for e in errors] if isinstance(errors, list) else []


def _okx(answer: Any) -> list[tuple[str, str]]:
    if not isinstance(answer, dict):
        return []
    items = answer.get("data")
    pairs = [
        (str(item.get("sCode", "")), str(item.get("sMsg", "")))
        for item in (items if isinstance(items, list) else [])
        if isinstance(item, dict)
    ]
    top = (str(answer.get("code", "")), str(answer.get("msg", "")))
    return [*pairs, top] if top[0] not in {"1", "2"} else pairs


_NOTICE = 8


def _bitfinex(answer: Any) -> list[tuple[str, str]]:
    if isinstance(answer, list) and len(answer) >= 3 and answer[0] == "error":
        return [(str(answer[1]), str(answer[2]))]
    if isinstance(answer, list) and len(answer) == _NOTICE and answer[6] == "ERROR":
        return [("ERROR", str(answer[7]))]
    return []


_READERS = {"binance": _binance, "kraken": _kraken, "okx": _okx, "bitfinex": _bitfinex}


def _of_library(error: BaseException) -> bool:
    return type(error).__module__.split(".")[0] == "ccxt"


def _short(text: str) -> str:
    return text if len(text) <= 300 else text[:297] + "..."
