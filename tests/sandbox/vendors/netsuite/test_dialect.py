from datetime import datetime

import pytest

from finsync_dagster.sandbox.vendors.netsuite.catalog import tables
from finsync_dagster.sandbox.vendors.netsuite.dialect import compiled
from finsync_dagster.sandbox.vendors.netsuite.errors import InvalidQueryError
from finsync_dagster.sandbox.vendors.netsuite.results import Item, Results
from finsync_dagster.sandbox.vendors.netsuite.store import Store

NOW = datetime(2026, 10, 31)


def rows(store: Store, query: str) -> list[Item]:
    return Results(store).page(query, 1000, 0).items


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        (
            "SELECT transactionnumber FROM transaction WHERE type = 'PurchOrd' ORDER BY id",
            [{"transactionnumber": n} for n in ("PO1", "PO2", "PO10")],
        ),
        # Outputs are called in lower case, those without a name expr1, expr2.
        (
            "SELECT T.ID AS OrderId, 1 + 1, UPPER('a') FROM Transaction T "
            "WHERE T.transactionnumber = 'PO1'",
            [{"orderid": "10", "expr1": "2", "expr2": "A"}],
        ),
        # A day alone, unless TO_CHAR says more.
        (
            "SELECT createddate a, trandate b, TO_CHAR(createddate, 'YYYY-MM-DD\"T\"HH24:MI:SS') c "
            "FROM transaction WHERE transactionnumber = 'PO1'",
            [{"a": "03/02/2026", "b": "03/02/2026", "c": "2026-03-02T09:00:00"}],
        ),
        (
            "SELECT transactionnumber n FROM transaction WHERE createddate > "
            "TO_DATE('2026-05-04 08:59:59', 'YYYY-MM-DD HH24:MI:SS') ORDER BY id",
            [{"n": "PO2"}, {"n": "PO10"}],
        ),
        (
            "SELECT COUNT(*) n FROM transaction WHERE createddate > SYSDATE - 91.5",
            [{"n": "2"}],
        ),
        (
            "SELECT TO_CHAR(TRUNC(createddate) + 1.5, 'MM/DD/YYYY HH24:MI') d "
            "FROM transaction WHERE transactionnumber = 'PO1'",
            [{"d": "03/03/2026 12:00"}],
        ),
        # Null is left out; NVL, NVL2, DECODE, CASE.
        (
            "SELECT memo, NVL(memo, '-') a, NVL2(memo, 1, 2) b, DECODE(status, 'D', 'x', 'y') c, "
            "CASE WHEN id > 5 THEN 'big' END d FROM transaction WHERE transactionnumber = 'PO1'",
            [{"a": "-", "b": "2", "c": "x", "d": "big"}],
        ),
        (
            "SELECT BUILTIN.DF(t.status) s, BUILTIN.DF(t.type) t, BUILTIN.DF(t.entity) e, "
            "BUILTIN.DF(t.currency) c, BUILTIN.DF(t.trandate) d, BUILTIN.DF(l.item) i, "
            "BUILTIN.DF(l.createdfrom) f "
            "FROM transaction t JOIN transactionline l ON l.transaction = t.id "
            "WHERE t.transactionnumber = 'PO1' AND l.id = 1",
            [
                {
                    "s": "Purchase Order : Partially Received",
                    "t": "Purchase Order",
                    "e": "Whitlock Ltd",
                    "c": "USD",
                    "d": "03/02/2026",
                    "i": "ITEM3",
                    "f": "Requisition #PR1",
                }
            ],
        ),
        (
            "SELECT BUILTIN.DF(status) s FROM transaction WHERE transactionnumber = 'BILL1'",
            [{"s": "Bill : Paid In Full"}],
        ),
        # ROWNUM counts before the order.
        (
            "SELECT id FROM (SELECT id FROM transaction WHERE type = 'PurchOrd' "
            "ORDER BY id DESC) WHERE ROWNUM <= 2",
            [{"id": "9007199254741074"}, {"id": "18"}],
        ),
        (
            "SELECT id FROM transaction WHERE ROWNUM < 3 AND type = 'PurchOrd' ORDER BY id DESC",
            [{"id": "18"}, {"id": "10"}],
        ),
        (
            "SELECT id FROM transaction WHERE type = 'PurchOrd' ORDER BY id "
            "OFFSET 1 ROWS FETCH NEXT 1 ROWS ONLY",
            [{"id": "18"}],
        ),
        ("SELECT TOP 1 id FROM vendor ORDER BY id", [{"id": "1020"}]),
        (
            "WITH a AS (SELECT id, entity FROM transaction WHERE type = 'PurchOrd') "
            "SELECT v.entityid, COUNT(*) n FROM a JOIN vendor v ON v.id = a.entity "
            "GROUP BY v.entityid HAVING COUNT(*) > 1",
            [{"entityid": "V10", "n": "2"}],
        ),
        (
            "SELECT entityid FROM vendor UNION ALL SELECT entityid FROM employee ORDER BY entityid",
            [{"entityid": "V10"}, {"entityid": "V11"}, {"entityid": "amy"}],
        ),
        (
            "SELECT t.transactionnumber n FROM transaction t WHERE EXISTS (SELECT 1 FROM "
            "transactionline l WHERE l.transaction = t.id AND l.documentnumber = 'INV-77')",
            [{"n": "BILL1"}],
        ),
        (
            "SELECT transactionnumber n FROM transaction WHERE id IN (SELECT transaction "
            "FROM transactionline WHERE documentnumber LIKE 'LS%') ORDER BY id",
            [{"n": "R1"}, {"n": "R2"}],
        ),
        ("SELECT id FROM transaction WHERE id > '9007199254741073'", [{"id": "9007199254741074"}]),
    ],
)
def test_a_query_means_what_it_means_in_suiteql(
    store: Store, query: str, wanted: list[Item]
) -> None:
    assert rows(store, query) == wanted


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("DELETE FROM transaction", "Only one SELECT"),
        ("SELECT 1; SELECT 2", "Only one SELECT"),
        ("DROP TABLE transaction", "Only one SELECT"),
        ("SELEC id", "Only one SELECT"),
        ("SELECT FROM WHERE", "Invalid or unsupported search"),
        ("SELECT " + "(" * 600 + "1", "Invalid or unsupported|deeply nested"),
        ("SELECT id FROM planted", "Invalid search type: planted"),
        ("SELECT id FROM _transaction", "Invalid search type: _transaction"),
        ("SELECT * FROM duckdb_settings()", "Invalid search type"),
        ("SELECT * FROM read_csv('/etc/passwd')", "Invalid search type"),
        ("SELECT * FROM main.transaction", "Invalid search type"),
        ("SELECT tranid FROM transaction", r"Unknown identifier 'tranid'.*\{transaction=transact"),
        ("SELECT t.tranid FROM transaction t", r"Unknown identifier 't.tranid'.*\{t=transaction\}"),
        ("SELECT x.id FROM transaction t", "Unknown identifier 'x.id'"),
        ("SELECT id FROM transaction ORDER BY tranid", "Unknown identifier 'tranid'"),
        ("SELECT _created FROM transaction", "Unknown identifier '_created'"),
        ("SELECT getenv('HOME') FROM transaction", "Unknown function 'getenv'"),
        ("SELECT BUILTIN.CF(id) FROM transaction", "Unknown function 'builtin.cf'"),
        ("SELECT TO_CHAR(createddate, 'QQ') FROM transaction", "Date format not recognized: QQ"),
        ("SELECT id FROM transaction WHERE ROWNUM > 3", "ROWNUM is compared"),
        ("SELECT id FROM transaction WHERE id = 'x'", "Invalid or unsupported search"),
    ],
)
def test_anything_else_is_refused_naming_what(store: Store, query: str, said: str) -> None:
    with pytest.raises(InvalidQueryError, match=said) as told:
        rows(store, query)
    assert told.value.status == 400
    assert told.value.parameter == "q"


def test_every_column_of_the_catalog_can_be_asked_for(store: Store) -> None:
    for table, columns in tables().items():
        rows(store, f"SELECT {', '.join(f't.{name}' for name in columns)} FROM {table} t")


def test_a_query_is_ordered_if_it_says_so() -> None:
    assert compiled("SELECT id FROM vendor ORDER BY id", NOW).ordered
    assert not compiled("SELECT id FROM (SELECT id FROM vendor ORDER BY id)", NOW).ordered
