"""The figures that are printed."""

from benchmarks.match.__main__ import median, table


def _figures(seconds: float, user: float, peak: float) -> dict[str, float]:
    return {"seconds": seconds, "user": user, "system": 0.5, "peak_mb": peak}


def test_medians_but_the_highest_peak() -> None:
    runs = [_figures(3, 2, 100), _figures(9, 1, 300), _figures(4, 5, 200)]
    assert median(runs) == _figures(4, 2, 300)


def test_ratios_of_the_clock_and_of_the_processor() -> None:
    medians = {
        "floor": _figures(2, 1.5, 100),
        "sql": _figures(20, 19.5, 2000),
        "engine": _figures(10, 7.5, 900),
    }
    said = table(medians, 1_000_000, "sql-at-once")
    assert "engine / floor 5.00 (processor 4.00)" in said
    assert "script / engine 2.00 (processor 2.50)" in said
    assert "| the engine, all checks | 10.0 | 8.0 | 900 | 100,000 |" in said
    assert "(sql-at-once)" in said
