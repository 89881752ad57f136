"""Turns every way in which a call can fail into one Fault: a coverage state and a reason.

A 403 of Google's has four meanings that only the typed details tell apart: no permission, an API
that is off, a service perimeter, a quota project that may not be used. The reasons are built from
codes, checked names and what was asked; no text of a reply is kept, because it may quote anything.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Literal

from msgspec import Struct

from nhiscan import ledger
from nhiscan.records import CoverageState
from nhiscan_providers.gcp.calls import Operation

Kind = Literal[
    "denied", "off", "perimeter", "quota_project", "gone", "throttled", "daily", "credentials",
    "invalid", "missing", "cut", "unreachable", "busy", "other",
]  # fmt: skip

_STATES: dict[Kind, CoverageState] = {
    "denied": "denied",
    "off": "denied",
    "perimeter": "denied",
    "quota_project": "denied",
    "gone": "denied",
    "throttled": "throttled",
    "daily": "throttled",
    "credentials": "denied",
    "invalid": "unreachable",
    "missing": "unreachable",
    "cut": "unreachable",
    "unreachable": "unreachable",
    "busy": "unreachable",
    "other": "unreachable",
}
# What another try may mend.
AGAIN = frozenset({"throttled", "cut", "unreachable", "busy"})
_BUSY = frozenset({"UNAVAILABLE", "INTERNAL", "ABORTED", "DEADLINE_EXCEEDED", "UNKNOWN"})
_DENIED = frozenset({"PERMISSION_DENIED", "FORBIDDEN"})
_PERIMETER = frozenset({"SECURITY_POLICY_VIOLATED", "VPC_SERVICE_CONTROLS", "vpcServiceControls"})
_QUOTA_PROJECT = frozenset({"USER_PROJECT_DENIED", "USER_PROJECT_MISSING", "USER_PROJECT_INVALID"})
_GONE = frozenset({"CONSUMER_INVALID", "CONSUMER_SUSPENDED", "BILLING_DISABLED"})
_OFF = frozenset({"SERVICE_DISABLED", "accessNotConfigured", "API_DISABLED"})
_LIMIT = frozenset(
    {"RATE_LIMIT_EXCEEDED", "rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded"}
)
_TOKEN = frozenset({"ACCESS_TOKEN_SCOPE_INSUFFICIENT", "ACCESS_TOKEN_TYPE_UNSUPPORTED"})
_DAILY = frozenset({"dailyLimitExceeded", "dailyLimitExceededUnreg"})
_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,79}")
_SERVICE = re.compile(r"[a-z0-9.-]{1,80}\.googleapis\.com")
_PROJECT = re.compile(r"projects/([a-z0-9:.-]{1,80})")
_PERMISSION = re.compile(r"[A-Za-z0-9./]{3,120}")
_SIGN_IN = (
    "sign in as your scanner: `gcloud auth application-default login`, or credentials in"
    " GOOGLE_APPLICATION_CREDENTIALS"
)


class Refused(Struct, frozen=True, kw_only=True):
    """What an error reply says of itself, by either transport; `delay` in seconds."""

    status: str
    http: int = 0
    reason: str = ""
    metadata: Mapping[str, str] = {}
    perimeter: bool = False
    delay: float = 0.0


class Fault(ledger.Fault):
    """A call to Google that failed; `delay` is how long Google asks to wait, in seconds."""

    def __init__(self, kind: Kind, reason: str, code: str = "", delay: float = 0.0) -> None:
        super().__init__(_STATES[kind], reason, code)
        self.kind = kind
        self.delay = delay

    @property
    def hint(self) -> str | None:
        """Say what mends credentials of the scanner itself: nothing that a client could grant."""
        if self.kind == "credentials":
            return _SIGN_IN
        return (
            "set quota_project to a project where the scanner has serviceusage.services.use"
            if self.kind == "quota_project"
            else None
        )


def refused(body: Any, http: int, retry_after: str | None) -> Refused:
    """Read an error body of the REST surface (AIP-193; Cloud Storage has an older form too)."""
    error = body.get("error") if isinstance(body, dict) else None
    error = error if isinstance(error, dict) else {}
    details = _objects(error.get("details"))
    info = next((one for one in details if _type(one) == "ErrorInfo"), {})
    old = _objects(error.get("errors"))
    told = info.get("metadata")
    metadata = told if isinstance(told, dict) else {}
    delays = [_seconds(one.get("retryDelay")) for one in details if _type(one) == "RetryInfo"]
    delays.append(_seconds(retry_after))
    return Refused(
        status=str(error.get("status") or _STATUS.get(http, "")),
        http=http,
        reason=str(info.get("reason") or (old[0].get("reason") if old else "") or ""),
        metadata={str(k): str(v) for k, v in metadata.items()},
        perimeter=any(_violates(one.get("violations")) for one in details),
        delay=max(delays),
    )


def fault(seen: Refused, asked: Operation) -> Fault:
    """Classify a refusal of a call."""
    kind = _kind(seen)
    code = seen.reason or seen.status
    code = code if _CODE.fullmatch(code) else "unnamed error"
    return Fault(kind, f"{asked.asked}: {_words(kind, seen, asked)} ({code})", code, seen.delay)


def _kind(seen: Refused) -> Kind:  # noqa: C901 - one line for each meaning
    reason, status = seen.reason, seen.status
    if reason in _LIMIT or reason in _DAILY or status == "RESOURCE_EXHAUSTED" or seen.http == 429:
        daily = reason in _DAILY or "PerDay" in seen.metadata.get("quota_limit", "")
        return "daily" if daily else "throttled"
    if seen.perimeter or reason in _PERIMETER:
        return "perimeter"
    if reason in _OFF:
        return "off"
    if reason in _QUOTA_PROJECT:
        return "quota_project"
    if reason in _GONE:
        return "gone"
    if status == "UNAUTHENTICATED" or seen.http == 401 or reason in _TOKEN:
        return "credentials"
    if status in _DENIED or seen.http == 403:
        return "denied"
    if status in _BUSY or seen.http >= 500 or seen.http == 408:
        return "busy"
    if status == "NOT_FOUND" or seen.http == 404:
        return "missing"
    if status in ("INVALID_ARGUMENT", "OUT_OF_RANGE", "FAILED_PRECONDITION") or seen.http == 400:
        return "invalid"
    return "other"


def _words(kind: Kind, seen: Refused, asked: Operation) -> str:
    if kind == "denied":
        named = seen.metadata.get("permission", "")
        what = named if _PERMISSION.fullmatch(named) else " or ".join(asked.permissions)
        return f"not allowed; grant {what or 'access'}"
    if kind == "off":
        service = _named(_SERVICE, seen.metadata.get("service"), asked.host)
        found = _PROJECT.fullmatch(seen.metadata.get("consumer", ""))
        project = found[1] if found else "QUOTA_PROJECT"
        return (
            f"the API is off in project {project}; switch it on:"
            f" gcloud services enable {service} --project {project}"
        )
    return {
        "perimeter": "stopped by a VPC Service Controls perimeter; let the scanner in by an ingress"
        " rule",
        "quota_project": "the quota project may not be used; grant serviceusage.services.use there"
        " or name another",
        "gone": "the project is being deleted or suspended, or its billing is off",
        "throttled": "too many requests, even after waiting",
        "daily": "the quota of the day is used up",
        "credentials": "the credentials were refused",
        "invalid": "the request was refused",
        "missing": "no such thing",
        "busy": "the service did not answer it, even when asked again",
    }.get(kind, "the service answered otherwise than expected")


def _objects(rows: Any) -> list[Mapping[str, Any]]:
    return [one for one in rows if isinstance(one, dict)] if isinstance(rows, list) else []


def _named(pattern: re.Pattern[str], text: str | None, otherwise: str) -> str:
    return text if text and pattern.fullmatch(text) else otherwise


def _type(detail: Mapping[str, Any]) -> str:
    return str(detail.get("@type", "")).rpartition(".")[2]


def _violates(violations: Any) -> bool:
    rows: Iterable[Any] = violations if isinstance(violations, list) else ()
    return any(isinstance(row, dict) and row.get("type") == "VPC_SERVICE_CONTROLS" for row in rows)


def _seconds(text: Any) -> float:
    """Read `1.5s` or a bare number; what is neither is no delay."""
    try:
        return max(0.0, float(str(text).removesuffix("s")))
    except ValueError:
        return 0.0


_STATUS = {401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED", 404: "NOT_FOUND"}
