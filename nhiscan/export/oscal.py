"""OSCAL: assessment results, and a plan of action and milestones, of one client and period."""

import json
from base64 import b64encode
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from nhiscan.errors import UsageError
from nhiscan.export.masked import Reader, text
from nhiscan.export.ocsf_objects import filled, iso
from nhiscan.export.oscal_parts import (
    VERSION,
    Part,
    People,
    Row,
    catalog,
    markup,
    props,
    risk,
    token,
    uuid,
)

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

KINDS = ("assessment-results", "poam")
_OURS = frozenset(
    {"finding_id", "rule", "severity", "status", "remediation", "identity_id", "owner_id"}
    | {"backup_id", "evidence_id", "kind", "sha256", "covers_sha256", "criteria", "responsibility"}
    | {"accountable_id", "approver_id", "signer_id", "custodian_id", "custodian_ids", "party_id"}
)
_NO_PLAN = "No system security plan is kept: the client's control matrix stands for it."


class Oscal:
    """What one document is made of, read as of the moment that the store was opened for."""

    def __init__(
        self,
        con: "DuckDBPyConnection",
        *,
        tenant: str,
        period: tuple[str, datetime, datetime],
        contacts: Sequence[tuple[str, str]] = (),
    ) -> None:
        reader = Reader(con, tenant, contacts)
        self.tenant = tenant
        self.period, self.start, self.end = period
        within: dict[str, Any] = {"ours": _OURS, "start": self.start, "end": self.end}
        self.findings = reader.listed("oscal_findings.sql", **within)
        self.evidence = reader.listed("oscal_evidence.sql", **within)
        self.instances: dict[str, list[Row]] = {}
        for row in reader.listed("oscal_instances.sql", **within):
            self.instances.setdefault(row["instance_id"], []).append(row)
        self._people = People(reader.listed("oscal_people.sql", ours=_OURS))
        scan = con.execute(
            "SELECT scan_id, finished_at FROM scans ORDER BY started_at DESC, scan_id LIMIT 1"
        ).fetchone()
        if scan is None:
            raise UsageError("the store has no scan", hint="run `nhiscan scan` first")
        self._scan_id, self._scanned_at = str(scan[0]), scan[1]
        gaps = con.execute(text("coverage.sql"), {"tenants": [tenant]}).fetchall()
        self._unread = [f"{row[1]} {row[3]}: {row[4]}" for row in gaps]
        self._titles = dict(con.execute("SELECT control_id, title FROM controls").fetchall())
        self._scan = uuid("scan", tenant, self._scan_id)

    def document(self, kind: str) -> bytes:
        """Return the document; the same store and period give the same bytes."""
        made = self._results() if kind == "assessment-results" else self._plan()
        return json.dumps(made, indent=1, ensure_ascii=True).encode("ascii") + b"\n"

    def _results(self) -> Part:
        found = [self._finding(rows) for rows in self.instances.values()]
        risks = [risk(row, self._people, self._scan) for row in self.findings]
        name = f"{self.tenant}, {self.period}"
        result = {
            "uuid": uuid("result", self.tenant, self.period, self._scan_id),
            "title": f"Automation identities of {name}",
            "description": "What scans and the ledger of evidence show of each control instance.",
            "start": iso(self.start),
            # Nothing is known of what comes after the scan.
            "end": iso(max(self.start, min(self.end, self._scanned_at))),
            "reviewed-controls": self._reviewed(),
            **filled(attestations=self._attestations()),
            "observations": self._observations(),
            **filled(risks=risks, findings=found),
        }
        plan = uuid("plan", self.tenant, self.period)
        return {
            "assessment-results": {
                "uuid": uuid("results", self.tenant, self.period, self._scan_id),
                "metadata": self._metadata(f"Assessment results, {name}", self._people.metadata()),
                "import-ap": {"href": f"#{plan}"},
                "results": [result],
                "back-matter": {"resources": self._resources(plan)},
            }
        }

    def _plan(self) -> Part:
        open_ones = [row for row in self.findings if row["status"] != "resolved"]
        if not open_ones:
            raise UsageError(
                f"nothing of {self.tenant} is open in {self.period}: there is nothing to plan",
                hint="OSCAL has no empty plan; `--kind assessment-results` tells what was tested",
            )
        risks = [risk(row, self._people, self._scan) for row in open_ones]
        items = [
            {
                "uuid": uuid("item", row["finding_id"]),
                "title": markup(row["title"]),
                "description": markup(row["remediation"] or row["title"]),
                "props": props(finding_id=row["finding_id"], rule=row["rule"]),
                "related-observations": [{"observation-uuid": self._scan}],
                "related-risks": [{"risk-uuid": uuid("risk", row["finding_id"])}],
            }
            for row in open_ones
        ]
        title = f"Plan of action, {self.tenant}, {self.period}"
        return {
            "plan-of-action-and-milestones": {
                "uuid": uuid("poam", self.tenant, self.period, self._scan_id),
                "metadata": self._metadata(title, self._people.metadata()),
                "system-id": {
                    "identifier-type": "https://ietf.org/rfc/rfc4122",
                    "id": uuid("tenant", self.tenant),
                },
                "observations": [self._of_scan()],
                "risks": risks,
                "poam-items": items,
            }
        }

    def _metadata(self, title: str, people: Part) -> Part:
        """Describe a document; it is as old and as new as the scan."""
        return {
            "title": title,
            "last-modified": iso(self._scanned_at),
            "version": self._scan_id,
            "oscal-version": VERSION,
            **people,
        }

    def _criteria(self) -> dict[str, str]:
        named = {one for rows in self.instances.values() for one in rows[0]["criteria"]}
        return {one: self._titles.get(one, one) for one in sorted(named)}

    def _reviewed(self) -> Part:
        """Select the criteria of the instances; without any instance no control was reviewed."""
        chosen = [{"control-id": token(one)} for one in self._criteria()]
        selection = {"include-controls": chosen} if chosen else {"description": "none"}
        return {"control-selections": [selection]}

    def _finding(self, rows: Sequence[Row]) -> Part:
        """Write the verdict on an instance; OSCAL's two states have no unknown, its reasons do."""
        row = rows[0]
        instance = row["instance_id"]
        against = [one for one in self.findings if one["instance_id"] == instance]
        state, reason, remarks = _verdict(against, row["unread"] or [])
        self._name(row)
        observed = [{"observation-uuid": self._scan}] + [
            {"observation-uuid": uuid("evidence", piece["evidence_id"])}
            for piece in self.evidence
            if piece["instance_id"] == instance
        ]
        return {
            "uuid": uuid("finding", self.tenant, instance),
            "title": markup(instance),
            "description": markup(row["statement"] or instance),
            "props": props(
                instance_id=instance,
                criteria=" ".join(row["criteria"]),
                responsibility=row["responsibility"],
                owner=self._people.known(row["accountable_id"]),
                backup=self._people.known(row["backup_id"]),
                custodians=" ".join(
                    one for one in row["custodian_ids"] or [] if self._people.known(one)
                ),
            ),
            "target": {
                "type": "objective-id",
                "target-id": token(instance),
                "status": {"state": state, "reason": reason, **filled(remarks=remarks)},
            },
            "related-observations": observed,
            **filled(
                **{
                    "related-risks": [
                        {"risk-uuid": uuid("risk", one["finding_id"])} for one in against
                    ]
                }
            ),
        }

    def _name(self, row: Row) -> None:
        """Note who has which part in an instance."""
        for role, party in (
            ("owner", row["accountable_id"]),
            ("backup", row["backup_id"]),
            ("approver", row["approver_id"]),
            *(("custodian", one) for one in row["custodian_ids"] or []),
        ):
            self._people.named(role, party)

    def _observations(self) -> list[Part]:
        return [self._of_scan(), *(self._of_piece(row) for row in self.evidence)]

    def _of_scan(self) -> Part:
        told = "; ".join(self._unread) or "nothing that it should have read"
        return {
            "uuid": self._scan,
            "title": f"Scan {self._scan_id}",
            "description": markup(f"What the scan read of the client. Not read: {told}"),
            "methods": ["TEST"],
            "types": ["discovery"],
            "collected": iso(self._scanned_at),
        }

    def _of_piece(self, row: Row) -> Part:
        self._people.named("custodian", row["custodian_id"])
        lacking = "; ".join(row["incomplete"] or [])
        told = f"{row['kind']}: {row['name'] or row['evidence_id']}"
        # Only a plain reference: what somebody wrote as a place may be no URI.
        href = row["place"] or ""
        is_uri = href.isascii() and href.isprintable() and " " not in href
        return {
            "uuid": uuid("evidence", row["evidence_id"]),
            "title": markup(told),
            "description": markup(f"{told}. Not in it: {lacking}" if lacking else told),
            "props": props(
                evidence_id=row["evidence_id"],
                instance_id=row["instance_id"],
                period_start=iso(row["period_start"]),
                period_end=iso(row["period_end"]),
                custodian=self._people.known(row["custodian_id"]),
            ),
            "methods": ["EXAMINE"],
            "types": ["discovery"],
            "relevant-evidence": [
                {
                    **({"href": href} if href and is_uri else {}),
                    "description": markup(told),
                    "props": props(sha256=row["sha256"]),
                }
            ],
            "collected": iso(row["collected_at"]),
        }

    def _attestations(self) -> list[Part]:
        """Write each signature, and whether it still covers the text."""
        made = []
        for rows in self.instances.values():
            for row in rows:
                if row["signed_at"] is None:
                    continue
                covers = "the text as it is" if row["is_current"] else "a text that has changed"
                said = f"{row['instance_id']} was signed on {row['signed_at']}; it covers {covers}."
                part: Part = {"name": "assertion", "prose": markup(said)}
                part |= {"props": props(covers_sha256=row["covers_sha256"])}
                responsible = self._people.named("signatory", row["signer_id"])
                made.append(filled(**{"responsible-parties": responsible}) | {"parts": [part]})
        return made

    def _resources(self, plan: str) -> list[Part]:
        """Carry the plan and the catalogue that the document rests on within it."""
        about = self._metadata(f"Assessment plan, {self.tenant}, {self.period}", {})
        system = uuid("system", self.tenant)
        minimal = {
            "assessment-plan": {
                "uuid": plan,
                "metadata": about,
                "import-ssp": {"href": f"#{system}"},
                "reviewed-controls": self._reviewed(),
                "back-matter": {"resources": [{"uuid": system, "description": _NO_PLAN}]},
            }
        }
        carried = [_carried(plan, "assessment-plan.json", minimal)]
        criteria = self._criteria()
        if criteria:
            objectives = {name: rows[0]["criteria"][0] for name, rows in self.instances.items()}
            made = catalog(criteria, objectives, about)
            carried.append(_carried(made["catalog"]["uuid"], "catalog.json", made))
        return carried


def _verdict(against: Sequence[Row], unread: Sequence[str]) -> tuple[str, str, str | None]:
    """Judge an instance: what was not read is never a pass."""
    failed = sorted({row["rule"] for row in against if row["status"] in ("open", "accepted")})
    unsure = sorted({row["rule"] for row in against if row["status"] == "unknown"})
    if failed:
        return "not-satisfied", "fail", f"Against it: {', '.join(failed)}"
    if unsure:
        return "not-satisfied", "other", f"Unknown, for not all was read: {', '.join(unsure)}"
    if unread:
        told = "; ".join(unread)
        return "not-satisfied", "other", markup(f"Unknown. Not read where it is operated: {told}")
    return "satisfied", "pass", None


def _carried(key: str, filename: str, content: Part) -> Part:
    value = b64encode(json.dumps(content, indent=1).encode("ascii")).decode("ascii")
    told = {"filename": filename, "media-type": "application/json", "value": value}
    return {"uuid": key, "title": filename, "base64": told}
