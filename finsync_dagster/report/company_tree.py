"""A company as a tree, as `finsync landscape check` prints it.

Belongs here: what is shown of each part. Not here: whether it is right (orchestration/company.py).
Of an environment variable only its name is shown and whether it is set, never its value.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from rich.text import Text
from rich.tree import Tree

from finsync_dagster.connectors.model import SystemSpec
from finsync_dagster.landscape.model import Calendar, Domain, Landscape, LegalEntity, System
from finsync_dagster.orchestration.company import Company
from finsync_dagster.sandbox.addresses import sandbox_of

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def company_tree(company: Company, today: date, environ: Mapping[str, str]) -> Tree:
    """Company > legal entity > systems > what they are asked for.

    Raises:
        ValueError: the company has no usable landscape.
    """
    landscape = company.landscape
    if landscape is None:
        raise ValueError("a company without a usable landscape cannot be shown")
    tree = Tree(Text(f"{landscape.company}, consolidated in {landscape.group_currency}", "bold"))
    for entity_id, entity in landscape.legal_entities.items():
        branch = tree.add(Text(f"{entity_id}: {_entity_words(entity)}"))
        for name, system in landscape.systems_of(entity_id).items():
            leaf = branch.add(Text(_system_words(name, system, entity_id, today)))
            for line in _domains(landscape, entity_id, name, system):
                leaf.add(Text(line))
            _add_system(leaf, company, landscape, name, environ)
    reference = landscape.reference_systems()
    if reference:
        branch = tree.add(Text("whole group"))
        for name, system in reference.items():
            leaf = branch.add(Text(f"{name}: connector {system.connector}, {system.owner}"))
            leaf.add(Text(", ".join(system.domains)))
            _add_system(leaf, company, landscape, name, environ)
    return tree


def _entity_words(entity: LegalEntity) -> str:
    return ", ".join(
        [
            entity.name,
            entity.country,
            entity.functional_currency,
            entity.owner,
            _calendar_words(entity.calendar),
        ]
    )


def _calendar_words(calendar: Calendar) -> str:
    days = " ".join(_DAYS[day - 1] for day in sorted(calendar.weekdays))
    free = f" without {len(calendar.holidays)} holiday(s)" if calendar.holidays else ""
    return f"{days} {calendar.opens}-{calendar.closes} h {calendar.timezone}{free}"


def _system_words(name: str, system: System, entity_id: str, today: date) -> str:
    words = f"{name}: connector {system.connector}, {system.owner}"
    if system.in_force is None:
        return words
    asked = "in force" if system.asked_on(entity_id, today) else "not in force today"
    return f"{words}, {asked} ({system.in_force.period(entity_id).words})"


def _domains(landscape: Landscape, entity_id: str, name: str, system: System) -> Iterator[str]:
    for domain in system.domains:
        yield f"{domain.value}: {_authority_words(landscape, entity_id, name, domain)}"


def _authority_words(landscape: Landscape, entity_id: str, name: str, domain: Domain) -> str:
    rows = landscape.authorities(entity_id, domain)
    own = [row.words for row in rows if row.system == name]
    if own:
        return f"system of record {' and '.join(own)}"
    if rows:
        return "not the system of record, " + ", ".join(f"{r.system} is {r.words}" for r in rows)
    others = [n for n, s in landscape.systems_of(entity_id).items() if domain in s.domains]
    return "the only system" if len(others) == 1 else f"counts, like all of {', '.join(others)}"


def _add_system(
    leaf: Tree, company: Company, landscape: Landscape, name: str, environ: Mapping[str, str]
) -> None:
    if name in company.specs:
        for line in _objects(company.specs[name], landscape):
            leaf.add(Text(line))
    for line in _overrides(landscape.systems[name]):
        leaf.add(Text(f"override: {line}"))
    for line, good in _variables(landscape.systems[name], environ):
        leaf.add(Text(line, "" if good else "yellow"))


def _objects(spec: SystemSpec, landscape: Landscape) -> Iterator[str]:
    by_class: dict[str, list[str]] = {}
    for name, declared in spec.objects.items():
        by_class.setdefault(declared.refresh, []).append(name)
    for refresh, names in by_class.items():
        hours = landscape.max_age(refresh).total_seconds() / 3600
        yield f"objects, {refresh} (at most {hours:.0f} h old): {', '.join(names)}"


def _overrides(system: System) -> Iterator[str]:
    over = system.overrides
    for name, fields in over.objects.items():
        yield f"object {name}: {', '.join(fields)}"
    for mapping in over.mappings:
        keys = [k for k in mapping if k not in ("table", "object", "of_where", "columns")]
        words = ", ".join([*keys, *mapping.get("columns", {})])
        yield f"mapping of {mapping.get('table')} from {mapping.get('object')}: {words}"
    for name, codes in over.code_maps.items():
        yield f"code map {name}: {', '.join(codes)}"


def _variables(system: System, environ: Mapping[str, str]) -> Iterator[tuple[str, bool]]:
    for variable in system.connection.variables:
        optional = variable == system.connection.url_env and system.connection.default
        # A sandbox that is started for the system hands over secrets of its own.
        played = sandbox_of(system.connection.default) and not environ.get(
            system.connection.url_env
        )
        if environ.get(variable):
            yield f"{variable}: set", True
        elif optional:
            yield f"{variable}: not set, the default is used", True
        elif played:
            yield f"{variable}: not set, the sandbox has its own", True
        else:
            yield f"{variable}: NOT SET, nothing can be read", False
