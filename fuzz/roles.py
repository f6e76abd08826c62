"""Who calls the portal, and how each proves who they are. Whoever is signed out signs in again."""

import base64
import json
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass, field

PASSWORD = "quiet-lantern-58-maple"


@dataclass
class World:
    """One portal with the same few people in it: whom to call, and what they have."""

    url: str
    #: The e-mail of whoever the role is; all have the same password.
    email: str = ""
    account_id: str = ""
    key_id: str = ""
    key_secret: str = ""
    operator_key: str = ""


def identity_token(world: World) -> str:
    session = call(world.url, "POST", "/api/v1/sessions", body={"email": world.email, "password": PASSWORD})
    return f"Bearer {session['access_token']}"


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
        raise RuntimeError(f"{method} {path}: {error.code} {error.read().decode()}") from error
    return json.loads(text) if text else None
