"""Reads the members of allow policies: who is meant, whose project they are of, what they are.

The forms are those of IAM's "Principal identifiers" and of Google's page on service agents. They
are not tied to the commercial cloud: sovereign clouds put a domain of their own before
`iam.gserviceaccount.com`. A form that is not known is kept as unknown, never dropped.
"""

import re
from functools import lru_cache
from typing import Literal

from msgspec import Struct, structs

MemberKind = Literal[
    "service_account", "default_account", "service_agent", "kubernetes", "federated", "agent",
    "all_accounts", "deleted", "user", "group", "domain", "workforce", "public", "convenience",
    "unknown",
]  # fmt: skip


class Member(Struct, frozen=True, kw_only=True):
    """One member as read.

    `address` is what follows the type. `project` is the id or number of the project it belongs to,
    where the text tells; `organization` likewise. `rule` is the code of the rule that decided. For
    federated members `pool` is the pool's name and `part` what follows it (`subject/…`,
    `attribute.…/…`, `group/…`, `*`). `domain` stands where a user's account has its project:
    a service agent whose domain is a project of the client's is no agent at all.
    """

    text: str
    kind: MemberKind
    address: str
    rule: str
    project: str | None = None
    organization: str | None = None
    pool: str | None = None
    part: str | None = None
    unique_id: str | None = None
    domain: str | None = None

    @property
    def is_machine(self) -> bool:
        """Whether it is a non-human principal that can act."""
        return self.kind in (
            "service_account", "default_account", "service_agent", "kubernetes", "federated",
            "agent",
        )  # fmt: skip


_IAM = r"iam\.gserviceaccount\.com"
_FORMS: tuple[tuple[str, MemberKind, str], ...] = (
    (r"(?P<project>\d+)-compute@developer\.gserviceaccount\.com", "default_account",
     "default_compute"),
    (r"(?P<project>[a-z0-9.:-]+)@appspot\.gserviceaccount\.com", "default_account",
     "default_appengine"),
    # It builds as whoever pushes, often with Editor: shown like the client's own.
    (r"(?P<project>\d+)@cloudbuild\.gserviceaccount\.com", "default_account",
     "legacy_cloudbuild"),
    (r"(?P<project>\d+)@cloudservices\.gserviceaccount\.com", "service_agent",
     "agent_cloudservices"),
    (r"service-org-(?P<organization>\d+)@(?:gcp-sa-)?[a-z0-9.-]+\.iam\.gserviceaccount\.com",
     "service_agent", "agent_organization"),
    (r"service-folder-\d+@[a-z0-9.-]+\.iam\.gserviceaccount\.com", "service_agent",
     "agent_folder"),
    (r"service-p?(?P<project>\d+)@(?:gcp-sa-)?[a-z0-9.-]+\.iam\.gserviceaccount\.com",
     "service_agent", "agent_project"),
    (r"[a-z0-9.-]*?(?P<project>\d+)?@gcp-sa-[a-z0-9-]+\.iam\.gserviceaccount\.com",
     "service_agent", "agent_gcp_sa"),
    (r"[^@]+@(?:system|gcp-gae-service|cloud-filer)[a-z0-9.-]*\.gserviceaccount\.com",
     "service_agent", "agent_other"),
)  # fmt: skip
_ACCOUNTS = tuple((re.compile(pattern), kind, rule) for pattern, kind, rule in _FORMS)
_USER_ACCOUNT = re.compile(rf"[^@]+@(?P<project>[a-z0-9.-]+?)\.{_IAM}")
# No address is longer; one that is would keep the patterns busy for minutes.
_LONGEST = 1000
_DOMAIN = re.compile(rf"[^@]+@(?P<domain>[a-z0-9.-]+?)\.{_IAM}")
_KUBERNETES = re.compile(r"(?P<project>.+)\.svc\.id\.goog\[(?P<ns>[^/\]]+)/(?P<name>[^\]]+)\]")
_DELETED = re.compile(r"(?P<address>.+?)\?uid=(?P<uid>\d+)")
_POOL = re.compile(
    r"principal(?:Set)?://iam\.googleapis\.com/projects/(?P<project>\d+)/locations/global/"
    r"workloadIdentityPools/(?P<pool>[^/]+)/(?P<part>.+)"
)
_WORKFORCE = re.compile(
    r"principal(?:Set)?://iam\.googleapis\.com/locations/global/workforcePools/.+"
)
_AGENT = re.compile(
    r"principal(?:Set)?://agents\.global\.(?:org-|project-)?(?P<organization>\d+)"
    r"\.system\.id\.goog/resources/aiplatform/projects/(?P<project>\d+)/.+"
)
_PLACE = re.compile(
    r"principalSet://cloudresourcemanager\.googleapis\.com/"
    r"(?P<level>projects|folders|organizations)/(?P<number>[^/]+)(?:/type/ServiceAccount)?"
)


