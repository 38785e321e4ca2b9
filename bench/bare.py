"""The yardstick beside the product: the same framework, one endpoint that does nothing and one that inserts one row and commits."""

from __future__ import annotations

import os
import queue
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal

import psycopg
from fastapi import FastAPI
from pydantic import BaseModel


class Body(BaseModel):
    symbol: str
    side: str
    type: str
    quantity: str
    venue: str = "best"


CONNECTIONS = 16
pool: queue.SimpleQueue[psycopg.Connection] = queue.SimpleQueue()


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
    for _ in range(CONNECTIONS):
        pool.put(psycopg.connect(os.environ["BENCH_DATABASE"]))
    yield
    while not pool.empty():
        pool.get().close()


app = FastAPI(lifespan=lifespan)


@app.post("/nothing")
async def nothing(body: Body) -> dict[str, str]:
    return {"quantity": str(Decimal(body.quantity))}


@app.post("/insert")
def insert(body: Body) -> dict[str, str]:
    connection = pool.get()
    try:
        connection.execute("INSERT INTO bench.bare (body) VALUES (%s)", (body.model_dump_json(),))
        connection.commit()
    finally:
        pool.put(connection)
    return {"quantity": body.quantity}
