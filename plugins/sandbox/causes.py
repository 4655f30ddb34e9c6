"""戏里的心愿、心声、活动与求助：从开口到有结局。"""

import re
from datetime import timedelta

from bot.league import rating_rounds
from bot.league.periods import Quarter, local
from db.models import (
    Activity,
    EvidenceGrade,
    GroupDay,
    Notice,
    NoticeState,
    Score,
    Voice,
    VoiceState,
    Wish,
    WishEnding,
    WishState,
)
from plugins.sandbox.people import INSPECTOR
from plugins.sandbox.stage import OPERATOR, Stage

#: 这一年第四季度第二回抽问
OPENS = rating_rounds.opening(Quarter(2026, 4), 2)


async def a_wish_comes_true(stage: Stage) -> None:
    """一个心愿从提交走到“已圆梦”；两个人抢着认领，只有一个认领到。"""
    stage.scene("心愿：办成了")
    first, _ = stage.town.groups
    author, cadre, other = stage.town.youths[1], *stage.town.cadres[:2]
    await stage.say(author, "/心愿 想借一间教室排练毕业晚会的合唱", to=first, hears="W1")
    await stage.say(cadre, "/心愿墙", hears="W1")
    await stage.say(cadre, "/认领 W1", hears="W1")
    await stage.look()
    await stage.say(other, "/认领 W1", hears=cadre.name)
    stage.later(hours=1)
    await stage.say(cadre, "/进展 W1 教务处说周四晚上 B201 空着", hears="W1")
    await stage.look()
    stage.later(hours=1)
    await stage.say(cadre, "/办结 W1 周四晚七点 B201 已订好", hears="W1")
    await stage.look()
    await stage.say(author, "/确认 W1 办成 谢谢老师", hears="W1")
    await stage.look()
    wish = await Wish.get_or_none(id=1)
    stage.expect("W1 的结局是已圆梦", wish is not None and wish.ending is WishEnding.FULFILLED, _step(wish))
    told = [sent.text for sent in stage.platform.sent if sent.user_id == author.user_id and "W1" in sent.text]
    stage.expect("认领、进展、办结，每一步都告诉了许愿的人", len(told) >= 3, f"{len(told)} 条")


async def a_wish_waits_for_an_answer(stage: Stage) -> None:
    """第二个心愿匿名，办结之后青年一直没有回话。"""
    stage.scene("心愿：匿名，办结了等回话")
    author, cadre = stage.town.youths[23], stage.town.cadres[3]
    await stage.say(author, "/心愿 匿名 希望自习室晚上多开一个小时", hears="W2")
    await stage.say(cadre, "/认领 W2", hears="W2")
    await stage.say(cadre, "/办结 W2 图书馆答应从下周起开到十一点", hears="W2")
    await stage.look()
    wish = await Wish.get_or_none(id=2)
    stage.expect("W2 在等青年确认", wish is not None and wish.state is WishState.DONE, _step(wish))
    heard = [sent for sent in stage.platform.sent if sent.user_id == cadre.user_id or sent.group_id]
    stage.expect("匿名心愿没露出是谁", not any(author.name in sent.text and "W2" in sent.text for sent in heard))


async def a_voice_is_answered(stage: Stage) -> None:
    """一条心声只到联系团干部，由他答了带回去；在群里说的不收。"""
    stage.scene("心声：说给一个人听")
    author, cadre = stage.town.youths[6], stage.town.cadres[0]
    since = len(stage.platform.sent)
    await stage.say(author, "/心声 实习和考试撞在一起，有点累", to=stage.town.groups[0], hears="请私聊我")
    stage.expect("群里说的心声没有留下", not await Voice.all().exists())
    await stage.say(author, "/心声 实习和考试撞在一起，有点累", hears="V1")
    await stage.say(cadre, "/回复", hears="实习和考试撞在一起")
    await stage.say(stage.town.admin, "/回复 V1 我来看看", hears="没找到 V1")
    await stage.say(cadre, "/回复 V1 周三下午我在办公室，过来聊聊", hears="V1")
    await stage.look()
    await stage.say(author, "/我的心声", hears="周三下午我在办公室")
    voice = await Voice.get_or_none(id=1)
    stage.expect("V1 已答复", voice is not None and voice.state is VoiceState.ANSWERED)
    told = [sent for sent in stage.platform.sent[since:] if sent.user_id == author.user_id and "有回音了" in sent.text]
    stage.expect("说心声的人知道有回音了，只告诉一次", len(told) == 1, f"{len(told)} 条")
    heard = [sent for sent in stage.platform.sent[since:] if sent.user_id != author.user_id]
    stage.expect("谁也没看到心声是谁说的", not any(author.name in sent.text for sent in heard))


