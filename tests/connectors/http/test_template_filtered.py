"""``{as: …, of: …}``: what is made of several values, passed through filters."""

from __future__ import annotations

import base64
import json

import pytest

from finsync_dagster.connectors.http.templates import ABSENT, TemplateError, fill, places, problem

DOMAIN = {
    "as": "json|base64url",
    "of": [["kind", "=", "ü?>"], {"when": "since", "use": ["changed", ">=", "${since}"]}],
}


@pytest.mark.parametrize("since", [ABSENT, "2026-01-31 08:00:00"])
def test_a_structure_is_filled_then_spelled(since: str) -> None:
    text = fill(DOMAIN, {"since": since})
    changed = [] if since is ABSENT else [["changed", ">=", since]]
    assert json.loads(base64.urlsafe_b64decode(text)) == [["kind", "=", "ü?>"], *changed]
    assert not {"+", "/"} & set(text)


def test_base64_and_its_spelling_for_addresses_differ_where_they_should() -> None:
    values = {"x": "ü?>"}
    assert (fill("${x|base64}", values), fill("${x|base64url}", values)) == ("w7w/Pg==", "w7w_Pg==")


def test_its_places_are_known_and_its_filters_checked() -> None:
    assert set(places(DOMAIN)) == {"since"}
    assert problem(DOMAIN) is None
    assert "there is no filter base46; there are" in str(problem(DOMAIN | {"as": "base46"}))
    assert "names no value" in str(problem({"as": "json", "of": ["${Since}"]}))


def test_what_is_absent_leaves_nothing_or_is_told() -> None:
    assert fill({"as": "text", "of": "${since}"}, {"since": ABSENT}) is ABSENT
    with pytest.raises(TemplateError, match=r"\$\{since\} has no value"):
        fill({"as": "json", "of": ["${since}"]}, {"since": ABSENT})
