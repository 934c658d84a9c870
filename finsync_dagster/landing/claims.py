"""Of two extracts that end at the same time one takes place, and none is lost by being killed.

Belongs here: the moment in which a manifest becomes the next one. Not here: what it says.

A manifest is first written as the claim to its number, ``claims/<system>/<object>/<number>.json``,
which only one can; then under its own name; then the claim is removed. The claim holds the whole
manifest: whoever finds one that was left, its writer having been killed, does the rest.
"""

from __future__ import annotations

from finsync_dagster.landing.errors import LandingError
from finsync_dagster.landing.manifest import Manifest
from finsync_dagster.landing.store import Store


def claim(store: Store, manifest: Manifest, content: bytes) -> bool:
    """Whether the manifest became the one of its number; False: another has that number."""
    path = f"{_folder(manifest.system, manifest.object)}/{manifest.sequence:08d}.json"
    if not store.write_once(path, content):
        return False
    return _carry_out(store, path, manifest, content)


def settle(store: Store, system: str, object_name: str) -> None:
    """Carries out a claim of the object that was left."""
    folder = _folder(system, object_name)
    for name in store.names(folder):
        path = f"{folder}/{name}"
        try:
            content = store.read(path)
        except LandingError:
            continue  # its writer, not killed at all, has just removed it
        _carry_out(store, path, Manifest.from_bytes(content, path), content)


def _carry_out(store: Store, path: str, manifest: Manifest, content: bytes) -> bool:
    folder = f"manifests/{manifest.system}/{manifest.object}"
    number = f"{manifest.sequence:08d}-"
    others = [n for n in store.names(folder) if n.startswith(number) and n != manifest.file_name]
    own = f"{folder}/{manifest.file_name}"
    first = not others and (store.write_once(own, content) or store.read(own) == content)
    store.remove(path)
    return first


def _folder(system: str, object_name: str) -> str:
    return f"claims/{system}/{object_name}"
