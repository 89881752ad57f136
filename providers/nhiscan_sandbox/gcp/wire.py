"""What Google's APIs say when they refuse, in REST's JSON and in gRPC's status details.

Shapes: AIP-193 (error model) and google/rpc/error_details.proto; Cloud Storage keeps its own older
one beside it.
"""

import json
from typing import Any

from msgspec import Struct

from nhiscan_sandbox.http import Reply

# google/rpc/code.proto: the HTTP status that each code is mapped to.
HTTP_STATUS = {
    "INVALID_ARGUMENT": 400,
    "FAILED_PRECONDITION": 400,
    "UNAUTHENTICATED": 401,
    "PERMISSION_DENIED": 403,
    "NOT_FOUND": 404,
    "RESOURCE_EXHAUSTED": 429,
    "INTERNAL": 500,
    "UNIMPLEMENTED": 501,
    "UNAVAILABLE": 503,
    "DEADLINE_EXCEEDED": 504,
}
_GRPC_NUMBERS = {
    "INVALID_ARGUMENT": 3,
    "DEADLINE_EXCEEDED": 4,
    "NOT_FOUND": 5,
    "PERMISSION_DENIED": 7,
    "RESOURCE_EXHAUSTED": 8,
    "FAILED_PRECONDITION": 9,
    "UNIMPLEMENTED": 12,
    "INTERNAL": 13,
    "UNAVAILABLE": 14,
    "UNAUTHENTICATED": 16,
}
_RPC = "type.googleapis.com/google.rpc."
# The `reason` of Cloud Storage's own error list.
_OLD_REASONS = {
    "SERVICE_DISABLED": "accessNotConfigured",
    "SECURITY_POLICY_VIOLATED": "vpcServiceControls",
    "RATE_LIMIT_EXCEEDED": "rateLimitExceeded",
}


class Problem(Struct, frozen=True, kw_only=True):
    """What was refused and why; `reason` and `metadata` become ErrorInfo."""

    code: str
    message: str
    reason: str | None = None
    domain: str = "googleapis.com"
    metadata: dict[str, str] = {}
    retry_after: float | None = None
    perimeter: str | None = None


class Refusal(Exception):  # noqa: N818 what a cloud says is not our error
    """An answer that is an error of the cloud's."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


def refuse(code: str, message: str, **more: Any) -> Refusal:
    """Make a refusal; `more` are the other fields of Problem."""
    return Refusal(Problem(code=code, message=message, **more))


def details(problem: Problem) -> list[dict[str, Any]]:
    """Return the typed details of an error, as JSON shows them."""
    made: list[dict[str, Any]] = []
    if problem.perimeter is not None:
        violation = {"type": "VPC_SERVICE_CONTROLS", "description": problem.perimeter}
        made.append({"@type": _RPC + "PreconditionFailure", "violations": [violation]})
    if problem.reason is not None:
        info = {"reason": problem.reason, "domain": problem.domain, "metadata": problem.metadata}
        made.append({"@type": _RPC + "ErrorInfo", **info})
    if problem.retry_after is not None:
        made.append({"@type": _RPC + "RetryInfo", "retryDelay": f"{problem.retry_after:g}s"})
    return made


def render_refusal(service: str, problem: Problem) -> Reply:
    """Write an error as the REST surface of a service does."""
    status = HTTP_STATUS[problem.code]
    error: dict[str, Any] = {"code": status, "message": problem.message}
    if service == "storage":
        reason = _OLD_REASONS.get(problem.reason or "", "forbidden" if status == 403 else "invalid")
        error["errors"] = [{"message": problem.message, "domain": "global", "reason": reason}]
    else:
        error["status"] = problem.code
    # Cloud Storage explains a plain denial in words alone.
    if service != "storage" or problem.reason != "IAM_PERMISSION_DENIED":
        error |= {"details": details(problem)} if details(problem) else {}
    return render({"error": error}, status)


def render(body: dict[str, Any], status: int = 200) -> Reply:
    """Write a reply of the REST surface."""
    headers = {"Content-Type": "application/json; charset=UTF-8"}
    return Reply(status, headers, json.dumps(body).encode())


def grpc_status(problem: Problem) -> Any:
    """Make the status, details included, that a gRPC server ends a call with."""
    from google.protobuf.any_pb2 import Any as AnyProto
    from google.protobuf.json_format import ParseDict
    from google.rpc.error_details_pb2 import ErrorInfo, PreconditionFailure, RetryInfo
    from google.rpc.status_pb2 import Status
    from grpc_status.rpc_status import to_status

    kinds = {kind.__name__: kind for kind in (ErrorInfo, PreconditionFailure, RetryInfo)}
    status = Status(code=_GRPC_NUMBERS[problem.code], message=problem.message)
    for detail in details(problem):
        kind = kinds[detail.pop("@type").rpartition(".")[2]]
        packed = AnyProto()
        packed.Pack(ParseDict(detail, kind()))
        status.details.append(packed)
    return to_status(status)


def quota_exceeded(service: str, retry_after: float | None, per_day: bool = False) -> Problem:
    """Say that too many calls came; with a delay, or leaving the caller to guess one."""
    period = "PerDay" if per_day else "PerMinute"
    metric = f"{service}.googleapis.com/read_requests"
    return Problem(
        code="RESOURCE_EXHAUSTED",
        message=f"Quota exceeded for quota metric '{metric}' and limit 'Read requests {period}' "
        f"of service '{service}.googleapis.com'.",
        reason="RATE_LIMIT_EXCEEDED",
        metadata={
            "service": f"{service}.googleapis.com",
            "quota_limit": f"ReadRequests{period}PerProject",
            "quota_metric": metric,
        },
        retry_after=retry_after,
    )
