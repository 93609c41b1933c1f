"""Log-in by others' word, of real servers: a provider of OpenID Connect, a JupyterHub's three
addresses, and one that signs whatever a test says."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import logging
import select
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import oidc_provider_mock
import pytest
from doors import a_door, visitor
from elsewhere import Elsewhere, elsewhere
from joserfc import jwt
from joserfc.jwk import RSAKey

from autograder.course.roster import Person, Roster
from autograder.identity import fetching
from autograder.identity.begun import LogIns
from autograder.identity.fetching import ProviderError, asked
from autograder.identity.issuers import Issuer, Published
from autograder.identity.tokens import NotProven
from autograder.identity.whom import known_by
from autograder.store.keys import KeyKind
from autograder.web.door import Door

PEOPLE = ("id,name,email,role,login\nann,Ann Lee,ann@uni.example,student,alee\n"
          "bob,Bob Ray,bob@uni.example,student,\ncarol,Carol,carol@uni.example,staff,\n")
SECRET = "the secret of the tests"


@dataclass(frozen=True)
class Served:
    door: Door
    provider: Elsewhere


def oidc(issuer: str, **more: str) -> str:
    said = {"issuer": issuer, "client_id": "door", **more}
    return "[door.oidc]\n" + "".join(f"{key} = {json.dumps(value)}\n"
                                     for key, value in said.items())


@pytest.fixture(scope="module", autouse=True)
def secret() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AUTOGRADER_OIDC_SECRET", SECRET)
        yield


@pytest.fixture(scope="module")
def university(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    """A door at a real provider, who knows several people."""
    user = oidc_provider_mock.User
    known = [user(sub="1", claims={"email": "Ann@Uni.Example", "email_verified": True}),
             user(sub="2", claims={"email": "bob@uni.example", "email_verified": False}),
             user(sub="3", claims={"email": "eve@uni.example"}),
             user(sub="4", claims={"name": "Nobody"})]
    with oidc_provider_mock.run_server_in_thread(
            require_nonce=True, user_claims=known) as server, \
            a_door(tmp_path_factory.mktemp("course"), people=PEOPLE, more=oidc(
                f"http://localhost:{server.server_port}")) as door:
        yield door


@pytest.fixture(scope="module")
def signing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A door at a provider that signs whatever a test says."""
    with elsewhere() as provider, a_door(
            tmp_path_factory.mktemp("course"), people=PEOPLE, more=oidc(provider.url)) as door:
        yield Served(door, provider)


def begun(client: httpx.Client) -> dict[str, str]:
    """What a browser brings to the provider."""
    answer = client.get("/login")
    assert answer.status_code == 303, answer.text
    return {name: values[0]
            for name, values in parse_qs(urlsplit(answer.headers["location"]).query).items()}


def through(client: httpx.Client, sub: str) -> str:
    """Where the provider leads a browser when somebody has logged in there."""
    place = client.get("/login").headers["location"]
    return str(httpx.post(place, data={"sub": sub}).headers["location"])


def is_in(client: httpx.Client) -> bool:
    return client.get("/").status_code in (200, 303)


def test_somebody_comes_in_by_the_university_and_goes(university: Door) -> None:
    client = visitor(university)
    page = client.get("/enter").text
    assert 'href="/login"' in page and "the university&#39;s account" in page
    back = through(client, "1")
    answer = client.get(back)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "Ann Lee" in client.get("/").text
    client.post("/leave")
    assert not is_in(client)
    assert not is_in(visitor(university))


@pytest.mark.parametrize(("sub", "why"), [
    ("2", "Your address was not verified"), ("3", "You came as eve@uni.example, whom this"),
    ("4", "nothing was said by which this course knows you")])
def test_whom_the_course_does_not_know_is_told_whom_to_ask(
    sub: str, why: str, university: Door
) -> None:
    client = visitor(university)
    answer = client.get(through(client, sub))
    assert answer.status_code == 401 and why in answer.text
    assert "session" not in client.cookies and not is_in(client)


