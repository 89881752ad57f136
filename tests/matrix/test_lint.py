"""`nhiscan matrix lint` tells every problem at once: where, which code, and what to do next."""

import re
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import yaml

from nhiscan.config.load import load
from nhiscan.matrix.lint import Line, lint
from nhiscan.matrix.problems import CODES, Noted
from nhiscan.matrix.read import parse_matrix
from tests.matrix.written import CONFIG, NOW, RIGHT, project, run, write


def _signed(text: str) -> str:
    """Put the hash that lint asks for under the signature."""
    from nhiscan.matrix.model import Instance
    from nhiscan.matrix.signed import text_sha256

    statement = re.search(r"statement: (.*)", text)
    assert statement is not None
    duties = dict.fromkeys(("provision", "review", "revoke", "monitor", "retain"), "msp")
    one = Instance(
        id="x",
        criteria=["CC6.2"],
        statement=statement[1],
        responsibility="shared_msp_client/dependent",
        duties={**duties, "approve": "client"},
    )
    return text.replace("SHA", text_sha256(one))


def _found(folder: Path, config: str = CONFIG) -> list[Line]:
    return [line for line in lint(project(folder, config), NOW).lines if line.known]


def _codes(folder: Path, text: str, name: str = "acme") -> list[tuple[int, str]]:
    write(folder, text, name)
    return [(line.line, line.code) for line in _found(folder)]


def test_nothing_is_wrong_with_what_is_right(tmp_path: Path) -> None:
    project(tmp_path)
    write(tmp_path, _signed(RIGHT))

    assert [str(line) for line in _found(tmp_path)] == []


def test_editing_one_word_makes_the_signature_stale_and_names_who_signs(tmp_path: Path) -> None:
    project(tmp_path)
    file = write(tmp_path, RIGHT)
    unsigned = run(tmp_path, "matrix", "lint")
    told = re.search(r"covers_sha256: ([0-9a-f]{64})", unsigned.stdout)
    assert unsigned.returncode == 1
    assert told is not None
    signed = file.read_text().replace("SHA", told[1])
    file.write_text(signed)

    assert run(tmp_path, "matrix", "lint").stdout == ""
    assert run(tmp_path, "matrix", "lint").returncode == 0

    file.write_text(signed.replace("within 24h", "within 48h"))
    stale = run(tmp_path, "matrix", "lint")
    assert stale.returncode == 1
    (line,) = stale.stdout.splitlines()
    assert line.startswith("matrix/clients/acme.yaml:18: CTL-04 acme/CC6.2/offboarding: ")
    assert "the text has changed" in line
    assert "Robin Vale must sign" in line
    assert told[1] not in line
    assert re.search(r"covers_sha256: [0-9a-f]{64}$", line)


def test_every_problem_is_told_at_once(tmp_path: Path) -> None:
    project(tmp_path)
    write(
        tmp_path,
        _signed(RIGHT)
        .replace("backup: lee@", "bakcup: lee@")
        .replace("criteria: [CC6.2]", "criteria: [CC6.22]")
        .replace("review: msp", "revew: msp, review: mps")
        .replace("csf: [PR.AA-01]", "cfs: [PR.AA-01], csf: [PR.AA-99]"),
    )
    write(tmp_path, "client: acme\nperiod: {from: 2026-02-01, to: 2026-01-01}\n", "beta")

    found = run(tmp_path, "matrix", "lint")

    assert found.returncode == 1
    assert {"CFG-04", "CFG-07"} <= set(re.findall(r"acme.yaml:\d+: (CFG-\d+)", found.stdout))
    assert all(name in found.stdout for name in ("CC6.22", "revew", "mps", "cfs", "PR.AA-99"))
    assert found.stdout.splitlines()[-2:] == [
        'matrix/clients/beta.yaml:1: CFG-09: client: the file of "acme" is called acme.yaml or'
        " acme.<what>.yaml, not beta.yaml",
        "matrix/clients/beta.yaml:2: CFG-10: period: it ends before it begins",
    ]
    assert 'CFG-04 acme/CC6.2/offboarding: instances[0]: unknown key "bakcup"' in found.stdout
    assert 'did you mean "backup"?' in found.stdout


