"""When applications and their credentials were last used, and who created or consented."""

from datetime import datetime, timedelta

from nhiscan.ledger import Reading
from nhiscan_providers.azure.access import Access, path
from nhiscan_providers.azure.calls import operation
from nhiscan_providers.azure.shapes.graph import Audited, CredentialSignIn, SignIn
from nhiscan_providers.azure.sources.lists import gather, related

SIGN_INS = "graph.sign_ins"
CREDENTIALS = "graph.credential_sign_ins"
AUDIT = "graph.audit"
# The reports look back this far (Microsoft Entra, "Usage and insights"); what is older than that
# and not in them was not used since, but may have been used before.
WINDOW_DAYS = 30
CREATED = ("Add application", "Add service principal")
CONSENTED = ("Consent to application",)
# The first of these really is written with an en dash.
CREDENTIAL_ADDED = (
    "Update application \u2013 Certificates and secrets management",
    "Add service principal credentials",
)
GRANTED = ("Add app role assignment to service principal", "Add delegated permission grant")
ACTIVITIES = (*CREATED, *CONSENTED, *CREDENTIAL_ADDED, *GRANTED)


def read_sign_ins(access: Access, reading: Reading) -> list[SignIn]:
    """Read the last sign-in of each application, by appId."""
    listed = operation("sign_ins")
    return gather(access, reading, listed, path(listed, top=999), SignIn)


def read_credential_sign_ins(access: Access, reading: Reading) -> list[CredentialSignIn]:
    """Read the last use of each secret and certificate, by keyId."""
    listed = operation("credential_sign_ins")
    return gather(access, reading, listed, path(listed, top=999), CredentialSignIn)


def read_audit(access: Access, reading: Reading, now: datetime, days: int) -> list[Audited]:
    """Read who created, consented to or gave a secret to an application.

    One question per activity, all in one batch; the log of seven days that every directory keeps
    answers for what is asked beyond it with nothing, so the window is the licence's.
    """
    listed = operation("audit")
    since = f"{now - timedelta(days=days):%Y-%m-%dT%H:%M:%SZ}"
    prefix = f"/{listed.path[1:].partition('/')[0]}"
    asks = {
        activity: path(
            listed,
            top=999,
            filter=f"activityDateTime ge {since} and activityDisplayName eq '{activity}'",
        ).removeprefix(prefix)
        for activity in ACTIVITIES
    }

    def unknown(_: str) -> None:
        reading.mark("not_available", f"{listed.title}: not known here")

    found = related(access, reading, listed, asks, Audited, unknown)
    return [event for some in found.values() for event in some]
