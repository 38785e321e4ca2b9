"""An account's number on the wire: text, because a JSON number above 2^53 loses digits in a browser. In the product it is an int."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

_NUMBER = re.compile(r"[1-9][0-9]{0,18}", re.ASCII)


def _read(value: Any) -> int:
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if not isinstance(text, str) or not _NUMBER.fullmatch(text) or int(text) >= 2**63:
        raise ValueError("an account's number, as text")
    return int(text)


AccountNumber = Annotated[
    int,
    BeforeValidator(_read),
    PlainSerializer(str, return_type=str),
    WithJsonSchema({"type": "string", "pattern": "^[1-9][0-9]{0,18}$", "examples": ["42"]}),
]