async def an_activity_fills_up(stage: Stage) -> None:
    """一场活动：报名、候补、补位、签到；到场的人够数，就是青年本人确认的。"""
    stage.scene("活动：满了也不用接龙")
    first, _ = stage.town.groups
    cadre, early, leaver, late = stage.town.cadres[0], *stage.town.youths[:2], stage.town.youths[7]
    await stage.say(cadre, "/活动 发起 篮球赛 今天21:00 东操场 限2人 文体", to=first, hears="A1")
    await stage.say(early, "/报名 A1", to=first, hears="1/2")
    await stage.say(leaver, "/报名 A1", to=first, hears="2/2")
    await stage.say(late, "/报名 A1", to=first, hears="候补第 1 位")
    since = len(stage.platform.sent)
    await stage.say(leaver, "/取消 A1", to=first, hears="替你取消了")
    await stage.look()
    promoted = [sent for sent in stage.platform.sent[since:] if sent.user_id == late.user_id]
    stage.expect("空出的名额补给了候补第一位，并告诉了他", len(promoted) == 1, f"{len(promoted)} 条")
    stage.later(hours=1, minutes=50)
    answer = await stage.say(cadre, "/签到 A1", hears="签到码")
    code = re.search(r"/到场 (\d{4})", answer.text) if answer else None
    for youth in (early, late):
        await stage.say(youth, f"/到场 {code[1] if code else '0000'}", to=first, hears="签到好了")
    await stage.say(cadre, "/活动 关闭 A1 文字", to=first, hears="到场：2 人")
    activity = await Activity.get_or_none(id=1)
    stage.expect("两位本人签到，证据是 L2", activity is not None and activity.grade is EvidenceGrade.L2)


async def a_talk_is_noted_down(stage: Stage) -> None:
    """记一笔谈心：写着的青年只被问一次，他说有才算本人确认过。"""
    stage.scene("记一笔，问本人")
    cadre, youth = stage.town.cadres[2], stage.town.youths[20]
    mention = f"[@{youth.user_id}]"
    since = len(stage.platform.sent)
    await stage.say(cadre, f"/记 {mention} 谈心 面对面 聊了志愿时长怎么登记", to=stage.town.groups[1], hears="A2")
    await stage.look()
    asked = [sent for sent in stage.platform.sent[since:] if sent.user_id == youth.user_id]
    stage.expect("写着的青年被问了一次", len(asked) == 1, f"{len(asked)} 条")
    await stage.say(youth, "/确认 A2 有", hears="A2")
    await stage.say(cadre, "/查记录 A2", hears="确认 1/1 人")


async def a_record_is_disputed(stage: Stage) -> None:
    """记得不对，本人一句话就先不算；督导看，团干部不知道是谁说的。裁决留给来玩的人。"""
    stage.scene("记得不对，请督导看看")
    cadre, youth = stage.town.cadres[0], stage.town.youths[3]
    await stage.say(cadre, f"/记 [@{youth.user_id}] 谈心 面对面 聊了实习", to=stage.town.groups[0], hears="A3")
    since = len(stage.platform.sent)
    await stage.say(youth, "/异议 A3 那天我不在学校", hears="A3 先不算数")
    await stage.look()
    told = [sent for sent in stage.platform.sent[since:] if sent.user_id == INSPECTOR.user_id]
    stage.expect("督导收到了，等他裁", len(told) == 1, f"{len(told)} 条")
    heard = [sent for sent in stage.platform.sent[since:] if sent.user_id == cadre.user_id]
    stage.expect("团干部不知道是谁说的", not any(youth.name in sent.text for sent in heard))


async def crying_for_help(stage: Stage) -> None:
    """危机求助：立刻给出求助电话，转给值守人，不上墙。"""
    stage.scene("有人撑不住了")
    author = stage.town.youths[5]
    since = len(stage.platform.sent)
    await stage.say(author, "/心愿 我最近真的撑不下去了", hears="12355")
    told = [sent.user_id for sent in stage.platform.sent[since:]]
    stage.expect("值守人立刻知道了", OPERATOR.user_id in told)
    stage.expect("别人谁也不知道", set(told) <= {OPERATOR.user_id, author.user_id})
    await stage.say(OPERATOR, "/值守 W3", hears="撑不下去")


