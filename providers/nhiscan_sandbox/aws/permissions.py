"""Which IAM action a call needs, and the refusal AWS gives to who lacks it."""

from nhiscan_sandbox.aws.callers import Caller, documents
from nhiscan_sandbox.aws.policy import decide
from nhiscan_sandbox.aws.wire import Refusal

# Where the action's name is not `<service>:<Operation>` (Service Authorization Reference).
_ACTIONS = {("accessanalyzer", "ListFindingsV2"): "access-analyzer:ListFindings"}
_PREFIXES = {"accessanalyzer": "access-analyzer"}
# Calls that no policy can refuse.
_FREE = {"sts:GetCallerIdentity", "sts:GetSessionToken"}


def permission(service: str, operation: str) -> str:
    """Return the IAM action that an operation needs."""
    special = _ACTIONS.get((service, operation))
    return special or f"{_PREFIXES.get(service, service)}:{operation}"


def require(caller: Caller, service: str, operation: str, resource: str = "*") -> None:
    """Refuse a call that the caller's own identity policies do not allow."""
    action = permission(service, operation)
    if action in _FREE or not (caller.role or caller.user):
        return
    decision = decide(documents(caller), action)
    if decision != "allowed":
        raise denial(service, caller.arn, action, resource, explicit=decision == "explicit_deny")


def denial(service: str, arn: str, action: str, resource: str, *, explicit: bool) -> Refusal:
    """Make the refusal in the words and with the code of the service."""
    if service == "organizations":
        return Refusal(
            400, "AccessDeniedException", "You don't have permissions to access this resource."
        )
    because = (
        "with an explicit deny in an identity-based policy"
        if explicit
        else f"because no identity-based policy allows the {action} action"
    )
    wish = f"perform: {action} on resource: {resource}"
    message = f"User: {arn} is not authorized to {wish} {because}"
    if service == "ec2":
        return Refusal(
            403,
            "UnauthorizedOperation",
            f"You are not authorized to perform this operation. {message}",
        )
    if service in ("iam", "sts"):
        return Refusal(403, "AccessDenied", message)
    return Refusal(400, "AccessDeniedException", message)
