"""Where the custodian says that there is something to read. Nothing that it says here is believed: it only makes us look.

So a nonce is remembered where a loss of it costs one more look, and no event.
"""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from identity.auth import public
from kernel.clock import wall
from kernel.http import problem_responses
from kernel.settings import settings
from kernel.signing import read_public_keys
from wallet_bridge.custody import service
from wallet_bridge.custody.errors import HookUnsigned, WalletNotConfigured
from wallet_bridge.wire import signing
from wallet_bridge.wire.signing import Message, WireRefused

router = APIRouter(prefix="/v1/custodian", tags=["custodian"])


@router.post(
    "/hooks",
    operation_id="custodian_hook",
    status_code=202,
    dependencies=[public()],
    responses=problem_responses(HookUnsigned, WalletNotConfigured),
)
async def hook(request: Request) -> Response:
    """A signed hint; it counts once. Late or in another order it does no more than make us look once more."""
    given = settings()
    if given.custodian_public_keys is None:
        raise WalletNotConfigured
    target = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    message = Message(given.bridge_name, request.method, target, await request.body())
    try:
        seen = signing.verify(
            read_public_keys(given.custodian_public_keys), message, request.headers, now=wall().timestamp()
        )
    except WireRefused as error:
        raise HookUnsigned(str(error)) from None
    if not service.first_time(seen):
        raise HookUnsigned("this message was used before")
    service.hint()
    return Response(status_code=202)
