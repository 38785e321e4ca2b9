"""One signed request to a customer's address: to the address that was judged, followed nowhere, read to a small bound.

The name is resolved here, every address it leads to must be outside, and the connection goes to one of these; TLS and the Host header
still speak the name. No proxy of the environment is used, because it would resolve the name itself.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache

import httpx
from standardwebhooks import Webhook

from kernel.clock import wall
from kernel.db import assert_no_transaction
from notices.webhooks import rules
from notices.webhooks.rules import Target, UrlRefused
from notices.webhooks.service import Parcel

TOTAL_S = 15.0
MOST_READ = 4_096
_threads = ThreadPoolExecutor(8, thread_name_prefix="names")

Find = Callable[[str, int], Awaitable[Sequence[str]]]


class NotDelivered(Exception):
    """No answer that means yes; the text is for the customer."""

    def __init__(self, text: str, status: int | None = None) -> None:
        super().__init__(text)
        self.text, self.status = text, status


async def find(host: str, port: int) -> Sequence[str]:
    """The addresses of a name, as this machine resolves it; in threads of its own, for names may be slow."""
    loop = asyncio.get_running_loop()
    found = await loop.run_in_executor(_threads, lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


@cache
def _trust() -> ssl.SSLContext:
    return ssl.create_default_context()


@dataclass(frozen=True, slots=True)
class Post:
    """How requests go out; tests bring another resolver, transport or trust."""

    plain: bool
    allowed: frozenset[str]
    find: Find = find
    trust: ssl.SSLContext | None = None
    transport: httpx.AsyncBaseTransport | None = None

    async def send(self, parcel: Parcel) -> int:
        """Send it once; the status of a yes.

        Raises:
            NotDelivered: anything else.
        """
        assert_no_transaction()
        try:
            async with asyncio.timeout(TOTAL_S):
                target = rules.read_url(parcel.url, plain=self.plain, allowed=self.allowed)
                address = await self._judged(target)
                status = await self._ask(target, address, parcel)
        except TimeoutError:
            raise NotDelivered("no answer in time") from None
        except UrlRefused as error:
            raise NotDelivered(str(error)) from None
        except (OSError, httpx.HTTPError, httpx.InvalidURL) as error:
            raise NotDelivered(f"the connection failed: {type(error).__name__}") from None
        if not 200 <= status < 300:
            raise NotDelivered(f"answered {status}", status)
        return status

    async def _judged(self, target: Target) -> str:
        literal = rules.literal_address(target.host)
        try:
            found = [str(literal)] if literal is not None else await self.find(target.host, target.port)
        except (OSError, UnicodeError):
            raise NotDelivered("the name cannot be resolved") from None
        if not found:
            raise NotDelivered("the name cannot be resolved")
        for address in found:  # all of them: who hides one among good ones would be tried again and again
            rules.require_outside(address, target.port, allowed=self.allowed)
        return found[0]

    async def _ask(self, target: Target, address: str, parcel: Parcel) -> int:
        host = f"[{address}]" if ":" in address else address
        async with httpx.AsyncClient(
            transport=self.transport,
            verify=self.trust or _trust(),
            trust_env=False,
            follow_redirects=False,
            timeout=TOTAL_S,
        ) as client:
            request = client.build_request(
                "POST",
                f"{target.scheme}://{host}:{target.port}{target.path}",
                content=parcel.body,
                headers={"Host": target.authority, **_headers(parcel)},
                extensions={"sni_hostname": target.host},
            )
            answer = await client.send(request, stream=True)
            try:
                await _read_a_little(answer)
            finally:
                await answer.aclose()
        return answer.status_code


async def _read_a_little(answer: httpx.Response) -> None:
    """Enough for an honest receiver to finish its answer; nothing of it is unpacked or kept."""
    read = 0
    async for part in answer.aiter_raw():
        read += len(part)
        if read >= MOST_READ:
            return


def _headers(parcel: Parcel) -> dict[str, str]:
    """Signed by the rules of Standard Webhooks, over exactly these bytes, at this very moment."""
    now, message_id = wall(), str(parcel.event_id)
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(parcel.secret).sign(message_id, now, parcel.body.decode()),
        "Content-Type": "application/json",
        "Accept-Encoding": "identity",
        "User-Agent": "Rivermouth-Webhooks/1",
    }