def test_names_that_are_not_there_are_told_with_the_nearest(tmp_path: Path) -> None:
    project(tmp_path)
    write(
        tmp_path,
        _signed(RIGHT)
        .replace("criteria: [CC6.2]", "criteria: [CC6.22]")
        .replace("revoke: msp", "revoke: mps")
        .replace("provision: msp", "provison: msp")
        .replace("csf: [PR.AA-01]", "cfs: [PR.AA-01], csf: [PR.AA-09]"),
    )

    steps = {line.message: line.next_step for line in _found(tmp_path) if line.code == "CFG-07"}

    assert {message.partition(": ")[2]: step for message, step in steps.items()} == {
        'no criterion "CC6.22"': 'did you mean "CC6.2"?',
        'no organization "mps"': 'did you mean "msp"?',
        'no duty "provison"': 'did you mean "provision"?',
        'no framework "cfs"': 'did you mean "csf"?',
        'no csf id "PR.AA-09"': steps[next(message for message in steps if "PR.AA-09" in message)],
    }
    assert "PR.AA-0" in str(steps)


def test_an_id_of_two_standards_names_no_criterion(tmp_path: Path) -> None:
    project(tmp_path)
    write(tmp_path, _signed(RIGHT).replace("criteria: [CC6.2]", 'criteria: ["5.2"]'))

    (line,) = _found(tmp_path)

    assert line.code == "CFG-07"
    assert "cis and iso_27001 have one" in line.message
    assert line.next_step == "name it under also"


def test_what_is_no_yaml_exits_2(tmp_path: Path) -> None:
    project(tmp_path)
    write(tmp_path, "client: [acme\n")

    found = run(tmp_path, "matrix", "lint")

    assert found.returncode == 2
    assert "matrix/clients/acme.yaml:2: CFG-03: not YAML" in found.stdout


def test_each_structural_code_has_a_case(tmp_path: Path) -> None:
    project(tmp_path)
    right = _signed(RIGHT)
    cases = {
        "CFG-01": right.replace("sla: identity", "sla: identty"),
        "CFG-02": right.replace("    service_model: standard\n", "").replace(
            "monitor: msp", "monitor: sub:siem"
        ),
        "CFG-03": "client: [",
        "CFG-04": right.replace("frequency:", "frequenzy:"),
        "CFG-05": right.replace("      by: cto@acme.example\n", ""),
        "CFG-06": right.replace("frequency: on_event", "frequency: sometimes"),
        "CFG-07": right.replace("criteria: [CC6.2]", "criteria: [CC9.9]"),
        "CFG-08": right.replace("    frequency:", "    sla: identity\n    frequency:"),
        "CFG-09": right.replace("client: acme", "client: beta"),
        "CFG-10": right.replace("to: 2027-01-01", "to: 2025-01-01"),
        "CFG-11": right.replace("    sla:", "    api_key: hunter2\n    sla:"),
    }
    assert set(cases) == set(CODES)
    for code, text in cases.items():
        assert code in {found for _, found in _codes(tmp_path, text)}, code


def test_one_id_in_two_files_is_told_and_the_rest_is_judged(tmp_path: Path) -> None:
    project(tmp_path)
    write(tmp_path, RIGHT)
    write(tmp_path, RIGHT, "acme.north")

    found = {(Path(line.file).name, line.code) for line in _found(tmp_path)}

    assert ("acme.yaml", "CFG-08") in found
    assert any(code.startswith("CTL") for _, code in found)


