"""The header `Idempotency-Key`: visible ASCII, at most 255 characters, on every POST that makes something."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Header


def _key(
    value: Annotated[
        str | None,
        Header(
            alias="Idempotency-Key",
            min_length=1,
            max_length=255,
            pattern=r"^[!-~]([ -~]*[!-~])?$",
            description="The same key with the same body is the same request: it is done once, however often it is sent.",
        ),
    ] = None,
) -> str | None:
    return value


IdempotencyKey = Annotated[str | None, Depends(_key)]
