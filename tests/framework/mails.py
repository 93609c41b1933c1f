"""A mail server of the tests, and what was sent by it."""

from __future__ import annotations

import re
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage


class MailServer(socketserver.ThreadingTCPServer):
    """Speaks as much of SMTP as it takes to be sent a mail. ``refuses`` says no to so many."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Session)
        self.mails: list[tuple[str, EmailMessage]] = []
        self.refuses = 0

    def url(self, to: str = "") -> str:
        return f"mailto://127.0.0.1:{self.server_address[1]}/?mode=insecure" \
            f"&from=grader@example.org{to}"

    def told(self) -> list[tuple[str, str]]:
        """To whom what was sent: the link."""
        return [(to, re.findall(r"https?://\S+", text_of(mail))[0])
                for to, mail in self.mails]


class Session(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        assert isinstance(self.server, MailServer)
        self.wfile.write(b"220 tests\r\n")
        to = ""
        while line := self.rfile.readline().strip():
            verb = line[:4].upper()
            if verb == b"MAIL" and self.server.refuses:
                self.server.refuses -= 1
                self.wfile.write(b"451 not now\r\n")
                continue
            if verb == b"RCPT":
                to = re.findall(rb"<(.*)>", line)[0].decode()
            if verb == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                lines = iter(self.rfile.readline, b".\r\n")
                mail = message_from_bytes(b"".join(lines), policy=policy.default)
                assert isinstance(mail, EmailMessage)
                self.server.mails.append((to, mail))
            self.wfile.write(b"221 bye\r\n" if verb == b"QUIT" else b"250 well\r\n")


@contextmanager
def a_mail_server() -> Iterator[MailServer]:
    with MailServer() as mail:
        thread = threading.Thread(target=mail.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield mail
        finally:
            mail.shutdown()
            thread.join()


def text_of(mail: EmailMessage) -> str:
    part = mail.get_body(("plain", "html"))
    assert part is not None
    return str(part.get_content())
