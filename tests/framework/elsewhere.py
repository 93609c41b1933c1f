"""Another's server, run by a test: it publishes its keys, signs what the test says, and notes what
it was asked."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from joserfc import jws
from joserfc.jwk import KeySet, RSAKey


@dataclass(frozen=True)
class Asked:
    """A request that came."""

    method: str
    path: str
    headers: dict[str, str]
    body: str

    @property
    def form(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(self.body).items()}


@dataclass
class Elsewhere:
    """The server. ``answers`` are by path: JSON, or of JSON and headers, or what makes one of a
    request."""

    url: str = ""
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, auto_kid=True))
    answers: dict[str, Any] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.answers["/keys"] = KeySet([self.key]).as_dict(private=False)

    def publish(self) -> None:
        self.answers["/.well-known/openid-configuration"] = {
            "issuer": self.url, "jwks_uri": f"{self.url}/keys",
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token"}

    def signed(self, claims: dict[str, Any], *, key: RSAKey | None = None) -> str:
        """A token of this server's, good for a minute, with these claims; None leaves one out."""
        now = int(time.time())
        said = {"iss": self.url, "iat": now, "exp": now + 60, **claims}
        signing = key or self.key
        return jws.serialize_compact({"alg": "RS256", "kid": self.key.kid}, json.dumps({
            name: value for name, value in said.items() if value is not None}), signing)

    def asked_for(self, path: str) -> list[Asked]:
        return [each for each in self.asked if urlsplit(each.path).path == path]


@contextmanager
def elsewhere() -> Iterator[Elsewhere]:
    server = Elsewhere()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            length = int(self.headers.get("content-length", 0))
            asked = Asked(self.command, self.path, {
                name.lower(): value for name, value in self.headers.items()},
                self.rfile.read(length).decode())
            server.asked.append(asked)
            answer = server.answers.get(urlsplit(self.path).path)
            answer = answer(asked) if callable(answer) else answer
            document, headers = answer if isinstance(answer, tuple) else (answer, {})
            content = document if isinstance(document, bytes) else json.dumps(document).encode()
            self.send_response(404 if answer is None else int(headers.pop("status", 200)))
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_POST = do_GET  # noqa: N815

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        listening.daemon_threads = True  # browsers connect, and say nothing
        listening.block_on_close = False
        server.url = f"http://127.0.0.1:{listening.server_address[1]}"
        server.publish()
        thread = threading.Thread(target=listening.serve_forever, args=[0.01])
        thread.start()
        try:
            yield server
        finally:
            listening.shutdown()
            thread.join()
