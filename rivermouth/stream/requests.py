"""What a client may say: one JSON object per message, with `op` and, if it wants to find the answer again, an `id` of its own."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from kernel.errors import DomainError, InvalidRequest
from kernel.http.guards import fault_in_json

MAX_MESSAGE = 16 * 1024
_Name = Annotated[str, Field(max_length=64)]
_Names = Annotated[list[_Name], Field(min_length=1, max_length=100)]


class _Request(BaseModel):
    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", strict=True)

    id: Annotated[int, Field(ge=-(2**63), lt=2**63)] | Annotated[str, Field(max_length=64)] | None = None


class Auth(_Request):
    op: Literal["auth"]
    token: Annotated[str, Field(max_length=200)]
    realm: Literal["real", "demo"] = "real"


class Subscribe(_Request):
    op: Literal["subscribe"]
    channels: _Names


class Unsubscribe(_Request):
    op: Literal["unsubscribe"]
    channels: _Names


class Resume(_Request):
    """Go on behind number `seq` of a channel of own events."""

    op: Literal["resume"]
    channel: _Name
    seq: Annotated[int, Field(ge=0, lt=2**63)]


class Ping(_Request):
    op: Literal["ping"]


Request = Auth | Subscribe | Unsubscribe | Resume | Ping
_requests: TypeAdapter[Request] = TypeAdapter(Annotated[Request, Field(discriminator="op")])


def read(text: str) -> Request:
    """Understand one message.

    Raises:
        InvalidRequest: it is none.
    """
    fault = fault_in_json(text.encode("utf-8", "surrogatepass"))
    if fault is not None:
        raise InvalidRequest(fault)
    try:
        return _requests.validate_json(text)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(part)[:40] for part in first["loc"])
        raise InvalidRequest(f"{where}: {first['msg']}" if where else str(first["msg"])) from None


def answer(op: str, request_id: int | str | None, **more: Any) -> str:
    told = {"op": op, **more}
    if request_id is not None:
        told["id"] = request_id
    return orjson.dumps(told, option=orjson.OPT_UTC_Z).decode()


def refusal(error: DomainError, request_id: int | str | None, **more: Any) -> str:
    """The same code and words as the answers of the API."""
    return answer("error", request_id, code=error.code, detail=error.detail, **more)
