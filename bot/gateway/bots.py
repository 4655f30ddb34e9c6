"""NoneBot 的 `Bot`：与上游一样，只是我们的命令不走 NoneBot 的挨个询问，V11 不为回复多调接口。"""

from typing import Any

from nonebot.adapters.onebot import v11, v12
from nonebot.adapters.onebot.v11.bot import _check_at_me, _check_nickname
from nonebot.message import handle_event


class V11Bot(v11.Bot):
    """与上游一样，只是回复消息不为“回复了谁”去调一次 `get_msg`。"""

    async def handle_event(self, event: v11.Event) -> None:
        """分发一个事件；我们的命令不走 NoneBot 的挨个询问。"""
        if isinstance(event, v11.MessageEvent):
            if await _routed(self, event):
                return
            event.message.reduce()
            event.message[:] = [segment for segment in event.message if segment.type != "reply"]
            _check_at_me(self, event)
            _check_nickname(self, event)
        await handle_event(self, event)

    async def send(self, event: v11.Event, message: "str | v11.Message | v11.MessageSegment", **kwargs: Any) -> Any:
        """回到事件来的地方；消息以段的形式发，文字里的 CQ 码不会生效。"""
        if kwargs or not isinstance(event, v11.MessageEvent):
            return await super().send(event, message, **kwargs)
        segments = v11.Message(v11.MessageSegment.text(message) if isinstance(message, str) else message)
        if isinstance(event, v11.GroupMessageEvent):
            return await self.call_api("send_msg", message_type="group", group_id=event.group_id, message=segments)
        return await self.call_api("send_msg", message_type="private", user_id=event.user_id, message=segments)


class V12Bot(v12.Bot):
    """与上游一样，只是我们的命令不走 NoneBot 的挨个询问。"""

    async def handle_event(self, event: v12.Event) -> None:
        """分发一个事件。"""
        if not (isinstance(event, v12.MessageEvent) and await _routed(self, event)):
            await super().handle_event(event)


async def _routed(bot: v11.Bot | v12.Bot, event: v11.MessageEvent | v12.MessageEvent) -> bool:
    from bot.gateway.router import route  # 它要等 NoneBot 初始化之后才能 import

    return await route(bot, event)
