"""The live stream: prices for everybody and one's own orders, fills and balances, over one websocket."""
