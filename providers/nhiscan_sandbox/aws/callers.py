"""Who stands behind an access key, and which policies bind them."""

from threading import Lock
from typing import Any

from msgspec import Struct

from nhiscan_sandbox.aws.moto import models
from nhiscan_sandbox.aws.wire import Refusal


class Caller(Struct, frozen=True, kw_only=True):
    """An authenticated principal. `role` or `user` is its name; neither: it may do anything."""

    account: str
    arn: str
    unique_id: str
    role: str | None = None
    user: str | None = None

    @property
    def names(self) -> frozenset[str]:
        """Return every form in which a trust policy can name this caller."""
        root = f"arn:aws:iam::{self.account}:root"
        names = {"*", self.account, root, self.arn}
        if self.role:
            names.add(self.role_arn)
        return frozenset(names)

    @property
    def role_arn(self) -> str:
        """Return the ARN of the role behind a session; the principal's own ARN otherwise."""
        if not self.role:
            return self.arn
        return f"arn:aws:iam::{self.account}:role/{self.role}"


class Callers:
    """Access keys of sessions that the sandbox gave out, and of users that live in moto."""

    def __init__(self, accounts: frozenset[str]) -> None:
        self._accounts = accounts
        self._sessions: dict[str, Caller] = {}
        self._lock = Lock()

    def admit(self, key: str, caller: Caller) -> None:
        """Make an access key known."""
        with self._lock:
            self._sessions[key] = caller

    def find(self, key: str | None) -> Caller:
        """Return who uses a key, or refuse as AWS refuses a key that it does not know."""
        with self._lock:
            caller = self._sessions.get(key or "")
        caller = caller or self._user(key or "")
        if caller is None:
            raise Refusal(
                403,
                "InvalidClientTokenId",
                "The security token included in the request is invalid.",
            )
        return caller

    def _user(self, key: str) -> Caller | None:
        for account in self._accounts:
            found = iam(account).access_keys.get(key)
            if found is not None and found.user_name and found.status == "Active":
                user = iam(account).users[found.user_name]
                return Caller(account=account, arn=user.arn, unique_id=user.id, user=user.name)
        return None


def iam(account: str) -> Any:
    """Return moto's IAM backend of an account."""
    return models("iam").iam_backends[account]["aws"]


def role(account: str, name: str) -> Any:
    """Return moto's role of that name, or null."""
    return next((r for r in list(iam(account).roles.values()) if r.name == name), None)


def documents(caller: Caller) -> list[str]:
    """Return the texts of a caller's own identity policies: inline, attached, and by groups."""
    backend = iam(caller.account)
    if caller.role:
        holder = role(caller.account, caller.role)
        holders = [holder] if holder else []
    else:
        groups = [g for g in backend.groups.values() if any(u.name == caller.user for u in g.users)]
        holders = [backend.users[caller.user], *groups]
    found: list[str] = []
    for holder in holders:
        found += holder.policies.values()
        found += [_default_version(policy) for policy in holder.managed_policies.values()]
    return found


def _default_version(policy: Any) -> str:
    return next(str(v.document) for v in policy.versions if v.is_default_version)
