"""Which tenant a token belongs to, remembered per process: the answer never changes, so it never has to be forgotten."""

from __future__ import annotations

import threading
from collections import OrderedDict
from uuid import UUID


class TenantMemory:
    """The most recently used `size` tokens, by their hashes."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._known: OrderedDict[bytes, UUID] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, token_hash: bytes) -> UUID | None:
        with self._lock:
            tenant = self._known.get(token_hash)
            if tenant is not None:
                self._known.move_to_end(token_hash)
            return tenant

    def put(self, token_hash: bytes, tenant: UUID) -> None:
        with self._lock:
            self._known[token_hash] = tenant
            self._known.move_to_end(token_hash)
            while len(self._known) > self._size:
                self._known.popitem(last=False)
