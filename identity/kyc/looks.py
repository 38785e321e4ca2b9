"""Looking at a document: a link for one person, for one look within a minute, and what it opens. Judged by wall time."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from identity.audit import service as audit
from identity.kyc import queries
from identity.kyc.states import CaseState
from kernel import crypto
from kernel.clock import wall
from kernel.db import AnyRow, Tx, transaction
from kernel.errors import NotFound

LIVES = timedelta(seconds=60)
_FILES = "identity.kyc_files"


@dataclass(frozen=True, slots=True)
class Link:
    """`token` is shown once; we keep its hash."""

    token: str
    expires_at: datetime


def link(*, tenant: UUID, viewer: UUID, document_id: UUID) -> Link:
    """Allow one look; who looked at what is written down.

    Raises:
        NotFound: no document of a case that was handed in.
    """
    token, expires_at = secrets.token_urlsafe(32), wall() + LIVES
    with transaction(tenant=tenant) as tx:
        row = queries.document(tx, document_id)
        case = None if row is None else queries.get(tx, row.case_id)
        if row is None or case is None or case.state == CaseState.DRAFT:
            raise NotFound
        queries.insert_link(
            tx, token_hash=_digest(token), document_id=document_id, viewer=viewer, expires_at=expires_at
        )
        audit.record(
            tx, "kyc_document.shown", kind="kyc_document", resource=document_id, of=str(row.case_id), what=row.kind
        )
    return Link(token, expires_at)


def open_(*, tenant: UUID, viewer: UUID, document_id: UUID, token: str) -> tuple[AnyRow, bytes]:
    """The document's description and its bytes.

    Raises:
        NotFound: the link is somebody else's, another document's, spent or over.
    """
    with transaction(tenant=tenant) as tx:
        if not queries.use_link(tx, token_hash=_digest(token), document_id=document_id, viewer=viewer, now=wall()):
            raise NotFound
        row = queries.document(tx, document_id)
        assert row is not None, "its link refers to it"
        sealed = queries.sealed_file(tx, document_id)
    return row, crypto.unseal(sealed, tenant=tenant, table=_FILES, row=document_id)


def purge(tx: Tx, *, limit: int = 1_000) -> int:
    """Forget links that open nothing any more (the engine's role); answers how many. Step of a schedule."""
    return queries.purge_links(tx, now=wall(), limit=limit)


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
