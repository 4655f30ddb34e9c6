"""迁移好的空 SQLite：同一套迁移在一台机器上只做一遍，各处抄一份（从头迁移要几秒）。"""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path

import db

_CODE = (
    "import asyncio, sys, db\nasync def main():\n await db.migrate(sys.argv[1])\n await db.close()\nasyncio.run(main())"
)


@lru_cache
def sqlite() -> Path:
    """它在哪里；迁移或 Tortoise 变了就重做。"""
    folder = Path(db.__file__).parent
    sources = [*sorted((folder / "migrations").glob("*.py")), folder / "migrating.py", folder / "fields.py"]
    mark = hashlib.sha256(b"".join(path.read_bytes() for path in sources) + version("tortoise-orm").encode())
    path = Path(tempfile.gettempdir()) / f"tuanbot-blank-{os.getuid()}-{mark.hexdigest()[:16]}.db"
    if not path.exists():
        with tempfile.TemporaryDirectory() as making:
            made = Path(making) / "blank.db"
            subprocess.run([sys.executable, "-c", _CODE, f"sqlite://{made}?journal_mode=DELETE"], check=True)
            shutil.copyfile(made, path.with_suffix(f".{os.getpid()}"))
        path.with_suffix(f".{os.getpid()}").replace(path)
    return path


def seed(folder: Path) -> Path:
    """`folder/data` 里还没有库就放一个空的；返回库的文件。"""
    path = folder / "data" / "tuanbot.db"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(sqlite(), path)
    return path
