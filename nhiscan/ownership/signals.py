"""The signals that say who owns an identity: their weights, half-lives and the thresholds."""

from msgspec import UNSET, Struct
from msgspec.structs import replace

from nhiscan.config.model import Policy, SignalPolicy


class Signal(Struct, frozen=True):
    """One row of governance 3.1. `half_life` is in days; null: the signal does not age.

    Claims of one `origin` about one party are correlated and count once, by the strongest. `role`
    is that of an imported claim which names none; `accountable` is the weight of one that names an
    accountable party where the signal alone speaks of operators.
    """

    code: str
    title: str
    weight: float
    half_life: int | None
    origin: str
    role: str = "operator"
    accountable: float | None = None


SIGNALS = (
    Signal("S1", "attestation", 0.98, 180, "attestation", "accountable"),
    Signal("S2", "register", 0.95, 365, "register", "accountable"),
    Signal("S3", "owner tag", 0.80, 365, "tags", "accountable"),
    Signal("S4", "owner in the directory", 0.65, None, "owners", "accountable"),
    Signal("S5", "sponsor of an agent", 0.85, None, "sponsors", "accountable"),
    Signal("S6", "manager of an owner", 0.30, None, "manager", "backup"),
    Signal("S7", "creator", 0.55, 180, "creation"),
    Signal("S8", "creator of a credential", 0.50, 180, "creation"),
    Signal("S9", "author of its code", 0.45, 365, "code", accountable=0.70),
    Signal("S10", "service catalogue", 0.75, 365, "catalogue", "accountable"),
    Signal("S11", "owner of its vault path", 0.45, None, "vault"),
    Signal("S12", "contact or owner of the account", 0.30, None, "account", "accountable"),
    Signal("S13", "requester under a ticket", 0.60, 365, "request"),
    Signal("S14", "naming convention", 0.25, None, "name"),
    Signal("S15", "owner of a control it operates", 0.60, None, "control", "accountable"),
    Signal("S16", "last person who used it", 0.35, 60, "use"),
    Signal("S17", "owner of the attached workload", 0.55, None, "workload", "accountable"),
    Signal("S18", "grantor of consent", 0.50, 365, "consent"),
    Signal("S19", "assignee of a leaked secret", 0.40, 180, "incident"),
    Signal("S20", "member of a group that manages it", 0.25, None, "group"),
)

# A signal of a provider that this resolver does not know by name: evidence, but no more than that.
OTHER = Signal("other", "other evidence", 0.25, None, "other")

CONTACT_CAP = 0.35  # everything in an account maps to its contacts
TOLERANCE = 1e-9
# What is left of the confidence in an owner whose roster is older than `policy.roster_max_age`.
STALE_ROSTER = 0.9

# How far back logs of creators look by default; CloudTrail holds 90.
CREATORS_DAYS = 90


def signals(policy: Policy) -> tuple[Signal, ...]:
    """Return all signals with the weights and half-lives that `policy` gives them."""
    return (*(_changed(one, policy.signals.get(one.code)) for one in SIGNALS), OTHER)


def thresholds(policy: Policy) -> dict[str, float]:
    """Name every number of the verdicts, for the scripts and for explanations."""
    return {
        "accountable": policy.owner_accountable,
        "suggested": policy.owner_suggested,
        "margin": policy.owner_margin,
        "cap": policy.owner_cap,
        "contact_cap": CONTACT_CAP,
        "stale_roster": STALE_ROSTER,
    }


def _changed(signal: Signal, said: SignalPolicy | None) -> Signal:
    if said is None:
        return signal
    if said.weight is not UNSET:
        # one weight given is meant for every role
        signal = replace(signal, weight=said.weight, accountable=None)
    if said.half_life is not UNSET:
        signal = replace(signal, half_life=said.half_life)
    return signal
