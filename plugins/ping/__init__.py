"""`/ping`：超级管理员看机器人是否活着。"""

from nonebot.plugin import PluginMetadata

from bot.gateway.router import Answer, Audience, answers, command
from bot.gateway.speaker import Saying

__plugin_meta__ = PluginMetadata(name="ping", description="看机器人是否活着", usage="/ping 词", type="application")

ping_cmd = command("ping", about="看看我在不在", example="/ping 你好", audience=Audience.SUPERUSER)


@ping_cmd.handle()
@answers
async def handle_ping(said: Saying) -> Answer:
    """只答超级管理员。"""
    return f"pong {said.text}".strip() if said.by.superuser else None
