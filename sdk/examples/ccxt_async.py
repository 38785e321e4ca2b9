"""Unmodified ccxt.async_support trades on Rivermouth: ten orders at once on one key.

Set RIVERMOUTH_URL (http://localhost:8000), RIVERMOUTH_KEY and RIVERMOUTH_SECRET, then: python ccxt_async.py
"""

from __future__ import annotations

import asyncio
import os

import ccxt.async_support as ccxt

SYMBOL = "BTC/USDT"
GATEWAY = os.environ.get("RIVERMOUTH_URL", "http://localhost:8000") + "/compat/binance/api/v3"
ORDERS = 10


async def main() -> None:
    """Place side by side, read each back by its own client order id, and take all back with one call."""
    bot = ccxt.binance(
        {
            "apiKey": os.environ["RIVERMOUTH_KEY"],
            "secret": os.environ["RIVERMOUTH_SECRET"],
            "urls": {"api": {"public": GATEWAY, "private": GATEWAY}},
            "options": {"fetchCurrencies": False, "fetchMargins": False, "fetchMarkets": {"types": ["spot"]}},
        }
    )
    try:
        await bot.load_markets()
        ticker = await bot.fetch_ticker(SYMBOL)
        price = float(bot.price_to_precision(SYMBOL, ticker["bid"] * 0.8))
        run = bot.uuid16()
        placed = await asyncio.gather(
            *(
                bot.create_order(SYMBOL, "limit", "buy", 0.001, price, {"newClientOrderId": f"{run}-{i}"})
                for i in range(ORDERS)
            )
        )
        assert len({order["id"] for order in placed}) == ORDERS
        read = await asyncio.gather(
            *(bot.fetch_order(None, SYMBOL, {"origClientOrderId": f"{run}-{i}"}) for i in range(ORDERS))
        )
        assert [order["id"] for order in read] == [order["id"] for order in placed]
        try:
            await bot.create_order(SYMBOL, "limit", "buy", 0.001, price, {"newClientOrderId": f"{run}-0"})
        except ccxt.InvalidOrder:
            print("a client order id is used once")
        else:
            raise AssertionError("a client order id was used twice")
        await bot.cancel_all_orders(SYMBOL)
        assert await bot.fetch_open_orders(SYMBOL) == []
        sides = [("buy", 0.001)] * 3 + [("sell", 0.001)] * 3
        traded = await asyncio.gather(*(bot.create_order(SYMBOL, "market", side, size) for side, size in sides))
        assert {order["status"] for order in traded} == {"closed"}, traded
        print(f"{ORDERS} resting orders placed, read and cancelled; {len(traded)} market orders filled")
    finally:
        await bot.close()


if __name__ == "__main__":
    asyncio.run(main())
