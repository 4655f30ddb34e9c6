"""加入与离开：本人说了才算，退群也认得。"""

from nonebot.plugin import PluginMetadata

from . import commands as commands
from . import jobs as jobs
from . import members as members

__plugin_meta__ = PluginMetadata(
    name="加入",
    description="青年自己加入、退出、换联系人；退群与回群",
    usage="/加入 [@干部] /退出 /换联系人 @干部",
    type="application",
)
