"""`finsync landing`: what was received from the systems, and whether it is still what it was.

Belongs here: arguments, messages, exit codes. Not here: searching and printing (report/landing_*).
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.text import Text

_JSON = click.option("--json", "as_json", is_flag=True, help="For machines, with every figure.")


@click.group()
def landing() -> None:
    """What was received: extracts, pages, records, and the proof that nothing was touched."""


@landing.command("ls")
@click.argument("system", required=False)
@click.argument("object_name", metavar="[OBJECT]", required=False)
@_JSON
def list_landing(system: str | None, object_name: str | None, as_json: bool) -> None:
    """List the landed objects, those of SYSTEM, or the extracts of SYSTEM OBJECT."""
    from finsync_dagster.report import landing_list as report
    from finsync_dagster.report.landing_find import newest_extract
    from finsync_dagster.shell import usable_workshop

    place = usable_workshop().landing
    if system and object_name:
        newest_extract(place, system, object_name)
        entries = report.extracts(place, system, object_name)
    else:
        entries = report.objects(place, system)
    if as_json:
        click.echo(json.dumps(entries, indent=1))
    elif not entries:
        of = f" of {system}" if system else ""
        _console().print(Text(f"Nothing{of} has been landed at {_shown(place.root_url)} yet."))
    elif system and object_name:
        report.print_extracts(system, object_name, entries, _console())
    else:
        report.print_objects(entries, _console())


@landing.command()
@click.argument("what", nargs=-1, required=True, metavar="EXTRACT | PAGE | SYSTEM OBJECT")
@click.option("--rows", type=click.IntRange(0), help="Show so many of the first records.")
@click.option("--key", help="With SYSTEM OBJECT: every landed version of this record.")
@_JSON
def show(what: tuple[str, ...], rows: int | None, key: str | None, as_json: bool) -> None:
    """Show an extract in words, the first records of a page, or the versions of a record.

    PAGE may be the first six characters or more of its SHA-256. SYSTEM OBJECT means its newest
    extract. A key of several fields is joined by |, as quarantine and canonical tables name it.
    """
    if len(what) > 2 or (key is not None and len(what) != 2):
        raise click.UsageError("give an EXTRACT, a PAGE, or SYSTEM OBJECT (--key needs the last)")
    if key is not None:
        _show_versions(what[0], what[1], key, as_json=as_json)
    else:
        _show_extract_or_page(what, rows, as_json=as_json)


@landing.command()
@click.option(
    "--heads",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Also check that the newest extracts named in this file took place.",
)
@click.option(
    "--write-heads",
    type=click.Path(path_type=Path, dir_okay=False),
    help="If all is well, name the newest extracts in this file; keep it somewhere else.",
)
def verify(heads: Path | None, write_heads: Path | None) -> None:
    """Check every landed page and manifest against its hash and the chain; exits 1 on a problem."""
    sys.exit(0 if verify_landing(_console(), heads, write_heads) else 1)


def verify_landing(
    console: Console, heads: Path | None = None, new_heads: Path | None = None
) -> bool:
    """Check landed pages and manifests. True if there are some and all are as they were written.

    ``new_heads`` is written only then: a damaged landing must not become what is expected.
    """
    from finsync_dagster.landing import verify as proof
    from finsync_dagster.report.landing_heads import read_heads, write_heads
    from finsync_dagster.shell import usable_workshop

    place = usable_workshop().landing
    known = read_heads(heads) if heads else None
    if not place.systems() and not known:
        # Not good news: whoever verifies every night has named the wrong place.
        console.print(Text(f"Nothing has been landed at {_shown(place.root_url)} yet."))
        return False
    problems = proof.verify(place, known)
    for problem in problems:
        console.print(Text(problem, style="red"))
    console.print(f"landing: {len(problems) or 'no'} problem(s)")
    if new_heads and not problems:
        found = proof.heads(place)
        write_heads(new_heads, found)
        console.print(Text(f"{len(found)} newest extracts written to {new_heads}"))
    return not problems


def _show_extract_or_page(what: tuple[str, ...], rows: int | None, *, as_json: bool) -> None:
    from finsync_dagster.report import landing_find as find
    from finsync_dagster.report import landing_show as report
    from finsync_dagster.shell import usable_workshop

    place = usable_workshop().landing
    manifest = find.newest_extract(place, *what) if len(what) == 2 else None
    manifest = manifest or find.find_extract(place, what[0])
    page = None if manifest else find.find_page(place, what[0])
    if manifest is None and page is None:
        raise find.unknown(what[0])
    pages = [ref.sha256 for ref in manifest.pages] if manifest else [str(page)]
    wanted = rows if rows is not None else 0 if manifest else 10
    named = [] if manifest else find.naming(place, str(page))
    if as_json:
        told: dict[str, Any] = report.manifest_json(manifest) if manifest else {"page": page}
        told["extracts"] = [m.extract_id for m in named]
        told["records"] = report.first_records(place, pages, wanted)
        click.echo(json.dumps(told, indent=1))
        return
    if manifest:
        report.print_manifest(manifest, _console())
    for m in named:
        _console().print(f"brought by {m.extract_id} of {m.system} {m.object}")
    report.print_records(place, pages, wanted, _console())


def _show_versions(system: str, object_name: str, key: str, *, as_json: bool) -> None:
    from finsync_dagster.report import landing_find as find
    from finsync_dagster.report import landing_show as report
    from finsync_dagster.shell import usable_workshop

    place = usable_workshop().landing
    newest = find.newest_extract(place, system, object_name)
    found = find.versions(place, system, object_name, key)
    if as_json:
        click.echo(json.dumps([report.version_json(v) for v in found], indent=1))
    elif not found:
        fields = " | ".join(newest.key)
        _console().print(
            Text(f"No record of {system} {object_name} has the key {key} (its key is {fields}).")
        )
    else:
        report.print_versions(found, _console())
    if not found:
        sys.exit(1)


def _console() -> Console:
    from finsync_dagster.cli import console

    return console


def _shown(url: str) -> str:
    # An address can hold a password.
    return re.sub(r"//[^/@]*@", "//***@", url)
