"""Names that stand twice, and ends without end: lint tells them, and nothing crashes."""

from pathlib import Path

import pytest

from tests.matrix.written import RIGHT, project, run, write

ONE = "{id: O1, title: First}"
RULE = "{id: a, match: {name: x}, criteria: [CC6.2], basis: name}"
PARTY = "{id: t, kind: team, email: t@msp.example}"


@pytest.mark.parametrize(
    ("file", "text", "told"),
    [
        ("catalog/own.yaml", f"framework: own\ncriteria: [{ONE}, {ONE}]\n",
         'own.yaml:2: CFG-08: criteria[1]: "O1" is the id of the criterion at line 2 already'),
        ("rules/links.yaml", f"rules: [{RULE}, {RULE}]\n",
         'links.yaml:1: CFG-08: rules[1].id: "a" is the rule at line 1'),
        ("parties.yaml", f"parties: [{PARTY}, {PARTY}]\n",
         'parties.yaml:1: CFG-08: parties[1]: "t" is the id of the party at line 1 already'),
        ("parties.yaml", "parties: [{id: dana, kind: team}]\n",
         "parties.yaml:1: CFG-08: parties[0]: \"dana\" is the id of the person 'dana' at "
         "people.csv:2"),
        ("parties.yaml", "parties: [{id: t, kind: team, email: Dana@MSP.example}]\n",
         "parties.yaml:1: CFG-08: parties[0]: \"Dana@MSP.example\" is the address of 'dana' at "
         "people.csv:2"),
        ("parties.yaml", "parties: [{id: t, kind: team, email: olga@acme.example}]\n", ""),
    ],
)  # fmt: skip
def test_a_name_that_stands_twice_is_told_even_on_one_line(
    tmp_path: Path, file: str, text: str, told: str
) -> None:
    project(tmp_path)
    place = tmp_path / "matrix" / file
    place.parent.mkdir(exist_ok=True)
    place.write_text(text)

    done = run(tmp_path, "matrix", "lint")

    assert done.returncode == (1 if told else 0), done.stderr
    assert told in done.stdout


def test_an_instance_that_stands_twice_on_one_line_is_told(tmp_path: Path) -> None:
    project(tmp_path)
    one = "{id: a, criteria: [CC6.2], statement: s, responsibility: client, sla: identity}"
    period = "period: {from: 2026-01-01, to: 2026-12-31}"
    write(tmp_path, f"client: acme\n{period}\ninstances: [{one}, {one}]\n")

    done = run(tmp_path, "matrix", "lint")

    assert done.returncode == 1
    assert 'CFG-08: id: "a" is the id of the instance at' in done.stdout


def test_a_period_without_end_and_an_instance_without_name(tmp_path: Path) -> None:
    project(tmp_path)
    write(tmp_path, RIGHT.replace("to: 2026-12-31", "to: 9999-12-31"))
    assert "CTL-05" in run(tmp_path, "matrix", "lint").stdout  # custody ends in 2027

    write(tmp_path, RIGHT.replace("id: acme/CC6.2/offboarding", "id: ''"))
    assert "instances[0].id: give it a name" in run(tmp_path, "matrix", "lint").stdout


def test_a_hash_in_capitals_is_the_same_hash(tmp_path: Path) -> None:
    project(tmp_path)
    write(tmp_path, RIGHT)
    sha = run(tmp_path, "matrix", "lint").stdout.strip().rpartition(" ")[2]
    write(tmp_path, RIGHT.replace("SHA", sha.upper()))

    done = run(tmp_path, "matrix", "lint")

    assert (done.returncode, done.stdout) == (0, "")


def test_a_shared_control_needs_a_text_to_sign(tmp_path: Path) -> None:
    project(tmp_path)
    text = "Disable automation credentials within 24h of a trigger."
    write(tmp_path, RIGHT.replace(text, '" "'))

    assert "CTL-09" in run(tmp_path, "matrix", "lint").stdout
