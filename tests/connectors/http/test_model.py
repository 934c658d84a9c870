"""What a system.yaml may say, and what is said when it says something else."""

from __future__ import annotations

from pathlib import Path

import pytest

from finsync_dagster.connectors.errors import ConnectorConfigError
from finsync_dagster.connectors.load import system_of
from finsync_dagster.landscape.tree import read_tree

GOOD = """
protocol: http
auth: {scheme: bearer, token: "${secret.token}"}
headers: {Accept: application/json}
setup:
  - request: {path: /tenants}
    take: {tenant: [items, 0, id]}
objects:
  items:
    key: [id]
    cursor: changed
    records: items
    paging: {scheme: offset}
    request:
      path: /items
      query: {at: "${offset}", since: "${since}"}
""".lstrip()


def said(tmp_path: Path, text: str) -> str:
    path = tmp_path / "system.yaml"
    path.write_text(text)
    with pytest.raises(ConnectorConfigError) as raised:
        system_of(read_tree(path))
    return str(raised.value).replace(f"{tmp_path}/", "")


@pytest.mark.parametrize(
    ("old", "new", "place", "words"),
    [
        ("cursor: changed", "curser: changed", 10, "curser: unknown key; did you mean cursor?"),
        ("scheme: offset", "scheme: offsets", 12, "did you mean offset?"),
        ("scheme: bearer", "scheme: bear", 2, "did you mean bearer?"),
        ("path: /items", "pth: /items", 14, "pth: unknown key; did you mean path?"),
        ("path: /items", "path: '/x/${secret.token}'", 14, "a secret must never be part of an"),
        ("${offset}", "${secret.token}", 15, "a secret must never be part of an address"),
        ("${offset}", "${off set}", 15, "names no value; write for example ${since}"),
        ("${since}", "${since|up}", 15, "there is no filter up; there are int"),
        ("${offset}", "${page}", 8, "${page} is not filled by paging offset"),
        ("${offset}", "${tennant}", 0, "there is no value ${tennant}; there are"),
        ("path: /tenants", "path: '/${other}'", 0, "setup: there is no value ${other}"),
        (', since: "${since}"', "", 8, "does not ask for changes: write ${since}"),
        ("    cursor: changed\n", "", 8, "${since} and overlap are for increments"),
        ("cursor: changed", "cursor: changed\n    compare_keys_every: 3", 8, "cannot be listed"),
        ("path: /items", "path: /items\n      body: {a: 1}", 13, "a GET request has no body"),
        (
            "path: /items",
            "path: /items\n      method: POST\n      form: {}\n      body: {a: 1}",
            13,
            "either body (sent as JSON) or form, not both",
        ),
        (
            "path: /items",
            "path: /items\n      method: PUT",
            15,
            "'PUT' is not allowed; valid choices are GET, POST",
        ),
        ("headers:", "largest_answer: 10\nheaders:", 3, "largest_answer: input should be greater"),
        ("headers:", "verify: false\nheaders:", 3, "verify: unknown key"),
        ("headers:", "unencrypted: perhaps\nheaders:", 3, "unencrypted: input should be a valid"),
        ("take: {tenant", "take: {Tenant", 6, "match pattern"),
        ("key: [id]", "key: []", 9, "key: "),
        ("headers:", "style: odatav4\nheaders:", 3, "odata_v4"),
    ],
)
def test_each_refusal_names_its_line(
    old: str, new: str, place: int, words: str, tmp_path: Path
) -> None:
    assert GOOD.count(old) >= 1
    text = said(tmp_path, GOOD.replace(old, new, 1))
    assert words in text
    assert text.startswith(f"system.yaml:{place}:" if place else "system.yaml:")


def test_the_good_one_is_good(tmp_path: Path) -> None:
    path = tmp_path / "system.yaml"
    path.write_text(GOOD)
    assert system_of(read_tree(path)).objects["items"].service.setup


def test_a_password_in_clear_is_refused(tmp_path: Path) -> None:
    text = said(tmp_path, GOOD.replace("${secret.token}", "abc-clear-token"))
    assert "system.yaml:2:" in text
    assert "secret" in text
