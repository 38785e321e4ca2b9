"""Log a terminal in without typing a password into it: a code and a QR code here, a yes in the browser, and a token in a file."""

from __future__ import annotations

import io
import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import segno

DEVICE = "urn:ietf:params:oauth:grant-type:device_code"
_SLOWER_S = 5.0
_TIMEOUT_S = 30.0


class LoginFailed(Exception):
    """The terminal got no token; the text is for whoever sits before it."""


@dataclass(frozen=True, slots=True)
class Begun:
    """What the person before the terminal needs."""

    address: str
    whole_address: str
    user_code: str
    device_code: str
    interval_s: float
    expires_in_s: float

    def lines(self) -> str:
        drawn = io.StringIO()
        segno.make(self.whole_address, error="m").terminal(drawn, compact=True, border=2)
        return f"{drawn.getvalue()}\nOpen  {self.address}\nCode  {self.user_code}\n"


def login(
    client: httpx.Client,
    *,
    client_id: str,
    scope: str,
    say: Callable[[str], None],
    pause: Callable[[float], None] = time.sleep,
) -> dict[str, Any]:
    """Show the code and wait for the person's answer; answers the tokens.

    Raises:
        LoginFailed: refused, too late, or the server does not know this program.
    """
    begun = _begin(client, client_id=client_id, scope=scope)
    say(begun.lines())
    interval_s, left_s = begun.interval_s, begun.expires_in_s
    while left_s > 0:
        pause(interval_s)
        left_s -= interval_s
        try:
            answer = client.post(
                "/oauth/token",
                data={"grant_type": DEVICE, "device_code": begun.device_code, "client_id": client_id},
                timeout=_TIMEOUT_S,
            )
        except httpx.TransportError:  # a poll that got no answer is asked again, more slowly
            interval_s *= 2
            continue
        if answer.status_code == httpx.codes.OK:
            found: dict[str, Any] = answer.json()
            return found
        error = _error_of(answer)
        if error == "slow_down":
            interval_s += _SLOWER_S
        elif error != "authorization_pending":
            raise LoginFailed("You refused, or somebody did." if error == "access_denied" else f"Refused: {error}")
    raise LoginFailed("Nobody answered in time.")


def _begin(client: httpx.Client, *, client_id: str, scope: str) -> Begun:
    try:
        answer = client.post(
            "/oauth/device_authorization", data={"client_id": client_id, "scope": scope}, timeout=_TIMEOUT_S
        )
    except httpx.TransportError as error:
        raise LoginFailed(f"{client.base_url} does not answer: {error}") from None
    if answer.status_code != httpx.codes.OK:
        raise LoginFailed(f"{client.base_url} refuses this program: {_error_of(answer)}")
    told = answer.json()
    return Begun(
        address=told["verification_uri"],
        whole_address=told["verification_uri_complete"],
        user_code=told["user_code"],
        device_code=told["device_code"],
        interval_s=float(told["interval"]),
        expires_in_s=float(told["expires_in"]),
    )


def _error_of(answer: httpx.Response) -> str:
    try:
        told = answer.json()
        return str(told.get("error") or told.get("code") or answer.status_code)
    except (ValueError, AttributeError):
        return str(answer.status_code)


def keep(tokens: dict[str, Any], path: Path, *, base_url: str) -> None:
    """Into a file that only its owner reads."""
    path.parent.mkdir(parents=True, exist_ok=True)
    made = path.with_name(f".{path.name}.new")
    made.unlink(missing_ok=True)
    with os.fdopen(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump({"base_url": base_url, **tokens}, file, indent=2)
        file.write("\n")
    made.replace(path)
