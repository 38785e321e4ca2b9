"""The custodian as a process: its doors, and beside them for each chain one reader and one payer. Any number may run at once."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from functools import partial

import httpx
from fastapi import FastAPI
from sqlalchemy.exc import DBAPIError

from kernel import crypto, db, http, log, signing
from kernel.signing import Signer
from wallet_bridge.custodian import auth, hooks, house, keeper, networks, payer, reader
from wallet_bridge.custodian.api import router
from wallet_bridge.custodian.auth import Door
from wallet_bridge.custodian.chains.port import ChainAway
from wallet_bridge.custodian.cold.api import router as cold_router
from wallet_bridge.custodian.deposits import service as deposits
from wallet_bridge.custodian.house import House
from wallet_bridge.custodian.keys import Seed
from wallet_bridge.custodian.reader import TooDeep
from wallet_bridge.custodian.settings import Settings
from wallet_bridge.custodian.whitelist import service as whitelist

_log = log.get("custodian")
_CHORES_S = 5.0


def create_app(settings: Settings, *, loops: bool = True) -> FastAPI:
    """`loops` False: the doors alone."""
    db.configure(settings.database_url, pool_size=10, application_name="rivermouth-custodian")
    own = house.build(
        networks.read(settings.networks), Seed(base64.b64decode(settings.seed.get_secret_value(), validate=True))
    )
    signer = Signer(*next(iter(crypto.read_keys(settings.signing_key.get_secret_value()).items())))

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        tasks = [asyncio.create_task(one) for one in _work(own, settings, signer)] if loops else []
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            with suppress(asyncio.CancelledError):
                await asyncio.gather(*tasks, return_exceptions=True)
            await own.close()
            db.dispose()

    app = FastAPI(
        title="Rivermouth custodian", lifespan=lifespan, middleware=http.middlewares(), docs_url=None, redoc_url=None
    )
    http.install(app)
    app.state.house = own
    app.state.door = Door(settings.name, signing.read_public_keys(settings.clients))
    app.include_router(router)
    app.include_router(cold_router)
    app.add_api_route("/healthz", _healthz, include_in_schema=False)
    return app


async def _healthz() -> dict[str, str]:
    return {"status": "ok"}


def _work(own: House, settings: Settings, signer: Signer) -> list[Coroutine[None, None, None]]:
    found = [_chores(settings, signer)]
    for name, network in own.networks.items():
        found.append(_for_ever(f"read:{name}", network.poll_s, partial(_read, own, name)))
        found.append(_for_ever(f"pay:{name}", network.poll_s, partial(payer.pay, own, name)))
        found.append(_for_ever(f"keep:{name}", network.sweep_every_s, partial(keeper.keep, own, name)))
    return found


async def _read(own: House, name: str) -> None:
    try:
        while await reader.read(name, own.network(name), own.chain(name)):
            pass
    except (ChainAway, TooDeep) as error:
        await asyncio.to_thread(deposits.troubled, name, str(error))


async def _for_ever(name: str, pause_s: float, step: Callable[[], Awaitable[None]]) -> None:
    while True:
        try:
            await step()
        except (ChainAway, DBAPIError) as error:
            _log.warning("custodian_step_away", step=name, error=str(error)[:300])
        except Exception as error:  # noqa: BLE001  one chain's trouble must not end the others
            _log.error("custodian_step_failed", step=name, error=repr(error))
        await asyncio.sleep(pause_s)


async def _chores(settings: Settings, signer: Signer) -> None:
    """Hints to the bridge, entries of the whitelist that became active, nonces that may be forgotten."""
    async with httpx.AsyncClient(trust_env=False) as client:
        if settings.hook_url is not None:
            url = settings.hook_url
            await asyncio.to_thread(hooks.want, url)
            telling = asyncio.create_task(
                _for_ever("hooks", 0.2, partial(hooks.tell, url, signer, settings.bridge_name, client))
            )
        try:
            await _for_ever("chores", _CHORES_S, _tidy)
        finally:
            if settings.hook_url is not None:
                telling.cancel()


async def _tidy() -> None:
    await asyncio.to_thread(whitelist.tell_active)
    await asyncio.to_thread(auth.forget_old)
