"""YAML to CSV and back loses nothing, whatever stands in the matrix; the canonical form is one."""

from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import structs

from nhiscan.config.load import load
from nhiscan.config.marked import Problems
from nhiscan.config.model import Config
from nhiscan.matrix.atomic import write_all
from nhiscan.matrix.canonical import render
from nhiscan.matrix.exporting import exported
from nhiscan.matrix.files import ClientRoot
from nhiscan.matrix.fmt import canonical
from nhiscan.matrix.importing import changes, root_of
from nhiscan.matrix.model import ClientFile, Instance, Placed
from nhiscan.matrix.problems import Noted
from nhiscan.matrix.read import read_matrix
from nhiscan.matrix.tree import planted
from tests.matrix.random_matrix import PERIOD, instances

CONFIG = """
msp: {id: msp-one, name: One}
matrix: matrix/
tenants:
  - {id: msp-one, kind: msp}
  - {id: acme, name: Acme}
"""
_many = st.lists(st.just(0), max_size=3).flatmap(
    lambda them: st.tuples(*(instances(f"acme/{n}") for n in range(len(them))))
)


def _project(folder: Path) -> Config:
    (folder / "matrix" / "clients").mkdir(parents=True, exist_ok=True)
    (folder / "nhiscan.yaml").write_text(CONFIG)
    return load(folder / "nhiscan.yaml")


def _written(client: str, listed: tuple[Instance, ...]) -> str:
    placed = tuple(Placed(instance=one, line=1, lines={}) for one in listed)
    file = ClientFile(client=client, period=PERIOD, instances=placed, file="", line=1)
    return render(planted(root_of(file)), ClientRoot)


def _read(config: Config) -> list[Instance]:
    return [one.instance for client in read_matrix(config).clients for one in client.instances]


@given(listed=_many)
@settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_canonical_yaml_and_csv_say_the_same(
    tmp_path_factory: "object", listed: tuple[Instance, ...]
) -> None:
    folder = tmp_path_factory.mktemp("matrix")  # type: ignore[attr-defined]
    config = _project(folder)
    file = folder / "matrix" / "clients" / "acme.yaml"
    text = _written("acme", listed)
    file.write_bytes(text.encode())

    assert _read(config) == list(listed)
    assert canonical(file, ClientRoot, Problems()) == text

    table = exported(read_matrix(config).clients)
    (folder / "a.csv").write_bytes(table.encode())
    before = read_matrix(config)
    assert changes(config, before, folder / "a.csv", Noted()) == []

    empty = structs.replace(before, clients=())
    problems = Noted()
    made = changes(config, empty, folder / "a.csv", problems)
    assert problems.lines == []
    assert {one.file.name: one.text for one in made} == {"acme.yaml": text}

    write_all({one.file: one.text for one in made})
    assert exported(read_matrix(config).clients) == table


@given(listed=_many)
@settings(max_examples=50, deadline=None)
def test_no_cell_is_a_formula(listed: tuple[Instance, ...]) -> None:
    import csv
    import io

    placed = tuple(Placed(instance=one, line=1, lines={}) for one in listed)
    file = ClientFile(client="acme", period=PERIOD, instances=placed, file="acme.yaml", line=1)
    for row in csv.reader(io.StringIO(exported([file]), newline="")):
        assert not any(cell.startswith(tuple("=+-@\t\r\n＝＋－＠")) for cell in row)  # noqa: RUF001