def test_a_code_lets_in_once(university: Door) -> None:
    client, other = visitor(university), visitor(university)
    back = through(client, "1")
    assert client.get(back).status_code == 303  # the control
    client.post("/leave")
    assert client.get(back).status_code == 401
    state = begun(other)["state"]  # of its own: it is the provider who refuses the code
    code = parse_qs(urlsplit(back).query)["code"][0]
    assert other.get("/login/back", params={"state": state, "code": code}).status_code == 401


def test_nobody_is_made_to_come_in_as_somebody_else(university: Door) -> None:
    """Eve logs in, and has Bob's browser open where she was led back to: what he hands in would be
    hers."""
    eve, bob = visitor(university), visitor(university)
    back = through(eve, "1")
    begun(bob)
    for client in (visitor(university), bob):
        assert client.get(back).status_code == 401
    assert eve.get(back).status_code == 303  # the control


def answering(served: Served, nonce: str, token: str | None = None, /, **claims: Any) -> None:
    """Have the provider answer with a token that says this."""
    said = {"aud": "door", "sub": "1", "nonce": nonce, "email": "ann@uni.example", **claims}
    served.provider.answers["/token"] = {
        "access_token": "x", "token_type": "Bearer",
        "id_token": token or served.provider.signed(said)}


def test_whether_an_address_is_verified_may_be_said_elsewhere(tmp_path: Path) -> None:
    """By the provider, whose token has the address alone."""
    with elsewhere() as provider:
        provider.answers["/.well-known/openid-configuration"]["userinfo_endpoint"] = \
            f"{provider.url}/me"
        with a_door(tmp_path, people=PEOPLE, more=oidc(provider.url)) as door:
            client, served = visitor(door), Served(door, provider)
            for said, status in (
                    ({"email_verified": False}, 401), ({"email": "eve@uni.example"}, 401),
                    ({"sub": "2"}, 401), ({"email_verified": True}, 303), ({}, 303)):
                provider.answers["/me"] = {"sub": "1", **said}
                asks = begun(client)
                answering(served, asks["nonce"])
                answer = client.get("/login/back", params={"state": asks["state"], "code": "c"})
                assert answer.status_code == status, said


