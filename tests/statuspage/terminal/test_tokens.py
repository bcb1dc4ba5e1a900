"""Is a token made on the store itself, shown once, and revoked?"""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from statuspage.rules.tokens import is_token
from tests.statuspage.api.world import TEXT, World
from tests.statuspage.terminal.conftest import Shell


@pytest.fixture
def config(tmp_path: Path, store_url: str) -> Path:
    file = tmp_path / "avviso.toml"
    file.write_text(f'{TEXT}\n[database]\nurl = "{store_url}"\n')
    return file


@pytest.fixture
def shell(config: Path) -> Shell:
    return Shell({"AVVISO_CONFIG": str(config)})


def test_the_token_stands_alone_on_the_last_line(shell: Shell) -> None:
    said = shell.run("token", "create", "grafana", "--scope", "read", "--scope", "incidents")
    assert said.code == 0, said.err
    assert is_token(said.out.splitlines()[-1])
    listed = shell.run("token", "list")
    assert "incidents,read" in listed.out
    assert said.out.splitlines()[-1] not in listed.out


def test_a_name_is_used_once_until_it_is_revoked(shell: Shell) -> None:
    words = ("token", "create", "grafana", "--scope", "read")
    assert shell.run(*words).code == 0
    twice = shell.run(*words)
    assert (twice.code, twice.err) == (2, "There is a token called 'grafana' already.")
    assert shell.run("token", "revoke", "grafana").code == 0
    assert shell.run("token", "revoke", "grafana").code == 2
    assert shell.run(*words).code == 0


def test_a_scope_that_is_none_is_wrong_use(shell: Shell) -> None:
    assert shell.run("token", "create", "x", "--scope", "all").code == 2
    assert shell.run("token", "create", "x").code == 2


def test_a_store_that_does_not_answer_is_a_sentence(tmp_path: Path) -> None:
    file = tmp_path / "avviso.toml"
    url = "postgresql://avviso:hunter2@127.0.0.1:1/avviso"
    file.write_text(f'{TEXT}\n[database]\nurl = "{url}"\n')
    said = Shell().run("token", "list", "--config", str(file))
    assert said.code == 1
    assert said.err.startswith("The database does not answer: ")
    assert "hunter2" not in said.err


async def test_it_works_beside_whoever_has_the_store_open(
    world: World, avviso: Shell, tmp_path: Path
) -> None:
    file = tmp_path / "avviso.toml"
    file.write_text(f'{TEXT}\n[database]\nurl = "{world.premises.store.url}"\n')
    made = await avviso("token", "create", "late", "--scope", "read", "--config", str(file))
    shell = Shell({**avviso.environment, "AVVISO_TOKEN": made.out.splitlines()[-1]})
    assert (await shell("incident", "list")).code == 0


def test_only_its_hash_is_in_the_file(tmp_path: Path, sqlite_url: str) -> None:
    file = tmp_path / "avviso.toml"
    file.write_text(f'{TEXT}\n[database]\nurl = "{sqlite_url}"\n')
    said = Shell().run("token", "create", "x", "--scope", "admin", "--config", str(file))
    with sqlite3.connect(tmp_path / "avviso.db") as store:
        (row,) = store.execute("SELECT * FROM tokens").fetchall()
    store.close()
    assert said.out.splitlines()[-1] not in map(str, row)
