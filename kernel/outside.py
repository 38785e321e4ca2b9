"""Addresses that somebody else gave us: what we may send to, judged before and after the name is resolved. Pure decisions.

A name says nothing about where it leads, so the address that it resolves to is judged at every attempt, and the connection goes to the
address that was judged. What is written as an address is judged when it is given to us as well, in every spelling that a system reads.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from urllib.parse import urlsplit

LONGEST_URL = 2_048
_VISIBLE = re.compile(r"[!-~]+", re.ASCII)
_NAME = re.compile(
    r"(?=.{1,253}\.?$)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*\.?", re.ASCII
)
_UNICAST = ipaddress.IPv6Network("2000::/3")  # the only part of the newer kind that is given out to anybody
_RELAYS = ipaddress.IPv4Network("192.88.99.0/24")
# Addresses that carry one of the older kind inside, through which a private one could be reached.
_CARRIERS = tuple(
    map(ipaddress.IPv6Network, ("::/96", "::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "2001::/32", "2002::/16"))
)


class UrlRefused(ValueError):
    """It is no address that we would send to."""


@dataclass(frozen=True, slots=True)
class Target:
    """An address taken apart; `host` is a name or a literal address without brackets."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """What the Host header says."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"


_PORTS = {"https": 443, "http": 80}


def read_url(url: str, *, plain: bool, allowed: frozenset[str]) -> Target:
    """Take an address apart.

    Args:
        plain: whether http will do (in a sandbox).
        allowed: private targets, `address:port`, that this sandbox may send to.

    Raises:
        UrlRefused: it is no plain https address, or is written as the address of something inside.
    """
    if len(url) > LONGEST_URL or not _VISIBLE.fullmatch(url) or "\\" in url:
        raise UrlRefused("an address is visible ASCII, at most 2048 characters")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise UrlRefused("this is no address") from None
    if parts.scheme not in ({"https", "http"} if plain else {"https"}):
        raise UrlRefused("only https")
    if not host or parts.username is not None or parts.password is not None or "#" in url or port == 0:
        raise UrlRefused("a host, without user, password or fragment")
    target = Target(
        parts.scheme,
        host,
        port or _PORTS[parts.scheme],
        (parts.path or "/") + (f"?{parts.query}" if parts.query else ""),
    )
    literal = literal_address(host)
    if literal is not None:
        require_outside(str(literal), target.port, allowed=allowed)
    elif not _NAME.fullmatch(host):
        raise UrlRefused("this is no name of a host")
    return target


def literal_address(host: str) -> IPv4Address | IPv6Address | None:
    """The address that `host` spells, in any way a system would read: dotted, decimal, hexadecimal, octal, shortened."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        pass
    try:
        return IPv4Address(socket.inet_aton(host)) if re.fullmatch(r"[0-9a-fx.]+", host) else None
    except OSError:
        return None


def require_outside(address: str, port: int, *, allowed: frozenset[str]) -> None:
    """Judge an address that something resolved to.

    Raises:
        UrlRefused: it is not in the public internet, and this sandbox does not allow it.
    """
    if inside(address) and f"{address}:{port}" not in allowed:
        raise UrlRefused("this address is not in the public internet")


def inside(address: str) -> bool:
    """Loopback, private, link-local, multicast, unspecified, reserved, shared, or carrying an older address."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return True
    if isinstance(ip, IPv6Address) and (
        ip.scope_id is not None or ip not in _UNICAST or any(ip in carrier for carrier in _CARRIERS)
    ):
        return True
    if isinstance(ip, IPv4Address) and ip in _RELAYS:
        return True
    return (
        not ip.is_global or ip.is_private or ip.is_loopback or ip.is_link_local or ip.is_multicast or ip.is_reserved or ip.is_unspecified
    )  # fmt: skip
