"""Why a link in a mail opens nothing."""

from __future__ import annotations

from typing import ClassVar

from kernel.errors import DomainError


class LinkInvalid(DomainError):
    """This link is unknown, too old or used already; ask for another one."""

    code: ClassVar[str] = "link_invalid"
    status: ClassVar[int] = 404


class MailLinksNotConfigured(DomainError):
    """This deployment does not say where links in its mails lead (RIVERMOUTH_PUBLIC_URL), so it cannot send any."""

    code: ClassVar[str] = "mail_links_not_configured"
    status: ClassVar[int] = 503
