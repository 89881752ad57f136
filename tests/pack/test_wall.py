"""No byte of a client's pack names another client, whatever clouds and files say."""

import gzip
import io
import json
import shutil
from pathlib import Path
from zipfile import ZipFile

import pytest
from msgspec import structs

from nhiscan.config.load import load
from nhiscan.pack.build import Order, Pack, build
from nhiscan.pack.period import parse_period
from nhiscan.pack.sections import Kind
from nhiscan.store.read import open_reader
from tests.conftest import Project
from tests.evidence.conftest import Project as Small
from tests.pack.conftest import unpacked, verified

# Every case is a few whole processes: seconds each.
pytestmark = pytest.mark.slow

KINDS: tuple[Kind, ...] = ("client", "monthly", "audit")
CLIENTS = ("acme", "granite", "juniper", "harbor", "lakeside")
USAGE = """\
{"identity":"Northwind RMM","time":"2026-11-01T01:00:00Z","target_tenant":"granite"}
{"identity":"Northwind RMM","time":"2026-11-01T02:00:00Z","target_tenant":"acme-dental"}
"""
_WORDS = """
WITH clients AS (
    SELECT tenant_id, name, client_group AS client FROM tenants WHERE kind = 'client'
)
SELECT client, unnest([tenant_id, name, client]) FROM clients
UNION
SELECT client, unnest([native_id, organization, path]) FROM accounts JOIN clients USING (tenant_id)
UNION
SELECT client, unnest(string_split(path, '/')) FROM accounts JOIN clients USING (tenant_id)
UNION
SELECT client, identity_id FROM identities JOIN clients USING (tenant_id)
UNION
SELECT client, unnest([p.name, p.email, split_part(p.email, '@', 2)])
FROM parties AS p JOIN clients ON p.org = 'client:' || tenant_id
"""


