"""The data feed of charting libraries (TradingView's UDF), public and read-only."""
