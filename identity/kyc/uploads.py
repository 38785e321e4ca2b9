"""Reading an upload: everything is bounded before it is parsed, and nothing of it touches a disk."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import TypeVar

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from identity.kyc.files import MAX_BYTES
from kernel.errors import InvalidRequest, Unavailable

T = TypeVar("T")
_THREADS, _WAITING = 4, 12
_threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="papers")
_places = threading.BoundedSemaphore(_THREADS + _WAITING)

AROUND = 64 * 1024
PATH = re.compile(r"/v1/kyc/cases/[0-9a-fA-F-]{32,36}/documents")
"""The one address whose bodies may be larger than others."""


class _InMemory(MultiPartParser):
    spool_max_size = MAX_BYTES + AROUND  # what is smaller stays in memory, and nothing is larger


async def read(request: Request) -> tuple[str, bytes]:
    """The fields `kind` and `file` of a multipart form.

    Raises:
        InvalidRequest: it is another form, or none.
    """
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        raise InvalidRequest("send multipart/form-data with kind and file")
    try:
        form = await _InMemory(request.headers, request.stream(), max_files=1, max_fields=1, max_part_size=200).parse()
    except (MultiPartException, KeyError, ValueError):
        raise InvalidRequest("the form is not well formed") from None
    kind, file = form.get("kind"), form.get("file")
    if not isinstance(kind, str) or not isinstance(file, UploadFile):
        raise InvalidRequest("send multipart/form-data with kind and file")
    try:
        return kind, await file.read()
    finally:
        await form.close()


async def apart(work: Callable[[], T]) -> T:
    """Do it in threads of its own: looking at a file takes long, and new streams, which share the others, must not wait behind it.

    Raises:
        Unavailable: as many uploads wait as this process keeps.
    """
    if not _places.acquire(blocking=False):
        raise Unavailable
    try:
        return await asyncio.get_running_loop().run_in_executor(_threads, copy_context().run, work)
    finally:
        _places.release()
