"""Every field that the connector asks for or reads is in Coupa's field tables, and is asked for."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from finsync_dagster.canonical.expressions import referenced_fields
from finsync_dagster.canonical.mapping import Mapping, load_mappings
from finsync_dagster.canonical.mapping_checks import expressions_of
from finsync_dagster.connectors.http.model import HttpObject
from finsync_dagster.connectors.http.templates import ABSENT, fill_query
from tests.connectors.coupa.schema import reach, tables
from tests.connectors.coupa.taking import declared

ROOTS = {
    "suppliers": "Supplier",
    "items": "Item",
    "requisitions": "RequisitionHeader",
    "order_lines": "OrderLine",
    "purchase_orders": "OrderHeader",
    "receiving_transactions": "InventoryTransaction",
    "invoices": "InvoiceHeader",
    "payments": "CoupaPay-Payment",
    "expense_reports": "ExpenseReport",
}
OBJECTS = declared().objects
Path = tuple[str, ...]
_READ = re.compile(r"json_extract_string\(\s*(\w+)\.\"?([\w-]+)\"?,\s*'([^']+)'\)")
_STEP = re.compile(r"[A-Za-z][\w-]*")


def asked_for(name: str) -> set[Path]:
    """Paths of all fields in the request, those of whole objects left out."""
    values = {"since": ABSENT, "after": ABSENT, "limit": "50", "fields": []}
    query = fill_query(OBJECTS[name].request.query, values)
    return set(_leaves(json.loads(str(query["fields"]))))


def _leaves(fields: list[Any]) -> Iterator[Path]:
    for entry in fields:
        if isinstance(entry, str):
            yield (entry.replace("_", "-"),)
            continue
        for name, inner in entry.items():
            yield from ((name.replace("_", "-"), *rest) for rest in _leaves(inner))


def lifted(spec: HttpObject) -> dict[str, Path]:
    return {k: tuple(str(s) for s in v if isinstance(s, str)) for k, v in spec.lift.items()}


def element_paths(mapping: Mapping) -> dict[str, Path]:
    """Name of an element → where its list is in the record."""
    found: dict[str, Path] = {}
    at: Path = ()
    for level in mapping.items.levels if mapping.items else ():
        at = (*at, level.path)
        found[level.name] = at
    return found


def read_by(mapping: Mapping) -> Iterator[tuple[str, Path]]:
    """Object and path of everything that a mapping's expressions read."""
    aliases = {"record": mapping.object, **{a: j.object for a, j in mapping.joins.items()}}
    elements = element_paths(mapping)
    for level in mapping.items.levels if mapping.items else ():
        for name in (*level.fields, *level.optional):
            yield mapping.object, (*elements[level.name], name)
    for _, text in expressions_of(mapping):
        deep = [(alias, name, _STEP.findall(rest)) for alias, name, rest in _READ.findall(text)]
        plain = [(r.object or "record", r.field, []) for r in referenced_fields(text)]
        for alias, name, rest in [*deep, *plain]:
            of = mapping.object if alias in elements else aliases[alias]
            start = (*elements.get(alias, ()), name)
            spec = OBJECTS[of]
            yield of, (*lifted(spec)[name], *rest) if start[0] in spec.lift else (*start, *rest)


@pytest.mark.parametrize("name", OBJECTS)
def test_what_is_asked_for_exists(name: str) -> None:
    spec = OBJECTS[name]
    asked = asked_for(name)
    for path in asked:
        assert not list(reach(ROOTS[name], path)), f"{path} is an object: say which of its fields"
    columns = {(c,) for c in (*spec.key, str(spec.cursor), *spec.control_totals)}
    assert columns <= asked
    assert set(lifted(spec).values()) <= asked
    assert {f for f in spec.fields if not any(p[0] == f for p in asked)} == set()


def test_objects_are_as_many_as_the_tables_roots() -> None:
    assert set(OBJECTS) == set(ROOTS)
    assert set(ROOTS.values()) <= set(tables())


@pytest.mark.parametrize(
    "mapping", load_mappings("coupa").mappings, ids=lambda m: f"{m.table}-{m.object}"
)
def test_what_is_read_exists_and_was_asked_for(mapping: Mapping) -> None:
    for name, path in set(read_by(mapping)):
        list(reach(ROOTS[name], path))
        asked = asked_for(name)
        assert any(a[: len(path)] == path for a in asked), f"{name} does not ask for {path}"


def test_nothing_is_asked_for_in_vain_but_what_a_tenant_may_map() -> None:
    read: dict[str, set[Path]] = {}
    for mapping in load_mappings("coupa").mappings:
        for name, path in read_by(mapping):
            read.setdefault(name, set()).add(path)
    for name, spec in OBJECTS.items():
        own = {path for path in asked_for(name) if not path[-1].startswith("segment-")}
        seen = {*read[name], ("id",), (str(spec.cursor),)}
        in_vain = {p for p in own if not any(p == s[: len(p)] for s in seen)}
        # Parts of an expense are the legal entity's of the report, and have an account of the
        # same shape.
        assert {p for p in in_vain if "itemized-expense-lines" not in p} == set()


def test_a_field_that_does_not_exist_is_found() -> None:
    """The checks above can fail."""
    with pytest.raises(KeyError, match="AccountType has no legal-entity"):
        list(reach("OrderHeader", ("order-lines", "account", "account-type", "legal-entity")))
    first = load_mappings("coupa").mappings[0]
    wrong = first.model_copy(update={"columns": {**first.columns, "name": "nickname"}})
    assert ("suppliers", ("nickname",)) in set(read_by(wrong))


def _words(text: str) -> set[str]:
    return set(text.split())


def test_every_status_of_the_tables_is_mapped() -> None:
    maps = load_mappings("coupa").code_maps
    assert set(maps["requisition_status"]) >= _words(
        "draft cart pending_buyer_action pending_approval approved ordered partially_received "
        "received abandoned backgrounded withdrawn"
    )
    assert set(maps["order_status"]) >= _words(
        "buyer_hold cancelled closed currency_hold draft error expensed issued supplier_hold "
        "supplier_window_hold exported"
    )
    assert set(maps["invoice_status"]) == _words(
        "new ap_hold draft on_hold pending_receipt rejected abandoned disputed pending_approval "
        "booking_hold pending_action approved voided processing invalid payable_adjustment"
    )
    assert set(maps["match_type"]) == _words("direct_matching 3-way-fifo 3-way 2-way none")
    kinds = [
        f"{void}{kind}"
        for void in ("", "Void")
        for kind in (
            "InventoryReceipt",
            *(
                f"Receiving{basis}{what}"
                for basis in ("Quantity", "Amount")
                for what in ("Consumption", "Disposal", "ReturnToSupplier")
            ),
        )
    ]
    assert set(maps["receipt_kind"]) == set(maps["receipt_sign"]) == set(kinds)
    assert maps["entity"] == {}
