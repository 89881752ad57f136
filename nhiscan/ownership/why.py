"""Tells why an identity has its owner: claims, scores, who was rejected, what would settle it."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from msgspec.structs import asdict

from nhiscan.ownership.explain import ownership
from nhiscan.ownership.score import Scored, scored

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Facts = dict[str, Any]


def why(con: "DuckDBPyConnection", identity_id: str, at: datetime) -> Facts:
    """Return the verdict on one identity and everything it rests on, as of the moment `at`."""
    identity, told = ownership(con, identity_id, at)
    claims = told.pop("claims")
    people = scored(claims, told["thresholds"] or {"cap": 1.0, "contact_cap": 1.0})
    facts = ("identity_id", "name", "native_id", "kind", "tenant_id", "account_id", "privilege")
    parties = told.pop("parties")
    found: Facts = {
        "identity": {name: identity[name] for name in facts},
        "verdict": told,
        "people": [
            {"party": parties.get(one.party_id, one.party_id)} | asdict(one) for one in people
        ],
        "rejected": [_rejected(claim, parties) for claim in claims if not _counts(claim)],
        "claims": claims,
    }
    # nobody in particular can say yes for a team
    able = [one for one in people if not one.has_left and _is_person(parties.get(one.party_id))]
    found["next"] = _next(found, able)
    return found


def _is_person(party: Any) -> bool:
    return not isinstance(party, dict) or party["kind"] == "person"


def _counts(claim: Facts) -> bool:
    return bool(claim.get("counts")) and claim.get("employment") != "left"


def _rejected(claim: Facts, parties: Facts) -> Facts:
    party = claim.get("counts_for") or claim["party"]
    reason = claim["outcome"]
    if claim["role"] == "backup" and not reason.startswith(("does not", "no owner", "remembered")):
        reason = f"a backup and no owner: {reason}"
    return {
        "party": parties.get(party, party),
        "reference": claim["reference"],
        "signal": claim["signal"],
        "reason": reason,
    }


def _next(facts: Facts, people: list[Scored]) -> list[str]:
    """List what would settle the question, the cheapest fact first."""
    verdict, identity = facts["verdict"], facts["identity"]["identity_id"]
    status = verdict["status"]
    if status == "platform":
        return ["nothing: the cloud provider runs it"]
    ask = f"nhiscan attest {identity} --owner"
    if status in ("attested", "declared"):
        settled = [f"nothing now; {verdict['would_change']} would change it"]
        owner = _id(verdict["owner"])
        return settled + ([f"a yes of {owner}: `{ask} {owner}`"] if status == "declared" else [])
    if status in ("inferred", "suggested", "conflict"):
        rivals = [_id(party) for party in verdict["candidates"]]
        asked = rivals or [one.party_id for one in people]
        yes = [f"a yes of {party}: `{ask} {party}`" for party in asked[:3]]
        return [*yes, "an owner tag that names one of them"]
    if status == "team_only":
        team = _id(verdict["owner"])
        return [
            f"the lead of {team}: as `manager` of its row in the roster, or `lead` in parties.yaml",
            f"a yes of one of them: `{ask} PERSON`",
        ]
    return _nobody(facts, ask)


def _nobody(facts: Facts, ask: str) -> list[str]:
    """Say what would find an owner where there is none."""
    verdict = facts["verdict"]
    last = verdict["last_known_owner"]
    found = []
    if isinstance(last, dict) and last["manager"]:
        found.append(
            f"an answer of {last['manager']}, who was the manager of {last['party_id']}:"
            f" `{ask} SUCCESSOR`"
        )
    strangers = dict.fromkeys(
        claim["reference"]
        for claim in facts["claims"]
        if claim["party"] is None and "nobody in the roster" in claim["outcome"]
    )
    found += [f"a roster row that explains {name}" for name in list(strangers)[:3]]
    found += [f"reading what was not read: {text}" for text in verdict["unread"][:1]]
    return [*found, "an owner tag that names a person of the roster", f"`{ask} PERSON`"]


def _id(party: Any) -> str | None:
    found: str | None = party["party_id"] if isinstance(party, dict) else party
    return found
