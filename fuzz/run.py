"""Fuzzes the portal with Schemathesis, as each role on a portal and a database of its own.

Called by `cargo xtask test`, which has built the portal and made the environment. Prints what runs, and the whole report
of what failed, with the curl line that repeats it.
"""

import argparse
import json
import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from urllib.parse import urlsplit

from roles import PASSWORD, PEOPLE, ROLES, World, call, mailed_token

HERE = Path(__file__).parent
DOCUMENT = HERE.parent / "openapi" / "openapi.json"

#: What runs now, to be ended when we are told to end.
running: set[subprocess.Popen] = set()
stopping = threading.Event()


@contextmanager
def child(command, **options):
    """A process that does not outlive this block, nor a signal."""
    if stopping.is_set():
        raise KeyboardInterrupt
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True, **options)
    running.add(process)
    try:
        if stopping.is_set():
            raise KeyboardInterrupt
        yield process
    finally:
        process.terminate()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        running.discard(process)


def stop(*_):
    stopping.set()
    for process in list(running):
        process.terminate()


@contextmanager
def database(url: str | None, folder: Path):
    """The URL of a database of one's own: a file, or a new database of the PostgreSQL server at `url`."""
    if url is None:
        yield f"sqlite://{folder / 'portal.db'}"
        return
    import pg8000.native

    parts = urlsplit(url)
    server = dict(user=parts.username, password=parts.password, host=parts.hostname, port=parts.port or 5432)
    name = f"portal_fuzz_{secrets.token_hex(8)}"

    def run(statement):
        connection = pg8000.native.Connection(database=parts.path.strip("/") or "postgres", **server)
        try:
            connection.run(statement)
        finally:
            connection.close()

    run(f"CREATE DATABASE {name}")
    try:
        yield parts._replace(path=f"/{name}").geturl()
    finally:
        run(f"DROP DATABASE {name} WITH (FORCE)")


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@contextmanager
def portal(program: str, database_url: str, folder: Path):
    """A portal that answers at the URL; and its environment."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PORTAL_")} | {
        "DATABASE_URL": database_url,
        "PORTAL_KEYS_DIR": str(folder / "keys"),
        "PORTAL_MAIL_DIR": str(folder / "mail"),
        "PORTAL_LISTEN": f"127.0.0.1:{port}",
        "PORTAL_PUBLIC_URL": url,
        "PORTAL_EVENT_HEARTBEAT": "1",
        # One network asks thousands of times.
        "PORTAL_RATE_LIMIT_FACTOR": "1000000",
    }
    with open(folder / "portal.log", "wb") as log:
        with child([program, "serve"], cwd=folder, env=environment, stdout=log, stderr=log) as process:
            end = time.monotonic() + 60
            while f"listening on {url}" not in (folder / "portal.log").read_text(errors="replace"):
                if process.poll() is not None or time.monotonic() > end:
                    raise RuntimeError("the portal does not start:\n" + (folder / "portal.log").read_text())
                time.sleep(0.05)
            yield url, environment


def story(program: str, url: str, environment: dict, folder: Path, role: str) -> World:
    """An owner, a firm with an admin and a bookkeeper, an API key, a key of the operator."""
    world = World(url, str(folder / "mail"))
    olivia, office, ben = PEOPLE["owner"], PEOPLE["firm-admin"], PEOPLE["bookkeeper"]

    def join(path, email, **names):
        body = {"token": mailed_token(world, email), "password": PASSWORD, **names}
        return f"Bearer {call(url, 'POST', path, body=body)['access_token']}"

    body = {"name": "Olivia Stone", "email": olivia, "account_name": "Blue Bakery"}
    call(url, "POST", "/api/v1/registrations", body=body)
    owner = join("/api/v1/registrations/confirm", olivia)
    world.account_id = call(url, "GET", "/api/v1/me/accounts", owner)["items"][0]["id"]
    entered = call(url, "POST", f"/api/v1/accounts/{world.account_id}/token", owner)
    inside = f"Bearer {entered['access_token']}"
    call(url, "POST", "/api/v1/account/firms", inside, {"name": "Apple Solutions", "email": office})
    admin = join("/api/v1/invitations/accept", office, name="Anna Reyes", firm_name="Apple Solutions")
    firm = call(url, "GET", "/api/v1/me", admin)["firms"][0]["firm_id"]
    body = {"name": "Ben Ortiz", "email": ben, "role": "bookkeeper", "account_ids": [world.account_id]}
    call(url, "POST", f"/api/v1/firms/{firm}/employees", admin, body)
    join("/api/v1/invitations/accept", ben)
    scopes = ["account:read", "users:read", "activity:read", "firms:manage"]
    key = call(url, "POST", "/api/v1/account/api-keys", inside, {"name": "Sync", "scopes": scopes})
    world.key_id, world.key_secret = key["id"], key["secret"]
    made = subprocess.run(
        [program, "operator-key", "create", "--name", "Fuzz"],
        cwd=folder, env=environment, capture_output=True, text=True, check=True,
    )
    world.operator_key = re.search(r"opk_\S+", made.stdout)[0]
    world.email = PEOPLE.get(role, "")
    return world


def operations(role: str) -> list[str]:
    """What this role can get into; for nobody what is open to everybody."""
    document = json.loads(DOCUMENT.read_text())
    found = []
    for item in document["paths"].values():
        for operation in item.values():
            schemes = [scheme for way in operation["security"] for scheme in way]
            mine = any(scheme in ROLES[role] for scheme in schemes)
            if mine or (role == "nobody" and (not schemes or {} in operation["security"])):
                found.append(operation["operationId"])
    return found


def linked(mine: list[str]) -> bool:
    """Whether an answer of one of these operations leads to another of them."""
    document = json.loads(DOCUMENT.read_text())
    return any(
        operation["operationId"] in mine and link["operationId"] in mine
        for item in document["paths"].values()
        for operation in item.values()
        for response in operation["responses"].values()
        for link in response.get("links", {}).values()
    )


def command(options, role: str, url: str) -> list[str]:
    line = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(HERE / "schemathesis.toml"), "run"]
    line += [str(DOCUMENT), "--url", url, "--seed", str(options.seed), "--max-examples", str(options.examples)]
    line += ["--generation-database", "none", "--no-color"]
    if options.seconds:
        line += ["--max-time", str(options.seconds)]
    if not options.all:
        mine = operations(role)
        for operation in mine:
            line += ["--include-operation-id", operation]
        if not linked(mine):
            # Links are what the phase `stateful` follows; without one it is an error.
            line += ["--phases", "examples,coverage,fuzzing"]
    return line


def fuzz(options, role: str, database_name: str) -> bool:
    """Whether the portal did as its document says, for a role on a database."""
    try:
        return attempt(options, role, database_name)
    except Exception:
        # What ends in the middle of a stop ends because of it.
        if stopping.is_set():
            raise KeyboardInterrupt from None
        print(f"  {role} on {database_name}: FAILED\n{traceback.format_exc()}", flush=True)
        return False


def attempt(options, role: str, database_name: str) -> bool:
    start = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="portal-fuzz-") as name:
        folder = Path(name)
        url = options.postgres if database_name == "postgres" else None
        with database(url, folder) as database_url, portal(options.portal, database_url, folder) as (url, environment):
            world = story(options.portal, url, environment, folder, role)
            line = command(options, role, url)
            with open(folder / "report", "w+b") as report:
                environment = os.environ | {
                    "SCHEMATHESIS_HOOKS": str(HERE / "hooks.py"),
                    "FUZZ_ROLE": role,
                    "FUZZ_WORLD": json.dumps(asdict(world)),
                }
                with child(line, cwd=folder, env=environment, stdout=report, stderr=report) as process:
                    code = process.wait()
            text = (folder / "report").read_text(errors="replace")
            log = (folder / "portal.log").read_text(errors="replace")
    if stopping.is_set():
        raise KeyboardInterrupt
    took = time.monotonic() - start
    cases = re.search(r"(\d+) generated", text)
    summary = f"{role} on {database_name}: {cases[1] if cases else 'no'} cases in {took:.0f} s"
    if code == 0:
        print(f"  {summary}: no failure", flush=True)
        return True
    errors = [line for line in log.splitlines() if " ERROR " in line or " WARN " in line]
    print(f"  {summary}: FAILED\n{text}\n" + "\n".join(errors[-50:]), flush=True)
    return False


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--portal", required=True, help="the program")
    parser.add_argument("--postgres", help="the URL of a server on which databases can be made")
    parser.add_argument("--databases", nargs="+", default=["sqlite", "postgres"])
    parser.add_argument("--roles", nargs="+", default=list(ROLES), choices=list(ROLES))
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--examples", type=int, required=True, help="cases of an operation in a phase, at most")
    parser.add_argument("--seconds", type=int, help="how long each role tries, at most")
    parser.add_argument("--all", action="store_true", help="each role tries all operations, also those that are closed to it")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    runs = [(role, database) for role in options.roles for database in options.databases]
    # One process generates and one answers: two pairs of them fill what a small machine has.
    with ThreadPoolExecutor(2) as pool:
        try:
            results = list(pool.map(lambda run: fuzz(options, *run), runs))
        except KeyboardInterrupt:
            stop()
            pool.shutdown(cancel_futures=True)
            return 130
    failed = [run for run, passed in zip(runs, results, strict=True) if not passed]
    print(f"# pass {len(runs) - len(failed)}\n# fail {len(failed)}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
