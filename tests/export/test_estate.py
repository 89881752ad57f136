"""The tenant wall on the bytes of a whole export of the sample estate."""

from pathlib import Path

from nhiscan.store.read import open_reader
from tests.conftest import Project

# Words of each client that its roster, contacts and accounts know it by.
CLIENTS = {
    "acme": ["acme", "dana.reyes", "dana reyes", "priya.nair", "tom becker"],
    "granite": ["granite", "uma.lindqvist", "oskar dahl"],
    "juniper": ["juniper", "ola.brandt"],
    "harbor": ["harbor", "ines.vidal"],
    "lakeside": ["lakeside", "hugo.marsh"],
}


def test_no_clients_file_names_another(scanned: Project, tmp_path: Path) -> None:
    lists = str(tmp_path / "lists")
    exported = scanned.run("export", "gaps", "--to", lists, "--format", "csv", "--format", "jsonl")
    assert exported.returncode == 0, exported.stderr
    con = open_reader(scanned.store)
    try:
        clients = dict(con.execute("SELECT tenant_id, client_group FROM tenants").fetchall())
        accounts = con.execute("SELECT tenant_id, native_id FROM accounts").fetchall()
        identities = con.execute("SELECT tenant_id, identity_id FROM identities").fetchall()
    finally:
        con.close()
    words = {client: list(known) for client, known in CLIENTS.items()}
    for tenant, word in accounts + identities:
        if clients[tenant] in words:
            words[clients[tenant]].append(word)
    files = [line for line in exported.stdout.splitlines() if "/northwind." not in line]
    assert len(files) >= 10
    assert any("/lakeside.csv" in file for file in files)
    told = [Path(file).read_text("utf-8") for file in files]
    assert any("(also in 2 other clients)" in text for text in told)
    for file in files:
        text = Path(file).read_text("utf-8").lower()
        own = clients[file.rpartition("/")[2].split(".")[0]]
        for client, known in words.items():
            if client != own:
                assert not [word for word in known if word in text], file
