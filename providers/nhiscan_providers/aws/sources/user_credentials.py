"""Reads the credentials that the report lacks: service-specific ones, SSH keys, access key ids."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any

from msgspec import Struct

from nhiscan.ledger import Reading
from nhiscan.records import CredentialStatus
from nhiscan_providers.aws.access import Access
from nhiscan_providers.aws.faults import MISSING
from nhiscan_providers.aws.lists import iam, read_pages
from nhiscan_providers.aws.moments import moment

SERVICE_SPECIFIC = "iam.service_specific_credentials"
ACCESS_KEYS = "iam.access_keys"
SSH_KEYS = "iam.ssh_keys"

_STATUS: Mapping[str, CredentialStatus] = {
    "Active": "active",
    "Inactive": "inactive",
    "Expired": "expired",
}


class Listed(Struct, frozen=True, kw_only=True, gc=False):
    """A credential with an id of its own: only the id's hash and last four characters are kept."""

    user: str
    digest: str
    tail: str
    status: CredentialStatus
    created: datetime | None
    expires: datetime | None = None
    service: str | None = None


class Answers(Struct, frozen=True):
    """The credentials found, and the users who were asked to the end."""

    found: list[Listed]
    users: set[str]


def read_service_specific(access: Access, reading: Reading) -> list[Listed]:
    """List the service-specific credentials of all users."""
    found: dict[str, Listed] = {}

    def take(page: dict[str, Any]) -> None:
        for raw in page.get("ServiceSpecificCredentials", ()):
            one = _listed(raw, raw["ServiceSpecificCredentialId"], raw.get("ServiceName"))
            found[one.digest] = one

    listing = iam("ListServiceSpecificCredentials", AllUsers=True)
    read_pages(access, reading, listing, take, found.clear)
    return list(found.values())


def read_access_keys(access: Access, reading: Reading, users: Iterable[str]) -> Answers:
    """List the access keys of the users named, until a call fails."""
    return _per_user(access, reading, users, "ListAccessKeys", "AccessKeyMetadata", "AccessKeyId")


def read_ssh_keys(access: Access, reading: Reading, users: Iterable[str]) -> Answers:
    """List the SSH keys of the users named, until a call fails."""
    name, member = "ListSSHPublicKeys", "SSHPublicKeys"
    return _per_user(access, reading, users, name, member, "SSHPublicKeyId")


def _per_user(
    access: Access, reading: Reading, users: Iterable[str], name: str, member: str, id_member: str
) -> Answers:
    answers = Answers([], set())
    for user in users:
        of_user: dict[str, Listed] = {}

        def take(page: dict[str, Any], of_user: dict[str, Listed] = of_user) -> None:
            for raw in page.get(member, ()):
                of_user[raw[id_member]] = _listed(raw, raw[id_member])

        part = Reading(reading.source)
        read_pages(access, part, iam(name, UserName=user), take, of_user.clear)
        reading.calls += part.calls
        gone = part.fault is not None and part.fault.code in MISSING
        if not part.complete and not gone:
            asked = len(answers.users)
            reading.mark("partial" if asked else part.state, f"after {asked} users: {part.reason}")
            break
        answers.found.extend(of_user.values())
        answers.users.add(user)
    return answers


def _listed(raw: dict[str, Any], identifier: str, service: str | None = None) -> Listed:
    return Listed(
        user=raw["UserName"],
        digest=sha256(f"aws|{identifier}".encode()).hexdigest(),
        tail=identifier[-4:],
        status=_STATUS.get(raw.get("Status", ""), "unknown"),
        created=moment(raw.get("CreateDate") or raw.get("UploadDate")),
        expires=moment(raw.get("ExpirationDate")),
        service=service,
    )
