"""The real server, until whoever started it is gone: ``python -m inside.serve``.

Belongs here: handing Tryton its secrets, serving, ending. Not here: choosing the secrets.

Reads one line of JSON from its input, ``{"port": 0, "password": …, "rest_key": …}``; writes one
line ``{"port": …}`` when it answers; serves until its input ends, which it does even if the parent
is killed. Then it takes what it was handed out of the database again.
"""

from __future__ import annotations

import json
import logging
import os
import sqlite3
import sys
import threading
from typing import Any

from .erp import DATABASE

USER = "admin"
_SECONDS_TO_END = 10


def main() -> None:
    """Serve the database that the environment names."""
    told = json.loads(sys.stdin.readline())
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")
    server = _server(told)
    sys.stdout.write(json.dumps({"port": server.server_port}) + "\n")
    sys.stdout.flush()
    threading.Thread(target=_end_with_input, args=(server,), daemon=True).start()
    try:
        server.serve_forever()
    finally:
        _forget()


def _server(told: dict[str, Any]) -> Any:
    # Tryton reads its settings from the environment when it is imported.
    from trytond.pool import Pool
    from trytond.transaction import Transaction
    from trytond.wsgi import app
    from werkzeug.serving import make_server

    _forget()
    Pool.start()
    Pool(DATABASE).init()
    with Transaction().start(DATABASE, 0) as transaction:
        pool = Pool()
        users = pool.get("res.user")
        (user,) = users.search([("login", "=", USER)])
        users.write([user], {"password": told["password"]})
        pool.get("res.user.application").create(
            [
                {
                    "user": user.id,
                    "application": "rest",
                    "key": told["rest_key"],
                    "state": "validated",
                }
            ]
        )
        transaction.commit()
    return make_server("127.0.0.1", told["port"], app, threaded=True)


def _end_with_input(server: Any) -> None:
    sys.stdin.read()
    threading.Timer(_SECONDS_TO_END, os._exit, (1,)).start()
    server.shutdown()


def _forget() -> None:
    """Take sessions and our key out of the file; the password is in it as a hash only.

    Deleting alone leaves the bytes in free pages, hence VACUUM.
    """
    path = f"{os.environ['TRYTOND_DATABASE__PATH']}/{DATABASE}.sqlite"
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        connection.execute("DELETE FROM ir_session")
        connection.execute("DELETE FROM res_user_application WHERE key LIKE 'finsync-%'")
        connection.execute("VACUUM")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        connection.close()


if __name__ == "__main__":
    main()
    # A request still being answered does not keep the process.
    os._exit(0)