def test_a_secret_is_refused_and_never_repeated(tmp_path: Path) -> None:
    project(tmp_path)
    write(tmp_path, RIGHT.replace("    sla:", "    token: hunter2\n    sla:"))

    found = run(tmp_path, "matrix", "lint")

    assert "CFG-11 acme/CC6.2/offboarding" in found.stdout
    assert "hunter2" not in found.stdout + found.stderr


def test_hostile_text_is_escaped_on_a_terminal(tmp_path: Path) -> None:
    project(tmp_path)
    write(tmp_path, RIGHT.replace("acme/CC6.2/offboarding", '"acme/\\e[31m\\u202e"'))

    found = run(tmp_path, "matrix", "lint").stdout

    assert "\x1b" not in found
    assert "\u202e" not in found
    assert "\\u001b" in found


def test_a_roster_that_does_not_say_is_unknown_and_no_problem(tmp_path: Path) -> None:
    project(tmp_path)
    write(tmp_path, _signed(RIGHT))
    people = tmp_path / "people.csv"
    people.write_text(
        people.read_text().replace(
            "cto,Robin Vale,cto@acme.example,,person,client:acme,active",
            "cto,Robin Vale,cto@acme.example,,person,client:acme,unknown",
        )
    )

    found = run(tmp_path, "matrix", "lint")

    assert found.returncode == 0
    assert found.stdout == ""
    assert "unknown: matrix/clients/acme.yaml:18: CTL-04" in found.stderr


def test_a_table_holds_the_same(tmp_path: Path) -> None:
    project(tmp_path)
    write(tmp_path, RIGHT)

    found = run(tmp_path, "matrix", "lint", "--format", "csv")

    assert found.returncode == 1
    assert found.stdout.splitlines()[0] == "file,line,code,instance,message,next_step"
    assert "CTL-04,acme/CC6.2/offboarding" in found.stdout


def test_without_a_matrix_it_says_what_to_add(tmp_path: Path) -> None:
    project(tmp_path, CONFIG.replace("matrix: matrix/\n", ""))

    found = run(tmp_path, "matrix", "lint")

    assert found.returncode == 2
    assert "matrix: matrix/" in found.stderr


def test_the_example_of_the_documentation_is_right(tmp_path: Path) -> None:
    text = (Path(__file__).parents[2] / "docs" / "matrix.md").read_text("utf-8")
    example = re.search(r"```yaml\n(.*?)```", text, re.DOTALL)
    assert example is not None
    project(tmp_path)
    people = tmp_path / "people.csv"
    people.write_text(
        people.read_text().replace("dana@", "dana.ruiz@").replace("lee@", "lee.okafor@")
    )
    write(tmp_path, example[1])

    found = [line for line in lint(load(tmp_path / "nhiscan.yaml"), NOW).lines if line.known]

    assert [str(line) for line in found] == []
    assert run(tmp_path, "matrix", "fmt", "--check").returncode == 0


# One value of every shape that YAML has.
_SHAPES: tuple[Any, ...] = (
    *(None, 1, 1.5, True, "", "x", [], {}, [None], ["x"], [1], [[]], [{}]),
    *({"a": None}, {"x": ["x"]}),
)


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    listed = list(enumerate(value)) if isinstance(value, list) else []
    for key, item in value.items() if isinstance(value, dict) else listed:
        yield from _places(item, (*path, key))


def test_any_shape_in_any_place_is_told_and_never_a_crash(tmp_path: Path) -> None:
    config = project(tmp_path)
    right = yaml.safe_load(RIGHT)
    for path in [place for place in _places(right) if place]:
        for shape in _SHAPES:
            wrong = deepcopy(right)
            inside = wrong
            for key in path[:-1]:
                inside = inside[key]
            inside[path[-1]] = shape
            file = write(tmp_path, yaml.safe_dump(wrong, sort_keys=False))
            problems = Noted()

            matrix = parse_matrix(config, problems)

            assert problems.lines or matrix.clients[0].instances or path == ("instances",)
            assert all(one.file == str(file) for one in problems.found)
