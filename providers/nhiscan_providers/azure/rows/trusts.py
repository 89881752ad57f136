"""Who else may act as an application: its registration and outside workloads."""

from collections import Counter
from collections.abc import Iterable, Iterator

from nhiscan.records import AnyRecord, Credential, Trust
from nhiscan_providers.azure.directory import Directory
from nhiscan_providers.azure.reading.federation import Federation, grade
from nhiscan_providers.azure.reading.origins import origin
from nhiscan_providers.azure.shapes.graph import Federated, Principal
from nhiscan_providers.azure.shapes.parsing import low
from nhiscan_providers.azure.sources import principals

_HOME = (
    "whoever holds a credential of the application in its home directory acts here;"
    " taking back the consent ends it"
)


def registration(directory: Directory, one: Principal) -> Iterator[Trust]:
    """Let the application act through its service principal, wherever its home is."""
    home = low(one.app_owner_organization_id)
    app_id = low(one.app_id)
    if not app_id or not home:
        return
    own = home == directory.id
    microsoft = origin(home, directory.id) == "first_party"
    yield Trust(
        identity=low(one.id),
        principal=app_id,
        principal_kind="application",
        principal_account=home,
        principal_native_id=app_id,
        relation="same_account" if own else "platform" if microsoft else None,
        guard="credentials of the registration" if own else "consent in this directory",
        verdict="guarded",
        reason="the registration's own credentials sign in as it" if own else _HOME,
        source=directory.kept.get(low(one.id), principals.PRINCIPALS),
    )


def federated(identity: str, some: Iterable[Federated], source: str) -> Iterator[AnyRecord]:
    """Let outside workloads sign in without a secret, each as a trust and a credential."""
    seen: Counter[str] = Counter()
    for one in sorted(some, key=lambda one: (low(one.id), one.name or "")):
        judged = grade(one.issuer, one.subject, one.audiences or [], one.claims_matching_expression)
        number = seen[judged.principal]  # most often 0: who goes does not renumber the others
        seen[judged.principal] += 1
        yield _federated(identity, number, judged, source)
        yield Credential(
            key=f"{identity}/federated/{low(one.id) or one.name or judged.principal}",
            identity=identity,
            kind="federated_trust",
            fingerprint=judged.fingerprint,
            status="active",
            attributes={"name": one.name[:200]} if one.name else {},
            source=source,
        )


def _federated(identity: str, number: int, judged: Federation, source: str) -> Trust:
    # The bare object: a managed identity's native id is its resource, which no trust names.
    return Trust(
        identity=identity,
        principal=judged.principal,
        principal_kind="oidc",
        principal_account=judged.directory,
        principal_native_id=judged.object_id if judged.directory else None,
        guard=judged.guard,
        verdict=judged.verdict,
        reason=judged.reason,
        statement=number,
        source=source,
    )
