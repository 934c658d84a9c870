"""Proving that the landing is what it was: every page its hash, every manifest its chain.

Belongs here: finding what was changed, damaged or removed. Not here: repairing it.

A chain shows a removed manifest by the gap it leaves; at its end there is no gap. Whoever wants
to exclude that too keeps ``heads`` somewhere else and hands them in.
"""

from __future__ import annotations

from collections.abc import Mapping

from finsync_dagster.landing.errors import LandingError
from finsync_dagster.landing.landing import Landing
from finsync_dagster.landing.manifest import Manifest, PageRef

Heads = Mapping[str, tuple[int, str]]
"""system.object → sequence and SHA-256 of its newest manifest."""


def heads(landing: Landing) -> dict[str, tuple[int, str]]:
    """The newest manifest of every object, to be kept outside the landing."""
    found = {}
    for system in landing.systems():
        for object_name in landing.objects(system):
            last = landing.last(system, object_name)
            if last is not None:
                found[f"{system}.{object_name}"] = (last.sequence, last.sha256)
    return found


def verify(landing: Landing, known_heads: Heads | None = None) -> list[str]:
    """Everything that is not as it was written, one sentence each; empty if all is well.

    ``known_heads``: manifests that must still be there, as ``heads`` returned them earlier.
    """
    problems: list[str] = []
    chains: dict[str, dict[int, str]] = {}
    sound: set[PageRef] = set()
    for system in landing.systems():
        for object_name in landing.objects(system):
            chain = _verify_chain(landing, system, object_name, sound, problems)
            chains[f"{system}.{object_name}"] = chain
    for name, (sequence, sha256) in sorted((known_heads or {}).items()):
        if chains.get(name, {}).get(sequence) != sha256:
            problems.append(
                f"{name}: extract {sequence}, known to have taken place, was removed or changed"
            )
    return problems


def _verify_chain(
    landing: Landing, system: str, object_name: str, sound: set[PageRef], problems: list[str]
) -> dict[int, str]:
    """Sequence → SHA-256 of the manifests that can be read."""
    folder = f"manifests/{system}/{object_name}"
    chain: dict[int, str] = {}
    expected: int = 1
    previous: str | None = None
    readable = True
    for name in landing.store.names(folder):
        path = f"{folder}/{name}"
        try:
            manifest = Manifest.from_bytes(landing.store.read(path), path)
        except LandingError as error:
            problems.append(str(error))
            expected, readable = expected + 1, False
            continue
        named = (manifest.system, manifest.object, manifest.file_name)
        if named != (system, object_name, name):
            problems.append(f"{path}: is the manifest of another extract than its name says")
        if manifest.sequence != expected:
            problems.append(
                f"{path}: extract {expected} should come here; a manifest was removed, or two "
                "extracts ran at the same time"
            )
        elif readable and manifest.previous != previous:
            problems.append(f"{path}: the manifest before it is not the one that it followed")
        problems += _verify_pages(landing, path, manifest, sound)
        chain[manifest.sequence] = manifest.sha256
        expected, previous, readable = manifest.sequence + 1, manifest.sha256, True
    return chain


def _verify_pages(
    landing: Landing, path: str, manifest: Manifest, sound: set[PageRef]
) -> list[str]:
    problems = []
    if sum(ref.rows for ref in manifest.pages) != manifest.row_count:
        problems.append(f"{path}: its pages do not add up to {manifest.row_count} records")
    for ref in (*manifest.pages, *manifest.gone):
        if ref in sound:
            continue
        try:
            content = landing.page(ref.sha256)
        except LandingError as error:
            problems.append(f"{path}: {error}")
            continue
        if (content.count(b"\n"), len(content)) != (ref.rows, ref.bytes):
            problems.append(f"{path}: page {ref.sha256} has another size than stated")
        sound.add(ref)
    return problems
