"""What an answer to a withdrawal proves: only these mean that nothing left. The rest is unknown and must be asked.

A wrong row here would release money that is on its way, and let it be sent a second time.
"""

from __future__ import annotations

from venues.errors import Row, Verdict

WITHDRAW_ROWS: dict[str, tuple[Row, ...]] = {
    "binance": (
        Row(code="-1003|-1015|-1021|-1022", verdict=Verdict.NOT_ACCEPTED),
        Row(code="-402[456]", verdict=Verdict.REJECTED, insufficient_funds=True),
        Row(code="-4003|-4007|-4008|-401[2-9]|-402[123]|-1102|-1111", verdict=Verdict.REJECTED),
    ),
    "kraken": (
        Row(code="EAPI:.*|.*rate limit.*|.*lockout.*|EGeneral:Permission denied.*", verdict=Verdict.NOT_ACCEPTED),
        Row(code="EFunding:Insufficient funds.*", verdict=Verdict.REJECTED, insufficient_funds=True),
        Row(code="EFunding:(Unknown withdraw key|Invalid amount|No funding method|Withdrawals are disabled).*", verdict=Verdict.REJECTED),
    ),
    "okx": (
        Row(code=r"50011|50061|50102|5011\d|50120", verdict=Verdict.NOT_ACCEPTED),
        Row(code="58350", verdict=Verdict.REJECTED, insufficient_funds=True),
        Row(code=r"51000|5820[0-9]|5821[0-4]|58217|58221|58222|58224", verdict=Verdict.REJECTED),
    ),
    "bitfinex": (
        Row(code="10100|10114|11010", verdict=Verdict.NOT_ACCEPTED),
        # A notice in a good answer: the library stumbles over it.
        Row(code="ERROR", text="insufficient|not enough", verdict=Verdict.REJECTED, insufficient_funds=True),
        Row(code="ERROR", text="minimum|disabled|invalid .*(address|method)", verdict=Verdict.REJECTED),
    ),
}  # fmt: skip
