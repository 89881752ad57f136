"""How long the page of a large estate takes to open: 50,000 identities, 200,000 findings.

`python benchmarks/report_html_open.py [FILE]`; without a FILE it writes a page of synthetic tables
first. Opens it five times in a headless Chromium, each time in a new profile, and exits 1 when the
median from navigation to the first usable part (mark `nhiscan-ready`) is two seconds or more.
Needs playwright and a Chromium (named in CHROMIUM, or on the PATH).
"""

import os
import shutil
import statistics
import sys
import time
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from msgspec.structs import replace

IDENTITIES, FINDINGS, CLIENTS = 50_000, 200_000, 40
RUNS = 5
MOST_SECONDS = 2.0
READY = "() => performance.getEntriesByName('nhiscan-ready').length === 1"
# milliseconds since navigation began: the same clock as that of navigation timing
SINCE = "() => performance.getEntriesByName('nhiscan-ready')[0].startTime"


def scattered(value: Any) -> Any:
    """Make ids as random as real ones are: numbers in a row would compress far too well."""
    if isinstance(value, list):
        return [scattered(one) for one in value]
    if not isinstance(value, str) or not value.startswith(("nhi_", "find_")):
        return value
    kind, _, number = value.partition("_")
    return f"{kind}_{sha256(number.encode()).hexdigest()[:20]}"


def write_page(path: Path) -> float:
    """Write a page of synthetic tables; return how long only the writing took, in seconds."""
    sys.path.insert(0, str(Path(__file__).parents[1]))
    from nhiscan_reports.estate import Estate
    from tests.reports.estate.tables import estate

    tables = [
        replace(table, rows=[[scattered(one) for one in row] for row in table.rows])
        for table in estate(IDENTITIES, FINDINGS, CLIENTS)
    ]
    begin = time.monotonic()
    with path.open("wb") as stream:
        Estate().write_all("Large estate", tables, stream)
    return time.monotonic() - begin


def opening(browser: Any, address: str, selector: str | None = None) -> float:
    """Return the seconds from navigation to ready and, with a selector, until that is built."""
    context = browser.new_context()
    try:
        page = context.new_page()
        begin = time.monotonic()
        page.goto(address, wait_until="commit")
        while not page.evaluate(READY):
            page.wait_for_timeout(20)
        if selector is None:
            return float(page.evaluate(SINCE)) / 1000
        page.wait_for_selector(selector)
        return time.monotonic() - begin
    finally:
        context.close()


def measure(path: Path) -> dict[str, list[float]]:
    """Open the page's overview and its largest tables, each several times."""
    from playwright.sync_api import sync_playwright

    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    arguments = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
    address = path.resolve().as_uri()
    found: dict[str, list[float]] = {"overview": [], "findings": [], "identities": []}
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=arguments)
        for _ in range(RUNS):
            found["overview"].append(opening(browser, address))
            for name in ("findings", "identities"):
                seconds = opening(browser, f"{address}#/{name}", f"#grid-{name}[data-built=yes]")
                found[name].append(seconds)
        browser.close()
    return found


def main() -> int:
    """Write the page if none is given, open it, and say how long that took."""
    with TemporaryDirectory(prefix="nhiscan-page-") as folder:
        path = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(folder) / "page.html"
        if len(sys.argv) < 2:
            print(f"written in {write_page(path):.1f} s")
        print(f"{path.stat().st_size / 1e6:.1f} MB")
        found = measure(path)
    for name, seconds in found.items():
        middle = statistics.median(seconds)
        print(f"{name}: median {middle:.2f} s of {RUNS}, most {max(seconds):.2f} s")
    return statistics.median(found["overview"]) >= MOST_SECONDS


if __name__ == "__main__":
    sys.exit(main())
