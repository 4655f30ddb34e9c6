"""提醒与投递：到点对团干部说一声，送不到的等本人来取；请假、静音时先收着。"""

from nonebot.plugin import PluginMetadata

from . import commands as commands
from . import jobs as jobs

__plugin_meta__ = PluginMetadata(name="reminders", description="提醒与投递", usage="/待办", type="application")
