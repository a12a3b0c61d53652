"""Writes the next migration: one file that carries the SQL of both databases. Usage: `make migration NAME=what_changes`.

aerich's SQL is bound to the database it was made for, while its record of the models is not. So it runs once for each,
without connecting, and the two results are joined. Read the file before you commit it: on SQLite, changing or removing a
column needs a hand-written rebuild (see docs/architecture.md).
"""

import asyncio
import importlib.util
import shutil
import sys
import tempfile
from pathlib import Path
from types import ModuleType
from typing import Any

from aerich import Command
from aerich.exceptions import NotSupportError
from aerich.migrate import Migrate
from tortoise import Tortoise

from sampark import db
from sampark.settings import Settings

URLS = {"sqlite": "sqlite://:memory:", "postgres": "postgres://nobody@localhost/none"}
FILE = '''"""{title}"""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True

UP = {up}

DOWN = {down}


async def upgrade(db: BaseDBAsyncClient) -> str:
    return UP[db.capabilities.dialect]


async def downgrade(db: BaseDBAsyncClient) -> str:
    return DOWN[db.capabilities.dialect]


MODELS_STATE = (
{state}
)
'''


async def main(name: str) -> None:
    migrations = db.assets("migrations")
    made = {dialect: await _draft(dialect, name, migrations / "models") for dialect in URLS}
    if any(file is None for file in made.values()):
        print("The models have not changed; there is nothing to migrate.")
        return
    files = {dialect: _load(file) for dialect, file in made.items() if file}
    states = {module.MODELS_STATE for module in files.values()}
    if len(states) != 1:
        sys.exit("The two databases disagree about the models: their fields must be the same for both.")
    state = states.pop()
    target = migrations / "models" / next(file.name for file in made.values() if file)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(
        FILE.format(
            title=name.replace("_", " ").capitalize() + ".",
            up=_sql({dialect: await module.upgrade(None) for dialect, module in files.items()}),
            down=_sql({dialect: await module.downgrade(None) for dialect, module in files.items()}),
            state="\n".join(f'    "{state[at : at + 100]}"' for at in range(0, len(state), 100)),
        )
    )
    print(f"Wrote {target}. Read it, then run the tests.")


async def _draft(dialect: str, name: str, existing: Path) -> Path | None:
    folder = Path(tempfile.mkdtemp())
    if existing.is_dir():
        shutil.copytree(existing, folder / "models")
    before = {*folder.glob("models/*.py")}
    settings = Settings(data_dir=folder, secret_key="", database_url=URLS[dialect])
    command = Command(db.config(settings), "models", str(folder))
    if before:
        await Tortoise.init(config=db.config(settings))
        await command.init(offline=True)
        # aerich keeps what it found on the class, for the next run to find again.
        for found in ("upgrade", "downgrade", "_upgrade_fk_m2m_index", "_downgrade_fk_m2m_index"):
            getattr(Migrate, f"{found}_operators").clear()
        try:
            await command.migrate(name, no_input=True, offline=True)
        except NotSupportError:
            sys.exit(
                "SQLite cannot change or remove a column by itself: write this migration by hand (docs/architecture.md)."
            )
    else:
        await command._do_init(safe=True, offline=True)
    await Tortoise._reset_apps()
    made = {*folder.glob("models/*.py")} - before - {folder / "models" / "__init__.py"}
    return made.pop() if made else None


def _load(file: Path) -> Any:
    spec = importlib.util.spec_from_file_location("draft", file)
    module = importlib.util.module_from_spec(spec) if spec else ModuleType("none")
    if spec and spec.loader:
        spec.loader.exec_module(module)
    return module


def _sql(statements: dict[str, str]) -> str:
    rows = "".join(f'    "{dialect}": """\n{sql.strip()}\n""",\n' for dialect, sql in statements.items())
    return "{\n" + rows + "}"


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("Say what changes: make migration NAME=add_something")
    asyncio.run(main(sys.argv[1]))
