"""A freqtrade strategy that enters at once and leaves some seconds later: it shows that every part works, and earns nothing."""

from __future__ import annotations

from datetime import datetime, timedelta

from freqtrade.persistence import Trade
from freqtrade.strategy import IStrategy
from pandas import DataFrame

STAY = timedelta(seconds=5)


class RoundTrip(IStrategy):
    """In with a limit order, out with another one."""

    INTERFACE_VERSION = 3
    timeframe = "1m"
    startup_candle_count = 0
    process_only_new_candles = False
    minimal_roi = {"0": 100.0}  # noqa: RUF012  as freqtrade reads it
    stoploss = -0.5
    order_types = {"entry": "limit", "exit": "limit", "stoploss": "market", "stoploss_on_exchange": False}  # noqa: RUF012

    def populate_indicators(self, dataframe: DataFrame, metadata: dict) -> DataFrame:  # noqa: ARG002
        """Nothing to compute."""
        return dataframe

    def populate_entry_trend(self, dataframe: DataFrame, metadata: dict) -> DataFrame:  # noqa: ARG002
        """Every candle is a reason to enter."""
        dataframe["enter_long"] = 1
        return dataframe

    def populate_exit_trend(self, dataframe: DataFrame, metadata: dict) -> DataFrame:  # noqa: ARG002
        """No candle is a reason to leave; time is."""
        return dataframe

    def custom_exit(
        self,
        pair: str,  # noqa: ARG002
        trade: Trade,
        current_time: datetime,
        current_rate: float,  # noqa: ARG002
        current_profit: float,  # noqa: ARG002
        **_more: object,
    ) -> str | None:
        """Leave when it has lasted long enough."""
        return "stayed long enough" if current_time - trade.open_date_utc > STAY else None
