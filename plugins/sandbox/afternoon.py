"""剧本：一个星期三下午，两个青年群，和之后的半个月。每一句期望都核对说出来的话与库里的行。"""

from datetime import datetime, time, timedelta

import xlsxwriter

from bot.league import imports
from bot.league.periods import local, on
from bot.settings import settings
from db.models import Consent, GroupDay, Notice, NoticeState, Ranking, Voice, VoiceState, Wish, WishEnding, WishState
from plugins.sandbox import ledger
from plugins.sandbox.people import Member, roster_sheets
from plugins.sandbox.stage import OPERATOR, Stage, Talk


async def perform(stage: Stage) -> None:
    """从头演到尾。"""
    await importing(stage)
    await binding(stage)
    await joining(stage)
    await talking(stage)
    await making_noise(stage)
    await a_wish_comes_true(stage)
    await a_wish_waits_for_an_answer(stage)
    await a_voice_is_answered(stage)
    await slipping(stage)
    await crying_for_help(stage)
    await reminding(stage)
    await ranking(stage)
    await a_wish_times_out(stage)


async def importing(stage: Stage) -> None:
    """名册由真的导入代码读进来，导两遍也只算一遍。"""
    stage.scene("导入名册")
    path = settings().data_dir / "名册.xlsx"
    with xlsxwriter.Workbook(path) as book:
        for title, rows in roster_sheets(stage.town).items():
            sheet = book.add_worksheet(title)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
    stage.screen.aside((await imports.import_roster(path, at=stage.now)).text)
    again = await imports.import_roster(path, at=stage.now)
    changed = [name for name, count in again.counts.items() if count.added or count.changed]
    stage.expect("再导一遍，什么也没变", not changed, "、".join(changed))


async def binding(stage: Stage) -> None:
    """两个青年群由各自的团干部绑定，工作群由管理员绑定。"""
    stage.scene("绑定")
    first, second = stage.town.groups
    for cadre, group in ((stage.town.cadres[0], first), (stage.town.cadres[2], second)):
        await stage.chat(group, [(cadre, "大家好，我请来一位小帮手，先让它跟大家打个招呼", 20)])
        await stage.say(cadre, "/绑定本群", to=group, hears="/加入")
    await stage.say(stage.town.admin, "/绑定本群 工作群", to=stage.town.work_group, hears="工作群")
    stage.spoken.clear()  # 从这里起，青年群里的每一条都该数到


async def joining(stage: Stage) -> None:
    """愿意的青年自己 `/加入`；没说过的人，库里没有他。"""
    stage.scene("加入")
    first, second = stage.town.groups
    for youth in stage.town.youths[:8]:
        await stage.say(youth, "/加入", to=first, hears=stage.town.cadres[0].name)
    for youth in stage.town.youths[20:26]:
        await stage.say(youth, "/加入", to=second, hears=stage.town.cadres[2].name)
    await stage.say(stage.town.youths[26], f"/加入 [@{stage.town.cadres[3].user_id}]", to=second, hears="团干部丁")
    joined = await Consent.filter(withdrawn_at=None).count()
    stage.expect("十五名青年的同意都记下了", joined == 15, f"记下了 {joined} 名")


