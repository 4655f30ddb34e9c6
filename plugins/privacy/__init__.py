"""我的数据：看、导出、删除。"""

from nonebot.plugin import PluginMetadata

from . import commands as commands
from . import jobs as jobs

__plugin_meta__ = PluginMetadata(
    name="我的数据",
    description="看我的数据、导出、删除",
    usage="/我的数据 [导出] /删除我的数据 /取消删除",
    type="application",
)
