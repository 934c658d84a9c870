"""The helpers of the expression dialect, as DuckDB macros.

Belongs here: what a helper computes. Not here: the connection they are installed in
(expressions.py), nor the rule for ids that frames need too (key_text.py).

A helper that cannot read its value fails by a CAST, so that TRY makes one bad record of it. In
TRY, DuckDB's ``error()`` would not do: it stops the whole query.
"""

from __future__ import annotations

from decimal import Decimal

from finsync_dagster.canonical.key_text import LARGEST_EXPONENT, SCIENTIFIC, WITH_ZEROS
from finsync_dagster.money import MINOR_UNITS

# A figure with . for decimals: thousands by one and the same sign, three digits each, or none. No
# group begins with 0, since 0,123 is hardly ever a hundred and twenty-three.
_GROUPED = "|".join(f"[1-9][0-9]{{0,2}}(?:{sign}[0-9]{{3}})+" for sign in (",", " ", "''"))
_FIGURE = (
    f"(?:(?:[0-9]+|{_GROUPED})(?:[.][0-9]*)?|[.][0-9]+|[0-9]+(?:[.][0-9]*)?[eE][-+]?[0-9]{{1,2}})"
)
# A number as programs write what they keep as binary floating point.
_FLOAT = "[-+]?(?:[0-9]+(?:[.][0-9]*)?|[.][0-9]+)(?:[eE][-+]?[0-9]{1,3})?"