async def talking(stage: Stage) -> None:
    """真聊起来的两段：一段接着说，一段用 @ 找人。"""
    stage.scene("真的聊起来了")
    first, second = stage.town.groups
    cadre, youth = stage.town.cadres[0], stage.town.youths[0]
    await stage.chat(
        first,
        [
            (cadre, "最近大家实习找得怎么样，有什么难处可以跟我说说", 30),
            (youth, "投了十几份简历都没有回音，有点着急了", 40),
            (cadre, "把简历发我看看，我帮你约就业中心的老师改一改", 45),
            (youth, "太好了，今晚我整理一下就发给你，谢谢", 35),
        ],
    )
    await _counted(stage, cadre, youth, "来回三轮以上，双方都有实质的话，前后超过一分钟")
    cadre, youth = stage.town.cadres[2], stage.town.youths[20]
    await stage.chat(
        second,
        [
            (youth, f"[@{cadre.user_id}] 想问一下志愿服务时长在哪里登记", 50),
            (cadre, f"[@{youth.user_id}] 在团委办公室登记，带上学生证就可以", 60),
            (youth, f"[@{cadre.user_id}] 明白了，我周五下午课后过去办", 45),
        ],
    )
    await _counted(stage, cadre, youth, "用 @ 接上的三轮，问的答的都具体")
    stage.later(minutes=40)
    cadre, youth = stage.town.cadres[0], stage.town.youths[0]
    await stage.chat(
        first,
        [
            (cadre, "简历收到了，第二段经历可以写得再具体一些", 30),
            (youth, "好的我把项目里自己做的部分补充进去", 50),
            (cadre, "改完直接发给就业中心的老师，我打过招呼了", 50),
        ],
    )
    rows = await ledger.all_between(cadre, youth)
    stage.expect("同一天又聊一段，仍然只记在同一行", len(rows) == 1)


async def making_noise(stage: Stage) -> None:
    """不该算的：口水话、复读、接龙、群发 @、没加入的人。"""
    stage.scene("热闹，但不算")
    first, second = stage.town.groups
    cadre, youths = stage.town.cadres[0], stage.town.youths
    stage.later(minutes=45)
    await stage.chat(
        first,
        [
            (cadre, "明天下午三点在报告厅集合，请大家准时到", 60),
            (youths[1], "收到", 40),
            (cadre, "好的", 40),
            (youths[1], "收到", 40),
        ],
    )
    await _not_counted(stage, cadre, youths[1], "青年只说了“收到”，没有实质的话")
    stage.later(minutes=45)
    slogan = "示例大学青年志愿者永远在路上"
    await stage.chat(first, [(youth, slogan, 15) for youth in youths[2:7]])
    await stage.chat(first, [(cadre, slogan, 20), (youths[2], slogan, 20), (cadre, slogan, 40)])
    await _not_counted(stage, cadre, youths[2], "同一句话十分钟里三个人以上在说：复读")
    stage.later(minutes=45)
    lines = [(cadre, "报名参加运动会的同学请接龙", 30.0)]
    entries = [f"{index + 1}. {youth.name}" for index, youth in enumerate(youths[3:8])]
    for count, youth in enumerate(youths[3:8], 1):
        lines.append((youth, "#接龙\n报名参加运动会的同学请接龙\n" + "\n".join(entries[:count]), 25))
    lines.append((cadre, "已经有五位同学报名，再来三位就能组队", 30))
    lines.append((youths[3], lines[-2][1], 30))
    await stage.chat(first, lines)
    await _not_counted(stage, cadre, youths[3], "青年的话全在接龙里，不是谈话")
    cadre = stage.town.cadres[2]
    everyone = "".join(f"[@{youth.user_id}] " for youth in youths[22:26])
    await stage.chat(
        second,
        [
            (cadre, f"{everyone}这周末的活动请各位务必按时参加", 30),
            (youths[22], "周末的活动具体在哪个校区集合呢", 50),
        ],
    )
    await _not_counted(stage, cadre, youths[22], "一条 @ 了四个人是群发，来回也不够三轮")
    stranger = youths[30]
    await stage.chat(
        second,
        [
            (stranger, f"[@{cadre.user_id}] 请问入团申请书有没有统一的模板", 60),
            (cadre, f"[@{stranger.user_id}] 有的，团委网站下载专区就可以找到", 60),
            (stranger, f"[@{cadre.user_id}] 找到了，填好以后交给班里团支书吗", 60),
        ],
    )
    await _not_counted(stage, cadre, stranger, "他没有 /加入，只进全群的匿名合计")
    stage.expect("没加入的人，库里没有他", await ledger.person_id(stranger) is None)


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
    heard = [sent for sent in stage.platform.sent[since:] if sent.user_id != author.user_id]
    stage.expect("谁也没看到心声是谁说的", not any(author.name in sent.text for sent in heard))


