"""群发的话里不该有的字：哪些拦、哪些不拦、谁能坚持。"""

from datetime import datetime

import pytest

from bot.league import roster, wordings
from bot.league.errors import Refusal
from bot.league.roster import Speaker
from bot.league.wordings import Reason
from db.models import Audit, Scope, UnitKind
from tests import factories

WRONG = {
    Reason.FORCED: [
        "周五必须到场",
        "請務必參加",
        "大家一律参加",
        "不得请假，不得缺席",
        "必 须来",
        "特别必须",
        "务·必转告",
    ],
    Reason.HEADCOUNT: ["本周全员参加", "人人参与的好活动", "各支部每人必答", "应到尽到"],
    Reason.TRACES: ["看完把截图发群里", "截屏交给班长", "接龙打卡 1. 张三", "每日打卡读书", "收到请回复", "学习打卡"],
    Reason.SPREAD: ["请转发到朋友圈", "看完发朋友圈", "集赞满二十领礼品", "关注公众号再报名", "給我們點讚並轉發到群"],
}
RIGHT = """
这次不必须来
活动非必须
不用截图，看完就行
无需全员到场
免接龙打卡
请勿截图
不要求全员参加
未必，须知这也是一种选择
实验室安全员怎么当
怎样健全员工社团
聊聊《全员加速中》
《必须犯规的游戏》读后感
你常用哪个截图工具
拒绝千篇一律的团课
聊聊你的朋友圈都有谁
成语接龙擂台
网红打卡地推荐
给志愿者点个赞
强制执行法讲座
大家想去哪里春游
校园歌手大赛投票
""".strip().splitlines()


@pytest.mark.parametrize(("text", "reason"), [(text, reason) for reason, texts in WRONG.items() for text in texts])
def test_what_forces_counts_heads_leaves_traces_or_begs_for_likes_is_found(text: str, reason: Reason) -> None:
    found = wordings.find(text)
    assert found is not None
    assert found.reason is reason


@pytest.mark.parametrize("text", RIGHT)
def test_what_only_looks_like_it_is_let_through(text: str) -> None:
    assert wordings.find(text) is None


def test_every_word_on_the_list_is_found_and_named_as_written() -> None:
    for word, reason in wordings._REASONS.items():
        assert wordings.find(f"通知：{word}") == wordings.Found(word, reason)


async def speaker(user: int) -> Speaker:
    return await roster.identify(Scope.QQ, str(user))


async def test_a_word_inside_a_units_name_is_a_name(database: str, at: datetime) -> None:
    school = await factories.school()
    await roster.add_unit("全员育人中心团总支", UnitKind.BRANCH_COMMITTEE, school)
    cadre = await factories.cadre(1, "张三", school)
    by = await speaker(1)
    assert cadre.id == by.cadre_id
    text = "全员育人中心团总支的桌游夜"
    assert await wordings.allow(by, text, subject="g1", at=at) == text
    with pytest.raises(Refusal, match=r"^“全员”这个说法先不发：不按人头摊派，愿意来的才算。换个说法再发一次就好。$"):
        await wordings.allow(by, "全员育人中心团总支全员参加", subject="g1", at=at)


async def test_only_the_top_unit_may_insist_with_a_reason_and_it_is_written_down(database: str, at: datetime) -> None:
    school = await factories.school()
    below = await factories.branch("软件学院团总支", school)
    await factories.admin(1, "王部长", school)
    await factories.admin(2, "孙管理", below)
    text = "周五防火演练必须到场 坚持 学校安全部门的原话"
    with pytest.raises(Refusal, match=r"要坚持的话，请组织部来发。$"):
        await wordings.allow(await speaker(2), text, subject="g1", at=at)
    with pytest.raises(Refusal, match=r"要坚持就写上理由"):
        await wordings.allow(await speaker(1), "周五防火演练必须到场 坚持", subject="g1", at=at)
    assert not await Audit.exists()
    top = await speaker(1)
    assert await wordings.allow(top, text, subject="g1", at=at) == "周五防火演练必须到场"
    row = await Audit.get()
    assert (row.action, row.subject, row.actor_id) == ("wording.insist", "g1", top.person_id)
    assert row.detail == "必须：学校安全部门的原话"


async def test_insisting_is_only_a_word_where_nothing_is_wrong(database: str, at: datetime) -> None:
    await factories.cadre(1, "张三", await factories.school())
    text = "你最想 坚持 的一件小事"
    assert await wordings.allow(await speaker(1), text, subject="g1", at=at) == text
