"""Orders, as their documents in the world say they must look."""

from __future__ import annotations

from finsync_dagster.sandbox.vendors.sap.sap import Sap
from finsync_dagster.sandbox.world.reading import World
from tests.sandbox.vendors.sap.asking import ORDERS, V4, ask, read, results
from tests.sandbox.vendors.sap.tiny import moment


def order(sap: Sap, number: str) -> dict[str, str]:
    found: dict[str, str] = read(sap, f"{ORDERS}A_PurchaseOrder('{number}')")["d"]
    return found


def test_a_header(sap: Sap) -> None:
    found = order(sap, "4500000001")
    wanted = {
        "CompanyCode": "1200", "Supplier": "0010300001", "InvoicingParty": "0010300001",
        "DocumentCurrency": "EUR", "ExchangeRate": "1.00000", "PaymentTerms": "N030",
        "NetPaymentDays": "30", "PurchasingProcessingStatus": "05", "CreatedByUser": "AWEBER",
        "ReleaseIsNotCompleted": False, "PurchasingDocumentDeletionCode": "",
    }  # fmt: skip
    assert {name: found[name] for name in wanted} == wanted
    assert order(sap, "4500000003")["ExchangeRate"] == "0.00612"


def test_a_line_priced_by_another_unit_for_a_hundred(sap: Sap) -> None:
    key = "(PurchaseOrder='4500000001',PurchaseOrderItem='20')"
    found = read(sap, f"{ORDERS}A_PurchaseOrderItem{key}")["d"]
    wanted = {
        "OrderQuantity": "1234.500", "PurchaseOrderQuantityUnit": "ST", "OrderPriceUnit": "KG",
        "NetPriceAmount": "1.250", "NetPriceQuantity": "100",
        "OrderPriceUnitToOrderUnitNmrtr": "7", "OrdPriceUnitToOrderUnitDnmntr": "20",
        "Material": "M-0001", "InternationalArticleNumber": "4006381333931",
        "GoodsReceiptIsExpected": True, "TaxCode": "VF",
    }  # fmt: skip
    assert {name: found[name] for name in wanted} == wanted


def test_deleted_is_flagged_and_truly_deleted_is_gone(sap: Sap) -> None:
    assert order(sap, "4500000002")["PurchasingDocumentDeletionCode"] == "L"
    (item,) = results(sap, f"{ORDERS}A_PurchaseOrder('4500000002')/to_PurchaseOrderItem")
    assert item["PurchasingDocumentDeletionCode"] == "L"
    assert ask(sap, f"{ORDERS}A_PurchaseOrder('4500000004')").status == 404
    lines = f"{ORDERS}A_PurchaseOrderItem?$filter=PurchaseOrder eq '4500000004'"
    assert results(sap, lines) == []


def test_a_copy_has_the_copys_values_and_ten_times_the_line(sap: Sap) -> None:
    found = order(sap, "7000000001")
    assert (found["CompanyCode"], found["CreationDate"]) == ("1000", "/Date(1768003200000)/")
    (item,) = results(sap, f"{ORDERS}A_PurchaseOrder('7000000001')/to_PurchaseOrderItem")
    assert (item["PurchaseOrderItem"], item["OrderQuantity"]) == ("10", "11.000")
    (line,) = results(sap, f"{ORDERS}A_PurchaseOrderScheduleLine?$filter=PurchasingDocument eq "
                           "'7000000001'")  # fmt: skip
    assert line["ScheduleLineOrderQuantity"] == "11.000"


def test_an_account_assignment(sap: Sap) -> None:
    key = "(PurchaseOrder='4500000001',PurchaseOrderItem='10',AccountAssignmentNumber='1')"
    found = read(sap, f"{ORDERS}A_PurOrdAccountAssignment{key}")["d"]
    assert (found["GLAccount"], found["CostCenter"]) == ("300000", "200")
    assert (found["PurgDocNetAmount"], found["Quantity"]) == ("125.000", "10.000")


def test_a_project_is_told_under_each_of_its_names(sap: Sap) -> None:
    key = "(PurchaseOrder='4500000002',PurchaseOrderItem='10',AccountAssignmentNumber='1')"
    found = read(sap, f"{ORDERS}A_PurOrdAccountAssignment{key}")["d"]
    assert (found["WBSElement"], found["WBSElementExternalID"]) == ("P-300", "P-300")


def test_a_unit_nobody_entered_is_no_piece(sap: Sap) -> None:
    key = "(PurchaseOrder='4500000003',PurchaseOrderItem='110')"
    found = read(sap, f"{ORDERS}A_PurchaseOrderItem{key}")["d"]
    assert (found["PurchaseOrderQuantityUnit"], found["OrderPriceUnit"]) == ("XPX", "XPX")


def test_both_versions_tell_the_same(s4: Sap) -> None:
    two = results(s4, f"{ORDERS}A_PurchaseOrderItem")
    four = read(s4, f"{V4}PurchaseOrderItem")["value"]
    shared = two[0].keys() & four[0].keys() - {"PurchasingInfoRecord"}
    assert len(shared) > 60
    assert len(two) == len(four) == 2
    for old, new in zip(two, four, strict=True):
        for name in shared:
            told = new[name]
            if isinstance(old[name], str) and not isinstance(told, str):
                assert type(told)(old[name]) == told, name
            else:
                assert old[name] == told, name
    assert [str(row["NetAmount"]) for row in four] == ["125.00", "100.10"]
    header = read(s4, f"{V4}PurchaseOrder")["value"][0]
    assert header["PurchaseOrderDeletionCode"] == ""
    assert "PurchasingDocumentDeletionCode" not in header


def test_a_limit_line_is_one_piece_worth_its_value(s4: Sap) -> None:
    found = results(s4, f"{ORDERS}A_PurchaseOrderItem")[1]
    wanted = {
        "OrderQuantity": "1.000", "NetPriceAmount": "100.100", "NetPriceQuantity": "1",
        "PurchaseOrderItemCategory": "A", "OverallLimitAmount": "500.000",
        "ExpectedOverallLimitAmount": "100.100", "PurchaseOrderQuantityUnit": "ST",
    }  # fmt: skip
    assert {name: found[name] for name in wanted} == wanted


def test_time_passes(sap: Sap, world: World) -> None:
    condition = "LastChangeDateTime gt datetimeoffset'2026-01-07T00:00:00Z'"
    changes = f"{ORDERS}A_PurchaseOrder?$filter={condition}"

    def numbers() -> list[str]:
        return [row["PurchaseOrder"] for row in results(sap, changes)]

    world.until = moment("2026-01-07T12:00:00")
    assert numbers() == ["4500000003"]
    assert order(sap, "4500000002")["PurchasingDocumentDeletionCode"] == ""
    assert order(sap, "4500000002")["LastChangeDateTime"] == "/Date(1767691815000+0000)/"
    assert read(sap, f"{ORDERS}A_PurchaseOrder?$inlinecount=allpages")["d"]["__count"] == "3"
    world.until = moment("2026-02-01T00:00:00")
    assert numbers() == ["4500000003", "4500000004", "7000000001"]
    world.until = moment("2026-03-02T00:00:00")
    assert numbers() == ["4500000002", "4500000003", "7000000001"]
    assert order(sap, "4500000002")["PurchasingDocumentDeletionCode"] == "L"
