"""Whose an application is, and whether a machine, an agent or the platform stands behind it."""

from typing import Literal

from nhiscan.records import Class

Origin = Literal["own", "foreign", "first_party", "unknown"]

# The directories that own Microsoft's own applications (Prowler's pair; azure.md A2).
MICROSOFT = frozenset(
    {"f8cdef31-a31e-4b4a-93e4-5f571e91255a", "72f988bf-86f1-41af-91ab-2d7cd011db47"}
)
Classified = tuple[Class, str, str]


def origin(owner_organization: str | None, directory: str) -> Origin:
    """Tell whose an application is by the directory that owns it; both in any case."""
    owner = (owner_organization or "").lower()
    if not owner:
        return "unknown"
    if owner == directory.lower():
        return "own"
    return "first_party" if owner in MICROSOFT else "foreign"


def classify_application(*, blueprint: bool) -> Classified:
    """Return class, rule and evidence of a registration."""
    if blueprint:
        return "ai_agent", "AZ-AGENT-BLUEPRINT", "a blueprint of AI agents"
    return "machine", "AZ-APP", "an app registration of this directory"


def classify_principal(*, kind: str, origin: Origin, agent: bool, credentials: bool) -> Classified:
    """Return class, rule and evidence of a service principal; `kind` is its type in lower case.

    Microsoft's own are the platform's business, unless somebody here gave one a credential: then
    somebody here can act as it.
    """
    if agent:
        return "ai_agent", "AZ-AGENT", "an identity of an AI agent"
    if kind == "managedidentity":
        return "machine", "AZ-MI", "a managed identity"
    if origin == "first_party":
        if credentials:
            return "machine", "AZ-SP-FIRST-PARTY-KEY", "Microsoft's own, with a credential"
        return "platform", "AZ-SP-FIRST-PARTY", "owned by a directory of Microsoft"
    if kind == "legacy":
        return "machine", "AZ-SP-LEGACY", "a service principal without a registration"
    if origin == "foreign":
        return "machine", "AZ-SP-FOREIGN", "an application of another directory"
    if origin == "own":
        return "machine", "AZ-SP-OWN", "an application of this directory"
    return "machine", "AZ-SP", "a service principal whose owner directory is not said"


def classify_user(name: str) -> Classified:
    """Return class, rule and evidence of a user account that its name gives away."""
    start = name.split("@", 1)[0][:40]
    return "machine", "AZ-USER-SYNC", f"its name is that of a directory synchronization: {start}"