@lru_cache(maxsize=65536)
def read_member(text: str) -> Member:
    """Read one member of a binding as the policy writes it."""
    if text in ("allUsers", "allAuthenticatedUsers"):
        return Member(text=text, kind="public", address=text, rule="public")
    if text.startswith(("principal://", "principalSet://")):
        return _principal(text)
    if text.startswith("deleted:"):
        return _deleted(text)
    kind, _, address = text.partition(":")
    if kind == "serviceAccount":
        return _service_account(text, address)
    people: dict[str, MemberKind] = {"user": "user", "group": "group", "domain": "domain"}
    if kind in people:
        return Member(text=text, kind=people[kind], address=address, rule=kind)
    if kind in ("projectOwner", "projectEditor", "projectViewer"):
        return Member(
            text=text, kind="convenience", address=address, rule="convenience", project=address
        )
    return Member(text=text, kind="unknown", address=text, rule="unknown_form")


def _service_account(text: str, address: str) -> Member:
    cluster = _KUBERNETES.fullmatch(address) if len(address) <= _LONGEST else None
    if cluster:
        return Member(
            text=text,
            kind="kubernetes",
            address=address,
            rule="kubernetes_workload",
            project=cluster["project"],
            part=f"system:serviceaccount:{cluster['ns']}:{cluster['name']}",
        )
    for pattern, kind, rule in _ACCOUNTS if len(address) <= _LONGEST else ():
        found = pattern.fullmatch(address)
        if found:
            groups = found.groupdict()
            return Member(
                text=text,
                kind=kind,
                address=address,
                rule=rule,
                project=_id(groups.get("project")),
                organization=groups.get("organization"),
                domain=_domain(address) if kind == "service_agent" else None,
            )
    found = _USER_ACCOUNT.fullmatch(address) if len(address) <= _LONGEST else None
    if found:
        project = _id(found["project"])
        return Member(
            text=text,
            kind="service_account",
            address=address,
            rule="service_account",
            project=project,
        )
    return Member(text=text, kind="service_agent", address=address, rule="agent_unknown_domain")


def own(member: Member) -> Member:
    """Take what looks like a service agent for an account of the project that its domain names."""
    return structs.replace(
        member, kind="service_account", rule="service_account", project=member.domain
    )


def _domain(address: str) -> str | None:
    found = _DOMAIN.fullmatch(address)
    return _id(found["domain"]) if found else None


def _id(written: str | None) -> str | None:
    """Read a project id as addresses write it: `example.com:proj` is proj.example.com there.

    The ids of sovereign clouds have such a part before them too (`s3ns:proj`).
    """
    name, _, domain = (written or "").partition(".")
    return f"{domain}:{name}" if domain else written


def _deleted(text: str) -> Member:
    rest = text.removeprefix("deleted:")
    kind, _, address = rest.partition(":")
    found = _DELETED.fullmatch(address)
    whose = read_member(f"{kind}:{found['address']}") if found else None
    return Member(
        text=text,
        kind="deleted",
        address=found["address"] if found else rest,
        rule=f"deleted_{kind}" if kind.isalpha() else "deleted",
        project=whose.project if whose else None,
        unique_id=found["uid"] if found else None,
    )


def _principal(text: str) -> Member:
    found = _POOL.fullmatch(text)
    if found:
        return Member(
            text=text,
            kind="federated",
            address=text,
            rule="federated_set" if text.startswith("principalSet") else "federated_subject",
            project=found["project"],
            pool=found["pool"],
            part=found["part"],
        )
    found = _AGENT.fullmatch(text)
    if found:
        return Member(
            text=text,
            kind="agent",
            address=text,
            rule="agent_identity",
            project=found["project"],
            organization=found["organization"],
        )
    found = _PLACE.fullmatch(text)
    if found:
        level, number = found["level"], found["number"]
        return Member(
            text=text,
            kind="all_accounts",
            address=text,
            rule=f"all_accounts_of_{level}",
            project=number if level == "projects" else None,
            organization=number if level == "organizations" else None,
        )
    if _WORKFORCE.fullmatch(text):
        return Member(text=text, kind="workforce", address=text, rule="workforce")
    return Member(text=text, kind="unknown", address=text, rule="unknown_form")
