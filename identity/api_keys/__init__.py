"""Keys with which a customer's programs sign their requests."""
