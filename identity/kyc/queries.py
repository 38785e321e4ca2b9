"""Statements on cases, documents and looks at them; the tenant stands in each WHERE beside row-level security."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from identity.kyc.states import CASE, CaseState, DocumentKind
from kernel import arrays
from kernel.db import AnyRow, Tx

_CASE = """c.id, c.customer_id, c.level, c.state, c.version, c.country, c.sealed_applicant, c.provider, c.findings, c.created_at,
       c.submitted_at, c.decided_by, c.decided_at, c.reason"""
_DOCUMENT = "id, case_id, kind, media_type, size, pages, created_at"


def insert(tx: Tx, *, case_id: UUID, customer: UUID, level: int, country: str, sealed_applicant: bytes) -> bool:
    """False when the customer has one that is not decided."""
    row = tx.first(
        "INSERT INTO identity.kyc_cases (tenant_id, id, customer_id, level, state, version, country, sealed_applicant, created_at)"
        " VALUES (:tenant, :id, :customer, :level, 'draft', 1, :country, :applicant, :now)"
        " ON CONFLICT (tenant_id, customer_id) WHERE state IN ('draft', 'submitted', 'in_review', 'more_information')"
        " DO NOTHING RETURNING id",
        tenant=tx.tenant_id,
        id=case_id,
        customer=customer,
        level=level,
        country=country,
        applicant=sealed_applicant,
        now=tx.now,
    )
    return row is not None


def undecided(tx: Tx, customer: UUID) -> UUID | None:
    """The customer's case that is not decided; there is one at most."""
    row = tx.first(
        "SELECT id FROM identity.kyc_cases WHERE tenant_id = :tenant AND customer_id = :customer"
        " AND state IN ('draft', 'submitted', 'in_review', 'more_information')",
        tenant=tx.tenant_id,
        customer=customer,
    )
    return None if row is None else row.id


def get(tx: Tx, case_id: UUID, *, lock: bool = False) -> AnyRow | None:
    return tx.first(
        f"SELECT {_CASE} FROM identity.kyc_cases c WHERE c.tenant_id = :tenant AND c.id = :id"
        + (" FOR NO KEY UPDATE" if lock else ""),
        tenant=tx.tenant_id,
        id=case_id,
    )


def of_customer(tx: Tx, customer: UUID, *, limit: int) -> list[AnyRow]:
    """Newest first."""
    return tx.all(
        f"SELECT {_CASE} FROM identity.kyc_cases c WHERE c.tenant_id = :tenant AND c.customer_id = :customer"
        " ORDER BY c.id DESC LIMIT :limit",
        tenant=tx.tenant_id,
        customer=customer,
        limit=limit,
    )


def page(tx: Tx, *, state: CaseState | None, after: UUID | None, limit: int) -> list[AnyRow]:
    """The oldest first: who has waited longest is looked at first."""
    return tx.all(
        f"""SELECT {_CASE}, p.email FROM identity.kyc_cases c
              JOIN identity.principals p ON p.tenant_id = c.tenant_id AND p.id = c.customer_id
             WHERE c.tenant_id = :tenant AND c.state <> 'draft' AND (CAST(:state AS text) IS NULL OR c.state = :state)
               AND (CAST(:after AS uuid) IS NULL OR c.id > :after)
             ORDER BY c.id LIMIT :limit""",
        tenant=tx.tenant_id,
        state=state and state.value,
        after=after,
        limit=limit,
    )


def touch(tx: Tx, case_id: UUID, **changes: Any) -> None:
    """A new version of a locked case."""
    sets = "".join(f", {column} = :{column}" for column in changes)
    tx.execute(
        f"UPDATE identity.kyc_cases SET version = version + 1{sets} WHERE tenant_id = :tenant AND id = :id",
        tenant=tx.tenant_id,
        id=case_id,
        **changes,
    )


def move(tx: Tx, case_id: UUID, to: CaseState, **changes: Any) -> bool:
    """False when it is in no state that may become `to`."""
    sets = "".join(f", {column} = :{column}" for column in changes)
    row = tx.first(
        f"UPDATE identity.kyc_cases SET state = :to{sets} WHERE tenant_id = :tenant AND id = :id"
        " AND state = ANY (CAST(:sources AS text[])) RETURNING true",
        tenant=tx.tenant_id,
        id=case_id,
        to=to.value,
        sources=arrays.array(CASE.sources(to)),
        **changes,
    )
    return row is not None


