"""Logins of staff at their own company's provider: OpenID Connect, with code, PKCE, state and nonce."""