@pytest.fixture(scope="module")
def estate(scanned: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The scanned estate, with a log of use that names two clients, kept for one and the MSP."""
    path = tmp_path_factory.mktemp("walled") / "project"
    shutil.copytree(scanned.path, path)
    made = structs.replace(scanned, path=path, config=path / "nhiscan.yaml")
    (path / "use.jsonl").write_text(USAGE)
    (path / "ours.txt").write_text("Granite's own rotation log\n")
    later = "2026-11-01T09:00:00Z"
    for tenant, file, kind in (
        ("northwind", "use.jsonl", "usage"),
        ("granite", "use.jsonl", "usage"),
        ("granite", "ours.txt", "ticket"),
    ):
        about = ("--tenant", tenant, "--kind", kind, "--custodian", "sam.okafor")
        done = made.run("evidence", "add", file, *about, now=later)
        assert done.returncode == 0, done.stderr
    return made


@pytest.fixture(scope="module")
def words(estate: Project) -> dict[str, set[str]]:
    """What names each client and nobody else: of accounts, people, and identities."""
    con = open_reader(estate.store)
    try:
        found = con.execute(_WORDS).fetchall()
    finally:
        con.close()
    known: dict[str, set[str]] = {client: set() for client in CLIENTS}
    for client, word in found:
        if word and len(word) > 4 and word not in ("organizations", "folders", "projects"):
            known[client].add(word.lower())
    assert min(map(len, known.values())) > 5
    return known


def packed(estate: Project, kind: Kind, tenant: str, samples: int = 0) -> Pack:
    con = open_reader(estate.store)
    try:
        order = Order(kind=kind, tenant=tenant, period=parse_period("2026-11"), samples=samples)
        return build(con, estate.store, load(estate.config), order)
    finally:
        con.close()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("tenant", "client"),
    [
        ("acme-dental", "acme"),
        ("acme-labs", "acme"),
        ("granite", "granite"),
        ("juniper", "juniper"),
        ("harbor", "harbor"),
        ("lakeside", "lakeside"),
    ],
)
def test_no_byte_names_another_client(
    estate: Project, words: dict[str, set[str]], kind: Kind, tenant: str, client: str
) -> None:
    files = unpacked(packed(estate, kind, tenant, samples=5).files)
    foreign = {word for other in CLIENTS if other != client for word in words[other]}
    foreign -= words[client]
    leaks = set()
    for path, data in files.items():
        text = (path + "\n" + data.decode("utf-8", "replace")).lower()
        leaks |= {(path, word) for word in foreign if word in text}
    assert not leaks
    assert tenant.encode() in files["README.txt"]


@pytest.mark.parametrize("tenant", ["granite", "acme-dental"])
def test_tools_of_others_stand_under_pseudonyms(estate: Project, tenant: str) -> None:
    files = unpacked(packed(estate, "client", tenant).files)
    told = b"\n".join(files.values())
    con = open_reader(estate.store)
    try:
        tools = con.execute(
            "SELECT i.identity_id, i.native_id FROM identities AS i"
            " JOIN shared AS s ON list_contains(s.identity_ids, i.identity_id)"
            " WHERE i.tenant_id = 'northwind' AND len(s.tenant_ids) > 2"
        ).fetchall()
    finally:
        con.close()
    assert len(tools) > 3
    for word in {word for row in tools for word in row}:
        assert word.encode() not in told, word
    population = files["tables/01-population.csv"]
    assert b"role/nhiscan" in population  # its own identities keep their names
    assert b"shared-tool-" in told
    if tenant == "granite":  # one of them stands alone in a cell
        assert b"(also used for 2 other clients)" in told


def test_pseudonyms_are_stable_for_a_client_and_tell_two_clients_nothing(estate: Project) -> None:
    def pseudonyms(tenant: str) -> set[bytes]:
        pieces = b"".join(
            data
            for path, data in packed(estate, "client", tenant).files.items()
            if path.startswith("tables/")
        ).split(b"shared-tool-")
        return {piece[:8] for piece in pieces[1:]}

    assert pseudonyms("granite") == pseudonyms("granite")
    assert pseudonyms("granite")
    assert not pseudonyms("granite") & pseudonyms("acme-dental")


@pytest.mark.parametrize("kind", KINDS)
def test_evidence_that_names_two_clients_is_withheld_and_the_chain_holds(
    estate: Project, kind: Kind, tmp_path: Path, bare_tools: Path
) -> None:
    pack = packed(estate, kind, "granite")
    for path, data in pack.files.items():
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    done = verified(tmp_path, bare_tools)
    assert done.returncode == 0, done.stdout
    names = [path for path in pack.files if path.startswith("evidence/")]
    assert not [name for name in names if name.endswith("use.jsonl")]
    assert [name for name in names if name.endswith("ours.txt")]
    assert any("names another client" in text for text in pack.withheld)
    assert b"names another client" in pack.files["README.txt"]


def zipped(name: str, data: bytes) -> bytes:
    stream = io.BytesIO()
    with ZipFile(stream, "w") as archive:
        archive.writestr(name, data)
    return stream.getvalue()


NAMED = b"patched for Granite Works\n"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\xff\xfe"


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (NAMED, "names another client"),
        (NAMED.decode().encode("utf-16"), "names another client"),
        (gzip.compress(NAMED), "names another client"),
        (zipped("a.txt", zipped("b.txt", NAMED)), "names another client"),
        (zipped("granite-works.txt", b"x"), "names another client"),
        (json.dumps({"by": "uma"}).encode(), "names another client"),
        (b"mail to Uma@granite.example", "names another client"),
        (b"\x00" + NAMED.decode().encode("utf-16-le"), "names another client"),
        (PNG, "cannot be looked into"),
        (zipped("a.png", PNG), "cannot be looked into"),
        (gzip.compress(NAMED)[:-9], "cannot be looked into"),
        (b"patched for Acme Dental by lee\n", ""),
        (zipped("a.txt", b"rotated for acme\n"), ""),
    ],
)
def test_what_names_others_or_cannot_be_looked_into_stays_at_home(
    project: Small, data: bytes, told: str
) -> None:
    (project.path / "it.bin").write_bytes(data)
    about = ("--tenant", "acme", "--kind", "ticket", "--custodian", "lee")
    project.run("evidence", "add", "it.bin", *about)
    options = ("--tenant", "acme", "--month", "2026-10")
    done = project.run("report", "client", *options, "--to", "pack", code=3)
    assert (project.path / "pack/evidence").exists() is not bool(told)
    if told:
        assert told in done.stderr
        assert told in (project.path / "pack/README.txt").read_text("utf-8")
    else:
        assert "withheld" not in done.stderr


def test_an_entry_that_names_another_client_goes_out_as_its_hash(
    project: Small, bare_tools: Path
) -> None:
    project.write("a.txt", "x")
    about = ("--tenant", "acme", "--kind", "ticket", "--custodian", "lee")
    project.run("evidence", "add", "a.txt", *about)
    project.run("evidence", "add", "a.txt", *about, "--note", "as at Granite Works")
    project.run("evidence", "add", "a.txt", *about, "--note", "last")
    options = ("--tenant", "acme", "--month", "2026-10")
    done = project.run("report", "client", *options, "--to", "pack", code=3)
    assert "withheld: ledger entry 2" in done.stderr
    names = sorted(path.name for path in (project.path / "pack/ledger").iterdir())
    assert names == ["000001.entry", "000002.withheld", "000003.entry"]
    assert verified(project.path / "pack", bare_tools).returncode == 0


def test_a_client_called_as_one_of_our_words_hides_no_entries(
    project: Small, bare_tools: Path
) -> None:
    config = (project.path / "nhiscan.yaml").read_text("utf-8")
    project.write("nhiscan.yaml", config + "  - {id: native, name: Owner}\n")
    project.begin()
    project.run("evidence", "collect", "--tenant", "acme", code=None)
    options = ("--tenant", "acme", "--month", "2026-10")
    project.run("report", "client", *options, "--to", "pack", code=3)
    ledger = project.path / "pack/ledger"
    assert sorted(path.name for path in ledger.iterdir()) == ["000001.entry", "000002.entry"]
    assert verified(project.path / "pack", bare_tools).returncode == 0
    project.run(
        "evidence", "add", "log.txt", "--tenant", "acme", "--kind", "log", "--custodian", "lee",
        "--note", "for Native",
    )  # fmt: skip
    project.run("report", "client", *options, "--to", "pack", code=3)
    assert (ledger / "000003.withheld").exists()
