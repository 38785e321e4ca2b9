"""Payments out of the cold wallet: one person asks, another agrees, the custodian drafts, its holders sign elsewhere.

Money only moves within the house by them, from cold to hot: the books know one wallet a network, and only the network's fee is a cost.
No key is here and none at the custodian: what is handed in are signatures, and what comes of them the custodian reports.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from identity.approvals import service as approvals
from identity.approvals.service import Subject
from identity.audit import service as audit
from identity.permissions import Permission
from kernel import commands, db, outbox
from kernel.commands import Outcome
from kernel.db import Tx
from kernel.ids import uuid7
from kernel.money import canonical
from payments.assets import service as assets
from wallet_bridge.cold import errors, queries, rules
from wallet_bridge.cold.events import ColdSpendEnded
from wallet_bridge.cold.record import Signature, Spend
from wallet_bridge.cold.states import UNSIGNED, SpendState
from wallet_bridge.custody import service as custody
from wallet_bridge.custody.refs import Ref, RefKind
from wallet_bridge.networks import service as networks
from wallet_bridge.wire.schemas import Approval, ColdOut, Destination, TransferIn
from wallet_bridge.wire.states import DestinationType, Source

__all__ = ["KIND", "Signature", "Spend", "Wish"]

KIND = "wallet.cold_spend"
_TO_DECIDE = timedelta(hours=24)
_S = SpendState


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """`fee_cap` is in the network's own coin."""

    network: str
    asset: str
    amount: Decimal
    fee_cap: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A spend with its approval, its draft held against it, and what was handed in."""

    spend: Spend
    approval_id: UUID | None
    draft: ColdOut | None
    differences: Sequence[str]
    signatures: Sequence[Signature]


# What is seen --------------------------------------------------------------------------------------------------------------------


def page(tenant: UUID, *, states: Sequence[SpendState] | None, before: UUID | None, limit: int) -> list[Spend]:
    with db.read_only(tenant=tenant) as tx:
        return queries.page(tx, states=states, before=before, limit=limit)


def read(tenant: UUID, spend_id: UUID) -> Seen:
    """Raises: ColdSpendNotFound."""
    with db.read_only(tenant=tenant) as tx:
        spend = queries.get(tx, spend_id)
        if spend is None:
            raise errors.ColdSpendNotFound
        draft = draft_of(spend)
        return Seen(
            spend=spend, approval_id=approvals.latest(tx, kind=KIND, resource_id=spend_id), draft=draft,
            differences=[] if draft is None else rules.differences(spend, draft), signatures=queries.signatures(tx, spend_id),
        )  # fmt: skip


def draft_of(spend: Spend) -> ColdOut | None:
    return None if spend.draft is None else ColdOut.model_validate(spend.draft)


def can_cancel(spend: Spend) -> bool:
    """As long as nobody has signed it."""
    draft = draft_of(spend)
    return spend.state in UNSIGNED and not (draft is not None and draft.signed_by)


# What treasury does --------------------------------------------------------------------------------------------------------------


def ask(*, tenant: UUID, actor: UUID, wish: Wish, key: str | None) -> Outcome:
    """Ask a second person to fill the hot wallet from the cold one.

    Raises:
        WalletNotConfigured, NetworkUnknown, ColdAmountUnfit
    """
    custody.require_configured()

    def fn(tx: Tx) -> tuple[str, UUID]:
        spend_id = uuid7()
        networks.find(tx, network=wish.network, asset=wish.asset)
        coin = networks.coin(tx, wish.network) or wish.asset
        if not (
            rules.amount_fits(wish.amount, assets.scale(wish.asset))
            and rules.amount_fits(wish.fee_cap, assets.scale(coin))
        ):
            raise errors.ColdAmountUnfit
        row = {
            "id": spend_id,
            "network": wish.network,
            "asset": wish.asset,
            "amount": wish.amount,
            "fee_cap": wish.fee_cap,
        }
        queries.insert(tx, {**row, "created_by": actor})
        asked = subject(_locked(tx, spend_id))
        approvals.request(
            tx, asked, maker=actor, permission=Permission.TREASURY_APPROVE, read_permission=Permission.TREASURY_READ,
            expires_in=_TO_DECIDE,
        )  # fmt: skip
        audit.about(tx, after=dict(asked.summary))
        return "cold_spend", spend_id

    body = {
        "network": wish.network, "asset": wish.asset, "amount": canonical(wish.amount), "fee_cap": canonical(wish.fee_cap),
    }  # fmt: skip
    return _command(tenant, actor, "POST /v1/treasury/cold-spends", key, fn, **body)


def hand_in(*, tenant: UUID, actor: UUID, spend_id: UUID, signed: str, key: str | None) -> Outcome:
    """Pass a holder's signature on; whether it counts, the custodian says. Only for a draft that says what was agreed to.

    Raises:
        ColdSpendNotFound, ColdSpendNotDrafted, ColdDraftDiffers
    """

    def fn(tx: Tx) -> tuple[str, UUID]:
        spend = _locked(tx, spend_id)
        draft = draft_of(spend)
        if spend.state is not _S.DRAFTED or draft is None:
            raise errors.ColdSpendNotDrafted
        if rules.differences(spend, draft):
            raise errors.ColdDraftDiffers
        signature_id = uuid7()
        queries.add_signature(tx, signature_id=signature_id, spend_id=spend_id, by=actor)
        custody.ask_cosign(
            tx, Ref(RefKind.COLD, tenant, signature_id), spend=Ref(RefKind.COLD, tenant, spend_id), signed=signed
        )  # fmt: skip
        audit.about(tx, after={"digest": draft.digest, "signature": str(signature_id)})
        return "cold_spend", spend_id

    route = "POST /v1/treasury/cold-spends/{id}/signatures"
    return _command(tenant, actor, route, key, fn, id=spend_id, signed=signed)


def cancel(*, tenant: UUID, actor: UUID, spend_id: UUID, key: str | None) -> None:
    """Take it back while nobody has signed; what the custodian has is cancelled there, and it says so.

    Raises:
        ColdSpendNotFound, ColdSpendSigned
    """

    def fn(tx: Tx) -> tuple[str, UUID]:
        spend, ref = _locked(tx, spend_id), Ref(RefKind.COLD, tenant, spend_id)
        if not can_cancel(spend):
            raise errors.ColdSpendSigned
        if spend.state is _S.WAITING:
            approvals.void(tx, kind=KIND, resource_id=spend_id, reason="cancelled")
            end(tx, spend, _S.CANCELLED, reason=None)
        elif spend.state is _S.ASKED and custody.take_back(tx, ref):
            end(tx, spend, _S.CANCELLED, reason=None)
        else:
            custody.ask_cancel(tx, ref)
        audit.about(tx, before={"state": spend.state})
        return "cold_spend", spend_id

    _command(tenant, actor, "DELETE /v1/treasury/cold-spends/{id}", key, fn, id=spend_id)


def subject(spend: Spend) -> Subject:
    """What a second person agrees to."""
    summary = {
        "from": "cold", "to": "hot", "network": spend.network, "asset": spend.asset, "amount": canonical(spend.amount),
        "fee_cap": canonical(spend.fee_cap),
    }  # fmt: skip
    return Subject(kind=KIND, resource_id=spend.id, summary=summary)


# What the engine does ------------------------------------------------------------------------------------------------------------


def carry_out(tx: Tx, *, spend_id: UUID, approval_id: UUID) -> None:
    """A second person agreed: the custodian is asked, with both names. Step of the engine."""
    spend = queries.get(tx, spend_id, lock=True)
    if spend is None or spend.state is not _S.WAITING:
        return
    checker = approvals.granted(tx, approval_id, subject(spend))
    if checker is None:
        return
    queries.change(tx, spend, _S.ASKED, approved_by=checker, approved_at=tx.now)
    agreed = [
        Approval(by=str(who), at=when.astimezone(UTC))
        for who, when in ((spend.created_by, spend.created_at), (checker, tx.now))
    ]
    custody.ask_transfer(
        tx,
        TransferIn(
            client_ref=str(Ref(RefKind.COLD, tx.tenant_id, spend_id)), source=Source.COLD,
            destination=Destination(type=DestinationType.HOT), asset=spend.asset, network=spend.network, amount=spend.amount,
            fee_cap=spend.fee_cap, purpose="treasury", approvals=agreed,
        ),
    )  # fmt: skip
    audit.record(
        tx, "cold_spend.asked_for", kind="cold_spend", resource=spend_id, after=dict(subject(spend).summary), actor=checker
    )  # fmt: skip
    approvals.carried_out(tx, approval_id)


def not_agreed(tx: Tx, spend_id: UUID, *, reason: str) -> None:
    """The approval ended without a yes. Step of the engine."""
    spend = queries.get(tx, spend_id, lock=True)
    if spend is not None and spend.state is _S.WAITING:
        end(tx, spend, _S.REFUSED, reason=reason)


def end(tx: Tx, spend: Spend, to: SpendState, *, reason: str | None, **facts: Any) -> None:
    """It is over; told once. Step."""
    queries.change(tx, spend, to, reason=reason, ended_at=tx.now, **facts)
    txid = facts.get("txid", spend.txid)
    fact = ColdSpendEnded(spend.id, spend.network, spend.asset, spend.amount, to.value, txid, reason)
    outbox.publish(tx, fact, key=str(spend.id))


def _locked(tx: Tx, spend_id: UUID) -> Spend:
    spend = queries.get(tx, spend_id, lock=True)
    if spend is None:
        raise errors.ColdSpendNotFound
    return spend


def _command(tenant: UUID, actor: UUID, route: str, key: str | None, fn: Any, **body: Any) -> Outcome:
    print_ = commands.fingerprint({name: str(value) for name, value in body.items()})
    return commands.run(tenant=tenant, principal=actor, route=route, key=key, fingerprint=print_, fn=fn)
