"""Log-in by others in a real Chromium, between sites: which cookies it sends where, and what a
page's policy lets it follow, only a browser says."""

from __future__ import annotations

import datetime
import html
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import browser
import oidc_provider_mock
import pytest
from browser import api
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from doors import a_door
from elsewhere import Asked, elsewhere
from launches import PEOPLE, Course, of_lti

from autograder.store.keys import KeyKind


@pytest.fixture(scope="module")
def chromium() -> Iterator[api.Browser]:
    with browser.chromium() as started:
        yield started


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Of a door's own making, and its key."""
    folder, key = tmp_path_factory.mktemp("tls"), ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "door")])
    now = datetime.datetime.now(datetime.UTC)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(
        key.public_key()).serial_number(1).not_valid_before(now).not_valid_after(
        now + datetime.timedelta(days=1)).sign(key, hashes.SHA256())
    (folder / "cert").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key").write_bytes(key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption()))
    return folder / "cert", folder / "key"


def test_a_button_leads_to_the_university_and_back(
    chromium: api.Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUTOGRADER_OIDC_SECRET", "a secret of the tests")
    known = [oidc_provider_mock.User(sub="1", claims={"email": "ann@uni.example"})]
    with oidc_provider_mock.run_server_in_thread(user_claims=known) as server, \
            a_door(tmp_path, people=PEOPLE, more=(
                f'[door.oidc]\nissuer = "http://localhost:{server.server_port}"\n'
                'client_id = "door"\nlabel = "Uni & Co"\n')) as door:
        page = chromium.new_page()
        page.goto(f"{door.url}/enter")
        page.get_by_role("link", name="Log in with Uni & Co").click()
        page.get_by_role("button", name="1", exact=True).click()
        page.wait_for_url(f"{door.url}/")
        assert "Ann Lee" in page.content()
        page.get_by_role("button", name="Log out").click()
        page.goto(f"{door.url}/")
        assert "You are not logged in" in page.content()
        page.close()


def test_a_link_of_a_platform_leads_in(
    chromium: api.Browser, certificate: tuple[Path, Path], tmp_path: Path
) -> None:
    with elsewhere() as platform, a_door(tmp_path, people=PEOPLE, more=of_lti(platform),
                                         certificate=certificate) as door:
        course = Course(door, platform)

        def posting(place: str, fields: dict[str, str]) -> Any:
            inputs = "".join(f'<input name="{name}" value="{html.escape(value)}">'
                             for name, value in fields.items())
            return (f'<form method="post" action="{place}">{inputs}<button>Go</button></form>'
                    "<script>document.forms[0].submit()</script>").encode(), {
                "content-type": "text/html"}

        def authorize(asked: Asked) -> Any:
            said = parse_qs(urlsplit(asked.path).query)
            asks = {name: values[0] for name, values in said.items()}
            return posting(asks["redirect_uri"], {
                "state": asks["state"],
                "id_token": platform.signed(course.says(asks["nonce"]))})

        platform.answers |= {"/authorize": authorize, "/course": posting(
            f"{door.url}/lti/login", {"iss": platform.url, "login_hint": "h"})}
        context = chromium.new_context(ignore_https_errors=True)
        page = context.new_page()
        # By another name than the door's: another site.
        page.goto(platform.url.replace("127.0.0.1", "localhost") + "/course")
        page.wait_for_url(f"{door.url}/assignments/correlation")
        assert "Ann Lee" in page.content()
        cookies = {each["name"]: (each["sameSite"], each["secure"], each["httpOnly"])
                   for each in context.cookies()}
        assert cookies == {"__Host-login": ("None", True, True),
                           "__Host-session": ("Lax", True, True)}
        own = next(each for each in context.cookies() if each["name"] == "__Host-session")
        page.get_by_role("button", name="Log out").click()
        page.wait_for_url(f"{door.url}/enter")
        assert [each["name"] for each in context.cookies()] == ["__Host-login"]
        context.close()

        # What a neighbour in the same domain can set: a cookie by any other name.
        key = door.opened.store.keys.make(KeyKind.SESSION, "bob", datetime.timedelta(hours=1))
        for name, status in ("session", 401), (own["name"], 200):  # the second is the control
            fixed = chromium.new_context(ignore_https_errors=True)
            fixed.add_cookies([{"name": name, "value": key, "url": door.url, "secure": True}])
            answer = fixed.new_page().goto(f"{door.url}/")
            assert answer is not None and answer.status == status
            fixed.close()
