"""The page in a real browser: it asks for nothing, runs nothing of others, and shows what is so."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import networkx as nx
import pytest

from nhiscan.table import Table
from nhiscan_reports.estate import Estate
from tests.reports.estate.conftest import Page, until
from tests.reports.estate.tables import EVIL, SEVERITIES, estate

pytestmark = pytest.mark.slow
TABLES = {table.name: table for table in estate(60, 300)}
Open = Callable[..., Page]
WALK = """([a, b]) => {
    const found = nhi.findPath(a, b, false);
    return found && found.map((step) => [step.source, step.target]);
}"""


def dicts(name: str, tables: dict[str, Table] = TABLES) -> list[dict[str, Any]]:
    return [dict(zip(tables[name].columns, row, strict=True)) for row in tables[name].rows]


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "estate.html"
    with path.open("wb") as stream:
        Estate().write_all(f"Northwind {EVIL}", list(TABLES.values()), stream)
    return path


@pytest.fixture
def opened(browser: Any, file: Path) -> Iterator[Open]:
    pages: list[Page] = []

    def make(**options: Any) -> Page:
        context = browser.new_context(**{"viewport": {"width": 1300, "height": 900}, **options})
        pages.append(Page(context.new_page(), file))
        return pages[-1]

    yield make
    for one in pages:
        assert one.faults == []
        assert {url.split("#")[0] for url in one.requests} <= {f"file://{file}"}
        one.page.context.close()


PAGES = ("", "findings", "identities", "owners", "controls", "sharing", "path", "coverage")


def test_every_part_opens_without_an_error_or_a_request(opened: Open) -> None:
    one = opened()
    for address in (*PAGES, "identity/nhi_" + f"{7:020x}", "identity/none"):
        page = one.go(address)
        assert page.locator("main").inner_text()


def test_numbers_of_the_heat_map_are_those_of_the_findings(opened: Open) -> None:
    page = opened().go()
    shown: dict[tuple[str, str], int] = {}
    for row in page.locator(".heat tbody tr").all():
        for cell in row.locator("a[data-n]").all():
            family = re.search(r"family=(\w+)", cell.get_attribute("href"))
            assert family is not None
            shown[row.get_attribute("data-tenant"), family[1]] = int(cell.get_attribute("data-n"))
    counted: dict[tuple[str, str], int] = {}
    for one in dicts("findings"):
        key = (one["tenant_id"], one["rule"].split("-")[0])
        counted[key] = counted.get(key, 0) + 1
    assert shown == counted
    # of a client that was not read whole every number is a lower bound, and none is a plain zero
    text = page.locator('tr[data-tenant="client-001"]').inner_text()
    assert "≥" in text
    assert not re.search(r"(^|\t)0(\t|$)", text)


def test_a_client_that_was_never_read_is_no_clean_one(opened: Open) -> None:
    page = opened().go()
    cells = page.locator('tr[data-tenant="client-never"] td').all_inner_texts()
    assert cells == ["?"] * 6 + ["? never read"]
    assert "No account was ever read of client-never" in page.locator(".note").inner_text()


def active(page: Any, name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = page.evaluate(
        "name => nhi.grids[name].getData('active').map(({finding_id, severity, title}) =>"
        " ({finding_id, severity, title}))",
        name,
    )
    return found


def test_filters_give_the_rows_that_python_gives(opened: Open) -> None:
    page = opened().grid("findings", "findings")
    assert len(active(page, "findings")) == 300
    page.fill(".search", "client-002 own-01")
    wanted = {
        one["finding_id"]
        for one in dicts("findings")
        if one["tenant_id"] == "client-002" and one["rule"] == "OWN-01"
    }
    until(page, f"nhi.grids.findings.getDataCount('active') === {len(wanted)}")
    assert {one["finding_id"] for one in active(page, "findings")} == wanted
    page.fill(".search", "")
    page.locator('.tabulator-col[tabulator-field="title"] input').press_sequentially("SVC-00007")
    wanted = {one["finding_id"] for one in dicts("findings") if "svc-00007" in one["title"]}
    until(page, f"nhi.grids.findings.getDataCount('active') === {len(wanted)}")
    assert {one["finding_id"] for one in active(page, "findings")} == wanted
    assert "of 300 rows" in page.locator(".count").inner_text()


def test_sorting_by_severity_is_by_weight_and_told_to_screen_readers(opened: Open) -> None:
    page = opened().grid("findings", "findings")
    order = [SEVERITIES.index(one["severity"]) for one in active(page, "findings")]
    assert order == sorted(order)
    head = page.locator('.tabulator-col[tabulator-field="severity"]')
    assert head.get_attribute("aria-sort") == "descending"
    # the second click after that of the worst first is the least first
    head.locator(".tabulator-col-title").click()
    head.locator(".tabulator-col-title").click()
    until(page, "nhi.grids.findings.getData('active')[0].severity === 'info'")
    order = [SEVERITIES.index(one["severity"]) for one in active(page, "findings")]
    assert order == sorted(order, reverse=True)


def test_a_link_of_the_heat_map_leads_to_its_findings_and_back(opened: Open) -> None:
    one = opened()
    page = one.go()
    cell = page.locator('tr[data-tenant="client-003"] a[data-n]').first
    many = int(cell.get_attribute("data-n"))
    cell.click()
    page.wait_for_selector("#grid-findings[data-built=yes]")
    assert len(active(page, "findings")) == many
    page.go_back()
    page.wait_for_selector(".heat")


def test_a_hostile_name_is_text(opened: Open) -> None:
    page = opened().go("identity/nhi_" + f"{7:020x}")
    name = page.locator("h2.name").inner_text()
    assert name.startswith("<img src=x onerror=alert(1)></script><script>alert(2)</script>\\u202e")
    assert "\\u001b[31m" in name
    assert page.locator("main img, main script").count() == 0
    for address in ("identities", "sharing"):
        page = opened().go(address)
        page.wait_for_timeout(300)
        assert page.locator("main img, main script").count() == 0


def test_the_sharing_picture_is_the_table(opened: Open) -> None:
    page = opened().go("sharing")
    edges = page.eval_on_selector_all(
        "#sharing-picture .edge",
        "all => all.map(e => [e.dataset.level, e.dataset.key, e.dataset.tenant,"
        " e.classList.contains('sanctioned')])",
    )
    wanted = [
        [one["level"], one["key"], tenant, one["sanctioned"]]
        for one in dicts("shared")
        for tenant in one["tenant_ids"]
    ]
    assert sorted(edges) == sorted(wanted)
    nodes = page.eval_on_selector_all(
        "#sharing-picture .node[data-key]", "all => all.map(e => e.dataset.key)"
    )
    assert sorted(nodes) == sorted(one["key"] for one in dicts("shared"))


def test_paths_are_the_shortest(opened: Open) -> None:
    graph: nx.DiGraph[str] = nx.DiGraph(
        (one["source_id"], one["target_id"]) for one in dicts("steps")
    )
    page = opened().go("path")
    ids = [one["identity_id"] for one in dicts("identities")][:12]
    for start in ids:
        for end in ids:
            found = page.evaluate(WALK, [start, end])
            if start not in graph or end not in graph or not nx.has_path(graph, start, end):
                assert found is None or start == end
                continue
            assert len(found) == nx.shortest_path_length(graph, start, end)
            assert all(graph.has_edge(*step) for step in found)
    source, target = next((s, t) for s, t in graph.edges if s != t)
    page = opened().go(f"path?from={source}&to={target}")
    assert page.locator("#path-picture .node").count() == 2
    assert page.locator("ol.steps li").count() == 1


def test_the_keyboard_reaches_everything(opened: Open) -> None:
    page = opened().grid("identities", "identities")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.className") == "search"
    page.keyboard.press("Escape")
    page.locator(".tabulator-row").first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_selector("h2.name")
    page.keyboard.press("Escape")
    page.wait_for_selector("#grid-identities")


def test_rows_leave_as_csv_that_no_spreadsheet_runs(opened: Open) -> None:
    page = opened().grid("identities", "identities")
    page.fill(".search", "svc-00012")
    until(page, "nhi.grids.identities.getDataCount('active') === 1")
    with page.expect_download() as saving:
        page.click("button.csv")
    lines = Path(saving.value.path()).read_text().splitlines()
    assert len(lines) == 2
    assert lines[1].startswith("svc-00012,client-002,")
    cells = page.evaluate("['=1+1', '-5', '-x', '@a', 'a,b', '\\t'].map(nhi.csvCell)")
    assert cells == ["'=1+1", "-5", "'-x", "'@a", '"a,b"', "'\t"]


def test_a_head_sorts_with_the_keyboard(opened: Open) -> None:
    page = opened().grid("identities", "identities")
    head = page.locator('.tabulator-col[tabulator-field="name"]')
    head.focus()
    page.keyboard.press("Enter")
    until(page, "nhi.grids.identities.getSorters().length === 1")
    assert head.get_attribute("aria-sort") in ("ascending", "descending")
    page.locator(".search").focus()
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.classList.contains('tabulator-row')")


def test_the_picture_around_an_identity_is_its_steps(opened: Open) -> None:
    steps = {(one["source_id"], one["target_id"]) for one in dicts("steps")}
    for identity in [one["identity_id"] for one in dicts("identities")][:8]:
        page = opened().go(f"identity/{identity}")
        near = page.eval_on_selector_all(".step", "all => all.map(one => one.dataset.id)")
        into = [source for source, target in steps if target == identity and source != identity]
        out = [target for source, target in steps if source == identity and target != identity]
        assert sorted(near) == sorted(into + out)


def test_a_long_text_is_there_whole_in_a_box_that_scrolls(opened: Open) -> None:
    page = opened().go("identity/nhi_" + f"{7:020x}")
    boxes = page.locator(".time .clip").all()
    assert len(boxes) == 3
    assert "x" * 10_000 in boxes[0].inner_text()
    assert boxes[0].bounding_box()["height"] < 200


def test_a_finding_of_no_identity_has_a_page(opened: Open) -> None:
    one = next(row for row in dicts("findings") if row["identity_id"] is None)
    page = opened().go(f"finding/{one['finding_id']}")
    text = page.locator("main").inner_text()
    assert one["title"] in text
    assert "client-000/CC6.1" in text


def test_no_way_is_told_with_what_was_not_read(opened: Open) -> None:
    graph: nx.DiGraph[str] = nx.DiGraph(
        (one["source_id"], one["target_id"]) for one in dicts("steps")
    )
    ids = [one["identity_id"] for one in dicts("identities")]
    start = ids[1]
    assert start not in graph or not graph.out_degree(start)
    text = opened().go(f"path?from={start}&to={ids[2]}").locator("#path-result").inner_text()
    assert "No way was found" in text
    assert "Not everything was read" in text


def test_the_worst_are_the_worst(opened: Open) -> None:
    page = opened().go()
    shown = page.locator("section[aria-labelledby=h-the-worst] td .sev").all_inner_texts()
    assert shown == ["C critical"] * 15


def test_the_trend_marks_the_scan_that_did_not_read_all(opened: Open) -> None:
    page = opened().go()
    assert page.locator(".mark-incomplete").count() == 1
    assert page.locator(".mark-complete").count() == 9


def test_a_browser_that_cannot_unpack_shows_the_summary(opened: Open) -> None:
    one = opened()
    one.page.add_init_script("delete window.DecompressionStream")
    one.page.goto(f"file://{one.file}")
    text = one.page.locator("#static").inner_text()
    assert "too old to unpack" in text
    assert "client-001" in text


def test_a_large_picture_of_sharing_shows_a_hundred_and_says_how_many_more(
    browser: Any, tmp_path: Path
) -> None:
    rows = [
        {"level": "trust", "key": f"k{n}", "identity_ids": [], "tenant_ids": ["a", "b"],
         "sanctioned": False, "title": f"thing {n}", "relation": "msp"}
        for n in range(130)
    ]  # fmt: skip
    columns = tuple(rows[0])
    shared = Table(
        name="shared", columns=columns, rows=[[one[name] for name in columns] for one in rows]
    )
    path = tmp_path / "many.html"
    with path.open("wb") as stream:
        Estate().write_all("many", [shared], stream)
    one = Page(browser.new_page(), path)
    assert "No scan is on record" in one.go().locator(".note").inner_text()
    page = one.go("sharing")
    assert page.locator("#sharing-picture .node[data-key]").count() == 100
    assert "30 more" in page.locator("main").inner_text()
    assert one.faults == []
    page.close()


def test_print_holds_the_columns_that_were_chosen(opened: Open) -> None:
    page = opened().grid("findings", "findings")
    page.locator(".chooser summary").click()
    page.locator(".chooser label", has_text="Owner").locator("input").uncheck()
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    heads = page.locator(".printed th").all_inner_texts()
    assert "What" in heads
    assert "Owner" not in heads


def test_escape_on_the_first_page_leads_to_the_overview(opened: Open) -> None:
    page = opened().go("identity/nhi_" + f"{3:020x}")
    page.keyboard.press("Escape")
    page.wait_for_selector(".heat")


def test_the_theme_can_be_switched(opened: Open) -> None:
    page = opened(color_scheme="light").go()
    ground = "getComputedStyle(document.body).backgroundColor"
    before = page.evaluate(ground)
    page.click("#theme")
    assert page.evaluate(ground) != before
    page.click("#theme")
    assert page.evaluate(ground) == before


def test_print_holds_the_rows_and_no_tools(opened: Open) -> None:
    page = opened().grid("findings", "findings")
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator(".printed tbody tr").count() == 200
    assert "first 200 of 300" in page.locator(".printed").inner_text()
    assert not page.locator("nav").is_visible()
    assert page.locator(".printed table").is_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_its_ground(opened: Open, scheme: str) -> None:
    page = opened(color_scheme=scheme).go()
    colours = page.evaluate(
        "() => { const s = getComputedStyle(document.body);"
        " const v = n => getComputedStyle(document.documentElement).getPropertyValue(n).trim();"
        " const d = document.createElement('i'); document.body.append(d);"
        " const rgb = c => { d.style.color = c; return getComputedStyle(d).color; };"
        " return ['--fore', '--soft', '--link', '--critical', '--high', '--medium', '--low',"
        " '--doubt'].map(n => [n, rgb(v(n)), rgb(v('--back'))]); }"
    )
    for name, front, back in colours:
        assert contrast(front, back) >= 4.5, name


def contrast(front: str, back: str) -> float:
    """Return the contrast of two colours (WCAG 2.2, relative luminance)."""

    def light(colour: str) -> float:
        parts = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
        red, green, blue = (
            part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
        )
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    high, low = sorted((light(front), light(back)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_without_scripts_there_is_a_summary(opened: Open) -> None:
    one = opened(java_script_enabled=False)
    one.page.goto(f"file://{one.file}")
    text = one.page.locator("#static").inner_text()
    assert "This is the summary" in text
    assert "client-001" in text
    assert text.count("at least: not all was read") == 2  # client-001, and client-never


def test_it_fits_a_narrow_screen(opened: Open) -> None:
    page = opened(viewport={"width": 400, "height": 800}).go()
    assert page.evaluate("document.documentElement.scrollWidth") <= 400