def insert_document(
    tx: Tx,
    *,
    document_id: UUID,
    case_id: UUID,
    kind: DocumentKind,
    media_type: str,
    pages: int,
    size: int,
    sent_sha256: bytes,
    sealed: bytes,
) -> None:
    tx.execute(
        "INSERT INTO identity.kyc_documents (tenant_id, id, case_id, kind, media_type, size, pages, sent_sha256, created_at)"
        " VALUES (:tenant, :id, :case, :kind, :media_type, :size, :pages, :sha256, :now)",
        tenant=tx.tenant_id,
        id=document_id,
        case=case_id,
        kind=kind.value,
        media_type=media_type,
        size=size,
        pages=pages,
        sha256=sent_sha256,
        now=tx.now,
    )
    tx.execute(
        "INSERT INTO identity.kyc_files (tenant_id, document_id, sealed) VALUES (:tenant, :id, :sealed)",
        tenant=tx.tenant_id,
        id=document_id,
        sealed=sealed,
    )


def documents(tx: Tx, case_ids: Sequence[UUID]) -> list[AnyRow]:
    return tx.all(
        f"SELECT {_DOCUMENT} FROM identity.kyc_documents WHERE tenant_id = :tenant"
        " AND case_id = ANY (CAST(:cases AS uuid[])) ORDER BY id",
        tenant=tx.tenant_id,
        cases=arrays.array(case_ids),
    )


def document(tx: Tx, document_id: UUID) -> AnyRow | None:
    return tx.first(
        f"SELECT {_DOCUMENT} FROM identity.kyc_documents WHERE tenant_id = :tenant AND id = :id",
        tenant=tx.tenant_id,
        id=document_id,
    )


def sealed_file(tx: Tx, document_id: UUID) -> bytes:
    return bytes(
        tx.scalar(
            "SELECT sealed FROM identity.kyc_files WHERE tenant_id = :tenant AND document_id = :id",
            tenant=tx.tenant_id,
            id=document_id,
        )
    )


def insert_link(tx: Tx, *, token_hash: bytes, document_id: UUID, viewer: UUID, expires_at: datetime) -> None:
    tx.execute(
        "INSERT INTO identity.kyc_links (tenant_id, token_hash, document_id, viewer, expires_at)"
        " VALUES (:tenant, :hash, :document, :viewer, :expires)",
        tenant=tx.tenant_id,
        hash=token_hash,
        document=document_id,
        viewer=viewer,
        expires=expires_at,
    )


def use_link(tx: Tx, *, token_hash: bytes, document_id: UUID, viewer: UUID, now: datetime) -> bool:
    """True once."""
    row = tx.first(
        "DELETE FROM identity.kyc_links WHERE tenant_id = :tenant AND token_hash = :hash AND document_id = :document"
        " AND viewer = :viewer AND expires_at > :now RETURNING true",
        tenant=tx.tenant_id,
        hash=token_hash,
        document=document_id,
        viewer=viewer,
        now=now,
    )
    return row is not None


def purge_links(tx: Tx, *, now: datetime, limit: int) -> int:
    """Of all tenants (the engine's role)."""
    rows = tx.all(
        "DELETE FROM identity.kyc_links WHERE token_hash IN"
        " (SELECT token_hash FROM identity.kyc_links WHERE expires_at < :now ORDER BY expires_at LIMIT :limit) RETURNING true",
        now=now,
        limit=limit,
    )
    return len(rows)


def known_names(tx: Tx, *, after: UUID | None, limit: int) -> list[AnyRow]:
    """Every customer with what the newest case says of them, sealed, else the name of the account."""
    return tx.all(
        """SELECT p.id, p.name, k.id AS case_id, k.sealed_applicant FROM identity.principals p
             LEFT JOIN LATERAL (SELECT c.id, c.sealed_applicant FROM identity.kyc_cases c
                                 WHERE c.tenant_id = p.tenant_id AND c.customer_id = p.id AND c.submitted_at IS NOT NULL
                                 ORDER BY c.id DESC LIMIT 1) k ON true
            WHERE p.tenant_id = :tenant AND p.kind = 'customer' AND (k.id IS NOT NULL OR p.name <> '')
              AND (CAST(:after AS uuid) IS NULL OR p.id > :after)
            ORDER BY p.id LIMIT :limit""",
        tenant=tx.tenant_id,
        after=after,
        limit=limit,
    )
