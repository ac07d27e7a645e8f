"""What `xianji doctor` says of a sound machine and of broken ones."""

import asyncio
import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import asyncpg
import pytest

from xianji.host.doctor import examine, judge_database, report
from xianji.host.embedded import EmbeddedPostgres
from xianji.host.home import HomeLock, resolve_home

SOURCE = Path(__file__).parent.parent.parent / "src"


@pytest.fixture
def env(ground, port):
    return {
        "XIANJI_HOME": str(ground / "home"),
        "XIANJI_STATE": str(ground / "state"),
        "XIANJI_PORT": str(port),
    }


def by_name(env):
    return {finding.name: finding for finding in examine(env)}


def test_a_sound_machine_has_no_fault_and_is_left_as_it_was(env, ground):
    findings = by_name(env)
    for name in (
        "python",
        "libraries",
        "postgres-programs-16",
        "postgres-programs-18",
        "home",
        "keys",
        "port",
    ):
        assert findings[name].state == "ok", findings[name]
    assert findings["database"].en == "The embedded database is made at first start"
    assert list(ground.iterdir()) == []


def test_open_keys_and_a_taken_port_fail_with_the_command_that_mends_them(env, port):
    home = resolve_home(env)
    home.prepare()
    secret = home.keys / "session"
    secret.write_bytes(b"secret")
    secret.chmod(0o644)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        findings = by_name(env)
    assert (findings["keys"].state, findings["keys"].mend) == ("fail", f"chmod -R go= {home.keys}")
    assert str(secret) in findings["keys"].en
    assert (findings["port"].state, findings["port"].mend) == ("fail", f"XIANJI_PORT={port + 1} make run")

    subprocess.run(findings["keys"].mend, shell=True, check=True)
    assert by_name(env)["keys"].state == "ok"


def test_a_home_that_cannot_be_written_fails(env, ground):
    (ground / "home").write_text("a file stands in the way")
    finding = by_name(env)["home"]
    assert finding.state == "fail"
    assert str(ground / "home") in finding.zh
    assert finding.mend.startswith(f"mkdir -p {ground}/home")


def test_a_database_that_does_not_answer_fails_without_its_password(env, port):
    env["DATABASE_URL"] = f"postgresql://someone:hunter2@127.0.0.1:{port}/xianji"
    findings = examine(env)
    (database,) = [finding for finding in findings if finding.name == "database"]
    assert database.state == "fail"
    assert database.mend == 'psql "$DATABASE_URL" -c "select 1"'
    assert "hunter2" not in report(findings)


@pytest.mark.parametrize("major", [16, 18])
def test_the_running_database_is_looked_into(env, major):
    home = resolve_home(env)
    home.prepare()
    postgres = EmbeddedPostgres(home.state, major=major, durable=False)
    with HomeLock(home):
        postgres.start()
        findings = by_name(env)
        outside = by_name({**env, "DATABASE_URL": postgres.dsn("template1")})
    assert postgres.stop() is True
    assert findings["port"].en == "Xianji is running"
    assert findings["database"].en == f"Database is PostgreSQL {major} (16 or newer)"
    states = [findings[name].state for name in ("database", "database-encoding", "database-vector", "clock")]
    assert states == ["ok", "ok", "ok", "ok"]
    assert outside["database"].state == "ok"


def test_a_database_of_another_encoding_fails_with_the_command_that_makes_a_right_one(env, ground):
    postgres = EmbeddedPostgres(ground / "elsewhere", durable=False)
    postgres.start()
    try:
        asyncio.run(create_ascii(postgres.dsn("postgres")))
        found = by_name({**env, "DATABASE_URL": postgres.dsn("ascii")})
    finally:
        assert postgres.stop() is True
    assert (found["database"].state, found["database-encoding"].state) == ("ok", "fail")
    assert found["database-encoding"].en == "Database encoding is SQL_ASCII"
    assert found["database-encoding"].mend == "createdb --encoding=UTF8 --template=template0 xianji"


async def create_ascii(dsn):
    connection = await asyncpg.connect(dsn)
    await connection.execute("create database ascii encoding 'SQL_ASCII' locale 'C' template template0")
    await connection.close()


@pytest.mark.parametrize(
    ("facts", "name", "state", "mend"),
    [
        ({"version": 150004}, "database", "fail", "apt-get install postgresql-16"),
        ({"vector": False}, "database-vector", "fail", "apt-get install postgresql-17-pgvector"),
        ({"skew": 2.5}, "clock", "warn", "timedatectl set-ntp true"),
    ],
)
def test_every_weakness_of_an_outside_database_names_its_cure(facts, name, state, mend):
    sound = {"version": 170002, "encoding": "UTF8", "vector": True, "skew": 0.1}
    assert {finding.state for finding in judge_database(sound)} == {"ok"}
    (weak,) = [finding for finding in judge_database({**sound, **facts}) if finding.state != "ok"]
    assert (weak.name, weak.state, weak.mend) == (name, state, mend)


def test_a_bucket_without_its_settings_fails_and_is_named(env):
    finding = by_name({**env, "XIANJI_S3_BUCKET": "pictures"})["bucket"]
    assert finding.state == "fail"
    assert "XIANJI_S3_" in finding.en


def test_a_machine_without_a_library_is_told_to_set_up(env):
    """The finder of this one process passes over Granian, as on a machine that has lost it."""
    code = (
        "import importlib.machinery as m; keep = m.PathFinder.find_spec\n"
        "m.PathFinder.find_spec = classmethod(lambda c, n, *r: None if n == 'granian' else keep(n, *r))\n"
        "import os; from xianji.host.doctor import examine, report; print(report(examine(os.environ)))\n"
    )
    env |= {"PATH": os.environ["PATH"], "PYTHONPATH": str(SOURCE)}
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=env, timeout=60
    )
    assert "✗ 缺少依赖：granian · Missing libraries: granian\n    → make setup" in answer.stdout
    assert answer.stdout.endswith("Some things need mending.\n")


def test_the_command_prints_json_and_its_exit_code_tells(env):
    env |= {"XIANJI_PORT": "none", "PATH": os.environ["PATH"], "PYTHONPATH": str(SOURCE)}
    command = [sys.executable, "-m", "xianji.cli", "doctor", "--json"]
    answer = subprocess.run(command, capture_output=True, text=True, check=False, env=env, timeout=60)
    assert answer.returncode == 1
    content = json.loads(answer.stdout)
    assert content["ok"] is False
    (finding,) = [finding for finding in content["findings"] if finding["name"] == "port"]
    assert finding == {
        "name": "port",
        "state": "fail",
        "zh": "XIANJI_PORT 要是 1 到 65535 之间的数字，现在是“none”。",
        "en": "XIANJI_PORT must be a number from 1 to 65535; it is “none”.",
        "mend": "XIANJI_PORT=8000 make run",
    }
