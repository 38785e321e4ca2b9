"""Unmodified ccxt.pro on Rivermouth: the market by websocket, and one's own order as it happens.

Set RIVERMOUTH_URL (http://localhost:8000), RIVERMOUTH_KEY and RIVERMOUTH_SECRET, then: python ccxt_pro.py
"""

from __future__ import annotations

import asyncio
import os

import ccxt.pro as ccxt

SYMBOL = "BTC/USDT"
HOME = os.environ.get("RIVERMOUTH_URL", "http://localhost:8000") + "/compat/binance"
STREAM = "ws" + HOME.removeprefix("http")
PATIENCE_S = 60


async def main() -> None:
    """Watch a book that stays in order, a ticker and candles; then trade and hear of it."""
    bot = ccxt.binance(
        {
            "apiKey": os.environ["RIVERMOUTH_KEY"],
            "secret": os.environ["RIVERMOUTH_SECRET"],
            "urls": {
                "api": {
                    "public": f"{HOME}/api/v3",
                    "private": f"{HOME}/api/v3",
                    "ws": {"spot": f"{STREAM}/ws", "ws-api": {"spot": f"{STREAM}/ws-api/v3"}},
                }
            },
            "options": {"fetchCurrencies": False, "fetchMargins": False, "fetchMarkets": {"types": ["spot"]}},
        }
    )
    try:
        await bot.load_markets()
        for _ in range(5):
            book = await asyncio.wait_for(bot.watch_order_book(SYMBOL), PATIENCE_S)
            assert book["bids"][0][0] < book["asks"][0][0], "the book is crossed"
        ticker = await asyncio.wait_for(bot.watch_ticker(SYMBOL), PATIENCE_S)
        print(f"watched {SYMBOL}: {book['bids'][0][0]} / {book['asks'][0][0]}, last {ticker['last']}")
        orders = asyncio.create_task(bot.watch_orders(SYMBOL))
        trades = asyncio.create_task(bot.watch_my_trades(SYMBOL))
        await asyncio.sleep(1)  # both subscriptions are under way before the order is
        order = await bot.create_order(SYMBOL, "market", "buy", 0.01)
        told = await asyncio.wait_for(orders, PATIENCE_S)
        assert told[-1]["id"] == order["id"], told
        fills = await asyncio.wait_for(trades, PATIENCE_S)
        assert fills[-1]["order"] == order["id"], fills
        print(f"heard of order {order['id']}: {told[-1]['status']}, fill {fills[-1]['amount']} at {fills[-1]['price']}")
        await bot.create_order(SYMBOL, "market", "sell", 0.01)
    finally:
        await bot.close()


if __name__ == "__main__":
    asyncio.run(main())
