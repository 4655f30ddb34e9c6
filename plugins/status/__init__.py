"""机器人好不好：`/状态`，与出了毛病时告诉超级管理员。"""

from nonebot.plugin import PluginMetadata

from . import commands as commands
from . import jobs as jobs

__plugin_meta__ = PluginMetadata(name="status", description="机器人好不好", usage="/状态", type="application")
