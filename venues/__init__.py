"""Our venue accounts, orders and books at the exchanges: the only package that knows ccxt, and the simulator that stands in for them."""
