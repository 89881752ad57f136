"""The signals that say who owns an identity: their weights, half-lives and the thresholds."""

from msgspec import Struct


class Signal(Struct, frozen=True):
    """One row of governance 3.1. `half_life` is in days; null: the signal does not age.

    Claims of one `origin` about one party are correlated and count once, by the strongest.
    """

    code: str
    title: str
    weight: float
    half_life: int | None
    origin: str


SIGNALS = (
    Signal("S3", "owner tag", 0.80, 365, "tags"),
    Signal("S4", "owner in the directory", 0.65, None, "owners"),
    Signal("S5", "sponsor of an agent", 0.85, None, "sponsors"),
    Signal("S6", "manager of an owner", 0.30, None, "manager"),
    Signal("S7", "creator", 0.55, 180, "creation"),
    Signal("S8", "creator of a credential", 0.50, 180, "creation"),
    Signal("S12", "contact or owner of the account", 0.30, None, "account"),
    Signal("S13", "requester under a ticket", 0.60, 365, "request"),
    Signal("S18", "grantor of consent", 0.50, 365, "consent"),
)

# A signal of a provider that this resolver does not know by name: evidence, but no more than that.
OTHER = Signal("other", "other evidence", 0.25, None, "other")

ACCOUNTABLE = 0.60  # an owner inferred
SUGGESTED = 0.40  # an owner suggested, a backup, a former owner
MARGIN = 0.15  # two people closer than this are in conflict
CAP = 0.85  # without an attestation or a register nobody is surer than this
CONTACT_CAP = 0.35  # everything in an account maps to its contacts
TOLERANCE = 1e-9

# How far back logs of creators look by default; CloudTrail holds 90.
CREATORS_DAYS = 90


def thresholds() -> dict[str, float]:
    """Name every number of the verdicts, for the scripts and for explanations."""
    return {
        "accountable": ACCOUNTABLE,
        "suggested": SUGGESTED,
        "margin": MARGIN,
        "cap": CAP,
        "contact_cap": CONTACT_CAP,
    }
