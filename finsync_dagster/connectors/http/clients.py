"""One client per system and process: a login and its token serve all objects.

Belongs here: keeping them, and the requests a system needs before all others. Not here: what a
client does.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from finsync_dagster.connectors.errors import SourceError
from finsync_dagster.connectors.http.asking import call_of
from finsync_dagster.connectors.http.client import Client
from finsync_dagster.connectors.http.exact_json import Json, NotJsonError
from finsync_dagster.connectors.http.paths import Path, pick, shown
from finsync_dagster.connectors.http.templates import TemplateError

if TYPE_CHECKING:
    from finsync_dagster.connectors.http.read import Asked

_lock = threading.Lock()
_clients: dict[Any, Client] = {}
_MOST = 64


def client_of(asked: Asked) -> Client:
    """The client of the object's system, made when it is first asked for.

    Raises:
        SourceError: the system's address cannot be used, or a secret is missing.
    """
    service, reach = asked.spec.service, asked.reach
    secrets = tuple(sorted(reach.secrets.items()))
    place = (asked.system, asked.url, service.model_dump_json(exclude={"objects"}), secrets)
    with _lock:
        found = _clients.get((*place, reach.shared))
        if found is None:
            if len(_clients) >= _MOST:
                forget()
            found = Client(asked.system, asked.url, service, reach)
            _clients[(*place, reach.shared)] = found
        return found


def forget() -> None:
    """Closes every client: the next request logs in anew."""
    for client in _clients.values():
        client.close()
    _clients.clear()


def taken_values(client: Client) -> dict[str, Json]:
    """Secrets, values of the login, and those of the setup requests, which are sent once.

    Raises:
        SourceError: a setup request fails, or its answer has not what is to be taken.
    """
    session: dict[str, Json] = {f"secret.{n}": v for n, v in client.reach.secrets.items()}
    session |= {f"session.{name}": value for name, value in client.auth.values().items()}
    with client.setting_up:
        if client.taken is None:
            client.taken = _set_up(client, session)
        return {**session, **client.taken}


def _set_up(client: Client, values: dict[str, Json]) -> dict[str, Json]:
    taken: dict[str, Json] = {}
    for step in client.service.setup:
        try:
            call = call_of(
                client.base_url, step.request, {**values, **taken}, client.service.headers
            )
            answer = client.send(call, "")
            for name, path in step.take.items():
                taken[name] = pick(answer.json, path)
                if taken[name] is None or taken[name] is False:
                    raise _not_taken(client.system, name, path, taken[name])
        except (TemplateError, NotJsonError) as error:
            raise SourceError(
                client.system, "", f"setup: {error}", "Correct setup in its system.yaml"
            ) from None
    return taken


def _not_taken(system: str, name: str, path: Path, value: Json) -> SourceError:
    place = f"at {shown(path)}, where ${{{name}}} is to be"
    if value is None:
        what, remedy = f"setup: the answer has nothing {place}", "Correct setup in its system.yaml"
        return SourceError(system, "", what, remedy, kind="mapping")
    # What a login is answered in some systems when it is refused.
    what = f"setup: the answer is false {place}: the login was refused"
    remedy = f"Check the variables that systems.{system}.connection.secrets names"
    return SourceError(system, "", what, remedy, kind="policy")
