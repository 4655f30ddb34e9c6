"""进程里记着的：断路、名额、试错几次、问过谁……每条测试开始时都同刚启动一样，前一条记下的不留给后一条。"""

import copy
import sys
from collections.abc import Callable, Iterator, MutableMapping, MutableSet
from datetime import datetime
from types import ModuleType

from bot.gateway import attempts
from bot.gateway.capabilities import CONNECTED


def _kept(module: ModuleType) -> Iterator[tuple[str, object]]:
    """模块里会越记越多的，与还空着的。"""
    for name, value in vars(module).items():
        mutable = value is None or isinstance(value, MutableMapping | MutableSet)
        if mutable and name == name.lower() and not name.startswith("__"):
            yield name, value


def fresh() -> Callable[[], None]:
    """记住刚启动的样子，返回的函数回到那时候。跑着的任务不动，谁起的谁停。"""
    modules = [module for name, module in sys.modules.items() if name.partition(".")[0] in ("bot", "plugins")]
    kept = [(module, name, value, copy.copy(value)) for module in modules for name, value in _kept(module)]

    def forget() -> None:
        for module, name, value, at_first in kept:
            if isinstance(value, MutableMapping | MutableSet):
                if value != at_first:
                    value.clear()
                    value.update(at_first)
            elif isinstance(getattr(module, name), datetime | tuple):
                setattr(module, name, None)
        CONNECTED.clear()
        for memory in (attempts.pace, attempts.friends, attempts.obstacles):
            memory.__init__()
        attempts.pace.enabled = False  # 不等，也不占名额

    return forget
