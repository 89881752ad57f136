"""Reads the SQL of merging; names of tables and columns are filled in, values never are."""

from functools import cache
from importlib.resources import files


def statement(_file: str, /, **names: str) -> str:
    """Return `schema/merge/<_file>.sql` with `{placeholders}` filled by names of our own schema."""
    return _text(_file).format_map(names)


@cache
def _text(file: str) -> str:
    return files("nhiscan.schema").joinpath("merge", f"{file}.sql").read_text("utf-8")
