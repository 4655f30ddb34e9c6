"""求助没人看就接着响：真的进程，真的 WebSocket，钟由测试往前拨；夜里也响，看过就不响，对本人说实话。"""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.process import BOSS, CADRE, YOUTH, Phone, bind, until
from tests.travelling import Traveller

pytestmark = pytest.mark.slow

SELF, GROUP = 10000, 300
MINUTE = timedelta(minutes=1)
FIRST = "【危机求助 W1】等了 10 分钟，还没有人看过，请马上看：私聊我发 /值守 W1。有人看过就不再响。"
SECOND = FIRST.replace("10 分钟", "30 分钟")
LINES = (
    "想马上有人听你说：12355（青少年服务台）、12356（全国统一心理援助热线）。\n"
    "现在就有危险的话，请拨 110 或 120，或者请身边的人陪着你。"
)


async def test_a_cry_nobody_looks_at_rings_again_until_somebody_does(tmp_path: Path) -> None:
    await bind(tmp_path, GROUP, self_id=SELF)
    now = datetime.now().astimezone().replace(microsecond=0)
    bot = Traveller(tmp_path, f"sqlite://{tmp_path / 'data' / 'tuanbot.db'}", SELF)
    async with bot.living(now) as (robot, phone):
        await phone.send(phone.message("/心愿 我不想活了", user=YOUTH, time=int(now.timestamp())))
        await bot.reads("SELECT count(*) FROM notice WHERE kind = 'wish.crisis' AND state = 'sent'", 1)
        assert "W1" in told(phone, BOSS)[0]
        await bot.travel(robot, now + 9 * MINUTE)
        assert len(told(phone, BOSS)) == 1
        await bot.travel(robot, now + 10 * MINUTE, now + 12 * MINUTE, now + 30 * MINUTE)
        assert told(phone, BOSS)[1:] == [FIRST, SECOND]
        honest = f"值守的老师已经收到了我的话，但还没有回音，我正在接着催。你先别一个人扛着。\n{LINES}"
        assert told(phone, YOUTH)[-1] == honest
        await phone.send(phone.message("/值守 W1", user=YOUTH), phone.message("/值守 W1", user=BOSS))
        await until(lambda: "我不想活了" in told(phone, BOSS)[-1], seconds=15)
        assert "我不想活了" in told(phone, BOSS)[-1]
        heard = told(phone, BOSS)
        await bot.travel(robot, now + 61 * MINUTE, now + 300 * MINUTE, now + 3000 * MINUTE)
        assert told(phone, BOSS) == heard, "有人看过就不再响"
        assert told(phone, YOUTH)[-1] == "这条命令是给值守人用的。"
        assert not [text for text in told(phone, CADRE) if "求助" in text], "团干部不惊动"
        assert [call for call in phone.calls if call["action"] == "send_group_msg"] == []


def told(phone: Phone, user: int) -> list[str]:
    """私下对 `user` 说过的话。"""
    sends = [call["params"] for call in phone.calls if call["action"] in ("send_private_msg", "send_msg")]
    return [params["message"][0]["data"]["text"] for params in sends if params.get("user_id") == user]
