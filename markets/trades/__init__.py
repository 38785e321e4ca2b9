"""Public trades: what anybody bought and sold at the venues, each once."""
