"""测试的地基：NoneBot 初始化一次；库是真的，SQLite 与 PostgreSQL 各跑一遍。"""

import asyncio
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
from nonebug import NONEBOT_INIT_KWARGS, NONEBOT_START_LIFESPAN

import db
from bot.league import roster
from bot.league.periods import on
from tests import postgres, shared
from tests.chat import Chat

FORGET = pytest.StashKey[Callable[[], None]]()


def pytest_configure(config: pytest.Config) -> None:
    import nonebot

    # 钥匙之类放到临时目录，不落在仓库里
    folder = tempfile.TemporaryDirectory(prefix="tuanbot-tests-")
    config.add_cleanup(folder.cleanup)
    os.environ["TUAN_DATA_DIR"] = folder.name
    config.stash[NONEBOT_INIT_KWARGS] = {}
    config.stash[NONEBOT_START_LIFESPAN] = False
    config.addinivalue_line("markers", "slow: 起真进程、真连接的测试")
    from bot import app

    app.build()
    assert nonebot.get_driver()
    from tests import memories  # 装配好了才记得住刚启动的样子

    config.stash[FORGET] = memories.fresh()


def pytest_xdist_auto_num_workers() -> int:
    """比核多一个：起真进程的测试一半时间在等。"""
    return (os.cpu_count() or 1) + 1


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """起真进程的文件先跑：它们最久，留到最后就只剩一个进程在忙。"""
    items.sort(key=lambda item: not item.get_closest_marker("slow") and not _starts_processes(item))


def _starts_processes(item: pytest.Item) -> bool:
    module = item.getparent(pytest.Module)
    assert module
    return any(
        getattr(value, "__module__", "") in ("tests.process", "tests.processes") for value in vars(module.obj).values()
    )


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[postgres.Server]:
    with postgres.serve() as server:
        yield server


@pytest.fixture(scope="session")
async def empty_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """建好的空 SQLite 文件。"""
    path = tmp_path_factory.mktemp("empty") / "empty.db"
    await db.migrate(f"sqlite://{path}?journal_mode=DELETE")
    return path


@pytest.fixture(scope="session")
async def empty_postgres(postgres_server: postgres.Server) -> str:
    """建好的 PostgreSQL 库，每个测试用之前清空。"""
    await postgres_server.create("empty")
    await db.migrate(postgres_server.url("empty"))
    return "empty"


@pytest.fixture(scope="session", params=["sqlite", "postgres"])
def engine(request: pytest.FixtureRequest) -> str:
    """要在两种引擎上各跑一遍的测试用它（`database` 已经用了）。"""
    return request.param


@pytest.fixture
def database_url(engine: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """一个建好的空库的地址，还没连上：给自己起进程、自己连的测试。"""
    if engine == "sqlite":
        (tmp_path / "test.db").write_bytes(request.getfixturevalue("empty_sqlite").read_bytes())
        return f"sqlite://{tmp_path / 'test.db'}?synchronous=OFF"
    server: postgres.Server = request.getfixturevalue("postgres_server")
    name: str = request.getfixturevalue("empty_postgres")
    asyncio.run(server.clear(name))
    return server.url(name)


@pytest.fixture(scope="session")
async def shared_sqlite(empty_sqlite: Path) -> str:
    return f"sqlite://{shutil.copyfile(empty_sqlite, empty_sqlite.with_name('shared.db'))}?synchronous=OFF"


@pytest.fixture(scope="session")
async def shared_postgres(empty_postgres: str, postgres_server: postgres.Server) -> str:
    await postgres_server.create("shared", template=empty_postgres)
    return postgres_server.url("shared")


@pytest.fixture
def shared_url(engine: str, request: pytest.FixtureRequest) -> str:
    """`database` 连的那个库。"""
    return request.getfixturevalue(f"shared_{engine}")


@pytest.fixture
async def database(shared_url: str) -> str:
    """连着一个空库，返回它的地址。"""
    await shared.empty(shared_url)
    roster.touch()  # 换了一个库，进程里记得的都不作数
    return shared_url


@pytest.fixture(scope="session", autouse=True)
async def _nothing_left_open() -> AsyncIterator[None]:
    yield
    await shared.close()


@pytest.fixture(autouse=True)
def _freshly_started(pytestconfig: pytest.Config) -> None:
    pytestconfig.stash[FORGET]()


@pytest.fixture
def at() -> datetime:
    """一个普通的星期三下午。"""
    return on(datetime(2026, 11, 18).date()).replace(hour=14)


@pytest.fixture
async def chat(database: str, at: datetime) -> AsyncIterator[Chat]:
    """一个连着机器人的假平台。"""
    async with Chat.open(at) as chat:
        yield chat