async def slipping(stage: Stage) -> None:
    """手滑与走错门：一句话说清楚。"""
    stage.scene("手滑了")
    first, _ = stage.town.groups
    await stage.say(stage.town.youths[4], "/心原 想学摄影", to=first, hears="/心愿")
    await stage.say(stage.town.cadres[0], "/认领 W99", hears="W99")
    await stage.say(stage.town.youths[4], "/认领 W1", to=first, hears="团干部")
    await stage.say(stage.town.youths[4], "/排名", hears="排名是给团干部看的")


async def crying_for_help(stage: Stage) -> None:
    """危机求助：立刻给出求助电话，转给值守人，不上墙。"""
    stage.scene("有人撑不住了")
    author = stage.town.youths[5]
    since = len(stage.platform.sent)
    await stage.say(author, "/心愿 我最近真的撑不下去了", hears="12355")
    told = [sent.user_id for sent in stage.platform.sent[since:]]
    stage.expect("值守人立刻知道了", OPERATOR.user_id in told)
    stage.expect("别人谁也不知道", set(told) <= {OPERATOR.user_id, author.user_id})


async def reminding(stage: Stage) -> None:
    """二十号上午九点半，只提醒还差一截的团干部，只提醒一次。"""
    stage.travel(on(datetime(2026, 11, 20).date(), time(9, 30)))
    stage.scene("二十号早上，提醒一次")
    cadres = {cadre.user_id for cadre in stage.town.cadres}
    sent = [one for one in await stage.look() if one.user_id in cadres]
    stage.expect("差一截的团干部收到了提醒", bool(sent))
    stage.later(minutes=1)
    again = await stage.look()
    stage.expect("再看一遍，一条也不多发", not again, "；".join(one.text[:30] for one in again))
    await stage.say(stage.town.cadres[0], "/进度", hears="")


async def ranking(stage: Stage) -> None:
    """`/排名` 答管理员；在青年群里不点名。"""
    stage.scene("排名")
    await stage.say(stage.town.admin, "/排名", hears="")
    await stage.say(stage.town.admin, "/排名 文字", to=stage.town.work_group, hears="全部的请私聊我发 /排名")
    answer = await stage.say(stage.town.cadres[0], "/排名 文字", to=stage.town.groups[0], hears="私聊我发 /排名")
    named = [cadre.name for cadre in stage.town.cadres if answer and cadre.name in answer.text]
    stage.expect("青年群里只说单位，不说谁第几", not named, "、".join(named))
    stage.expect("名次有快照", await Ranking.all().exists())


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
    stuck = await Notice.filter(state__in=[NoticeState.UNKNOWN, NoticeState.FAILED]).count()
    stage.expect("没有一条通知送丢了", stuck == 0, f"{stuck} 条")
    await stage.settle()
    total = sum([day.messages for day in await GroupDay.all()])
    spoken = sum(stage.spoken[group.group_id] for group in stage.town.groups)
    stage.expect("群里每条消息都数到了，一条不多一条不少", total == spoken, f"说了 {spoken} 条，数到 {total} 条")


def _step(wish: Wish | None) -> str:
    return "没有这个心愿" if wish is None else f"现在是{wish.ending or wish.state}"


async def _counted(stage: Stage, cadre: Member, youth: Member, why: str) -> None:
    stage.talks.append(Talk(cadre, youth, why))
    row = await ledger.between(cadre, youth)
    stage.expect(f"{cadre.name}和{youth.name}：记一次有效互动", row is not None and row.sessions > 0, why)


async def _not_counted(stage: Stage, cadre: Member, youth: Member, why: str) -> None:
    stage.talks.append(Talk(cadre, youth, why))
    row = await ledger.between(cadre, youth)
    stage.expect(f"{cadre.name}和{youth.name}：不算有效互动", row is None or not row.sessions, why)
