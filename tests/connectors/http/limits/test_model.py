"""The words for limits, retries and the circuit."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from finsync_dagster.connectors.http.limits.model import Breaker, Limits, Retry, Timeouts


def test_nothing_needs_to_be_said() -> None:
    assert Limits().concurrent == 2
    assert (Timeouts().connect, Timeouts().read, Timeouts().answer) == (10, 60, 300)
    assert Retry().attempts == 5
    assert Breaker().rests == timedelta(minutes=5)


@pytest.mark.parametrize(
    ("written", "seconds"), [("30s", 30), ("5m", 300), ("1h", 3600), ("2 d", 172_800)]
)
def test_durations(written: str, seconds: int) -> None:
    breaker = Breaker.model_validate({"rests": written, "longest": "9d"})
    assert breaker.rests == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("model", "written", "said"),
    [
        (Limits, {"per_minutes": 5}, "Extra inputs are not permitted"),
        (Limits, {"per_minute": 0}, "greater than or equal to 1"),
        (Limits, {"per_minute": 1.5}, "valid integer"),
        (Limits, {"concurrent": 0}, "greater than or equal to 1"),
        (Retry, {"attempts": 0}, "greater than or equal to 1"),
        (Breaker, {"rests": "5 minutes"}, "write for example 30s, 5m, 1h"),
        (Breaker, {"rests": "0m"}, "no duration"),
        (Breaker, {"rests": "2h"}, "raise longest"),
    ],
)
def test_what_cannot_be_meant_is_said(model: Any, written: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        model.model_validate(written)
