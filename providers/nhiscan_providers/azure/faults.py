"""Turns every way in which a call to Microsoft can fail into one Fault: a state and a reason.

The reasons are built from codes and from what was asked; no text of a reply is kept, because a
reply may quote anything.
"""

import re
from typing import Any

import msgspec

from nhiscan.errors import ProviderError
from nhiscan.ledger import Fault
from nhiscan.records import CoverageState
from nhiscan_providers.azure.calls import Operation
from nhiscan_providers.azure.shapes.parsing import UnreadableError, read

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")
_AADSTS = re.compile(r"AADSTS(\d{5,7})")
# A page token that is too old or was meant for another replica: begin the list again.
EXPIRED_PAGE = frozenset({"Directory_ExpiredPageToken", "Directory_ExpiredPageTokenException"})
_LICENCE = re.compile(r"premium|licen[cs]e|NonPremiumTenant|B2CTenant", re.IGNORECASE)
_THROTTLED = frozenset({"TooManyRequests", "RateLimiting", "Request_ThrottledTemporarily"})
# What Entra's sign-in errors mean, and what mends them (Microsoft Entra, "AADSTS error codes")
_SIGN_IN: dict[str, tuple[str, str]] = {
    "700016": (
        "the application is not known in this directory",
        "an administrator of the directory consents to it: `nhiscan permissions azure --form"
        " consent`",
    ),
    "7000229": (
        "the application has no service principal in this directory",
        "an administrator of the directory consents to it: `nhiscan permissions azure --form"
        " consent`",
    ),
    "7000215": ("the client secret is wrong", "enter its value, not its id"),
    "7000222": ("the client secret has expired", "make a new one and enter it"),
    "7000112": ("the application is disabled", "enable it in its home directory"),
    "700027": ("the certificate was not accepted", "upload it to the application, or renew it"),
    "700024": ("the client assertion is out of date", "correct this machine's clock"),
    "53003": (
        "a Conditional Access policy forbids the sign-in",
        "except the workload identity from it, or scan from an allowed location",
    ),
    "90002": ("there is no such directory", "correct tenant_id"),
    "65001": (
        "the application was not consented to",
        "an administrator of the directory consents to it: `nhiscan permissions azure --form"
        " consent`",
    ),
    "500011": ("the service has no principal in this directory", "the client does not use it"),
}


_NONE_FOUND = "failed to retrieve a token from the included credentials"
_NO_CREDENTIAL = (
    "no credential was found; the entry names no client_id, and the environment, this machine's"
    " identity and the Azure CLI have none"
)
_UNTRUSTED = "CERTIFICATE_VERIFY_FAILED"


class _Inner(msgspec.Struct):
    code: str | None = None


class _Body(msgspec.Struct):
    error: _Inner | str | None = None


def error_code(body: bytes) -> str:
    """Return the code of an error's body; empty if it has none that looks like one."""
    try:
        error = read(body, _Body).error
    except UnreadableError:
        return ""
    code = (error.code if isinstance(error, _Inner) else error) or ""
    return code if _CODE.fullmatch(code) else ""


def answered(status: int, body: bytes, asked: Operation) -> Fault:
    """Classify an error that Graph or Resource Manager answered with."""
    code = error_code(body)
    said = f"{status} {code}" if code else str(status)
    what = asked.title
    if status == 429 or code in _THROTTLED:
        return Fault("throttled", f"{what}: too many requests, even after waiting ({said})", code)
    if status in (400, 403) and is_licence(code):
        return Fault("not_licensed", f"{what}: the directory has no licence for it ({said})", code)
    if status == 401:
        return Fault("denied", f"{what}: the token was refused ({said})", code)
    if status == 403:
        return Fault("denied", f"{what} is not allowed ({said}); it needs {asked.needed}", code)
    if status in (400, 404, 405, 501):
        state: CoverageState = "not_available" if asked.may_lack else "unreachable"
        return Fault(state, f"{what}: not known here ({said})", code)
    return Fault("unreachable", f"{what}: the service answered {said}", code)


def is_licence(code: str) -> bool:
    """Tell whether an error's code speaks of a licence that the directory lacks."""
    return bool(_LICENCE.search(code))


def unanswered(error: Exception, asked: Operation) -> Fault:
    """Classify what azure-core or azure-identity raised instead of an answer."""
    from azure.core import exceptions as known

    if isinstance(error, ForeignHostError):
        return Fault("unreachable", f"{asked.title}: {error}")
    if isinstance(error, known.ClientAuthenticationError):
        return signed_out(error)
    if isinstance(error, known.HttpResponseError) and error.response is not None:
        response: Any = error.response
        return answered(error.status_code or 0, _body(response), asked)
    if _UNTRUSTED in str(error):
        return Fault("unreachable", f"{asked.title}: the server's certificate is not trusted")
    what = {
        "ServiceRequestError": "no connection to the endpoint",
        "ServiceRequestTimeoutError": "no connection within the time allowed",
        "ServiceResponseTimeoutError": "no answer within the time allowed",
        "IncompleteReadError": "every reply was cut short",
        "ServiceResponseError": "the connection broke before the answer was whole",
        "CutReplyError": "every reply was cut short or unreadable",
    }.get(type(error).__name__, f"no answer ({type(error).__name__})")
    return Fault("unreachable", f"{asked.title}: {what}")


def _body(response: Any) -> bytes:
    body = response.body() if callable(response.body) else response.body
    return body if isinstance(body, bytes) else b""


def signed_out(error: Exception) -> Fault:
    """Classify a failed sign-in by Entra's code; the message itself may quote anything.

    Without a code nothing was decided: azure-identity raises the same error for a connection that
    broke and for a directory that there is not.
    """
    found = _AADSTS.search(str(error))
    if found is not None:
        number = found.group(1)
        reason, _ = _SIGN_IN.get(number, ("the sign-in was refused", ""))
        return Fault("denied", f"signing in: {reason} (AADSTS{number})", f"AADSTS{number}")
    unavailable = type(error).__name__ == "CredentialUnavailableError"
    if unavailable or _NONE_FOUND in str(error):
        return Fault("denied", f"signing in: {_NO_CREDENTIAL}")
    cause = error.__cause__ or error.__context__
    if cause is None:
        return Fault("denied", "signing in: the sign-in was refused")
    if _UNTRUSTED in str(cause):
        return Fault("unreachable", "signing in: the server's certificate is not trusted")
    why = "no whole answer, or no such directory" if isinstance(cause, ValueError) else "no answer"
    return Fault("unreachable", f"signing in: {why}")


def remedy(fault: Fault) -> str | None:
    """Say what mends a refused sign-in, where its code tells."""
    return _SIGN_IN.get(fault.code.removeprefix("AADSTS"), (None, None))[1]


def unusable(fault: Fault) -> ProviderError:
    """Say that the entry as a whole cannot be used."""
    return ProviderError(f"azure: {fault.reason}", state=fault.state, hint=remedy(fault))


class ForeignHostError(Exception):
    """A request was about to leave for a host that nobody configured."""


class CutReplyError(Exception):
    """A reply that says it is JSON and cannot be read to its end."""
