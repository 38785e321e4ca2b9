"""Customers and staff as staff sees them: find, look, shut, and change what a second person must agree to."""
