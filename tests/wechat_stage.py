"""演出用的平台，底下换成微信：整个下午在别人写的 OneBot V12 实现上演。"""

import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from pylibob.exception import OneBotImplError

from plugins.sandbox.onebot import ActionError, Platform
from tests.wechat import Json, WeChat, segments


class Stage(Platform):
    """演出用的平台，底下换成微信。"""

    @asynccontextmanager
    async def connected(self, url: str, token: str | None) -> AsyncIterator[None]:
        self._phone = WeChat(self.self_id, url.replace("v11", "v12"), self._take, token=token)
        async with self._phone.online():
            yield

    def _take(self, group: str | None, user: str | None, message: list[Json]) -> None:
        read: list[Json] = []
        for part in message:
            data = part["data"]
            if part["type"] == "mention":
                read.append({"type": "at", "data": {"qq": data["user_id"]}})
            elif part["type"] == "image":
                read.append({"type": "image", "data": {"file": base64.b64encode(data["raw"]).decode()}})
            else:
                read.append(part)
        try:
            self._deliver({"group_id": group, "user_id": user, "message": read}, private=group is None)
        except ActionError as error:
            raise OneBotImplError(35001, None, str(error)) from None

    async def _send(self, frame: Json) -> None:
        number, at, user = str(frame["message_id"]), float(frame["time"]), str(frame["user_id"])
        group = str(frame["group_id"]) if "group_id" in frame else None
        if frame["post_type"] == "notice":
            assert group
            await self._phone.recall(user, group=group, at=at, number=number)
        else:
            await self._phone.push(user, segments(frame["message"]), group=group, at=at, number=number)
