"""A program's own key on Rivermouth's API: every request of an httpx client is signed.

    client = httpx.Client(base_url="http://localhost:8000", auth=KeyAuth("rmk_…", "secret"))
    client.get("/v1/balances")

`secret` is the HMAC secret that came with the key, or the private half of an Ed25519 pair as PEM. `docs/guides/signatures.md` of Rivermouth
tells the text that is signed, with vectors.
"""

from rivermouth_client.signing import KeyAuth, signed_headers, text_to_sign

__all__ = ["KeyAuth", "signed_headers", "text_to_sign"]
