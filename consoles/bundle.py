"""Serve the built application: hashed files for ever, the page itself never kept, and no script or address from anywhere else.

Every address that a browser opens and that the API does not own is a place inside the application, so a link into it works.
"""

from __future__ import annotations

import mimetypes
from collections.abc import Callable, Sequence
from pathlib import Path

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from consoles.build import DIST

API_PATHS = ("/v1", "/docs", "/openapi.json", "/oauth", "/compat", "/udf", "/healthz", "/readyz", "/metrics")
_NOBODY = "'none'"
# Styles may stand in the page: the component library and the chart set sizes and places of what they draw. Scripts may not.
CONTENT_SECURITY_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_SAFE = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
EMBED = "/embed"
"""The one page that others may frame: those of a partner whose name stands in the address."""
_PAGE = {**_SAFE, "Cache-Control": "no-store"}
_KEPT = {**_SAFE, "Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}
_ENCODINGS = (("br", ".br"), ("gzip", ".gz"))  # made at build time, the smaller one first
_NOT_BUILT = (
    "<!doctype html><html lang=en><meta charset=utf-8><title>Rivermouth</title><h1>The console is not built</h1>"
    "<p>From a checkout, <code>./run console</code> builds it. The API works without it: <a href=/docs>/docs</a>."
)


class Console:
    """The application in front of the API: what is not the API's is a file of the bundle or a place in the application."""

    def __init__(
        self, app: ASGIApp, folder: Path = DIST, framed_by: Callable[[str], Sequence[str]] | None = None
    ) -> None:
        self.app = app
        self.folder = folder.resolve()
        self.framed_by = framed_by

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] not in {"GET", "HEAD"} or _is_of_the_api(scope["path"]):
            await self.app(scope, receive, send)
            return
        response = self._answer(Request(scope))
        if response is not None and scope["path"] == EMBED and self.framed_by is not None:
            client = Request(scope).query_params.get("client_id", "")
            origins = await anyio.to_thread.run_sync(self.framed_by, client)
            ancestors = f"frame-ancestors {' '.join(origins) or _NOBODY}"
            policy = CONTENT_SECURITY_POLICY.replace(f"frame-ancestors {_NOBODY}", ancestors)
            response.headers["Content-Security-Policy"] = policy
        await (self.app if response is None else response)(scope, receive, send)

    def _answer(self, request: Request) -> Response | None:
        found = self._file(request.url.path)
        if found is not None:
            return _file_response(found, request.headers.get("accept-encoding", ""))
        if request.url.path.startswith("/assets/") or "text/html" not in request.headers.get("accept", ""):
            return None  # the API says 404 as it does everywhere
        page = self.folder / "index.html"
        if not page.exists():
            return HTMLResponse(_NOT_BUILT, status_code=503, headers=_PAGE)
        return FileResponse(page, headers=_PAGE, media_type="text/html")

    def _file(self, path: str) -> Path | None:
        wanted = (self.folder / path.lstrip("/")).resolve()
        inside = wanted.is_relative_to(self.folder) and not wanted.name.endswith((".html", ".br", ".gz", ".json"))
        try:
            return wanted if inside and wanted.is_file() else None
        except OSError:  # a name longer than any file has
            return None


def _is_of_the_api(path: str) -> bool:
    return any(path == own or path.startswith(own + "/") for own in API_PATHS)


def _file_response(path: Path, accepted: str) -> Response:
    kind = mimetypes.guess_type(path.name)[0]
    headers = _KEPT if path.parent.name == "assets" else _PAGE
    offered = {part.split(";")[0].strip() for part in accepted.split(",")}
    for name, suffix in _ENCODINGS:
        packed = path.with_name(path.name + suffix)
        if name in offered and packed.exists():
            return FileResponse(packed, headers={**headers, "Content-Encoding": name}, media_type=kind)
    return FileResponse(path, headers=headers, media_type=kind)
