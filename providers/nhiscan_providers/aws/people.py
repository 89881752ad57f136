"""Reads who stands behind an ARN that created or wrote something: a person or an automation."""

from collections.abc import Mapping

from msgspec import Struct

from nhiscan.records import Class
from nhiscan_providers.aws.sources.creators import Creation

_MACHINES = frozenset({"machine", "ai_agent", "platform", "mixed"})
_IDENTITY_CENTER = "AWSReservedSSO_"


class Creator(Struct, frozen=True, gc=False):
    """`reference` names the party; `said` is the ARN as written; null: it cannot be told."""

    reference: str
    by_machine: bool | None
    said: str


class People:
    """Knows the classes of one account's users and roles, by name."""

    def __init__(
        self, account: str, users: Mapping[str, Class], roles: Mapping[str, Class]
    ) -> None:
        self._account = account
        self._users = users
        self._roles = roles

    def of_event(self, event: Creation) -> Creator:
        """Read the creator of a CloudTrail event."""
        if event.creator_type in ("AWSService", "AWSAccount") and event.invoked_by:
            return Creator(event.invoked_by, True, event.invoked_by)
        return self.who(event.creator)

    def who(self, arn: str) -> Creator:
        """Read an ARN of a user, a session of a role, or root."""
        parts = arn.split(":", 5)
        if len(parts) < 6:
            return Creator(arn, None, arn)
        own = parts[4] == self._account
        kind, _, rest = parts[5].partition("/")
        if kind == "user":
            name = rest.rpartition("/")[2]
            return Creator(name, _machine(self._users.get(name) if own else None), arn)
        if kind == "assumed-role":
            role, _, session = rest.partition("/")
            return self._session(arn, role, session, own=own)
        return Creator(arn, None, arn)

    def _session(self, arn: str, role: str, session: str, *, own: bool) -> Creator:
        """Name the person where the session is a person's, else the role."""
        known = self._roles.get(role) if own else None
        if role.startswith(_IDENTITY_CENTER) or known == "human":
            return Creator(session or role, False, arn)
        if known in _MACHINES:
            return Creator(role, True, arn)
        if "@" in session:
            return Creator(session, None, arn)
        return Creator(role, None, arn)


def _machine(known: Class | None) -> bool | None:
    if known in _MACHINES:
        return True
    return False if known == "human" else None
