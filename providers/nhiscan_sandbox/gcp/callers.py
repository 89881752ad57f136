"""Who is calling: access tokens, and the ways in which one identity becomes another."""

import base64
import binascii
import json
import re
from datetime import timedelta
from typing import Any

from nhiscan_sandbox.canaries import MARK
from nhiscan_sandbox.gcp.access import Access, denial
from nhiscan_sandbox.gcp.pages import Asked
from nhiscan_sandbox.gcp.wire import Refusal, refuse
from nhiscan_sandbox.gcp.world import World, digest, stamp

# Every token holds this mark, so that a copy is found wherever one is left.
_PREFIX = f"ya29.{MARK}-token-"
_ACT_AS = "iam.serviceAccounts.getAccessToken"
_LIFETIME = re.compile(r"(\d+)s")
# https://cloud.google.com/iam/docs/reference/credentials/rest: at most an hour by default.
_LONGEST = 3600


class Callers:
    """Issues tokens and knows whose they are.

    A request without a token comes from `base`, as from a machine of the MSP: the sandbox's clients
    use anonymous credentials on loopback.
    """

    def __init__(self, world: World, access: Access, base: str | None) -> None:
        self._world = world
        self._access = access
        self._base = base
        self._tokens: dict[str, str] = {}

    def find(self, token: str | None) -> str:
        """Return the member behind a token; UNAUTHENTICATED for an unknown one."""
        if token is None and self._base is not None:
            return self._base
        if token is None or token not in self._tokens:
            raise unauthenticated()
        return self._tokens[token]

    def issue(self, member: str) -> str:
        """Make a token for a member."""
        token = _PREFIX + digest("token", member)
        self._tokens[token] = member
        return token

    def generate(self, asked: Asked, member: str) -> dict[str, Any]:
        """Let a member act as a service account, each delegate in the chain allowing the next."""
        holder = member
        for name in [*asked.several("delegates"), asked.target]:
            account = self._world.account(name)
            if account is None:
                raise denial("iam", _ACT_AS, name, holder)
            if not self._access.allowed(holder, _ACT_AS, account.place, account):
                raise denial("iam", _ACT_AS, name, holder)
            if account.row.disabled:
                raise refuse("FAILED_PRECONDITION", f"Service account {name} is disabled.")
            holder = f"serviceAccount:{account.email}"
        seconds = _seconds(asked.text("lifetime", f"{_LONGEST}s"))
        expires = self._world.now + timedelta(seconds=seconds)
        return {"accessToken": self.issue(holder), "expireTime": stamp(expires)}

    def exchange(self, asked: Asked) -> dict[str, Any]:
        """Take a subject token of a pool (sts), or a service account's own assertion (oauth2).

        No signature is checked: the subject is what a token claims, or the whole of an opaque one.
        """
        if asked.service == "oauth2":
            account = self._world.accounts.get(str(claims(asked.text("assertion")).get("iss", "")))
            if account is None:
                raise refuse("INVALID_ARGUMENT", "invalid_grant: Invalid JWT.")
            token = self.issue(f"serviceAccount:{account.email}")
            return {"access_token": token, "expires_in": _LONGEST, "token_type": "Bearer"}
        pool = asked.text("audience").removeprefix("//").rpartition("/providers/")[0]
        subject = asked.text("subjectToken") or asked.text("subject_token")
        if not pool or not subject:
            raise refuse("INVALID_ARGUMENT", "invalid_request: audience or subject_token missing.")
        member = f"principal://{pool}/subject/{claims(subject).get('sub', subject)}"
        return {
            "access_token": self.issue(member),
            "issued_token_type": "urn:ietf:params:oauth:token-type:access_token",
            "token_type": "Bearer",
            "expires_in": _LONGEST,
        }


def claims(token: str) -> dict[str, Any]:
    """Read the claims of a JWT; none of what is no JWT."""
    parts = token.split(".")
    if len(parts) != 3:
        return {}
    try:
        read = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (binascii.Error, ValueError):
        return {}
    return read if isinstance(read, dict) else {}


def unauthenticated() -> Refusal:
    """Make the refusal of a request whose credential is missing or no longer valid."""
    return refuse(
        "UNAUTHENTICATED",
        "Request had invalid authentication credentials. Expected OAuth 2 access token, login "
        "cookie or other valid authentication credential.",
        reason="ACCESS_TOKEN_EXPIRED",
    )


def _seconds(lifetime: str) -> int:
    found = _LIFETIME.fullmatch(lifetime)
    if found is None or not 0 < int(found[1]) <= _LONGEST:
        raise refuse("INVALID_ARGUMENT", f"The lifetime must be between 1s and {_LONGEST}s.")
    return int(found[1])
