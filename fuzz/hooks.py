"""What Schemathesis does for a role: it proves itself at each call. run.py names it to Schemathesis."""

import hashlib
import json
import os
import re
import sys
from pathlib import Path

import schemathesis
from schemathesis.openapi.checks import RejectedPositiveData

sys.path.insert(0, str(Path(__file__).parent))
from roles import ROLES, Proofs, World  # noqa: E402

ROLE = os.environ["FUZZ_ROLE"]
PROOFS = Proofs(ROLE, World(**json.loads(os.environ["FUZZ_WORLD"])))


def schemes(operation) -> list[str]:
    return [scheme for way in operation.definition.raw.get("security", []) for scheme in way]


if ROLE != "nobody":

    @schemathesis.auth(refresh_interval=None)
    class Authorization:
        def get(self, case, context):
            # What is open to everybody takes no proof, and gets none.
            asked = schemes(context.operation)
            scheme = PROOFS.scheme_for(asked) if asked else None
            return scheme and PROOFS.of(scheme)

        def set(self, case, data, context):
            if data:
                case.headers["Authorization"] = data

    @schemathesis.hook
    def after_call(context, case, response):
        # Some operations end sessions, and ours may have been among them, if a token of this kind is good here at all.
        if response.status_code == 401 and ROLES[ROLE].keys() & schemes(case.operation):
            PROOFS.forget(response.request.headers.get("Authorization", ""))


#: Where a request that the document allows may be refused all the same, by the code of the problem and the field that has
#: it, and why the document cannot say so. Everything else that is refused is a failure.
EXPECTED = {
    ("invitation_gone", ""): "Whether a one-time link is still good is in the database.",
    ("password_too_common", "/password"): "How easily a password is guessed is estimated by a dictionary.",
    ("password_too_common", "/new_password"): "The same.",
    ("invalid_value", "/expires_at"): "A key ends after now and within ten years, and a schema knows no now.",
    ("invalid_value", "/csv"): "What columns a table has is in its text, which to a schema is any text.",
    ("invalid_value", "/to"): "Accounts are handed to a colleague who works: not to oneself, and who is deactivated is in the database.",
}

#: Names may not have them, and the document's pattern cannot say so: beyond U+FFFF readers of patterns differ.
TAGS = re.compile("[\U000E0000-\U000E0FFF]")


def problems(response) -> set[tuple[str, str]]:
    """What is wrong with a request by the portal's word: codes, with the fields that have them."""
    problem = response.json()
    fields = problem.get("errors") or [{"pointer": "", "code": problem.get("code")}]
    return {(field["code"], re.sub(r"/\d+", "/*", field["pointer"])) for field in fields}


@schemathesis.hook
def filter_failure(context, failure, case, response):
    if not isinstance(failure, RejectedPositiveData):
        return True
    # Schemathesis follows links, and repeats ids that it has seen, also where the answer had null in place of an id: it then
    # asks for a resource of that name, which nobody meant.
    if any(value in (None, "null") for value in (case.path_parameters or {}).values()):
        return False
    refused = problems(response)
    if TAGS.search(json.dumps(case.body, ensure_ascii=False, default=str)):
        refused = {(code, field) for code, field in refused if code not in ("invalid_name", "invalid_value")}
    return not refused <= EXPECTED.keys()


@schemathesis.hook
def before_call(context, case, **kwargs):
    """A key of one's own for each body: the same key with another body is refused by design."""
    key = case.headers.get("Idempotency-Key")
    if isinstance(key, str) and re.fullmatch("[!-~]{1,255}", key):
        request = repr((key, case.method, case.path, case.path_parameters, case.body))
        case.headers["Idempotency-Key"] = hashlib.sha256(request.encode()).hexdigest()