async def a_wish_times_out(stage: Stage) -> None:
    """七天再问一次，十四天没有回话就记成“未确认结案”，不算成功。"""
    author = stage.town.youths[23]
    wish = await Wish.get_or_none(id=2)
    if wish is None or wish.done_at is None:
        stage.expect("W2 办结过", False, _step(wish))
        return
    done = local(wish.done_at)
    stage.travel(done + timedelta(days=7, hours=1))
    stage.scene("七天过去了")
    asked = [sent for sent in await stage.look() if sent.user_id == author.user_id]
    stage.expect("七天时再问许愿的人一次", len(asked) == 1, f"{len(asked)} 条")
    stage.travel(done + timedelta(days=14, hours=1))
    stage.scene("十四天过去了")
    await stage.look()
    await wish.refresh_from_db()
    stage.expect("W2 的结局是未确认结案", wish.ending is WishEnding.UNCONFIRMED, _step(wish))
    await stage.say(author, "/我的心愿", hears="未确认结案")
    await stage.say(stage.town.youths[1], "/我的心愿", hears="已订好")


async def ratings_are_asked_for(stage: Stage) -> None:
    """十二月随机问几位青年；五位答了，截止那天团干部才看到一个大概，不知道是谁。"""
    cadre, youths = stage.town.cadres[0], stage.town.youths[:8]
    round_closes = rating_rounds.closing(OPENS)
    stage.travel(OPENS + rating_rounds.ASKING)
    stage.scene("悄悄问一句：和你们联系得怎么样")
    await stage.look()
    numbers = {youth.user_id for youth in youths}
    asked = [sent.user_id for sent in stage.platform.sent if sent.user_id in numbers and "/评价" in sent.text]
    stage.expect("八位联系青年各被私下问了一次", sorted(map(str, asked)) == sorted(numbers), f"{len(asked)} 条")
    await stage.say(youths[0], "/评价 5", to=stage.town.groups[0], hears="请私聊我")
    await stage.say(youths[0], "/评价 6", hears="1 到 5 的整数分")
    await stage.say(youths[0], "/评价 3", hears="记下了")
    await stage.say(youths[0], "/评价 5 有事问得到人", hears="改好了")
    for youth, stars in zip(youths[1:5], (4, 5, 4, 4), strict=True):
        await stage.say(youth, f"/评价 {stars}", hears="几分不会告诉任何人")
    await stage.say(stage.town.youths[26], "/评价 1", hears="不进积分")
    await stage.say(cadre, "/评价", hears="2026Q4：还没揭晓")
    stage.travel(round_closes + timedelta(hours=10))
    stage.scene("截止了，才有一个大概")
    await stage.look()
    since = len(stage.platform.sent)
    await stage.say(cadre, "/评价", hears="2026Q4：问到的青年总体觉得满意")
    await stage.say(cadre, "/进度", hears="")
    await stage.say(cadre, "/积分 文字", hears="青年评价 12.2/15")
    await stage.say(cadre, "/积分", hears="")
    heard = [sent.text for sent in stage.platform.sent[since:] if sent.user_id == cadre.user_id]
    stage.expect("团干部看不到是谁打的分", not any(youth.name in text for youth in youths for text in heard))
    other = await Score.get_or_none(quarter="2026Q4", cadre__person__name=stage.town.cadres[3].name)
    stage.expect("主动评的一份没有进积分", other is not None and other.ratings is None)


async def nothing_is_lost(stage: Stage) -> None:
    """散场：没有一条通知丢了，没有一条消息漏数。"""
    stuck = await Notice.filter(state__in=[NoticeState.UNKNOWN, NoticeState.FAILED]).count()
    stage.expect("没有一条通知送丢了", stuck == 0, f"{stuck} 条")
    await stage.settle()
    total = sum([day.messages for day in await GroupDay.all()])
    spoken = sum(stage.spoken[group.group_id] for group in stage.town.groups)
    stage.expect("群里每条消息都数到了，一条不多一条不少", total == spoken, f"说了 {spoken} 条，数到 {total} 条")


def _step(wish: Wish | None) -> str:
    return "没有这个心愿" if wish is None else f"现在是{wish.ending or wish.state}"
