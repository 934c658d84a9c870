"""Financial documents: those that wait, and those that were acknowledged.

Belongs here: the queue, its pages, acknowledgements. Not here: what a document says
(documents/postings.py), HTTP (api.py).

A document waits until it is acknowledged; then it is gone from every list and can be had only by
the id of its report with ``ignoreDocumentStatus=yes``. Pages are counted over what waits at the
time: who acknowledges while still turning pages skips documents. Acknowledgements are forgotten
when the sandbox stops.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

import duckdb

from finsync_dagster.sandbox.vendors.concur.documents import codes, postings
from finsync_dagster.sandbox.vendors.concur.fields import Object
from finsync_dagster.sandbox.vendors.view import View

KINDS = ("expense", "cashadvance", "invoice", "payroll", "requestobligation", "reportobligation")
_COMPANY = {
    "companyId": "100200",
    "entityId": "p0000100200l",
    "companyUuid": "5d1f6e0a-2b7c-4c58-9e43-8a60f1b2c3d4",
}
_DONE, _ALREADY, _UNKNOWN = 0, 101, 116


@dataclass(frozen=True)
class Waiting:
    """A document: its id, the key of its row, the id of the report or advance it is about."""

    id: str
    key: int
    about: str


class Queue:
    """The documents of a company by kind. Used by many threads at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._taken: dict[str, str | None] = {}
        self._known: dict[tuple[str, View], dict[str, Waiting]] = {}

    def waiting(
        self, kind: str, view: View, connect: Callable[[], duckdb.DuckDBPyConnection]
    ) -> list[Waiting]:
        """What has not been acknowledged, in the order in which it became ready."""
        known = self.known(kind, view, connect)
        with self._lock:
            taken = self._taken.keys() & known.keys()
            return [each for id_, each in known.items() if id_ not in taken]

    def known(
        self, kind: str, view: View, connect: Callable[[], duckdb.DuckDBPyConnection]
    ) -> dict[str, Waiting]:
        """Every document there is by now, acknowledged or not, by id."""
        with self._lock:
            if (kind, view) not in self._known:
                for old in [each for each in self._known if each[0] == kind]:
                    del self._known[old]
                self._known[kind, view] = _find(kind, view, connect)
            return self._known[kind, view]

    def is_taken(self, id_: str) -> bool:
        """Whether a document was acknowledged."""
        with self._lock:
            return id_ in self._taken

    def acknowledge(self, ids: list[str], system: str | None, known: set[str]) -> list[Object]:
        """Takes documents from the queue; what became of each, in the order given."""
        results = []
        with self._lock:
            for id_ in ids:
                if id_ not in known:
                    code, sentence = _UNKNOWN, "This document does not exist."
                elif id_ in self._taken:
                    by = self._taken[id_] or "null"
                    code = _ALREADY
                    sentence = f"This document was previously acknowledged by SystemId: {by}."
                else:
                    self._taken[id_] = system
                    code, sentence = _DONE, ""
                results.append(_result(code, id_, system, sentence))
        return results


def documents(
    kind: str, waiting: list[Waiting], taken: bool, cursor: duckdb.DuckDBPyConnection
) -> list[Object]:
    """The documents of a page, whole."""
    if not waiting:
        return []
    build = postings.expense_documents if kind == "expense" else postings.advance_documents
    built = build(cursor, [each.key for each in waiting])
    return [
        {
            "id": each.id,
            "docType": kind,
            **_COMPANY,
            "erpSystemId": "",
            "document": built[each.key],
            "docStatus": "ACKNOWLEDGED" if taken else "READY",
        }
        for each in waiting
    ]


def _find(
    kind: str, view: View, connect: Callable[[], duckdb.DuckDBPyConnection]
) -> dict[str, Waiting]:
    sql = {"expense": postings.ready_reports, "cashadvance": postings.ready_advances}.get(kind)
    if sql is None:  # the company posts nothing of this kind from here
        return {}
    cursor = connect()
    try:
        found = cursor.execute(sql(view)).fetchall()
    finally:
        cursor.close()
    each = [Waiting(codes.identity("document", kind, about), key, about) for key, about in found]
    return {waiting.id: waiting for waiting in each}


def _result(code: int, id_: str, system: str | None, sentence: str) -> Object:
    return {
        "code": code,
        "docId": id_,
        "systemId": system,
        "acknowledgeResult": "FAILURE" if code else "SUCCESS",
        "errorMessage": sentence,
    }
