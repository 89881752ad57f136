"""Nothing outside the folder is written, followed or removed, whatever stands inside it."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nhiscan.errors import UsageError
from nhiscan.export.folder import FORMAT, MANIFEST, digest, path_name, publish


def manifest(files: dict[str, bytes]) -> dict[str, object]:
    listed = [{"path": path, "sha256": digest(content)} for path, content in files.items()]
    return {"format": FORMAT, "generated_at": "2026-05-01T00:00:00Z", "files": listed}


@given(st.text())
def test_any_name_is_one_plain_component(name: str) -> None:
    component = path_name(name)
    assert component == component.lower()
    assert component[0] not in ".-"
    assert not {"/", "\\", "\0", ":"} & set(component)
    assert len(component) <= 100
    assert path_name(component) == component


def test_names_stay_apart() -> None:
    names = ["dana", "Dana", "DANA", "../dana", "dana/", ".", "..", "", "unassigned", "con.txt"]
    names += ["x" * 300, "x" * 301, "manifest.json", "dana."]
    assert len({path_name(name) for name in names}) == len(names)
    assert path_name("dana") == "dana"
    assert path_name("unassigned") != "unassigned"
    assert path_name("manifest.json") != MANIFEST


def test_a_folder_that_is_a_symlink_is_refused(tmp_path: Path) -> None:
    outside, out = tmp_path / "outside", tmp_path / "out"
    outside.mkdir()
    out.mkdir()
    (out / "dana").symlink_to(outside)
    files = {"dana/acme.csv": b"x"}
    with pytest.raises(UsageError, match="cannot write dana"):
        publish(out, files, manifest(files))
    assert list(outside.iterdir()) == []


def test_a_file_that_is_a_symlink_is_replaced_not_followed(tmp_path: Path) -> None:
    victim, out = tmp_path / "victim", tmp_path / "out"
    victim.write_bytes(b"precious")
    (out / "dana").mkdir(parents=True)
    (out / "dana/acme.csv").symlink_to(victim)
    (out / MANIFEST).symlink_to(victim)
    files = {"dana/acme.csv": b"x"}
    publish(out, files, manifest(files))
    assert victim.read_bytes() == b"precious"
    assert (out / "dana/acme.csv").read_bytes() == b"x"
    assert not (out / MANIFEST).is_symlink()


@pytest.mark.parametrize(
    "path", ["../victim", "dana/../../victim", "/victim", "./victim", "dana/.hidden", "victim"]
)
def test_a_forged_manifest_removes_nothing(path: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    (out / "dana").mkdir(parents=True)
    for victim in (tmp_path / "victim", out / "victim", out / "dana/.hidden"):
        victim.write_bytes(b"precious")
    forged = {"format": FORMAT, "files": [{"path": path, "sha256": digest(b"precious")}]}
    (out / MANIFEST).write_text(json.dumps(forged))
    publish(out, {}, manifest({}))
    for victim in (tmp_path / "victim", out / "victim", out / "dana/.hidden"):
        assert victim.read_bytes() == b"precious"


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b'{"format": "other"}', b'"x"', b"\xff"])
def test_a_strange_manifest_counts_as_none(content: bytes, tmp_path: Path) -> None:
    (tmp_path / MANIFEST).write_bytes(content)
    files = {"dana/acme.csv": b"x"}
    assert publish(tmp_path, files, manifest(files)) == []
    assert json.loads((tmp_path / MANIFEST).read_bytes())["format"] == FORMAT


def test_an_empty_folder_goes_with_its_last_list(tmp_path: Path) -> None:
    files = {"dana/acme.csv": b"x", "eli/acme.csv": b"y"}
    publish(tmp_path, files, manifest(files))
    del files["dana/acme.csv"]
    publish(tmp_path, files, manifest(files))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["eli", MANIFEST]


def test_no_partial_file_stays(tmp_path: Path) -> None:
    (tmp_path / "dana/acme.csv").mkdir(parents=True)
    files = {"dana/acme.csv": b"x"}
    with pytest.raises(UsageError, match="cannot write"):
        publish(tmp_path, files, manifest(files))
    assert [path.name for path in (tmp_path / "dana").iterdir()] == ["acme.csv"]
