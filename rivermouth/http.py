"""The API process: routers from the registry, guards before them, problem+json behind them, and the addresses operators ask.

    uvicorn --factory rivermouth.http:create_app

It holds no state that matters and never loads a venue adapter, so there may be as many copies as wanted.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import anyio.to_thread
from fastapi import APIRouter, FastAPI, Response
from fastapi.responses import HTMLResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel
from sqlalchemy.exc import SQLAlchemyError
from starlette.middleware import Middleware
from starlette.requests import Request

from consoles.bundle import Console
from identity.auth import public
from identity.oauth import service as programs
from kernel import cache, db, http, log, rates
from kernel.settings import Settings
from kernel.settings import settings as process_settings
from rivermouth import openapi, reference_page, registry
from rivermouth.cross_origin import CrossOrigin
from rivermouth.denials import Denials
from rivermouth.heads import BoundedHttp
from rivermouth.ready_when import READINESS, Readiness
from rivermouth.registry import Lifespan

_log = log.get("api")


class Health(BaseModel):
    """The process lives; it says nothing about what it depends on."""

    status: str


class Condition(BaseModel):
    """One condition of readiness, with the reason when it does not hold."""

    name: str
    ok: bool
    reason: str | None = None


class Ready(BaseModel):
    """Whether customers may be sent here."""

    ready: bool
    conditions: list[Condition]


operations = APIRouter(tags=["operations"], dependencies=[public(rate=None)])


@operations.get("/healthz", operation_id="healthz")
async def healthz() -> Health:
    """The process is alive."""
    return Health(status="ok")


def _ask(readiness: Readiness) -> str | None:
    try:
        return readiness.check()
    except Exception as error:  # noqa: BLE001  whatever fails here is a reason not to be ready
        _log.debug("not_ready", condition=readiness.name, error=str(error)[:300])
        return "the check failed"


@operations.get("/readyz", operation_id="readyz", responses={503: {"model": Ready}})
def readyz(request: Request, response: Response) -> Ready:
    """200 once customers can be served, else 503; each condition with its reason."""
    checks: Sequence[Readiness] = request.app.state.readiness
    reasons = [(check.name, _ask(check)) for check in checks]
    ready = all(reason is None for _, reason in reasons)
    if not ready:
        response.status_code = 503
    return Ready(ready=ready, conditions=[Condition(name=n, ok=r is None, reason=r) for n, r in reasons])


@operations.get("/metrics", operation_id="metrics", response_class=Response)
async def metrics() -> Response:
    """The numbers of this process, for Prometheus."""
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


@operations.get("/docs", operation_id="docs", response_class=HTMLResponse, include_in_schema=False)
def docs(request: Request) -> HTMLResponse:
    """This API for people, in one page without scripts."""
    return HTMLResponse(
        reference_page.page(request.app.openapi()),
        headers={"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"},
    )


def _database_answers() -> str | None:
    with db.read_only() as tx:
        tx.scalar("SELECT 1")
    return None


def _may_frame(client: str) -> Sequence[str]:
    """Nobody, while the database does not answer."""
    try:
        return programs.may_frame(client)
    except SQLAlchemyError:
        return ()


DATABASE = Readiness("database", _database_answers)


class EverybodyTrusted(ValueError):
    """RIVERMOUTH_TRUSTED_PROXIES names addresses and networks; `*` would let anybody write where a request comes from."""


def server_options(chosen: Settings) -> dict[str, Any]:
    """How uvicorn serves the application. Who a request comes from is what the connection says, unless a named proxy says it.

    Raises:
        EverybodyTrusted: every address may say where a request comes from.
    """
    if "*" in chosen.trusted_proxies:
        raise EverybodyTrusted(EverybodyTrusted.__doc__)
    return {
        "http": BoundedHttp,
        "proxy_headers": chosen.trusted_proxies != "",
        "forwarded_allow_ips": chosen.trusted_proxies,
        "ws_per_message_deflate": False,
        "ws_max_size": 64 * 1024,
        "server_header": False,
        "access_log": False,
    }


def create_app(
    settings: Settings | None = None,
    *,
    routers: Sequence[APIRouter] | None = None,
    lifespans: Sequence[Lifespan] | None = None,
    readiness: Sequence[Readiness] | None = None,
) -> FastAPI:
    """Put the application together; without arguments from the registry and the environment.

    Raises:
        UndeclaredRoute: a route declares neither a permission nor that it is public.
        RatesMalformed: the limits are not understood.
    """
    chosen = settings or process_settings()
    rates.read(chosen.rate_limits)
    if routers is None:
        routers = (*registry.ROUTERS, *(registry.SANDBOX_ROUTERS if chosen.sandbox else ()))
    app = FastAPI(
        title="Rivermouth",
        version=_version(),
        description=DESCRIPTION,
        lifespan=_lifespan(chosen, registry.LIFESPANS if lifespans is None else lifespans),
        middleware=[
            *http.middlewares(larger=registry.LARGER_BODIES, outside=[Middleware(CrossOrigin)]),
            Middleware(Console, framed_by=_may_frame),
            Middleware(Denials),
        ],
        docs_url=None,  # ours is /docs
        redoc_url=None,
        redirect_slashes=False,
    )
    http.install(app)
    for router in (operations, *routers):
        app.include_router(router)
    app.state.readiness = (DATABASE, *(READINESS if readiness is None else readiness))
    openapi.demand_declarations(app)
    app.openapi = lambda: openapi.document(app)  # type: ignore[method-assign]
    return app


DESCRIPTION = """Amounts and prices are decimal strings, times RFC 3339 in UTC. Every refusal is `application/problem+json` with a
stable `code`. Lists are `{items, next_cursor}`, with a null cursor on the last page; a `POST` that makes something takes an
`Idempotency-Key`."""


def _version() -> str:
    try:
        return version("rivermouth")
    except PackageNotFoundError:
        return "0"


def _lifespan(settings: Settings, parts: Sequence[Lifespan]) -> Lifespan:
    @asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[None]:
        assert settings.database_url is not None, "RIVERMOUTH_DATABASE_URL is not set"
        log.configure("api", settings.log_level)
        db.configure(settings.database_url, pool_size=settings.database_pool_size, application_name="rivermouth-api")
        if settings.redis_url is not None:
            cache.configure(settings.redis_url)
        # A thread that waits for a connection serves nobody: as many threads as connections.
        anyio.to_thread.current_default_thread_limiter().total_tokens = settings.database_pool_size
        try:
            async with AsyncExitStack() as stack:
                for part in parts:
                    await stack.enter_async_context(part(app))
                yield
        finally:
            cache.close()
            db.dispose()

    return life
