"""The report shows each claim with its probability after and before the data, and a dash where there is none."""

from __future__ import annotations

from forecast.publish.grounds import claim_section


def test_each_claim_has_its_probabilities_and_its_verdict(tables) -> None:
    section = claim_section(tables)
    assert section is not None
    rows = section.grids[0].rows
    assert len(rows) == len(tables["claims"])
    assert [row[0].text.split(".")[0] for row in rows] == ["1", "9", "10"]
    probability = rows[1][1]
    assert (probability.text, probability.note) == ("90\u00a0%", "before 67\u00a0%")
    assert rows[0][0].note == "hit_effect: above 0"
    assert rows[2][1].text == "–"
    assert rows[2][2].text == "never met on a simulated path"


def test_a_forecast_without_the_table_has_no_section(tables) -> None:
    assert claim_section({name: table for name, table in tables.items() if name != "claims"}) is None
