from __future__ import annotations

import pytest
from synth.maps.eppi import _children, _walk
from synth.steps.map import map_file, write_map


def codes(document):
    return {(i["ItemId"], c["AttributeId"]) for i in document["References"] for c in i["Codes"]}


def hierarchy(document):
    return [
        (n["AttributeId"], [c["AttributeId"] for c in _children(n)])
        for s in document["CodeSets"]
        for n in _walk(_children(s))
    ]


@pytest.mark.shared
def test_a_published_map_is_read_whole_and_its_json_reads_back_the_same(shared, tmp_path):
    report = map_file(shared / "maps" / "chi_eppi_mapper_800.html")
    numbers = report.numbers
    assert [numbers[k] for k in ("studies", "reviews", "primary", "code_links")] == [800, 112, 688, 27555]
    write_map(report, tmp_path / "map.json")
    again = map_file(tmp_path / "map.json")
    assert again.numbers == numbers
    assert codes(again.document) == codes(report.document)
    assert hierarchy(again.document) == hierarchy(report.document)
    assert "CreatedBy" not in (tmp_path / "map.json").read_text()
