"""名册与群：任命、绑定账号、绑定群、找团干。"""

from nonebot.plugin import PluginMetadata

from . import commands as commands
from . import jobs as jobs

__plugin_meta__ = PluginMetadata(
    name="名册",
    description="任命、绑定账号、绑定群、找团干",
    usage="/任命 /绑定 /绑定本群 /解绑本群 /找团干",
    type="application",
)
