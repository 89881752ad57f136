"""Reads exceptions.yaml: who accepted which finding, until when, and what is done instead."""

import re
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from msgspec import Struct

from nhiscan.config.fields import Checker
from nhiscan.config.marked import Problems, read
from nhiscan.config.model import Accepted

_RULE = re.compile(r"[A-Z]{2,4}-[0-9]{2}")


class _File(Struct):
    exceptions: list[Any] = []


class _Exception(Struct):
    id: str
    tenant: str
    rule: str
    reason: str
    accepted_by: str
    granted_at: date
    expires_at: date
    identity: str | None = None
    instance: str | None = None
    requested_by: str | None = None
    compensating_control: str | None = None


def read_exceptions(file: Path, tenants: set[str], problems: Problems) -> tuple[Accepted, ...]:
    """Read a file of exceptions; what is wrong is noted in `problems`. No file: nothing accepted.

    Whether the person who accepted may do so is no fault of the file: it is a finding (REV-04).
    """
    marked = read(file, problems) if file.exists() else None
    if marked is None:
        return ()
    checker = Checker(file, problems, file.parent)
    checker.refuse_secrets(marked)
    if checker.struct(marked, _File, "") is None:
        return ()
    listed = marked.value.get("exceptions")
    items = listed.value if listed is not None and isinstance(listed.value, list) else []
    found: list[Accepted] = []
    for index, item in enumerate(items):
        path = f"exceptions[{index}]"
        one = checker.build(item, _Exception, path)
        if one is None:
            continue
        before = len(problems.lines)
        if not _RULE.fullmatch(one.rule):
            checker.note(item.value["rule"], f"{path}.rule", f'"{one.rule}" is no code of a rule')
        if one.tenant not in tenants:
            near = get_close_matches(one.tenant, sorted(tenants), n=1)
            then = f'; did you mean "{near[0]}"?' if near else ""
            checker.note(item.value["tenant"], f"{path}.tenant", f'no tenant "{one.tenant}"{then}')
        if one.expires_at <= one.granted_at:
            checker.note(item.value["expires_at"], f"{path}.expires_at", "not after granted_at")
        if one.id in {other.exception_id for other in found}:
            checker.note(item.value["id"], f"{path}.id", f'"{one.id}" stands above already')
        if len(problems.lines) == before:
            found.append(_accepted(one, file, item.line))
    return tuple(found)


def _accepted(one: _Exception, file: Path, line: int) -> Accepted:
    return Accepted(
        exception_id=one.id,
        tenant_id=one.tenant,
        rule=one.rule,
        identity=one.identity,
        instance_id=one.instance,
        reason=one.reason,
        requested_by=one.requested_by,
        accepted_by=one.accepted_by,
        granted_at=one.granted_at,
        expires_at=one.expires_at,
        compensating_control=one.compensating_control,
        file=str(file),
        line=line,
    )
