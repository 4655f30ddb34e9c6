from datetime import timedelta

from db.models import Wish, WishLane, WishState
from tests import factories
from tests.chat import Chat


async def test_a_cadre_sees_contacts_wishes_and_score_and_the_group_sees_no_score(chat: Chat) -> None:
    unit = await factories.school()
    cadre = await factories.cadre(1, "张三", unit)
    await factories.group(5, cadre)
    people = [await factories.youth(n, cadre, since=chat.at - timedelta(days=40)) for n in range(1001, 1005)]
    for person in people[:2]:
        await factories.interaction(cadre, person, chat.at.date())
    await Wish.create(
        unit=unit,
        cadre=cadre,
        text="心愿",
        digest="d",
        lane=WishLane.WALL,
        state=WishState.OPEN,
        submitted_at=chat.at - timedelta(days=6),
    )
    facts = (
        "张三的进度（2026Q4 · 11 月 18 日）\n"
        "联系青年 4/100 人，还差 96 人\n"
        "本月联系到 2 人，本季 2 人，30 天没联系 2 人\n"
        "本季参加过活动 0 人，今年见过面 0 人\n"
        "心愿：你在办 0 件，等人认领 1 件，拖久了 1 件\n"
        "W1：提交 6 天没人认领，发 /认领 W1\n"
    )
    score = "本季积分 7.0，加油\n本单位同档不足 5 人，不排名次\n示例大学团委同档不足 5 人，不排名次\n"
    score += "其中五个一 不适用（还没有数据），青年评价 不适用（没揭晓或不满 5 份）\n为什么、怎么涨，私聊发 /积分 看\n"
    foot = "本人 /加入 的才算联系；有过有效互动，或在 L2 的活动、记录里作了证，算联系到。"
    fives = "本月活动 0/3 次；五个一：没做 5 件，逐件的发 /五个一\n"
    fives += (
        "五个一 0/5；照过去 49 天的快慢，季末大约 0/5。"
        "还差 办一件实事、上一堂团课、谈心谈话、志愿服务、文体活动，12月31日前做完就齐，还有 44 天。\n"
    )
    step = "上手下一步：给青年贴个标签，发 /标签 @小王 学生，以后好找。走到哪了发 /上手\n"
    alone = facts.replace("\n", f"\n{step}", 1) + fives + score + foot
    assert [str(r) for r in await chat.say(1, "/进度 文字")] == [alone]
    assert [str(r) for r in await chat.say(1, "/进度 文字", group=5)] == [facts + foot]
    assert [str(r) for r in await chat.say(1, "/进度")] == ["[image]"]
    [reply] = await chat.say(1001, "/进度", group=5)
    assert "这条命令是给团干部用的" in reply.text
