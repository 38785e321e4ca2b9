"""Payment orders: created at a price, reserved against balance and stock, paid in one journal, given back in parts or whole."""
