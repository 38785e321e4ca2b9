"""Logins and the opaque tokens that prove them."""
