"""Adds a row to exceptions.yaml without touching what stands there, and lists the rows."""

import json
import os
import re
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import structs

from nhiscan.config.exceptions import read_exceptions
from nhiscan.config.marked import Problems
from nhiscan.config.model import Accepted, Config
from nhiscan.errors import UsageError
from nhiscan.spool import sync
from nhiscan.sql.run import run
from nhiscan.table import Table
from nhiscan.text import shortened

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# A character that JSON writes as two escapes.
_PAIR = re.compile(r"\\ud[89ab][0-9a-f]{2}\\ud[c-f][0-9a-f]{2}")
# Field of a row -> key of the file, in the order in which they are written.
_KEYS = {
    "exception_id": "id",
    "tenant_id": "tenant",
    "rule": "rule",
    "identity": "identity",
    "instance_id": "instance",
    "reason": "reason",
    "requested_by": "requested_by",
    "accepted_by": "accepted_by",
    "granted_at": "granted_at",
    "expires_at": "expires_at",
    "compensating_control": "compensating_control",
}


def next_id(config: Config, day: date) -> str:
    """Make an id that no row has: the day and a number."""
    known = {one.exception_id for one in config.exceptions}
    number = 1
    while f"exc-{day:%Y%m%d}-{number}" in known:
        number += 1
    return f"exc-{day:%Y%m%d}-{number}"


def append(config: Config, one: Accepted) -> tuple[Path, Config]:
    """Write a row at the end of the file; return the file, and the configuration with the row.

    The file is replaced as a whole or not at all, and nothing else in it changes. UsageError if no
    file is configured, or if its list is not at its end in a form that can be added to.
    """
    file = config.exceptions_file
    if file is None:
        raise UsageError(
            f"{config.path}: names no file of exceptions",
            hint="add `exceptions: exceptions.yaml` to it",
        )
    known = next((o for o in config.exceptions if o.exception_id == one.exception_id), None)
    if known is not None:
        raise UsageError(
            f"{known.file}:{known.line}: {shortened(one.exception_id, 80)!r} stands there already",
            hint="`nhiscan resolve` judges by it",
        )
    text = file.read_text("utf-8") if file.exists() else "exceptions:\n"
    text = text.replace("exceptions: []", "exceptions:")
    added = f"{text.rstrip()}\n  - {row(one)}\n"
    partial = file.with_name(f".{file.name}.{os.getpid()}.part")
    try:
        partial.write_text(added, "utf-8")
        found = _read(partial, config)
        if [structs.replace(o, file="", line=0) for o in found] != [
            structs.replace(o, file="", line=0) for o in (*config.exceptions, one)
        ]:
            raise UsageError(
                f"{file}: a row cannot be added at its end", hint=f"add it by hand: - {row(one)}"
            )
        sync(partial)
        partial.replace(file)
    except OSError as error:
        raise UsageError(f"{file}: {error.strerror}") from error
    finally:
        partial.unlink(missing_ok=True)
    return file, structs.replace(config, exceptions=_read(file, config))


def _read(file: Path, config: Config) -> tuple[Accepted, ...]:
    problems = Problems()
    found = read_exceptions(file, {tenant.id for tenant in config.tenants}, problems)
    problems.stop()
    return found


def row(one: Accepted) -> str:
    """Write a row as flow YAML; JSON's texts are YAML's, and days stand without quotes."""
    said = {key: getattr(one, field) for field, key in _KEYS.items()}
    parts = [
        f"{key}: {value.isoformat() if isinstance(value, date) else _quoted(value)}"
        for key, value in said.items()
        if value is not None
    ]
    return "{" + ", ".join(parts) + "}"


def _quoted(text: str) -> str:
    """Quote as YAML does: unlike JSON it has one escape for characters beyond the first plane."""
    return _PAIR.sub(_one_escape, json.dumps(text))


def _one_escape(pair: re.Match[str]) -> str:
    character: str = json.loads(f'"{pair[0]}"')
    return f"\\U{ord(character):08x}"


_LIST = """
SELECT tenant_id, exception_id, rule, coalesce(identity_ref, instance_id) AS subject,
    CASE
        WHEN NOT is_entitled THEN 'not theirs to accept'
        WHEN expires_at <= CAST($now AS DATE) THEN 'run out'
        WHEN granted_at > CAST($now AS DATE) THEN 'not yet in force'
        ELSE 'in force'
    END AS state,
    reason, requested_ref AS requested_by, accepted_ref AS accepted_by, accepted_org, granted_at,
    expires_at, compensating_control, file || ':' || line AS stands_in
FROM exceptions
WHERE $tenant IS NULL OR tenant_id = $tenant
ORDER BY tenant_id, expires_at, exception_id
"""


def listed(con: "DuckDBPyConnection", tenant: str | None, now: object) -> Table:
    """List the exceptions as they were read last, with their state at `now`."""
    return run(con, _LIST, {"tenant": tenant, "now": now}, title="Exceptions")
