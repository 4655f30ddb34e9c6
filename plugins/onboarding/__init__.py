"""`/上手`：新任团干部先做什么、后做什么。"""

from nonebot.plugin import PluginMetadata

from . import commands as commands
from . import jobs as jobs

__plugin_meta__ = PluginMetadata(
    name="上手", description="新任团干部今天、这一周、这一季先做什么", usage="/上手", type="application"
)
