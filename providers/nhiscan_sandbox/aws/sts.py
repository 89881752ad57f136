"""STS: sessions of roles that exist, given only to callers whom their trust policy admits."""

from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Any

from nhiscan_sandbox.aws import callers
from nhiscan_sandbox.aws.callers import Caller, Callers
from nhiscan_sandbox.aws.identify import Asked
from nhiscan_sandbox.aws.permissions import require
from nhiscan_sandbox.aws.policy import trusts
from nhiscan_sandbox.aws.wire import Refusal


def target(asked: Asked) -> str | None:
    """Return the account of the role that an AssumeRole asks for."""
    parts = (asked.text("RoleArn") or "").split(":")
    return parts[4] if len(parts) > 5 else None


def caller_identity(caller: Caller) -> dict[str, Any]:
    """Answer GetCallerIdentity."""
    return {"UserId": caller.unique_id, "Account": caller.account, "Arn": caller.arn}


def assume_role(asked: Asked, caller: Caller, known: Callers, now: datetime) -> dict[str, Any]:
    """Answer AssumeRole, or refuse as AWS does: one message for absent, untrusting and denied."""
    arn = asked.text("RoleArn") or ""
    account, name = target(asked), arn.rpartition("/")[2]
    session = asked.text("RoleSessionName") or ""
    role = callers.role(account, name) if account else None
    refusal = Refusal(
        403,
        "AccessDenied",
        f"User: {caller.arn} is not authorized to perform: sts:AssumeRole on resource: {arn}",
    )
    if account is None or role is None or role.arn != arn:
        raise refusal
    if account != caller.account:
        require(caller, "sts", "AssumeRole", arn)
    keys = {"aws:principalarn": caller.role_arn, "aws:principalaccount": caller.account}
    if external := asked.text("ExternalId"):
        keys["sts:externalid"] = external
    if not trusts(role.assume_role_policy_document, caller.names, keys):
        raise refusal
    user = Caller(
        account=account,
        arn=f"arn:aws:sts::{account}:assumed-role/{name}/{session}",
        unique_id=f"{role.id}:{session}",
        role=name,
    )
    return _session(user, known, now, int(asked.text("DurationSeconds") or 3600))


def _session(user: Caller, known: Callers, now: datetime, seconds: int) -> dict[str, Any]:
    key, secret, token = issue(user)
    known.admit(key, user)
    # SDKs compare this with the real clock, whatever time the estate lives in.
    expires = max(now, datetime.now(UTC)) + timedelta(seconds=seconds)
    return {
        "Credentials": {
            "AccessKeyId": key,
            "SecretAccessKey": secret,
            "SessionToken": token,
            "Expiration": expires,
        },
        "AssumedRoleUser": {"AssumedRoleId": user.unique_id, "Arn": user.arn},
    }


def issue(user: Caller) -> tuple[str, str, str]:
    """Make an access key id, a secret and a token for a session; equal for equal sessions.

    The secret and the token carry the word CANARY: no program may keep or show them.
    """
    digest = blake2b(user.arn.encode(), digest_size=15).hexdigest().upper()
    return f"ASIA{digest[:16]}", f"CANARY-secret-{digest}", f"CANARY-token-{digest}"
