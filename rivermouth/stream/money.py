"""The channel `balances`: the whole state of somebody's money, sent whenever it has changed.

An own event is reason to look at once; every second the projection's fingerprints of all readers are compared in one statement, so a
deposit or a transfer, of which no event tells, is seen as well.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError

from identity.auth import Realm
from kernel import clock, db, log
from payments.balances import service as balances
from payments.balances.api import shown
from rivermouth.stream.own import Owner
from rivermouth.stream.topics import Reader, Topic

LOOK_EVERY_S = 1.0
CONFLATE_S = 0.1
_log = log.get("stream")

Key = tuple[UUID, UUID, Realm]


class Money:
    """One topic per owner and realm."""

    def __init__(self) -> None:
        self._topics: dict[Key, Topic[Reader]] = {}
        self._fingerprints: dict[Key, str] = {}
        self._news: set[Owner] = set()
        self._compared_at = float("-inf")
        self._wake = asyncio.Event()

    def news(self, owner: Owner) -> None:
        """Something happened to this owner's orders."""
        if any((*owner, realm) in self._topics for realm in Realm):
            self._news.add(owner)
            self._wake.set()

    async def join(self, key: Key, reader: Reader) -> None:
        topic = self._topics.setdefault(key, Topic("balances"))
        topic.hold(reader)
        try:
            if topic.body is None:
                body = await asyncio.to_thread(read, key)
                if topic.body is None:
                    topic.publish(body)
                    topic.release(reader)
        except BaseException:
            self.leave(key, reader)
            raise
        topic.join(reader, topic.body)

    def leave(self, key: Key, reader: Reader) -> None:
        topic = self._topics.get(key)
        if topic is None:
            return
        topic.leave(reader)
        if not topic.readers:
            del self._topics[key]
            self._fingerprints.pop(key, None)

    async def run(self) -> None:
        """Look for ever: at those with news soon, at everybody once a second."""
        while True:
            try:
                async with asyncio.timeout(LOOK_EVERY_S):
                    await self._wake.wait()
            except TimeoutError:
                pass
            self._wake.clear()
            try:
                await self._look()
            except SQLAlchemyError as error:
                _log.warning("balances_not_read", error=str(error)[:200])
            await asyncio.sleep(CONFLATE_S)

    async def _look(self) -> None:
        changed = {(*owner, realm) for owner in self._news for realm in Realm} & self._topics.keys()
        self._news.clear()
        if clock.monotonic() - self._compared_at >= LOOK_EVERY_S:
            self._compared_at = clock.monotonic()
            changed |= await self._differing()
        for key in changed:
            topic = self._topics.get(key)
            body = await asyncio.to_thread(read, key)
            if topic is not None and body != topic.body:
                topic.publish(body)

    async def _differing(self) -> set[Key]:
        owners: defaultdict[tuple[UUID, Realm], list[UUID]] = defaultdict(list)
        for tenant, owner, realm in self._topics:
            owners[tenant, realm].append(owner)
        changed = set()
        for (tenant, realm), some in owners.items():
            for owner, fingerprint in (await asyncio.to_thread(_fingerprints, tenant, realm, some)).items():
                key = (tenant, owner, realm)
                if self._fingerprints.get(key) != fingerprint:
                    self._fingerprints[key] = fingerprint
                    changed.add(key)
        return changed & self._topics.keys()


def read(key: Key) -> str:
    tenant, owner, realm = key
    with db.read_only(tenant=tenant) as tx:
        return shown(balances.of_owner(tx, owner=owner, realm=realm)).model_dump_json(include={"items"})


def _fingerprints(tenant: UUID, realm: Realm, owners: list[UUID]) -> dict[UUID, str]:
    with db.read_only(tenant=tenant) as tx:
        return balances.fingerprints(tx, owners=owners, realm=realm)
