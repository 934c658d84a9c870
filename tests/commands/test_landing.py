"""`finsync landing`: what was received, in words, and the proof that nobody touched it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from finsync_dagster.landing.errors import LandingError
from tests.commands.conftest import HOSTILE, SmallHome

pytestmark = pytest.mark.slow

OBJECT = ("ecb", "eurofxref_hist")


def extracts(home: SmallHome) -> list[dict]:
    return json.loads(home.finsync("landing", "ls", *OBJECT, "--json").output)


def page(home: SmallHome) -> str:
    """The newest extract's only page."""
    shown = json.loads(home.finsync("landing", "show", *OBJECT, "--json").output)
    return shown["pages"][0]["sha256"]


def test_objects_are_listed_with_what_they_store(small: SmallHome) -> None:
    (entry,) = json.loads(small.finsync("landing", "ls", "--json").output)
    files = [*(small.path / "lake/landing/pages").rglob("*.zst")]
    assert entry["system"] == "ecb"
    assert (entry["extracts"], entry["rows"], entry["pages"]) == (2, 3, 2)
    assert entry["bytes_stored"] == sum(file.stat().st_size for file in files)
    text = small.finsync("landing", "ls").output
    assert f" {entry['bytes_stored']} " in text
    assert entry["manifest_sha256"][:12] in text


def test_extracts_are_listed_with_why(small: SmallHome) -> None:
    result = small.finsync("landing", "ls", *OBJECT)
    assert result.exit_code == 0
    assert "full: first extract" in result.output
    assert "full: the object has no change" in result.output
    assert [e["sequence"] for e in extracts(small)] == [1, 2]


def test_an_empty_landing_is_said_to_be_empty(nothing: SmallHome) -> None:
    result = nothing.finsync("landing", "ls")
    assert result.exit_code == 0
    assert "Nothing has been landed at" in result.output
    assert nothing.finsync("landing", "ls", "--json").output == "[]\n"


def test_an_object_that_there_is_not_names_those_there_are(small: SmallHome) -> None:
    with pytest.raises(LandingError, match=r"nothing of ecb rates was landed.*ecb eurofxref_hist"):
        small.finsync("landing", "ls", "ecb", "rates", catch_exceptions=False)


def test_a_manifest_in_words(small: SmallHome) -> None:
    first, second = extracts(small)
    text = small.finsync("landing", "show", second["extract_id"]).output
    for said in (
        "ecb eurofxref_hist, extract no. 2",
        "eurofxref-hist.csv (sha256 ",
        "none: the object is always read whole",
        "stated 3, landed 3",
        f"follows  {first['manifest_sha256']}",
        page(small),
    ):
        assert said in text
    newest = small.finsync("landing", "show", *OBJECT).output
    assert newest == text


def test_a_page_by_the_beginning_of_its_name(small: SmallHome) -> None:
    sha256 = page(small)
    text = small.finsync("landing", "show", sha256[:8], "--rows", "1").output
    assert f"brought by {extracts(small)[1]['extract_id']} of ecb eurofxref_hist" in text
    assert "2026-10-28" in text
    assert "2026-10-29" not in text
    told = json.loads(small.finsync("landing", "show", sha256, "--json").output)
    assert told["records"][1] == {
        "page": sha256,
        "row": 1,
        "fields": told["records"][1]["fields"]
        | {"Date": "2026-10-29", "USD": HOSTILE, "JPY": "175.92"},
    }


def test_every_version_of_a_record(small: SmallHome) -> None:
    result = small.finsync("landing", "show", *OBJECT, "--key", "2026-10-29")
    first, second = (" ".join(said.split()) for said in result.output.split("\n2. "))
    assert "USD 1.1130" in first
    assert "JPY 175.92" in first
    # Of the later version only what changed, and nothing that a terminal would obey.
    assert r"USD =1+1 [red]\x1b[31m\u202eX" in second
    assert "JPY" not in second
    found = json.loads(
        small.finsync("landing", "show", *OBJECT, "--key", "2026-10-29", "--json").output
    )
    assert [v["fields"]["USD"] for v in found] == ["1.1130", HOSTILE]
    assert [v["extract_id"] for v in found] == [e["extract_id"] for e in extracts(small)]


def test_a_key_that_was_never_landed(small: SmallHome) -> None:
    result = small.finsync("landing", "show", *OBJECT, "--key", "1999-01-04")
    assert result.exit_code == 1
    assert "No record of ecb eurofxref_hist has the key 1999-01-04 (its key is Date)" in (
        result.output
    )


@pytest.mark.parametrize("what", ["20200101T000000Z-000000000000", "ffffff", "../../etc"])
def test_what_is_neither_extract_nor_page(small: SmallHome, what: str) -> None:
    with pytest.raises(LandingError, match="is neither an extract nor a page"):
        small.finsync("landing", "show", what, catch_exceptions=False)


def test_a_key_needs_an_object(small: SmallHome) -> None:
    result = small.finsync("landing", "show", "ecb", "--key", "1")
    assert result.exit_code == 2
    assert "--key needs the last" in result.output


def test_verify_and_its_older_name(small: SmallHome) -> None:
    for words in (("landing", "verify"), ("verify",)):
        result = small.finsync(*words)
        assert (result.exit_code, result.output) == (0, "landing: no problem(s)\n")


def test_verify_finds_a_damaged_page(small: SmallHome) -> None:
    file = small.path / f"lake/landing/pages/{page(small)[:2]}/{page(small)}.ndjson.zst"
    file.write_bytes(b"changed")
    result = small.finsync("landing", "verify")
    assert result.exit_code == 1
    assert "its content was changed or damaged" in " ".join(result.output.split())
    assert "landing: 1 problem(s)" in result.output


def test_a_removed_newest_extract_is_noticed_by_heads_kept_elsewhere(
    small: SmallHome, tmp_path: Path
) -> None:
    heads = tmp_path / "heads.json"
    assert small.finsync("landing", "verify", "--write-heads", str(heads)).exit_code == 0
    assert small.finsync("landing", "verify", "--heads", str(heads)).exit_code == 0
    kept = heads.read_bytes()
    newest = max((small.path / "lake/landing/manifests/ecb/eurofxref_hist").iterdir())
    newest.unlink()
    assert small.finsync("landing", "verify").exit_code == 0
    result = small.finsync("landing", "verify", "--heads", str(heads), "--write-heads", str(heads))
    assert result.exit_code == 1
    assert "ecb.eurofxref_hist: extract 2, known to have taken place, was removed" in " ".join(
        result.output.split()
    )
    # What is wrong must not become what is expected.
    assert heads.read_bytes() == kept


def test_verifying_nothing_is_no_good_news(nothing: SmallHome) -> None:
    result = nothing.finsync("landing", "verify")
    assert result.exit_code == 1
    assert "Nothing has been landed at" in result.output


def test_a_file_that_holds_no_heads(small: SmallHome, tmp_path: Path) -> None:
    (tmp_path / "heads.json").write_text('{"ecb.eurofxref_hist": [0, "x"]}')
    with pytest.raises(LandingError, match="holds no heads"):
        small.finsync(
            "landing", "verify", "--heads", str(tmp_path / "heads.json"), catch_exceptions=False
        )


def test_an_address_is_shown_without_its_password(
    nothing: SmallHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FINSYNC_LAKE_URL", "memory://user:secret@place/lake")
    text = nothing.finsync("landing", "ls").output
    assert "Nothing has been landed" in text
    assert "secret" not in text