def letters(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@pytest.mark.parametrize(("claims", "status"), [
    ({}, 303),  # the control
    ({"aud": ["door"]}, 303), ({"aud": ["door", "other"], "azp": "door"}, 303),
    ({"nonce": "another"}, 401), ({"nonce": None}, 401), ({"aud": "other"}, 401),
    ({"aud": None}, 401), ({"aud": ["door", "other"]}, 401), ({"azp": "other"}, 401),
    ({"iss": "https://evil.example"}, 401), ({"exp": 1}, 401), ({"exp": None}, 401),
    ({"iat": int(time.time()) + 3600}, 401), ({"email_verified": "false"}, 401),
    ({"email": ["ann@uni.example"]}, 401), ({"email": "ann@uni.example "}, 401)])
def test_a_token_is_for_this_log_in_and_this_door(
    claims: dict[str, Any], status: int, signing: Served
) -> None:
    client = visitor(signing.door)
    asks = begun(client)
    answering(signing, asks["nonce"], **claims)
    answer = client.get("/login/back", params={"state": asks["state"], "code": "c"})
    assert answer.status_code == status
    assert is_in(client) == (status == 303)


def test_a_token_is_signed_by_the_provider(signing: Served) -> None:
    client, provider = visitor(signing.door), signing.provider
    now = int(time.time())
    for forge in ("none", "HS256", "another's"):
        asks = begun(client)
        claims = {"iss": provider.url, "aud": "door", "sub": "1", "nonce": asks["nonce"],
                  "email": "ann@uni.example", "iat": now, "exp": now + 60}
        header = {"alg": forge, "kid": provider.key.kid}
        if forge == "another's":
            token = provider.signed(claims, key=RSAKey.generate_key(2048))
        else:  # by hand: the library does neither
            token = ".".join(letters(json.dumps(each).encode()) for each in (header, claims))
            public = provider.key.as_pem(private=False)
            token += "." + ("" if forge == "none" else letters(
                hmac.digest(public, token.encode(), "sha256")))
        answering(signing, asks["nonce"], token)
        assert client.get("/login/back", params={
            "state": asks["state"], "code": "c"}).status_code == 401, forge
    assert not is_in(client)


def test_the_provider_is_shown_what_proves_that_it_is_the_door(signing: Served) -> None:
    client = visitor(signing.door)
    asks = begun(client)
    answering(signing, asks["nonce"])
    client.get("/login/back", params={"state": asks["state"], "code": "c"})
    came = signing.provider.asked_for("/token")[-1]
    digest = hashlib.sha256(came.form["code_verifier"].encode()).digest()
    assert asks["code_challenge"] == letters(digest)
    assert base64.b64decode(came.headers["authorization"].split()[1]).decode() == \
        f"door:{SECRET.replace(' ', '%20')}"
    assert came.form["redirect_uri"] == asks["redirect_uri"] == f"{signing.door.url}/login/back"


def test_keys_that_change_are_looked_for_again_and_not_for_ever(
    signing: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider, published = signing.provider, Published()
    issuer = Issuer(provider.url, published)
    claims = {"aud": "door", "nonce": "n"}
    assert issuer.claims(provider.signed(claims), "door", nonce="n")["aud"] == "door"
    before, new = provider.key, RSAKey.generate_key(2048, auto_kid=True)
    keys = provider.answers["/keys"]
    provider.key, provider.answers["/keys"] = new, {"keys": [new.as_dict(private=False)]}
    try:
        looks = len(provider.asked_for("/keys"))
        with pytest.raises(Exception, match="could not be confirmed"):
            issuer.claims(provider.signed(claims), "door", nonce="n")
        assert len(provider.asked_for("/keys")) == looks  # a minute has not passed
        monkeypatch.setattr("autograder.identity.issuers._SOONEST", 0.0)
        assert issuer.claims(provider.signed(claims), "door", nonce="n")["aud"] == "door"
    finally:
        provider.key, provider.answers["/keys"] = before, keys


def test_a_jupyterhub_says_who_somebody_is(tmp_path: Path) -> None:
    def token(came: Any) -> Any:
        form = came.form
        fits = form["code"] == "c" and form["client_secret"] == SECRET and \
            form["client_id"] == "door" and form["grant_type"] == "authorization_code"
        return {"access_token": "of-alee", "token_type": "Bearer"} if fits else None

    def user(came: Any) -> Any:
        names = {"Bearer of-alee": "alee"}
        return {"name": names[came.headers["authorization"]], "admin": True, "kind": "user"}

    with elsewhere() as hub:
        hub.answers |= {"/hub/api/oauth2/token": token, "/hub/api/user": user}
        with a_door(tmp_path, people=PEOPLE, more=oidc(
                f"{hub.url}/hub", kind="jupyterhub", claim="name", column="login",
                label="JupyterHub")) as door:
            client = visitor(door)
            answer = client.get("/login")
            assert answer.headers["location"].startswith(f"{hub.url}/hub/api/oauth2/authorize?")
            back = {"state": begun(client)["state"], "code": "c"}
            assert client.get("/login/back", params=back).status_code == 303
            assert "Ann Lee" in client.get("/").text
            assert client.get("/staff").status_code == 403  # who is an admin there
            hub.answers["/hub/api/user"] = {"name": "ALEE"}  # another there
            back["state"] = begun(client)["state"]
            assert client.get("/login/back", params=back).status_code == 401


def test_without_a_provider_there_is_no_way_to_one(tmp_path: Path) -> None:
    with a_door(tmp_path) as door:
        client = visitor(door)
        assert "/login" not in client.get("/enter").text
        for path in ("/login", "/login/back", "/lti/login", "/lti/keys"):
            assert client.get(path).status_code == 404, path


def test_a_provider_that_is_away_is_said_to_staff_only(
    signing: Served, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    client = visitor(signing.door)
    asks = begun(client)
    signing.provider.answers["/token"] = ({"error": "invalid_client"}, {"status": "401"})
    answer = client.get("/login/back", params={"state": asks["state"], "code": "a-code"})
    assert answer.status_code == 503 and "try again in a minute" in answer.text
    lines = [str(vars(each)) for each in caplog.records if each.name.startswith("autograder")]
    assert any("HTTP status 401" in line for line in lines)
    for hidden in (SECRET, "a-code", asks["state"], asks["nonce"]):
        assert not [line for line in lines if hidden in line]


@pytest.mark.parametrize(("said", "who"), [
    ("ann@uni.example", "ann"), ("Ann@UNI.example", "ann"), ("ann@uni.example\n", None),
    ("\N{FULLWIDTH LATIN SMALL LETTER A}nn@uni.example", None),  # which roster's names fold
    ("two@uni.example", None), ("", None), (None, None), (["ann@uni.example"], None),
    ("ki@uni.example", "kim"), ("\N{KELVIN SIGN}i@uni.example", None)])
def test_an_address_is_somebodys_only_if_it_is_that_very_address(
    said: object, who: str | None
) -> None:
    people = Roster({each.id: each for each in (
        Person("ann", email="ann@uni.example"), Person("kim", email="ki@uni.example"),
        Person("one", email="two@uni.example"), Person("two", email="Two@uni.example"))})
    found = known_by(people, "email", said)
    assert (found and found.id) == who


@contextmanager
def dripping(said: bytes) -> Iterator[str]:
    """The address of a server that is never silent, and never done."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        def drip() -> None:
            connection, _ = listening.accept()
            with connection, suppress(OSError):
                connection.sendall(b"HTTP/1.1 200 OK\r\n" + said)
                while not select.select([connection], [], [], 0.01)[0] or connection.recv(4096):
                    connection.sendall(b"x")

        thread = threading.Thread(target=drip)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/"
        thread.join()


def test_what_others_answer_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    with elsewhere() as server:
        server.answers |= {
            "/small": {"a": 1}, "/large": {"a": "x" * 2**20}, "/list": [1], "/words": b"{",
            "/packed": (b"\x1f\x8b", {"content-encoding": "gzip"}),
            "/moved": ({}, {"status": "302", "location": f"{server.url}/small"})}
        assert asked("GET", f"{server.url}/small") == {"a": 1}  # the control
        for path, why in {"/large": "DecodingError", "/list": "no JSON object", "/words": "no JSON",
                          "/packed": "DecodingError", "/moved": "status 302",
                          "/nothing": "status 404"}.items():
            with pytest.raises(ProviderError, match=why):
                asked("GET", server.url + path)
    monkeypatch.setattr(fetching, "_SECONDS", 0.3)
    for said in (b"content-length: 1000000\r\n\r\n", b"x-endless: "):
        began = time.monotonic()
        with dripping(said) as url, pytest.raises(ProviderError, match="does not answer"):
            asked("GET", url)
        assert time.monotonic() - began < 5
    for url in ("https://grader.example.org:port/", "https://grader.example.org/\x00"):
        with pytest.raises(ProviderError, match=r"does not answer|not an https"):
            asked("GET", url)
    for url in ("http://grader.example.org/keys", "file:///etc/passwd", "ftp://127.0.0.1/",
                "https://[x", ""):
        with pytest.raises(ProviderError, match="not an https"):
            asked("GET", url)


def test_a_provider_that_hangs_holds_up_few_of_the_doors_threads() -> None:
    """There are forty; who would log in and cannot be asked about is told so at once."""
    goes_on, waits = threading.Event(), []

    def ask(url: str) -> None:
        began = time.monotonic()
        with suppress(ProviderError):
            asked("GET", url)
        waits.append(time.monotonic() - began)

    with elsewhere() as server:
        server.answers["/slow"] = lambda _: {"on": goes_on.wait(20)}
        asking = [threading.Thread(target=ask, args=[f"{server.url}/slow"]) for _ in range(40)]
        for thread in asking:
            thread.start()
        while len(waits) < 32:  # but the eight who are being answered
            asking[0].join(0.01)
        told_at_once = [wait for wait in waits if wait < 0.8]
        goes_on.set()
        for thread in asking:
            thread.join()
    assert len(told_at_once) == 24 and len(server.asked_for("/slow")) == 8


def test_a_look_for_a_key_that_there_is_not_ends_nobodys_log_in(
    signing: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Anybody can have it made, and the provider may be away just then."""
    provider = signing.provider
    issuer = Issuer(provider.url, Published())
    token = provider.signed({"aud": "door"})
    assert issuer.claims(token, "door")["aud"] == "door"
    monkeypatch.setattr("autograder.identity.issuers._SOONEST", 0.0)
    keys, unknown = provider.answers.pop("/keys"), RSAKey.generate_key(2048, auto_kid=True)
    looks = len(provider.asked_for("/keys"))
    try:
        for _ in range(3):
            with pytest.raises(NotProven):
                issuer.claims(jwt.encode({"alg": "RS256", "kid": unknown.kid}, {}, unknown), "door")
            assert issuer.claims(token, "door")["aud"] == "door"
    finally:
        provider.answers["/keys"] = keys
    assert len(provider.asked_for("/keys")) == looks + 1  # and is not asked again for each


def test_while_one_looks_others_make_do_with_what_was_known(
    signing: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    published, url = Published(), f"{signing.provider.url}/hourly"
    goes_on, comes = threading.Event(), threading.Event()

    def slow(_: Any) -> Any:
        comes.set()
        return {"of": "now" if goes_on.wait(20) else "never"}

    signing.provider.answers["/hourly"] = {"of": "before"}
    assert published.at(url) == {"of": "before"}
    signing.provider.answers["/hourly"] = slow
    looks = threading.Thread(target=published.at, args=[url, -1.0])  # an hour later
    looks.start()
    assert comes.wait(20)
    assert published.at(url, -1.0) == {"of": "before"}
    goes_on.set()
    looks.join()
    assert published.at(url) == {"of": "now"}


def test_a_provider_elsewhere_has_nothing_of_this_machine_asked(
    signing: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    there, here = "https://login.uni.example", f"{signing.provider.url}/keys"
    for name in (there, signing.provider.url):  # the second is the control
        document = {"issuer": name, "jwks_uri": here, "token_endpoint": "http://intern/"}
        monkeypatch.setattr(Published, "at", lambda *_, said=document: said)
        if name == there:
            with pytest.raises(ProviderError, match="leads to http"):
                Issuer(name, Published()).place("jwks_uri")
        else:
            assert Issuer(name, Published()).place("jwks_uri") == here
        with pytest.raises(ProviderError, match="leads to http://intern/"):
            Issuer(name, Published()).place("token_endpoint")


def test_many_who_end_log_ins_slow_nobody_down() -> None:
    log_ins = LogIns()
    log_ins._ended.update((str(number), time.time() + 600) for number in range(300_000))
    began = time.monotonic()
    for _ in range(20):
        cookie, begun = log_ins.begin()
        log_ins.end(cookie, begun.state)
    assert time.monotonic() - began < 0.5  # a look at each of them takes 0.1 s each time


def test_what_is_no_cookie_of_a_log_in_begins_none(signing: Served) -> None:
    client = visitor(signing.door)
    for header in ({"alg": "HS256", "crit": 1}, {"alg": "none"}, []):
        client.cookies.set("login", letters(json.dumps(header).encode()) + ".e30.eA")
        assert client.get("/login/back", params={"state": "x"}).status_code == 401


def test_sessions_by_log_in_end_like_all_others(university: Door) -> None:
    client = visitor(university)
    client.get(through(client, "1"))
    key = client.cookies["session"]
    found = university.opened.store.keys.find(key, KeyKind.SESSION)
    assert found is not None and (found.student, found.role) == ("ann", None)
    university.opened.store.keys.revoke(found.number)
    assert not is_in(client)
