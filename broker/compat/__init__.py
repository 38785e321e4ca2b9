"""Bots that speak Binance's spot dialect trade here unmodified: `/compat/binance/api/v3`. Nothing is decided here, only translated."""
