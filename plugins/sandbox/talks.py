"""戏里的聊天：真聊起来的，和热闹却不算的。"""

from plugins.sandbox import ledger
from plugins.sandbox.people import Member
from plugins.sandbox.stage import Stage, Talk


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


async def _counted(stage: Stage, cadre: Member, youth: Member, why: str) -> None:
    stage.talks.append(Talk(cadre, youth, why))
    row = await ledger.between(cadre, youth)
    stage.expect(f"{cadre.name}和{youth.name}：记一次有效互动", row is not None and row.sessions > 0, why)


async def _not_counted(stage: Stage, cadre: Member, youth: Member, why: str) -> None:
    stage.talks.append(Talk(cadre, youth, why))
    row = await ledger.between(cadre, youth)
    stage.expect(f"{cadre.name}和{youth.name}：不算有效互动", row is None or not row.sessions, why)
