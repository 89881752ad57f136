"""Turns every way in which a call can fail into one Fault: a coverage state and a reason.

The reasons are built from codes and from what was asked; no text of a reply is kept, because a
reply may quote anything.
"""

import re
from typing import Literal

from nhiscan import ledger
from nhiscan.records import CoverageState
from nhiscan_providers.aws.calls import Operation

Kind = Literal["denied", "throttled", "credentials", "token", "cut", "unreachable", "off", "other"]

_DENIED = frozenset(
    {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "UnauthorizedAccess", "403"}
)
_THROTTLED = frozenset(
    {
        "Throttling", "ThrottlingException", "ThrottledException", "RequestThrottled",
        "RequestThrottledException", "TooManyRequestsException", "RequestLimitExceeded",
        "BandwidthLimitExceeded", "LimitExceededException", "LimitExceeded", "SlowDown",
        "ProvisionedThroughputExceededException", "PriorRequestNotComplete",
        "TransactionInProgressException", "EC2ThrottledException",
    }
)  # fmt: skip
EXPIRED = frozenset({"ExpiredToken", "ExpiredTokenException", "RequestExpired"})
# Wrong keys, or in a region that is switched off: any key (EC2 API, "Common client error codes")
_CREDENTIALS = EXPIRED | {
    "InvalidClientTokenId", "UnrecognizedClientException", "AuthFailure", "SignatureDoesNotMatch",
    "InvalidSignatureException", "MissingAuthenticationToken", "InvalidAccessKeyId",
    "IncompleteSignature", "RequestTimeTooSkewed",
}  # fmt: skip
_OFF = frozenset(
    {"OptInRequired", "SubscriptionRequiredException", "UnsupportedAPIEndpointException"}
)
_ABSENT = frozenset({"InvalidAction", "UnknownOperationException", "UnsupportedOperationException"})
_TOKEN = frozenset(
    {
        "InvalidInput", "InvalidInputException", "InvalidMarker", "InvalidNextToken",
        "InvalidNextTokenException", "ExpiredNextTokenException", "InvalidPaginationToken",
        "InvalidPaginationTokenException", "ValidationError", "ValidationException",
        "InvalidParameterException",
    }
)  # fmt: skip
# The thing asked about does not exist (any more), which is an answer and no failure.
MISSING = frozenset({"NoSuchEntity", "ResourceNotFoundException"})
_SIGN_IN = (
    "sign in as your scanner: AWS_PROFILE, `profile:` in the entry, or keys in AWS_… variables"
)
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")
_STATES: dict[Kind, CoverageState] = {
    "denied": "denied",
    "throttled": "throttled",
    "credentials": "denied",
    "token": "unreachable",
    "cut": "unreachable",
    "unreachable": "unreachable",
    "off": "not_available",
    "other": "unreachable",
}


class Fault(ledger.Fault):
    """A call to AWS that failed for good; `code` is AWS's error code, or empty."""

    def __init__(self, kind: Kind, reason: str, code: str = "") -> None:
        super().__init__(_STATES[kind], reason, code)
        self.kind = kind

    @property
    def hint(self) -> str | None:
        """Say what mends credentials of the scanner itself: nothing that a client could grant."""
        return _SIGN_IN if self.kind == "credentials" else None


class CutReplyError(Exception):
    """A reply arrived shorter than it said, or without what a whole one has."""


def fault(error: Exception, operation: Operation, *, home: bool) -> Fault:
    """Classify an error that a botocore client raised.

    `home` is false in a region other than the partition's first, where refused credentials mean
    that the region is switched off.
    """
    from botocore.exceptions import ClientError

    asked = operation.permission
    if isinstance(error, ClientError):
        return _answered(error.response, asked, home=home)
    if isinstance(error, CutReplyError) or type(error).__name__ == "ResponseParserError":
        return Fault("cut", f"{asked}: every reply was cut short or unreadable")
    return _unanswered(error, asked)


def _answered(response: dict[str, dict[str, object]], asked: str, *, home: bool) -> Fault:
    raw = str(response.get("Error", {}).get("Code", ""))
    code = raw if _CODE.fullmatch(raw) else "unnamed error"
    status = response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if code in _DENIED:
        return Fault("denied", f"{asked} is not allowed ({code}{_by(response)})", code)
    if code in _THROTTLED or status == 429:
        return Fault("throttled", f"{asked}: too many requests, even after waiting ({code})", code)
    if code in _OFF or (code in _CREDENTIALS - EXPIRED and not home):
        return Fault("off", f"{asked}: not available or switched off here ({code})", code)
    if code in _CREDENTIALS:
        return Fault("credentials", f"{asked}: the credentials were refused ({code})", code)
    if code in _TOKEN:
        return Fault("token", f"{asked}: the request was refused ({code})", code)
    if code in _ABSENT:
        return Fault("off", f"{asked}: the service does not know this call ({code})", code)
    return Fault("other", f"{asked}: the service answered {code}", code)


def _by(response: dict[str, dict[str, object]]) -> str:
    message = str(response.get("Error", {}).get("Message", ""))
    for policy in ("service control policy", "resource control policy", "permissions boundary"):
        if policy in message:
            return f", by a {policy}"
    return ""


def _unanswered(error: Exception, asked: str) -> Fault:
    from botocore import exceptions as known

    if isinstance(error, known.NoCredentialsError | known.PartialCredentialsError):
        return Fault("credentials", f"{asked}: no credentials were found")
    if isinstance(error, known.CredentialRetrievalError | known.TokenRetrievalError):
        return Fault("credentials", f"{asked}: the credentials could not be fetched")
    if isinstance(error, known.SSOError | known.LoginError):
        return Fault("credentials", f"{asked}: sign in again, the session is over")
    what = {
        "SSLError": "the server's certificate is not trusted",
        "EndpointConnectionError": "no connection to the endpoint",
        "ConnectTimeoutError": "no connection within the time allowed",
        "ReadTimeoutError": "no answer within the time allowed",
        "ProxyConnectionError": "no connection to the proxy",
    }.get(type(error).__name__, f"no answer ({type(error).__name__})")
    return Fault("unreachable", f"{asked}: {what}")
