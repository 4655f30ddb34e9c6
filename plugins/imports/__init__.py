"""名册的进出：`/导入` 收一个表格，`/导出` 还一个表格。"""

from nonebot.plugin import PluginMetadata

from . import commands as commands

__plugin_meta__ = PluginMetadata(
    name="名册进出", description="把名册表格发给团团，或向它要回来", usage="/导入 /导出 [单位]", type="application"
)
