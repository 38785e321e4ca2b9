"""What an address of a chat service says, as the library `apprise` reads it, and whether we send there.

The address is a secret: whoever has it writes in the room. The library says in its own log what it makes of one, so that log is shut.
"""

from __future__ import annotations

import logging
import re
import sys

from apprise import Apprise, AppriseAsset
from apprise.plugins import NotifyBase

from notices.chat import dingtalk
from notices.chat.errors import ChannelAddressRefused
from notices.webhooks import rules as targets

LONGEST = 1_000
TIMEOUT_S = 10.0
_FILES = {"keyfile", "subfile"}
_VISIBLE = re.compile(r"[!-~]+", re.ASCII)
_ASSET = AppriseAsset(
    app_id="Rivermouth",
    app_desc="Rivermouth",
    default_service_retry=0,
    http_redirects=False,
    secure_logging=True,
    storage_mode="memory",
)

for _name in ("apprise", "urllib3", "requests"):  # each would write addresses, or parts of them
    logging.getLogger(_name).setLevel(logging.CRITICAL + 1)


def read(address: str, *, plain: bool, allowed: frozenset[str]) -> NotifyBase:
    """The service behind an address, ready to send one message once.

    Args:
        plain: whether http will do (in a sandbox).
        allowed: private targets, `address:port`, that this sandbox may send to.

    Raises:
        ChannelAddressRefused
    """
    if len(address) > LONGEST or not _VISIBLE.fullmatch(address):
        raise ChannelAddressRefused("an address is visible ASCII, at most 1000 characters")
    dingtalk.speak()
    try:
        service = Apprise.instantiate(address, asset=_ASSET)
    except Exception:  # noqa: BLE001  whatever a reader of the library stumbles over; its words may hold the address
        service = None
    if not isinstance(service, NotifyBase):
        raise ChannelAddressRefused("no chat service reads this address")
    _judge(service, plain=plain, allowed=allowed)
    service.socket_connect_timeout = service.socket_read_timeout = TIMEOUT_S
    return service


def _judge(service: NotifyBase, *, plain: bool, allowed: frozenset[str]) -> None:
    if not hasattr(sys.modules[type(service).__module__], "requests"):
        raise ChannelAddressRefused("only services that are spoken to over https")
    if not plain and service.schema not in _names(service.secure_protocol):
        raise ChannelAddressRefused("only services that are spoken to over https")
    if _FILES & (service.template_tokens.keys() | service.template_args.keys()):
        raise ChannelAddressRefused("no service that reads files of this machine")
    if not service.verify_certificate:
        raise ChannelAddressRefused("certificates are always checked")
    if service.retry or len(service) > 1 or service.redirects:
        raise ChannelAddressRefused("one message to one room, sent once and followed nowhere")
    if "host" in service.template_tokens:
        literal = targets.literal_address(str(service.host or "").strip("[]").lower())
        try:
            if literal is not None:
                targets.require_outside(str(literal), int(service.port or 0), allowed=allowed)
        except targets.UrlRefused as error:
            raise ChannelAddressRefused(str(error)) from None


def _names(given: object) -> tuple[str, ...]:
    return (
        (given,)
        if isinstance(given, str)
        else tuple(given)
        if isinstance(given, list | tuple | set | frozenset)
        else ()
    )


def name_of(service: NotifyBase) -> str:
    """What people call the service."""
    return str(service.service_name)[:64]
