"""Routes of preferences: one's own language and channels."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter

from identity.auth import Principal, requires
from identity.permissions import Permission
from identity.principals.states import Kind as PrincipalKind
from kernel.http import problem_responses
from notices.preferences import service
from notices.preferences.errors import SecurityNoticesStay
from notices.preferences.schemas import KindOut, PreferencesIn, PreferencesOut
from notices.preferences.service import Preferences
from notices.states import FOR_STAFF, LETTERS, SECURITY, Channel, Kind

router = APIRouter(prefix="/v1/notice-preferences", tags=["notices"])
Reader = Annotated[Principal, requires(Permission.NOTICES_READ)]


@router.get("", operation_id="notice_preferences")
def read(principal: Reader) -> PreferencesOut:
    """In which language you are told, and what where."""
    return _out(service.read(tenant=principal.tenant_id, principal=principal.id), principal)


@router.put("", operation_id="change_notice_preferences", responses=problem_responses(SecurityNoticesStay))
def change(body: PreferencesIn, principal: Reader) -> PreferencesOut:
    """Replace them all. Notices about the safety of your account cannot be switched off."""
    changed = service.change(
        tenant=principal.tenant_id, principal=principal.id, language=body.language, wishes=body.kinds
    )
    return _out(changed, principal)


def _out(preferences: Preferences, principal: Principal) -> PreferencesOut:
    hidden = LETTERS if principal.kind is PrincipalKind.STAFF else LETTERS | FOR_STAFF
    return PreferencesOut(
        language=preferences.language,
        kinds=[
            KindOut(
                kind=kind,
                security=kind in SECURITY,
                channels={channel: preferences.wants(kind, channel) for channel in Channel},
            )
            for kind in Kind
            if kind not in hidden
        ],
    )
