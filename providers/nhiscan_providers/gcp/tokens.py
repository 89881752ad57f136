"""Who the scanner is to Google: the SDK's default credentials, or a service account it becomes."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from threading import Lock
from time import monotonic
from typing import Any

from nhiscan.records import utc
from nhiscan_providers.gcp.faults import Fault
from nhiscan_providers.gcp.options import Options
from nhiscan_providers.gcp.wire import Wire

_SCOPE = "https://www.googleapis.com/auth/cloud-platform"
_LIFETIME = 3600
_RENEW_EARLY = 300
# What the SDK lets out of a file of credentials that is no file, or holds what it does not expect.
_UNREADABLE = (
    OSError, ValueError, TypeError, AttributeError, LookupError, RecursionError,
)  # fmt: skip

# Calls GenerateAccessToken for an account with the given headers and returns the reply.
Generate = Callable[[str, Mapping[str, str], Mapping[str, Any]], dict[str, Any]]


class Tokens:
    """Access tokens of one entry, renewed in time; used by many threads. Printing it is safe."""

    def __init__(self, wire: Wire, options: Options) -> None:
        self._wire = wire
        self._options = options
        self._lock = Lock()
        self._own: Any = None
        self._token = ""
        self._renew_at = 0.0

    def headers(self, generate: Generate) -> dict[str, str]:
        """Return the header that proves the caller; raises Fault where there is no credential."""
        with self._lock:
            if not self._options.impersonate:
                return self._source()
            if monotonic() >= self._renew_at:
                self._become(generate)
            return {"Authorization": f"Bearer {self._token}"}

    def forget(self) -> None:
        """Have the next call fetch new tokens: these were refused."""
        with self._lock:
            self._renew_at = 0.0
            self._own = None

    def _become(self, generate: Generate) -> None:
        account = self._options.impersonate or ""
        wanted = {"scope": [_SCOPE], "lifetime": f"{_LIFETIME}s"}
        try:
            reply = generate(account, self._source(), wanted)
        except Fault as failed:
            reason = f"cannot become {account}: {failed.reason}"
            raise Fault(failed.kind, reason, failed.code) from None
        token, expires = reply.get("accessToken"), utc(reply.get("expireTime"))
        if not isinstance(token, str):
            raise Fault("cut", f"cannot become {account}: the reply holds no token")
        left = (expires - datetime.now(UTC)).total_seconds() if expires else _LIFETIME
        self._token = token
        self._renew_at = monotonic() + max(60.0, min(left, _LIFETIME) - _RENEW_EARLY)

    def _source(self) -> dict[str, str]:
        if self._options.credentials == "anonymous":
            return {}
        from google.auth import default
        from google.auth.exceptions import GoogleAuthError, TransportError
        from google.auth.transport.requests import Request

        try:
            if self._own is None:
                self._own, _ = default(scopes=[_SCOPE])
            if not self._own.valid:
                self._own.refresh(Request(self._wire.session(self._options)))
        except TransportError:
            raise Fault("unreachable", "who gives the scanner its tokens did not answer") from None
        except (GoogleAuthError, *_UNREADABLE) as error:
            # its text may quote a reply, or the file
            raise Fault(
                "credentials", f"the scanner has no usable credentials ({type(error).__name__})"
            ) from None
        return {"Authorization": f"Bearer {self._own.token}"}
