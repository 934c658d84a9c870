from concurrent.futures import ThreadPoolExecutor

from hypothesis import given
from hypothesis import strategies as st

from finsync_dagster.sandbox.vendors.faults import Faults
from finsync_dagster.sandbox.vendors.plan import parse_plan
from finsync_dagster.sandbox.vendors.wire import Request


def asking(path: str, body: bytes = b"", **headers: str) -> Request:
    return Request("GET", path, body=body, headers=headers)


def pages(count: int) -> list[Request]:
    return [Request("GET", "/invoices", (("offset", str(n)),)) for n in range(count)]


def plan_of(text: str, seed: int = 7) -> Faults:
    return Faults(parse_plan(f"seed: {seed}\nfaults: [{text}]"))


def drawn(faults: Faults, requests: list[Request]) -> list[bool]:
    return [faults.strikes("cut", r, "group_coupa") is not None for r in requests]


def test_the_same_requests_meet_the_same_faults_in_any_order() -> None:
    requests = pages(400)
    first = drawn(plan_of("{kind: cut, rate: 0.25}"), requests)
    backwards = drawn(plan_of("{kind: cut, rate: 0.25}"), requests[::-1])[::-1]
    with ThreadPoolExecutor(8) as threads:
        faults = plan_of("{kind: cut, rate: 0.25}")
        at_once = list(threads.map(lambda r: faults.strikes("cut", r, "group_coupa"), requests))
    assert first == backwards == [f is not None for f in at_once]
    assert 70 < sum(first) < 130
    assert drawn(plan_of("{kind: cut, rate: 0.25}", seed=8), requests) != first


def test_the_rate_bounds_are_never_and_always() -> None:
    assert not any(drawn(plan_of("{kind: cut, rate: 0}"), pages(50)))
    assert all(drawn(plan_of("{kind: cut, rate: 1}"), pages(50)))


def test_one_request_does_not_fail_more_often_in_a_row_than_the_plan_says() -> None:
    faults = plan_of("{kind: cut, rate: 1, at_most: 2}")
    again = pages(1) * 7
    assert drawn(faults, again) == [True, True, False, True, True, False, True]


@given(st.integers(0, 10_000), st.integers(1, 4))
def test_kinds_together_do_not_fail_a_request_more_often_than_each_may(seed: int, cap: int) -> None:
    kinds = ("throttled", "server_error", "cut", "expired_token", "error_in_200")
    rules = ", ".join(f"{{kind: {k}, rate: 0.6, at_most: {cap}}}" for k in kinds)
    faults = plan_of(rules, seed)
    request, row, longest = pages(1)[0], 0, 0
    for _ in range(60):
        struck = any(faults.strikes(kind, request, "group_sap") for kind in kinds)
        row = row + 1 if struck else 0
        longest = max(longest, row)
    assert longest <= cap


def test_what_only_makes_an_answer_odd_may_strike_each_time() -> None:
    faults = plan_of("{kind: small_page, rate: 1, records: 3}")
    struck = [faults.strikes("small_page", r, "group_sap") for r in pages(1) * 9]
    assert [fault.records for fault in struck if fault] == [3] * 9


def test_a_rule_may_hold_for_some_systems_objects_and_only_later() -> None:
    faults = plan_of("{kind: cut, rate: 1, systems: [group_sap], objects: [A_PurchaseOrder]}")
    order, item = asking("/X/A_PurchaseOrder"), asking("/X/A_PurchaseOrderItem")
    assert faults.strikes("cut", order, "group_sap")
    assert not faults.strikes("cut", order, "group_coupa")
    assert not faults.strikes("cut", item, "group_sap")
    posted = asking("/suiteql", b'{"q": "SELECT id FROM A_PurchaseOrder"}')
    assert faults.strikes("cut", posted, "group_sap")
    later = plan_of("{kind: cut, rate: 1, after: 3}")
    assert drawn(later, pages(5)) == [False, False, False, True, True]


def test_secrets_of_a_token_request_do_not_decide() -> None:
    form = {"content-type": "application/x-www-form-urlencoded;charset=utf-8"}
    asked = [asking("/oauth2/token", b"client_secret=" + bytes([65 + n]), **form) for n in range(9)]
    one, other = plan_of("{kind: cut, rate: 0.5}"), plan_of("{kind: cut, rate: 0.5}")
    assert drawn(one, asked) == drawn(other, [asked[0]] * 9)


def test_what_struck_is_counted_and_a_new_plan_takes_over() -> None:
    faults = plan_of("{kind: cut, rate: 1}")
    drawn(faults, pages(3))
    assert faults.struck() == {"group_coupa": {"cut": 3}}
    faults.replace(parse_plan("faults: [{kind: slow, rate: 1}]"))
    drawn(faults, pages(3))
    assert faults.strikes("slow", pages(1)[0], "group_sap")
    assert faults.struck() == {"group_coupa": {"cut": 3}, "group_sap": {"slow": 1}}
