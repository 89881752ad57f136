"""Writes findings as OCSF events: 2003 or 2004 for each, 2008 for those about rights."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from nhiscan.export.ocsf_objects import (
    SEVERITIES,
    Event,
    Row,
    account,
    cloud,
    filled,
    head,
    iso,
    metadata,
    ms,
    party,
    region,
    user,
)
from nhiscan.sql.library import Query

COMPLIANCE = (2003, "Compliance Finding")
DETECTION = (2004, "Detection Finding")
ANALYSIS = (2008, "IAM Analysis Finding")
STANDARDS = {
    "soc2": "SOC 2",
    "csf": "NIST CSF 2.0",
    "owasp_nhi": "OWASP NHI Top 10 2025",
    "nist_800_53": "NIST SP 800-53 r5",
    "iso_27001": "ISO/IEC 27001:2022",
    "cis": "CIS Controls 8.1",
    "ai_rmf": "NIST AI RMF 1.0",
}
# Families of rules that judge what an identity may do, or who may act as it.
RIGHTS = ("PRV-", "SHR-")
# The state of the finding, and what it means for the control: a risk that was accepted still fails,
# and what was not read this time is neither pass nor fail.
_STATES = {
    "open": ((1, "New"), (3, "Fail")),
    "accepted": ((3, "Suppressed"), (3, "Fail")),
    "resolved": ((4, "Resolved"), (1, "Pass")),
    "unknown": ((0, "Unknown"), (0, "Unknown")),
}
_PRIORITIES = {
    "info": (1, "Low"),
    "low": (1, "Low"),
    "medium": (2, "Medium"),
    "high": (3, "High"),
    "critical": (4, "Critical"),
}


class Rules:
    """What the library says of each rule, and the thresholds that its query takes."""

    def __init__(self, queries: Mapping[str, Query], policy: Mapping[str, Any]) -> None:
        self._policy = policy
        self._queries: dict[str, list[Query]] = {}
        self._parameters: dict[str, list[Event]] = {}
        for query in queries.values():
            if query.rule:
                self._queries.setdefault(query.rule, []).append(query)

    def title(self, rule: str) -> str:
        """Return the title of the first query of a rule; the rule's code if there is none."""
        return next((query.title for query in self._queries.get(rule, [])), rule)

    def why(self, rule: str) -> str | None:
        """Return why a rule matters."""
        return next((query.why for query in self._queries.get(rule, [])), None)

    def parameters(self, rule: str) -> list[Event]:
        """List the thresholds that decide, as the policy has them now."""
        if rule not in self._parameters:
            sql = " ".join(query.sql for query in self._queries.get(rule, []))
            self._parameters[rule] = [
                {"name": name, "value": str(value)}
                for name, value in sorted(self._policy.items())
                if re.search(rf"\${name}\b", sql)
            ]
        return self._parameters[rule]


def events(row: Row, rules: Rules, *, is_detection: bool) -> Iterator[Event]:
    """Write one finding: as a compliance or a detection finding, and as an analysis of rights."""
    frameworks = _frameworks(row)
    if is_detection:
        yield _event(row, rules, DETECTION) | filled(
            is_alert=_activity(row)[0] == 1,
            resources=_resources(row),
            evidences=_evidences(row),
            unmapped=_unmapped(row, frameworks=frameworks),
        )
    else:
        yield _event(row, rules, COMPLIANCE) | filled(
            compliance=_compliance(row, rules, frameworks),
            resources=_resources(row),
            evidences=_evidences(row),
            unmapped=_unmapped(row),
        )
    if row["identity_id"] is not None and row["rule"].startswith(RIGHTS):
        yield _event(row, rules, ANALYSIS) | filled(
            user=user(row),
            **_analyses(row),
            unmapped=_unmapped(row, frameworks=frameworks, facts=_facts(row)),
        )


def _event(row: Row, rules: Rules, kind: tuple[int, str]) -> Event:
    """Write what findings of every class have; the incident profile only where it has an owner."""
    activity = _activity(row)
    severity = SEVERITIES[row["severity"]]
    status = _STATES[row["status"]][0]
    routed = {} if row["owner_id"] is None else _incident(row)
    moment = {1: "first_seen", 2: "last_seen", 3: "changed_at"}[activity[0]]
    when = ms(row[moment] or row["last_seen"])
    uid = f"{row['finding_id']}:{kind[0]}:{when}"
    return (
        head(*kind, activity)
        | {"severity_id": severity[0], "severity": severity[1], "time": when}
        | {"status_id": status[0], "status": status[1], "message": row["title"]}
        | {"metadata": metadata(row, uid, *(["incident"] if routed else []))}
        | cloud(row)
        | routed
        | {"finding_info": _info(row, rules)}
        | filled(remediation=filled(desc=row["remediation"]))
    )


def _activity(row: Row) -> tuple[int, str]:
    if row["status"] == "resolved":
        return 3, "Close"
    return (1, "Create") if row["first_seen"] == row["last_seen"] else (2, "Update")


def _incident(row: Row) -> Event:
    owner = party(row)
    priority = _PRIORITIES[row["severity"]]
    routed: Event = {"priority_id": priority[0], "priority": priority[1]}
    if row["owner_kind"] in ("team", "mailbox"):
        group = filled(uid=row["owner_id"], name=row["owner_name"], type=row["owner_kind"])
        return routed | {"assignee_group": group}
    return routed | {"assignee": owner}


