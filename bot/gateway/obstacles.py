"""眼下的障碍：哪个群禁言、哪个账号掉线、哪个目标连着失败。只在内存里，重启后由平台重新告诉我们。"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from bot.league.notices import BotAccount
from db.models import Scope

#: 同一目标连着失败 3 次，停 1 小时
FAILURES = 3
PAUSE = timedelta(hours=1)
#: 平台说群里发不了（禁言、不在群里）：隔这么久再试，还不行就加倍，最多隔这么久；三天里至多试十六次。
#: 没说到几时的（全员禁言、被移出）也最多隔这么久试一次：解除、请回来的那一声，断线时会听漏
AGAIN, RARELY = timedelta(minutes=10), timedelta(hours=6)

MUTED, KICKED = "群里禁言中", "机器人不在群里"


class Obstacles:
    """由平台的通知与发送的结果更新，投递前查看。"""

    def __init__(self) -> None:
        self._offline: set[BotAccount] = set()
        #: (平台, 群号) → (到什么时候, 为什么)
        self._silenced: dict[tuple[Scope, str], tuple[datetime, str]] = {}
        #: 目标 → (连着失败几次, 停到什么时候)
        self._failures: dict[str, tuple[int, datetime | None]] = {}
        #: (平台, 群号) → 连着被拒几次
        self._refusals: dict[tuple[Scope, str], int] = {}

    def online(self, account: BotAccount) -> bool:
        """没听说它掉线。连接还在不等于账号在线：NapCat 被顶下线后连接不断。"""
        return account not in self._offline

    def connected(self, account: BotAccount) -> None:
        """重新连上，或心跳说在线。"""
        self._offline.discard(account)

    def silence(self, scope: Scope, group_id: str, until: datetime, reason: str) -> None:
        """这个群到 `until` 为止发不了。"""
        self._silenced[scope, group_id] = until, reason

    def silenced(self, scope: Scope, group_id: str, at: datetime) -> str | None:
        """群里现在为什么发不了；能发就 `None`。"""
        until, reason = self._silenced.get((scope, group_id), (at, None))
        return reason if until > at else None

    def refused(self, scope: Scope, group_id: str, at: datetime, reason: str) -> datetime:
        """平台说这个群发不了，返回什么时候再试。在禁言的群里一直发，账号会被封。"""
        times = self._refusals[scope, group_id] = self._refusals.get((scope, group_id), 0) + 1
        until = at + min(AGAIN * 2 ** min(times - 1, 10), RARELY)
        self.silence(scope, group_id, until, reason)
        return until

    def accepted(self, scope: Scope, group_id: str) -> None:
        """这个群收下了一句。"""
        self._refusals.pop((scope, group_id), None)

    def opened(self, scope: Scope, group_id: str) -> None:
        """平台说群里又能发了。"""
        self._silenced.pop((scope, group_id), None)
        self._refusals.pop((scope, group_id), None)

    def failed(self, target: str, at: datetime) -> None:
        """又失败一次。"""
        count = self._failures.get(target, (0, None))[0] + 1
        self._failures[target] = (0, at + PAUSE) if count >= FAILURES else (count, None)

    def succeeded(self, target: str) -> None:
        """通了，从头数。"""
        self._failures.pop(target, None)

    def paused_until(self, target: str, at: datetime) -> datetime | None:
        """停到什么时候；没停就 `None`。"""
        until = self._failures.get(target, (0, None))[1]
        return until if until and until > at else None

    def note(self, account: BotAccount, event: Mapping[str, Any], at: datetime) -> None:
        """听平台的通知与心跳；认不得的不理。"""
        scope, self_id = account
        user_id, group_id = str(event.get("user_id", "")), str(event.get("group_id", ""))
        match event.get("notice_type") or event.get("meta_event_type") or event.get("detail_type"):
            case "bot_offline":
                self._offline.add(account)
            case "group_ban" if user_id in (self_id, "0"):
                self._note_ban(scope, group_id, event, at)
            case "group_decrease" | "group_member_decrease" if user_id == self_id or event.get("sub_type") == "disband":
                self.silence(scope, group_id, at + RARELY, KICKED)
            case "group_increase" | "group_member_increase" if user_id == self_id:
                self.opened(scope, group_id)
            case "heartbeat" | "lifecycle" | "status_update":
                self._note_status(account, event)
            case _:
                pass

    def _note_ban(self, scope: Scope, group_id: str, event: Mapping[str, Any], at: datetime) -> None:
        if event.get("sub_type") == "lift_ban" or event.get("duration") == 0:
            self.opened(scope, group_id)
            return
        seconds = int(event.get("duration") or -1)  # 全员禁言是 -1：直到解除
        self.silence(scope, group_id, at + (timedelta(seconds=seconds) if seconds > 0 else RARELY), MUTED)

    def _note_status(self, account: BotAccount, event: Mapping[str, Any]) -> None:
        """V11 心跳写 `status.online`（NapCat 有时只写 `good`），V12 写 `status.bots[].online`；没写的不算数。"""
        status: Mapping[str, Any] = event.get("status") or {}
        if event.get("meta_event_type") == "lifecycle":
            status = {"online": True}
        mine = [bot for bot in status.get("bots", []) if str(bot.get("self", {}).get("user_id")) == account[1]]
        online = mine[0].get("online") if mine else status.get("online", status.get("good"))
        if online is False:
            self._offline.add(account)
        elif online:
            self._offline.discard(account)
