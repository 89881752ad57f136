"""The first table of a pack: how many of what, so that a reader sees at once where to look."""

from collections import Counter
from collections.abc import Sequence

from nhiscan.pack.render import Sheet
from nhiscan.table import Table

# File of a section -> the column whose values are counted.
_COUNTED = {
    "00-to-decide": "kind",
    "01-totals": "verdict",
    "02-visibility": "verdict",
    "03-coverage": "state",
    "04-owners": "verdict",
    "05-backups": "verdict",
    "06-responsibility": "verdict",
    "07-signoffs": "state",
    "08-custody": "kind",
    "10-operators": "verdict",
    "12-evidence-sla": "state",
    "13-provability": "verdict",
    "15-retention": "state",
    "16-drills": "state",
    "17-forecast": "state",
    "18-monthly-reviews": "state",
    "20-provisioning": "approval",
    "21-approvals": "state",
    "22-revocations": "state",
    "23-monitoring": "state",
    "25-exceptions": "state",
    "26-third-parties": "verdict",
    "27-results": "result",
    "28-findings": "status",
}
NAME = "00-summary"


def summary(sheets: Sequence[Sheet]) -> Sheet:
    """Count the rows of each section by what they say."""
    rows = [
        (sheet.name, sheet.table.title, len(sheet.table.rows), _counted(sheet)) for sheet in sheets
    ]
    columns = ("section", "about", "rows", "of_which")
    return Sheet(name=NAME, table=Table(columns=columns, rows=rows, title="Summary"))


def _counted(sheet: Sheet) -> str:
    column = _COUNTED.get(sheet.name)
    if column is None or column not in sheet.table.columns:
        return ""
    at = sheet.table.columns.index(column)
    counted = Counter(str(row[at] or "not said") for row in sheet.table.rows)
    ordered = sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))
    return ", ".join(f"{number} {what}" for what, number in ordered)
