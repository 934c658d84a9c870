"""Concur's connector: reports, their expenses and shares, in JSON and in XML."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal as D
from pathlib import Path
from typing import Any

import pytest

from finsync_dagster.connectors.errors import SourceError
from finsync_dagster.connectors.load import load_system, read_system, system_of
from tests.connectors.concur.service import SECRETS, Concur, serving
from tests.connectors.http.auth.auth_server import Reply, Site
from tests.connectors.through import Through, mapped

pytestmark = pytest.mark.slow


@dataclass
class Erp:
    concur: Concur
    through: Through
    site: Site


IN_XML = "like: concur\nheaders: {Accept: application/xml}\n"


@pytest.fixture(params=["json", "xml"])
def erp(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Erp]:
    own = tmp_path / "concur_in_xml" / "system.yaml"
    own.parent.mkdir()
    own.write_text(IN_XML)
    spec = system_of(read_system(own.parent)) if request.param == "xml" else load_system("concur")
    concur = Concur(most=2)
    concur.lists["reports"] = [report("F4F027007E814C1CA70E")]
    concur.lists["entries"] = [
        entry("E1"),
        entry(
            "E2",
            TransactionAmount=99.9,
            TransactionCurrencyCode="JPY",
            ExchangeRate=0.00617283950617284,
            PostedAmount=0.6166666666666667,
            ApprovedAmount=0.62,
            PaymentTypeID="gWo1",
            PaymentTypeName="Company Paid",
            IsPersonal=True,
        ),
        entry(
            "E3", TransactionAmount=-50, PostedAmount=-50, PaymentTypeID="x", PaymentTypeName="y"
        ),
    ]
    concur.lists["itemizations"] = [part("P1", 20.1), part("P2", 13.200000000000001)]
    concur.lists["allocations"] = [
        share("A1", "P1", "60"),
        share("A2", "P1", "40"),
        share("A3", "E2", "100"),
    ]
    with serving(concur) as here:
        mappings = mapped("concur", entity={"DE01": "acme_de"})
        yield Erp(concur, Through("concur", here.url, SECRETS, mappings, spec), here)


def report(key: str, **facts: Any) -> dict[str, Any]:
    """A report as v3 writes it."""
    known = {
        "ID": key,
        "Name": "March & April",
        "Total": 100.0,
        "CurrencyCode": "EUR",
        "SubmitDate": "2026-03-02T19:18:35.537",
        "PaidDate": None,
        "OwnerLoginID": "ada@example.com",
        "ApprovalStatusCode": "A_APPR",
        "PaymentStatusCode": "P_NOTP",
        "LastModifiedDate": "2026-03-02T19:46:01.98",
        "PersonalAmount": 0.0,
        "AmountDueEmployee": 33.300000000000004,
        "TotalApprovedAmount": 99.99,
        "OrgUnit1": {"Type": "List", "Value": "Acme DE", "Code": "DE01", "ListItemID": "1"},
        "OrgUnit2": None,
    }
    return known | facts


def entry(key: str, **facts: Any) -> dict[str, Any]:
    known = {
        "ID": key,
        "ReportID": "F4F027007E814C1CA70E",
        "ExpenseTypeCode": "LODNG",
        "Description": "",
        "VendorDescription": "Hotel <Adler>",
        "VendorListItemName": None,
        "TransactionDate": "2026-03-01T00:00:00",
        "TransactionAmount": 33.300000000000004,
        "TransactionCurrencyCode": "EUR",
        "ExchangeRate": 1.0,
        "PostedAmount": 33.300000000000004,
        "ApprovedAmount": 33.3,
        "PaymentTypeID": "CASH",
        "PaymentTypeName": "Cash",
        "CompanyCardTransactionID": None,
        "IsPersonal": False,
        "HasItemizations": False,
        "LastModified": "2026-03-02T19:00:00",
    }
    return known | facts


def part(key: str, amount: float, **facts: Any) -> dict[str, Any]:
    known = {
        "ID": key,
        "EntryID": "E1",
        "ReportID": "F4F027007E814C1CA70E",
        "ExpenseTypeCode": "LODTX",
        "TransactionDate": "2026-03-01T00:00:00",
        "TransactionAmount": amount,
        "PostedAmount": amount,
        "ApprovedAmount": amount,
        "IsPersonal": False,
        "LastModified": "2026-03-02T19:00:00",
    }
    return known | facts


def share(key: str, of: str, percentage: str) -> dict[str, Any]:
    return {
        "ID": key,
        "EntryID": of,
        "Percentage": percentage,
        "AccountCode1": "6200",
        "AccountCode2": None,
    }


def test_a_report_with_its_expenses_parts_and_shares(erp: Erp) -> None:
    assert erp.through.run().quarantine().is_empty()
    t = erp.through
    found = t.rows("expense_reports")["F4F027007E814C1CA70E"]
    assert (found["entity_id"], found["title"], found["employee_id"]) == (
        "acme_de",
        "March & April",
        "ada@example.com",
    )
    assert (found["total"], found["approved_total"], found["due_employee"]) == (
        D(100),
        D("99.99"),
        D("33.3"),
    )
    assert (found["status_src"], found["status_canon"]) == (
        "approval=A_APPR payment=P_NOTP",
        "approved",
    )
    assert found["submitted_at"] == datetime(2026, 3, 2, 19, 18, 35, 537000, tzinfo=UTC)

    lines = t.rows("expense_lines")
    assert (lines["E1"]["amount"], lines["E1"]["paid_by"]) == (D("33.3"), "employee")
    assert (lines["E1"]["merchant"], lines["E1"]["description"]) == ("Hotel <Adler>", None)
    assert lines["E1"]["transaction_date"] == date(2026, 3, 1)
    far = lines["E2"]
    assert (far["amount"], far["ccy"], far["posted_amount"], far["posted_ccy"]) == (
        D("99.9"),
        "JPY",
        D("0.6167"),
        "EUR",
    )
    assert far["exchange_rate"] == D("0.006172839506")
    assert (far["paid_by"], far["personal"], lines["E1"]["personal"]) == ("company", True, False)
    assert (lines["E3"]["amount"], lines["E3"]["paid_by"]) == (D(-50), None)
    assert {lines[p]["parent_line_id"] for p in ("P1", "P2")} == {"erp|entries|E1"}
    assert lines["P1"]["amount"] + lines["P2"]["amount"] == lines["E1"]["amount"]
    assert lines["P2"]["ccy"] == "EUR"

    shares = t.rows("expense_allocations")
    assert {
        k: (s["expense_line_id"], s["percentage"], s["account"]) for k, s in shares.items()
    } == {
        "A1": ("erp|itemizations|P1", D(60), "6200"),
        "A2": ("erp|itemizations|P1", D(40), "6200"),
        "A3": ("erp|entries|E2", D(100), "6200"),
    }


def test_a_paid_report_and_one_that_was_sent_back(erp: Erp) -> None:
    paid = {"PaymentStatusCode": "P_PAID", "PaidDate": "2026-03-09T19:46:01.57"}
    erp.concur.lists["reports"] += [
        report("R2", **paid),
        report("R3", ApprovalStatusCode="A_RESU"),
        report("R4", ApprovalStatusCode="A_NOTF", SubmitDate=None),
    ]
    erp.through.run()
    rows = erp.through.rows("expense_reports")
    assert {k: (r["status_canon"], r["paid_date"]) for k, r in rows.items() if k[0] == "R"} == {
        "R2": ("paid", date(2026, 3, 9)),
        "R3": ("rejected", None),
        "R4": ("draft", None),
    }


def test_an_increment_asks_for_reports_changed_since_and_sees_deleted_entries(erp: Erp) -> None:
    erp.through.run()
    changed = report("R2", LastModifiedDate="2026-03-05T08:00:00.5")
    erp.concur.lists["reports"].append(changed)
    erp.concur.lists["entries"].pop()
    assert erp.through.take("reports").mode == "incremental"
    assert "modifiedDateAfter=2026-03-02T17%3A46%3A01.980" in erp.site.seen[-1].url
    erp.through.run("entries")
    assert sorted(erp.through.rows("expense_lines")) == ["E1", "E2", "P1", "P2"]
    assert sorted(erp.through.rows("expense_reports")) == ["F4F027007E814C1CA70E", "R2"]


def test_a_token_that_expires_while_pages_are_read_is_renewed(erp: Erp) -> None:
    erp.concur.tokens = 3
    erp.concur.lists["entries"] = [entry(f"E{n}") for n in range(9)]
    erp.through.run()
    assert len(erp.through.rows("expense_lines")) == 11
    assert erp.concur.given > 1


def test_what_nobody_mapped_waits_with_a_sentence_and_the_rest_goes_on(erp: Erp) -> None:
    erp.concur.lists["reports"] += [
        report("R5", OrgUnit1={"Code": "ZZ99"}),
        report("R6", OrgUnit1=None),
        report("R7", ApprovalStatusCode="A_MINE"),
        report("R8", PaymentStatusCode="P_MINE"),
        report("R9", Total=None),
    ]
    erp.concur.lists["entries"] += [entry("E9", ReportID="R5"), entry("E8", PostedAmount="oops")]
    waiting = erp.through.run().quarantine()
    told = {
        (r["source_pk"], r["column_name"], r["reason_code"]) for r in waiting.iter_rows(named=True)
    }
    assert {
        ("R5", "entity_id", "MAPPING_MISSING"),
        ("R6", "entity_id", "MAPPING_MISSING"),
        ("R7", "status_canon", "MAPPING_MISSING"),
        ("R8", "status_canon", "MAPPING_MISSING"),
        ("R9", "total", "MISSING_REQUIRED_FIELD"),
        ("E8", "posted_amount", "VALUE_NOT_READABLE"),
    } <= told
    assert {pk for pk, _, _ in told} == {"R5", "R6", "R7", "R8", "R9", "E8", "E9"}
    said = next(r["message"] for r in waiting.iter_rows(named=True) if r["source_pk"] == "R5")
    assert said.startswith("org_unit holds the code 'ZZ99', for which the code map of")
    assert sorted(erp.through.rows("expense_reports")) == ["F4F027007E814C1CA70E"]
    assert "E1" in erp.through.rows("expense_lines")


def test_an_error_is_a_sentence(erp: Erp) -> None:
    body = "<Error><Message>User must be an admin</Message><Server-Time>x</Server-Time></Error>"
    told = {"Error": {"Message": "User must be an admin", "Server-Time": "x", "Id": "1"}}
    in_xml = Reply(403, body, {"Content-Type": "application/xml"})
    in_json = Reply(403, told, {"Content-Type": "application/json"})
    wants_xml = erp.through.spec.headers["Accept"] == "application/xml"
    erp.concur.refuse = [in_xml if wants_xml else in_json]
    with pytest.raises(SourceError) as error:
        erp.through.take("reports")
    assert "User must be an admin" in str(error.value)
    assert error.value.kind == "policy"


def test_too_many_requests_are_told_by_400_and_asked_again(erp: Erp, tmp_path: Path) -> None:
    own = tmp_path / "concur_hasty" / "system.yaml"
    own.parent.mkdir()
    own.write_text("like: concur\nretry: {attempts: 3, first_wait: 1}\n")
    said = "The number of requests received exceeded the maximum allowed."
    told = {"Error": {"Message": said, "Server-Time": "2026-03-02T19:00:00", "Id": "1"}}
    erp.concur.refuse = [Reply(400, told, {"Content-Type": "application/json"})] * 2
    through = Through(
        "concur", erp.through.url, SECRETS, erp.through.mappings, system_of(read_system(own.parent))
    )
    assert through.take("reports").row_count == 1
    assert erp.concur.refuse == []