# A lambda over a list of one stands for a variable: what a macro is given is computed once. Names
# that begin with an underscore cannot hide a source's field. The translated characters are minus,
# en dash, the blanks that do not break or are narrow, and the typographic apostrophe.
_TEMPLATE = r"""
CREATE MACRO exact(x) AS list_transform([x], lambda _exact: CASE
    WHEN CAST(_exact AS DECIMAL(38, 18)) = CAST(_exact AS DECIMAL(38, 6))
    THEN CAST(_exact AS DECIMAL(38, 6))
    ELSE CAST(_exact || ' has more than six decimals' AS DECIMAL(38, 6)) END)[1];
CREATE MACRO _typed(x) AS trim(translate(
    x, chr(8722) || chr(8211) || chr(160) || chr(8239) || chr(8201) || chr(8217), '--   '''));
CREATE MACRO _figure(x) AS CASE
    WHEN regexp_full_match(x, '[-+]? ?{figure}|{figure} ?[-+]|[(] ?{figure} ?[)]')
    THEN exact(CASE WHEN regexp_matches(x, '^[-(]|-$') THEN '-' ELSE '' END
        || trim(regexp_replace(x, '[^0-9.eE+-]', '', 'g'), '+-'))
    ELSE CAST('not a number: ' || x AS DECIMAL(38, 6)) END;
CREATE MACRO number(x, decimal) AS list_transform([_typed(x)], lambda _number: CASE
    WHEN _number IS NULL OR _number = '' THEN NULL
    WHEN decimal = '.' THEN _figure(_number)
    WHEN decimal = ',' THEN _figure(translate(_number, ',.', '.,'))
    ELSE CAST('the decimal sign must be . or ,' AS DECIMAL(38, 6)) END)[1];
CREATE MACRO _shifted(digits, point, decimals) AS list_transform(
    [struct_pack(d := repeat('0', -least(point, 0)) || digits, k := greatest(point, 0) + decimals)],
    lambda _digits: CAST('0' || rpad(_digits.d, CAST(_digits.k AS INTEGER), '0') AS DECIMAL(38, 0))
        + CASE WHEN substring(_digits.d, _digits.k + 1, 1) >= '5' THEN 1 ELSE 0 END)[1];
CREATE MACRO nearest(x, decimals) AS list_transform([trim(x)], lambda _float: CASE
    WHEN _float IS NULL THEN NULL
    WHEN decimals BETWEEN 0 AND 6 AND regexp_full_match(_float, '{float}')
    THEN CAST(_shifted(
            replace(regexp_extract(_float, '[0-9.]+'), '.', ''),
            length(split_part(regexp_extract(_float, '[0-9.]+'), '.', 1))
                + coalesce(TRY_CAST(regexp_extract(_float, '[eE](.+)', 1) AS INTEGER), 0),
            decimals)
        * CASE WHEN _float LIKE '-%' THEN -1 ELSE 1 END
        * [1.000000, 0.1, 0.01, 0.001, 0.0001, 0.00001, 0.000001][decimals + 1] AS DECIMAL(38, 6))
    ELSE CAST('not a number with 0 to 6 decimals: ' || _float AS DECIMAL(38, 6)) END)[1];
CREATE MACRO price(x) AS list_transform([x], lambda _price: CASE
    WHEN CAST(_price AS DECIMAL(38, 20)) = CAST(_price AS DECIMAL(38, 10))
    THEN CAST(_price AS DECIMAL(38, 10))
    ELSE CAST(_price || ' has more than ten decimals' AS DECIMAL(38, 10)) END)[1];
CREATE MACRO _digits(x) AS
    CAST(replace(CAST(CAST(x AS DECIMAL(38, 16)) AS VARCHAR), '.', '') AS HUGEINT);
CREATE MACRO divided(x, divisor, decimals) AS list_transform(
    [struct_pack(n := _digits(x), d := _digits(divisor))], lambda _parts: CASE
    WHEN _parts.d IS NULL OR _parts.n IS NULL THEN NULL
    WHEN _parts.d = 0 THEN CAST('cannot be divided by 0' AS DECIMAL(38, 10))
    ELSE CAST(CAST(
        sign(_parts.n) * sign(_parts.d) * ((2 * abs(_parts.n) * {powers}[decimals + 1]
            + abs(_parts.d)) // (2 * abs(_parts.d))) AS DECIMAL(27, 0))
        * {places}[decimals + 1] AS DECIMAL(38, 10)) END)[1];
CREATE MACRO _minor(ccy) AS CASE WHEN trim(ccy) IN ({whole}) THEN 0
    WHEN trim(ccy) IN ({thousandths}) THEN 3 WHEN trim(ccy) IN ({four}) THEN 4 ELSE 2 END;
CREATE MACRO amount(x, divisor, ccy) AS divided(x, divisor, _minor(ccy));
CREATE MACRO signed(x, side) AS list_transform(
    [struct_pack(figure := exact(x), side := upper(replace(_typed(side), '.', '')))],
    lambda _signed: CASE
    WHEN _signed.figure IS NULL OR _signed.figure = 0 THEN _signed.figure
    WHEN _signed.figure < 0 THEN CAST('has a side and a sign' AS DECIMAL(38, 6))
    WHEN _signed.side IN ('D', 'DR', 'DEBIT', 'S', 'SOLL', '+') THEN _signed.figure
    WHEN _signed.side IN ('C', 'CR', 'CREDIT', 'H', 'HABEN', '-') THEN -_signed.figure
    ELSE CAST('neither debit nor credit' AS DECIMAL(38, 6)) END)[1];
CREATE MACRO sided(x, decimal) AS list_transform([upper(_typed(x))], lambda _sided:
    signed(number(regexp_replace(_sided, '^[A-Z]+[.]? ?| ?[A-Z]+[.]?$', ''), decimal),
        regexp_extract(_sided, '^[A-Z]+|[A-Z]+[.]?$')))[1];
CREATE MACRO whole(x) AS list_transform([x], lambda _whole: CASE
    WHEN regexp_full_match(_whole, '{zeros}') THEN split_part(_whole, '.', 1)
    WHEN regexp_full_match(_whole, '{scientific}')
        AND CAST(regexp_extract(_whole, '[0-9]+$') AS INTEGER) <= {exponent}
        AND length(rtrim(regexp_extract(_whole, '[.]([0-9]+)', 1), '0'))
            <= CAST(regexp_extract(_whole, '[0-9]+$') AS INTEGER)
    THEN regexp_extract(_whole, '^-?[1-9]')
        || rpad(regexp_extract(_whole, '[.]([0-9]+)', 1),
            CAST(regexp_extract(_whole, '[0-9]+$') AS INTEGER), '0')
    ELSE _whole END)[1];
CREATE MACRO day(x) AS CAST(CAST(x AS TIMESTAMP) AS DATE);
CREATE MACRO _only(dates, x) AS CASE len(dates) WHEN 1 THEN dates[1]
    ELSE CAST('not one date: ' || x AS DATE) END;
CREATE MACRO date_in(x, {formats}) AS list_transform([_typed(x)], lambda _day: CASE
    WHEN _day IS NULL OR regexp_full_match(_day, '[0 ./:-]*') THEN NULL
    ELSE _only(list_distinct(list_filter([{dates}],
        lambda _found: _found >= DATE '1900-01-01')), _day) END)[1];
CREATE MACRO excel_day(x) AS list_transform([_typed(x)], lambda _serial: CASE
    WHEN _serial IS NULL OR regexp_full_match(_serial, '0*') THEN NULL
    WHEN NOT regexp_full_match(_serial, '[1-9][0-9]{0,6}([.][0-9]+)?')
        OR split_part(_serial, '.', 1) = '60'
    THEN CAST('not a day number: ' || _serial AS DATE)
    ELSE DATE '1899-12-30' + CAST(split_part(_serial, '.', 1) AS INTEGER)
        + CASE WHEN CAST(split_part(_serial, '.', 1) AS INTEGER) < 60 THEN 1 ELSE 0 END END)[1];
CREATE MACRO stamp(x) AS CAST(x AS TIMESTAMPTZ);
CREATE MACRO blank(x) AS CASE WHEN regexp_full_match(x, '[\s\p{Z}]*') THEN NULL ELSE x END;
CREATE MACRO code(m, x) AS getvariable('code_maps')[m][trim(x)];
CREATE MACRO code_or(m, x, otherwise) AS coalesce(getvariable('code_maps')[m][trim(x)], otherwise);
CREATE MACRO id(o, k) AS getvariable('system') || '|' || o || '|' || k;
"""

# DuckDB wants each format of strptime as a constant, so they are parameters and not a list.
_FORMATS = [f"f{n}" for n in range(1, 9)]
_DATES = ", ".join(f"CAST(try_strptime(_day, {name}) AS DATE)" for name in _FORMATS)

_PLACES = [f"{Decimal(1).scaleb(-n):.10f}" for n in range(11)]


def _currencies(minor: int) -> str:
    """Those whose minor unit has so many decimals, as a list of SQL literals."""
    return ", ".join(f"'{code}'" for code, decimals in MINOR_UNITS.items() if decimals == minor)


MACROS = (
    _TEMPLATE.replace("{figure}", _FIGURE)
    .replace("{float}", _FLOAT)
    .replace("{formats}", "f1, " + ", ".join(f"{name} := NULL" for name in _FORMATS[1:]))
    .replace("{dates}", _DATES)
    .replace("{zeros}", WITH_ZEROS)
    .replace("{scientific}", SCIENTIFIC)
    .replace("{exponent}", str(LARGEST_EXPONENT))
    .replace("{powers}", f"[{', '.join(f'{10**n}::HUGEINT' for n in range(11))}]")
    .replace("{places}", f"[{', '.join(_PLACES)}]")
    .replace("{whole}", _currencies(0))
    .replace("{thousandths}", _currencies(3))
    .replace("{four}", _currencies(4))
)
"""Statements that install every helper."""
