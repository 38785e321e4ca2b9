"""A key that is used for what it may not do, or from where it may not come, by somebody who holds its secret: its owner is told.

Only after the signature was found right: who cannot sign proves nothing about the key, and could flood its owner.
"""

from __future__ import annotations

from identity.api_keys.events import ApiKeyMisused
from identity.api_keys.queries import LiveKey
from identity.api_keys.signing import SAFE_METHODS, SignedRequest
from identity.api_keys.states import Misuse
from identity.audit import refusals
from identity.audit import service as audit
from kernel import outbox
from kernel.clock import wall
from kernel.db import transaction


def beyond_scope(live: LiveKey, signed: SignedRequest) -> None:
    """Tell of what would have changed something; reading what no key may read is a mistake and nothing more."""
    if signed.method not in SAFE_METHODS:
        tell(live, Misuse.SCOPE, address=signed.address)


def tell(live: LiveKey, what: Misuse, *, address: str) -> None:
    """Write it down and publish it, a few times in an hour for each key, kind and address."""
    left_out = refusals.take("api_key.refused", f"{live.key.id} {what} {address}")
    if left_out is None:
        return
    with transaction(tenant=live.principal.tenant_id) as tx:
        audit.record(
            tx, "api_key.refused", kind="api_key", resource=live.key.id, actor=live.principal.id, what=what.value, left_out=left_out
        )  # fmt: skip
        fact = ApiKeyMisused(live.principal.id, live.key.id, live.key.name, what.value, address[:64], wall())
        outbox.publish(tx, fact, key=str(live.principal.id))
