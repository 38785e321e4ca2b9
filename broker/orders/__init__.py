"""Customer orders: accepting, showing, cancelling, and what becomes of them."""
