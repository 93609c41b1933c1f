"""Names under which students are marked by people who are not to know them."""

from __future__ import annotations

import base64
import hmac


def pseudonym(secret: bytes, student: str) -> str:
    """The same for a student in the whole course; who has not got the secret cannot guess whose."""
    digest = hmac.digest(secret, b"pseudonym:" + student.encode(errors="surrogatepass"), "sha256")
    return f"anon-{base64.b32encode(digest)[:10].decode().lower()}"
