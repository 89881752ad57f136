"""What the resolver concludes from tags, creators and contacts."""

from datetime import timedelta

from nhiscan.records import Claim
from tests.ownership.estate import AT, Estate, identity, party


def test_a_tag_naming_a_person_declares_an_owner(estate: Estate) -> None:
    estate.parties = [party("dana.reyes"), party("tom.becker", employment="left")]
    estate.scan(
        {
            "acme": [
                identity("a", tags={"Owner": "Dana.Reyes@acme.example"}),
                identity("b", tags={"owner": "tom.becker@acme.example"}),
                identity("c", tags={"owner": " T O D O "}),
                identity("d"),
                Claim(
                    subject="identity",
                    key="d",
                    reference="dana.reyes@acme.example",
                    signal="S7",
                    role="operator",
                    observed_at=AT - timedelta(days=10),
                    evidence="CloudTrail",
                    source="cloudtrail.creators",
                ),
            ]
        }
    )
    found = {r["name"]: (r["owner_status"], r["owner_id"]) for r in estate.rows("FROM identities")}
    assert found == {
        "a": ("declared", "dana.reyes"),
        "b": ("orphaned", None),
        "c": ("unowned", None),
        "d": ("suggested", "dana.reyes"),
    }
