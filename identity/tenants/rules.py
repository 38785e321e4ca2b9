"""Pure: what a policy says, which changes loosen it, and whether a theme can be read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from identity.tenants.errors import OriginInvalid, ThemeUnreadable
from identity.tenants.states import Custody, Limit
from kernel.money import canonical

ENOUGH_CONTRAST = Decimal("4.5")
MOST_APR = Decimal(1)
"""A yearly fraction: what a house may promise that has set nothing of its own."""
GROUNDS = {"accent_dark": ("#111b2a", "#04222a"), "accent_light": ("#ffffff", "#ffffff")}
"""What each accent stands on as text, and what stands on it: the panel and the text of buttons in the two themes of the console."""
_COLOUR = re.compile("#[0-9a-fA-F]{6}")
_HERE = frozenset({"localhost", "127.0.0.1", "[::1]"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What keeps a tenant's money in. The defaults are those of a new tenant."""

    custody: Custody = Custody.OWN
    whitelist_delay_h: int = 24
    change_delay_h: int = 24
    limits: Mapping[Limit, Decimal] = field(default_factory=dict)
    highest_apr: Decimal = MOST_APR

    @property
    def plain(self) -> dict[str, Any]:
        """As it is stored, approved and shown: amounts are texts in one spelling."""
        return {
            "custody": self.custody.value,
            "whitelist_delay_h": self.whitelist_delay_h,
            "change_delay_h": self.change_delay_h,
            "limits": {name.value: canonical(self.limits[name]) for name in Limit if name in self.limits},
            "highest_apr": canonical(self.highest_apr),
        }

    @classmethod
    def read(cls, plain: Mapping[str, Any]) -> Policy:
        """What was written before a policy had a `highest_apr` had none of its own."""
        return cls(
            custody=Custody(plain["custody"]),
            whitelist_delay_h=plain["whitelist_delay_h"],
            change_delay_h=plain["change_delay_h"],
            limits={Limit(name): Decimal(amount) for name, amount in plain["limits"].items()},
            highest_apr=Decimal(plain.get("highest_apr", MOST_APR)),
        )

    def loosened_by(self, other: Policy) -> list[str]:
        """The fields in which `other` lets more out, sooner, promises more, or gives the keys away; empty when it only tightens."""
        found = ["custody"] if other.custody is not self.custody else []
        found += ["whitelist_delay_h"] if other.whitelist_delay_h < self.whitelist_delay_h else []
        found += ["change_delay_h"] if other.change_delay_h < self.change_delay_h else []
        found += ["highest_apr"] if other.highest_apr > self.highest_apr else []
        found += [
            f"limits.{name.value}"
            for name in Limit
            if name in other.limits and (name not in self.limits or other.limits[name] > self.limits[name])
        ]
        return found


def check_theme(accents: Mapping[str, str | None]) -> None:
    """Each accent that is set can be read as text on the panel, and the text of a button on it.

    Raises:
        ThemeUnreadable: with the field, and the contrast that was found.
    """
    for name, (panel, text_on_it) in GROUNDS.items():
        accent = accents.get(name)
        if accent is None:
            continue
        worst = min(contrast(accent, panel), contrast(accent, text_on_it))
        if worst < ENOUGH_CONTRAST:
            raise ThemeUnreadable(field=name, contrast=f"{worst:.2f}")


def stylesheet(accents: Mapping[str, str | None]) -> str:
    """The accents as the console's own colours; nothing but colours that were checked comes into it."""
    pages = {"accent_dark": 'html:root,html:root[data-theme="dark"]', "accent_light": 'html:root[data-theme="light"]'}
    colours = {page: accents.get(name) for name, page in pages.items()}
    return "".join(
        f"{page}{{--accent:{colour}}}\n" for page, colour in colours.items() if colour and _COLOUR.fullmatch(colour)
    )


def contrast(one: str, other: str) -> Decimal:
    """Of two colours `#rrggbb`, as WCAG 2 defines it: from 1 to 21."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + Decimal("0.05")) / (darker + Decimal("0.05"))


def _luminance(colour: str) -> Decimal:
    red, green, blue = (_linear(Decimal(int(colour[at : at + 2], 16)) / 255) for at in (1, 3, 5))
    return Decimal("0.2126") * red + Decimal("0.7152") * green + Decimal("0.0722") * blue


def _linear(part: Decimal) -> Decimal:
    if part <= Decimal("0.04045"):
        return part / Decimal("12.92")
    return ((part + Decimal("0.055")) / Decimal("1.055")) ** Decimal("2.4")


def normal_origin(origin: str) -> str:
    """As a browser spells it.

    Raises:
        OriginInvalid
    """
    try:
        parts = urlsplit(origin.strip().lower())
        host, port = parts.hostname, parts.port
    except ValueError:
        raise OriginInvalid(origin=origin[:80]) from None
    plain = f"{parts.scheme}://{parts.netloc}"
    if not host or plain != origin.strip().lower() or "@" in parts.netloc or not plain.isascii() or "*" in plain:
        raise OriginInvalid(origin=origin[:80])
    named = parts.netloc.removesuffix(f":{port}") if port is not None else parts.netloc
    if parts.scheme != "https" and not (parts.scheme == "http" and named in _HERE):
        raise OriginInvalid(origin=origin[:80])
    default = {"https": 443, "http": 80}[parts.scheme]
    return f"{parts.scheme}://{named}" if port == default else plain
