"""The page as a file: whole, the same again, with libraries as they were published."""

import base64
import gzip
import json
import re
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import nhiscan_reports.estate
from nhiscan.table import Table
from nhiscan_reports.estate import Estate
from tests.reports.estate.tables import EVIL, estate

FOLDER = Path(nhiscan_reports.estate.__file__).parent


def written(tables: list[Table], title: str = "Estate") -> str:
    stream = BytesIO()
    Estate().write_all(title, tables, stream)
    return stream.getvalue().decode()


def test_the_same_tables_are_the_same_bytes() -> None:
    assert written(estate(40, 90)) == written(estate(40, 90))


def test_the_policy_allows_what_is_written_and_nothing_else() -> None:
    page = written(estate(10, 10))
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page)
    assert policy is not None
    assert "unsafe" not in policy[1]
    assert policy[1].startswith(
        "default-src 'none'; base-uri 'none'; form-action 'none'; script-src"
    )
    for kind in ("script", "style"):
        for content in re.findall(rf"<{kind}>(.*?)</{kind}>", page, re.S):
            code = base64.b64encode(sha256(content.encode()).digest()).decode()
            assert f"'sha256-{code}'" in policy[1]
    assert not re.search(r"<[^>]+\son\w+=", re.sub(r"<script>.*?</script>", "", page, flags=re.S))


def test_hostile_text_ends_no_element() -> None:
    page = written(estate(10, 10), EVIL)
    assert page.count("<img") == 0
    opened = len(re.findall(r"<script[ >]", re.sub(r"<script>.*?</script>", "", page, flags=re.S)))
    assert opened == page.count('<script type="text/plain"')


def test_details_stand_in_blocks_of_identities() -> None:
    page = written(estate(600, 10))
    coded = re.findall(r'id="data-block-(\d+)">([^<]+)<', page)
    assert [number for number, _ in coded] == ["0", "1", "2"]
    block = json.loads(gzip.decompress(base64.b64decode(coded[1][1])))
    assert block["claims"]["250"][0][0] == "party-1"
    assert len(block["grants"]["250"]) == 3


def test_an_empty_estate_is_a_page() -> None:
    page = written([Table(name="about", columns=("key", "value"), rows=[])])
    assert "<main" in page


def test_libraries_are_as_published() -> None:
    told = (FOLDER / "vendor/README.md").read_text()
    found = re.findall(r"^\| (\S+) \|.*\| ([0-9a-f]{64}) \|$", told, re.M)
    assert {name for name, _ in found} == {"tabulator.min.js", "tabulator.min.css", "d3.min.js"}
    for name, digest in found:
        assert sha256((FOLDER / "vendor" / name).read_bytes()).hexdigest() == digest
    for library in ("tabulator", "d3"):
        assert (FOLDER / f"vendor/LICENSE-{library}").is_file()
