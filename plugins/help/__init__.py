"""`/帮助`：按身份说有哪些命令，或某一条怎么用；有人打招呼就应一声。"""

from nonebot.plugin import PluginMetadata

from . import commands as commands

__plugin_meta__ = PluginMetadata(
    name="帮助", description="有哪些命令，怎么用", usage="/帮助 [命令]", type="application"
)