def _info(row: Row, rules: Rules) -> Event:
    rule = row["rule"]
    return filled(
        uid=row["finding_id"],
        title=row["title"],
        desc=rules.why(rule),
        types=[rule],
        analytic={"uid": rule, "name": rules.title(rule), "type_id": 1, "type": "Rule"},
        created_time=ms(row["first_seen"]),
        first_seen_time=ms(row["first_seen"]),
        last_seen_time=ms(row["last_seen"]),
        modified_time=ms(row["changed_at"]),
    )


def _frameworks(row: Row) -> dict[str, list[str]]:
    found = row["frameworks"]
    return found if isinstance(found, dict) else {}


def _compliance(row: Row, rules: Rules, frameworks: Mapping[str, list[str]]) -> Event:
    status = _STATES[row["status"]][1]
    standards = [STANDARDS.get(name, name) for name in frameworks]
    first = frameworks.get("soc2") or next(iter(frameworks.values()), [])
    rule = row["rule"]
    return filled(
        control=", ".join(one.rstrip("~") for one in first),
        standards=standards,
        requirements=[
            f"{STANDARDS.get(name, name)} {_named(one)}"
            for name, ids in frameworks.items()
            for one in ids
        ],
        control_parameters=rules.parameters(rule),
        checks=[
            filled(uid=rule, name=rules.title(rule), standards=standards)
            | {"status_id": status[0], "status": status[1]}
        ],
        status=status[1],
        status_details=[f"not read: {source}" for source in row["unread"] or []],
    ) | {"status_id": status[0]}


def _named(criterion: str) -> str:
    """Say in words that a finding only contributes to a criterion (governance 2.3, `~`)."""
    return f"{criterion[:-1]} (contributing)" if criterion.endswith("~") else criterion


def _resources(row: Row) -> list[Event]:
    """List what it is about: the identity, the control instance, else the account."""
    owner = party(row)
    found = []
    if row["identity_id"] is not None:
        found.append(
            filled(
                uid=row["identity"] or row["identity_id"],
                uid_alt=row["identity_id"],
                name=row["name"],
                type=row["native_type"] or row["kind"],
                owner=owner,
                region=region(row),
                cloud_partition=_partition(row),
            )
        )
    if row["instance_id"] is not None:
        uid = row["instance_id"]
        found.append(filled(uid=uid, name=uid, type="control instance", owner=owner))
    if not found and row["account"]:
        where = account(row) or {}
        kind = where.get("type")
        found.append(filled(uid=row["account"], name=row["account_name"], type=kind))
    return [one | {"role_id": 1, "role": "Target"} for one in found]


def _partition(row: Row) -> str | None:
    """Read the partition from an ARN; the other platforms' ids do not tell it."""
    parts = (row["identity"] or "").split(":")
    return parts[1] if row["provider"] == "aws" and parts[0] == "arn" and parts[1] else None


def _evidences(row: Row) -> list[Event]:
    """List the facts that it rests on, then what the ledger keeps for its control instance."""
    found = [{"uid": row["finding_id"], "name": "facts", "data": _facts(row)}]
    for piece in row["pieces"] or []:
        period = filled(start=iso(piece["period_start"]), end=iso(piece["period_end"]))
        data = filled(
            sha256=piece["sha256"], uri=piece["uri"], custodian=piece["custodian"], period=period
        )
        found.append({"uid": piece["uid"], "name": piece["name"], "data": data})
    return [one for one in found if one["data"]]


def _facts(row: Row) -> Any:
    evidence = row["evidence"]
    if not isinstance(evidence, dict):
        return evidence
    return {key: evidence[key] for key in ("facts", "rests_on", "would_change") if key in evidence}


def _analyses(row: Row) -> Event:
    """Write what was analysed: the use, for PRV the rights, for SHR who else may act as it."""
    facts = (row["evidence"] or {}).get("facts") if isinstance(row["evidence"], dict) else None
    facts = facts if isinstance(facts, dict) else {}
    made: Event = {
        "identity_activity_metrics": filled(
            first_seen_time=ms(row["created_at"] or row["identity_first_seen"]),
            last_seen_time=ms(row["last_used_at"]),
        )
    }
    rights = [*_texts(facts, "permissions"), *_texts(facts, "actions"), *_texts(facts, "paths")]
    policies = [*_texts(facts, "policies"), *_texts(facts, "roles")]
    if row["rule"].startswith("PRV-") and (rights or policies):
        policy = {"name": ", ".join(policies)} if policies else None
        made["permission_analysis_results"] = [filled(policy=policy, granted_privileges=rights)]
    accessors = [*_texts(facts, "principals"), *_texts(facts, "used_by")]
    if row["rule"].startswith("SHR-") and accessors:
        made["access_analysis_result"] = filled(
            access_type="Public" if "*" in accessors else "Cross-Account",
            access_level=row["privilege"],
            accessors=[{"uid": one, "type_id": 0, "type": "Unknown"} for one in accessors],
        )
    return made


def _texts(facts: Mapping[str, Any], name: str) -> list[str]:
    found = facts.get(name)
    return [str(one) for one in found] if isinstance(found, list) else []


def _unmapped(row: Row, **more: Any) -> Event:
    """Keep what OCSF has no attribute for; the confidence is that of the owner, not the finding."""
    kept = filled(
        finding_id=row["finding_id"],
        rule=row["rule"],
        identity_id=row["identity_id"],
        instance_id=row["instance_id"],
        credential_id=row["credential_id"],
        status=row["status"],
        due_at=iso(row["due_at"]),
        owner_id=row["owner_id"],
        owner_status=row["owner_status"],
        owner_confidence=row["owner_confidence"],
        backup_id=row["backup_id"],
        unread=row["unread"],
        pieces_of_evidence=row["pieces_count"],
        **more,
    )
    return {"nhiscan": kept}
