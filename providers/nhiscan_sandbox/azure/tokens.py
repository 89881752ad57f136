"""Access tokens: shaped like real ones, signed by nobody, and good for this sandbox only."""

import base64
import json

from msgspec import Struct

from nhiscan_sandbox.azure.wire import Json
from nhiscan_sandbox.canaries import MARK


class Bearer(Struct, frozen=True, kw_only=True):
    """Who stands behind a token: an application, in a directory, for an audience."""

    directory: str
    app_id: str
    principal: str
    audience: str


def issue(bearer: Bearer, roles: frozenset[str], now: float, seconds: int) -> str:
    """Write a token; its last part begins with a mark to look for afterwards."""
    claims = {
        "aud": bearer.audience,
        "iss": f"https://sts.windows.net/{bearer.directory}/",
        "iat": int(now),
        "exp": int(now) + seconds,
        "appid": bearer.app_id,
        "oid": bearer.principal,
        "tid": bearer.directory,
        "roles": sorted(roles),
        "idtyp": "app",
        "ver": "1.0",
    }
    head = {"typ": "JWT", "alg": "none"}
    return f"{_part(head)}.{_part(claims)}.{MARK}-token-{bearer.app_id}"


def read(authorization: str) -> Bearer | None:
    """Read a token back from a header; null if it is none of ours."""
    parts = authorization.removeprefix("Bearer ").split(".")
    if not authorization.startswith("Bearer ") or len(parts) != 3:
        return None
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
        return Bearer(
            directory=claims["tid"],
            app_id=claims["appid"],
            principal=claims["oid"],
            audience=claims["aud"],
        )
    except (ValueError, KeyError, TypeError):
        return None


def _part(value: Json) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")
