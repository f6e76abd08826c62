"""Who calls the portal, and how each proves who they are. Whoever is signed out signs in again."""

import base64
import json
import re
import time
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from email import message_from_bytes
from pathlib import Path

PASSWORD = "quiet-lantern-58-maple"


@dataclass
class World:
    """One portal with the same few people in it: whom to call, and what they have."""

    url: str
    #: The folder that the portal writes its mails into.
    mails: str
    #: The e-mail of whoever the role is; all have the same password.
    email: str = ""
    account_id: str = ""
    key_id: str = ""
    key_secret: str = ""
    operator_key: str = ""


class Refused(RuntimeError):
    """A call that had to succeed did not."""

    def __init__(self, line: str, status: int, answer: str):
        super().__init__(f"{line}: {status} {answer}")
        self.status = status


def identity_token(world: World) -> str:
    proof = {"email": world.email, "password": PASSWORD}
    try:
        session = call(world.url, "POST", "/api/v1/sessions", body=proof)
    except Refused as refused:
        # Some operations take the password, and a wrong one ten times locks the sign-in: a reset is the way back in.
        if refused.status != 429:
            raise
        reset_password(world)
        session = call(world.url, "POST", "/api/v1/sessions", body=proof)
    return f"Bearer {session['access_token']}"


def reset_password(world: World) -> None:
    before = mailed_tokens(world, world.email)
    call(world.url, "POST", "/api/v1/password-resets", body={"email": world.email})
    token = mailed_token(world, world.email, len(before))
    call(world.url, "POST", "/api/v1/password-resets/confirm", body={"token": token, "password": PASSWORD})


def mailed_tokens(world: World, address: str) -> list[str]:
    """The one-time tokens of the mails to an address, the oldest first."""
    mails = (message_from_bytes(file.read_bytes()) for file in sorted(Path(world.mails).glob("*.eml")))
    texts = (mail.get_payload(0).get_payload(decode=True).decode() for mail in mails if address in mail["To"])
    return [found[1] for text in texts if (found := re.search(r"#token=(\S+)", text))]


def mailed_token(world: World, address: str, after: int = 0) -> str:
    """The newest one-time token that was mailed to an address, when there are more than `after`."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        tokens = mailed_tokens(world, address)
        if len(tokens) > after:
            return tokens[-1]
        time.sleep(0.05)
    raise RuntimeError(f"no mail came to {address}")


def account_token(world: World) -> str:
    path = f"/api/v1/accounts/{world.account_id}/token"
    return f"Bearer {call(world.url, 'POST', path, identity_token(world))['access_token']}"


def key_secret(world: World) -> str:
    return "Basic " + base64.b64encode(f"{world.key_id}:{world.key_secret}".encode()).decode()


def program_token(world: World) -> str:
    form = {"grant_type": "client_credentials"}
    return f"Bearer {call(world.url, 'POST', '/oauth/token', key_secret(world), form=form)['access_token']}"


def operator_key(world: World) -> str:
    return f"Bearer {world.operator_key}"


#: Each role by the security schemes of the document that it can fulfil.
ROLES = {
    "nobody": {},
    "identity": {"identity_token": identity_token},
    "owner": {"account_token": account_token},
    "firm-admin": {"identity_token": identity_token},
    "bookkeeper": {"account_token": account_token},
    "integration": {"api_key": program_token, "api_key_secret": key_secret},
    "operator": {"operator_key": operator_key},
}

#: Who of the story each is.
PEOPLE = {
    "identity": "olivia@blue-bakery.example",
    "owner": "olivia@blue-bakery.example",
    "firm-admin": "office@apple-solutions.example",
    "bookkeeper": "ben@apple-solutions.example",
}


@dataclass
class Proofs:
    """What a role puts into `Authorization`, made when it is needed first and after it was refused."""

    role: str
    world: World
    made: dict[str, str] = field(default_factory=dict)

    def scheme_for(self, schemes: list[str]) -> str | None:
        """The scheme by which this role calls an operation: one that it asks for, else what the role has."""
        mine = ROLES[self.role]
        return next((scheme for scheme in schemes if scheme in mine), next(iter(mine), None))

    def of(self, scheme: str) -> str:
        if scheme not in self.made:
            self.made[scheme] = ROLES[self.role][scheme](self.world)
        return self.made[scheme]

    def forget(self, header: str) -> None:
        self.made = {scheme: made for scheme, made in self.made.items() if made != header}


def call(url, method, path, authorization=None, body=None, form=None):
    """One call, which must succeed."""
    headers = {"Authorization": authorization} if authorization else {}
    data = None
    if body is not None:
        headers["Content-Type"], data = "application/json", json.dumps(body).encode()
    if form is not None:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        data = urllib.parse.urlencode(form).encode()
    request = urllib.request.Request(url + path, data, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            text = answer.read()
    except urllib.error.HTTPError as error:
        raise Refused(f"{method} {path}", error.code, error.read().decode()) from error
    return json.loads(text) if text else None
