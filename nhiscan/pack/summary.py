"""The first table of a pack: how many of what, so that a reader sees at once where to look."""

from collections import Counter
from collections.abc import Sequence

from nhiscan.pack.render import Sheet
from nhiscan.table import Table

# File of a section -> the column whose values are counted.
_COUNTED = {
    "00-to-decide": "kind",
    "01-totals": "verdict",
    "04-owners": "verdict",
    "05-backups": "verdict",
    "06-responsibility": "verdict",
    "07-signoffs": "state",
    "08-custody": "kind",
    "12-evidence-sla": "state",
    "14-monthly-reviews": "state",
    "16-approvals": "state",
    "17-exceptions": "state",
    "18-third-parties": "verdict",
    "19-results": "result",
    "20-findings": "status",
}
NAME = "00-summary"


def summary(sheets: Sequence[Sheet]) -> Sheet:
    """Count the rows of each section by what they say."""
    rows = [
        (sheet.name, sheet.table.title, len(sheet.table.rows), _counted(sheet)) for sheet in sheets
    ]
    columns = ("section", "about", "rows", "of_which")
    return Sheet(name=NAME, table=Table(columns=columns, rows=rows, title="Summary"))


def _counted(sheet: Sheet) -> list[str]:
    column = _COUNTED.get(sheet.name)
    if column is None or column not in sheet.table.columns:
        return []
    at = sheet.table.columns.index(column)
    counted = Counter(str(row[at] or "not said") for row in sheet.table.rows)
    ordered = sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))
    return [f"{what}: {number}" for what, number in ordered]
