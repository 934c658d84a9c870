import hashlib
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from finsync_dagster.sandbox.tryton import database
from finsync_dagster.sandbox.tryton.database import DATABASE, build, copy
from finsync_dagster.sandbox.tryton.errors import TrytonError
from finsync_dagster.sandbox.tryton.install import folder, install
from tests.tryton import cached_home, tryton_home

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("tryton")]
__all__ = ["tryton_home"]

DOCUMENTS = (
    "party_party",
    "party_identifier",
    "product_product",
    "purchase_request",
    "purchase_purchase",
    "purchase_line",
    "stock_shipment_in",
    "stock_shipment_in_return",
    "stock_move",
    "account_invoice",
    "account_invoice_line",
    "account_move",
    "account_move_line",
    "account_payment",
    "account_payment_group",
)
# Of all these rows; another one if the seed is meant to make other documents.
DIGEST = "327fb91289b4ed0b990e5ce5245e7997096ad5dd927caa6788093cfd1db445d7"
# When it was built: moments, and the days that Tryton fills in by itself.
MOMENTS = {"create_date", "write_date", "eu_vat_validated_at", "planned_date", "post_date"}


def rows(file: Path, table: str) -> list[dict]:
    with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as connection:
        connection.row_factory = sqlite3.Row
        found = [dict(row) for row in connection.execute(f"SELECT * FROM {table} ORDER BY id")]
    return [{k: v for k, v in row.items() if k not in MOMENTS} for row in found]


def test_it_has_the_same_documents_wherever_and_whenever_it_is_built(tryton_home):
    """The seed leaves nothing to chance: one digest, known before, for every build of it."""
    built = build(tryton_home, install(tryton_home))
    books = {table: rows(built, table) for table in DOCUMENTS}
    assert [table for table, found in books.items() if not found] == []
    content = json.dumps(books, sort_keys=True, default=repr).encode()
    assert hashlib.sha256(content).hexdigest() == DIGEST


def test_one_file_is_left_of_building(tryton_home):
    left = {path.name for path in folder(tryton_home).iterdir()}
    assert f"{database.digest()}.sqlite" in left
    assert not [name for name in left if name.endswith(("-wal", "-shm")) or name == "building"]


def test_a_copy_made_anew_forgets_what_was_written_into_the_old_one(tryton_home, tmp_path):
    whole = build(tryton_home, install(tryton_home))
    copy(whole, tmp_path)
    file = tmp_path / f"{DATABASE}.sqlite"
    with closing(sqlite3.connect(file)) as writing:
        writing.execute("PRAGMA journal_mode = WAL")
        writing.execute("UPDATE party_party SET name = 'changed'")
        writing.commit()
        copy(whole, tmp_path)
    assert rows(file, "party_party") == rows(whole, "party_party")


def test_a_failed_build_says_what_tryton_said_and_leaves_nothing_that_looks_whole(tmp_path):
    said: list[str] = []
    broken = tmp_path / "bin" / "python"
    broken.parent.mkdir()
    admin = broken.with_name("trytond-admin")
    admin.write_text("#!/bin/sh\necho the disk is full >&2\nexit 1\n")
    admin.chmod(0o755)
    with pytest.raises(TrytonError, match="the disk is full"):
        build(tmp_path, broken, said.append)
    assert said == ["building the Tryton database, once, a minute or two"]
    assert not list(folder(tmp_path).glob("*.sqlite"))


def test_the_shared_home_is_there_for_every_test_process(tryton_home):
    assert cached_home() == tryton_home
