"""A database for one command such as `xianji migrate`: the outside one, the running one, or ours."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from xianji.host.embedded import EmbeddedPostgres
from xianji.host.home import Home, HomeLock, is_running


@contextmanager
def database(home: Home, env: Mapping[str, str]) -> Iterator[str]:
    """Yield an address: DATABASE_URL when set, else the embedded server, started for this while if needed.

    Raises HostRefusal when the home cannot be used or the server does not start.
    """
    given = env.get("DATABASE_URL")
    if given:
        yield given
        return
    postgres = EmbeddedPostgres(home.state)
    if is_running(home):
        yield postgres.dsn()
        return
    home.prepare()
    with HomeLock(home):
        postgres.start()
        try:
            yield postgres.dsn()
        finally:
            postgres.stop()
