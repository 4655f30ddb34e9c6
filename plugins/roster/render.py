"""名册与群的话术。"""

from collections.abc import Sequence

from bot.league.activity_letters import about
from bot.league.appointments import Appointed, Dismissed
from bot.league.errors import Refusal
from bot.settings import settings
from db.models import Cadre, Group, GroupKind, Person


def notice() -> str:
    """绑定青年群时贴出的六行告知（产品说明第 2 节；docs/privacy.md 里有同样的一份）。"""
    config = settings()
    contact = f"，有事找 {config.contact}" if config.contact else "，有事找本群团干部"
    return "\n".join(
        (
            f"大家好，我是团团，由{config.organisation}用来和青年保持联系{contact}。",
            "我记什么：加入的人哪天和团干部聊过、各几条；还有全群每天的匿名合计。",
            "我不记什么：聊天内容一个字都不存，没加入的人什么都不记。",
            "想加入：自己发 /加入。只能本人说，不加入也不影响什么。",
            "不想了：随时发 /退出，马上停；退群七天也算退出。",
            "看和删：私聊我 /我的数据、/删除我的数据。别的发 /帮助。",
        )
    )


def read_binding(words: Sequence[str]) -> tuple[GroupKind, str | None]:
    """`/绑定本群` 后面的词 → 群的用途、（工作群）哪个单位。"""
    if not words or list(words) == [GroupKind.YOUTH]:
        return GroupKind.YOUTH, None
    if words[0] != GroupKind.WORK or len(words) > 2:
        raise Refusal("请发 /绑定本群，工作群发 /绑定本群 工作群。")
    return GroupKind.WORK, words[1] if len(words) > 1 else None


def work_group(group: Group) -> str:
    """绑好了工作群。"""
    return f"好，这里是{group.unit.name}的工作群了。可以在这里看 /排名，进度也会发到这里。"


def appointed(done: Appointed) -> str:
    """任命好了。"""
    quota = f"，应联系 {done.quota} 名青年" if done.quota else ""
    line = f"好，{done.name}现在是{done.unit_name}的{'、'.join(done.posts)}{quota}。"
    if done.guessed:
        line += "\n还不知道姓名，先这样称呼；写上姓名再任命一次就能补上。"
    return line


def dismissed(done: Dismissed) -> str:
    """离任办好了；有还没办的活动，提一句。"""
    if not done.cadre:
        return f"好，{done.name}的职责收回了。"
    line = (
        f"好，{done.name}离任了，不再排名、不再提醒。"
        "原来联系的青年，发 /交接 @原来那位 @新团干部，我去一位一位问愿不愿意换；"
        "青年自己也可以发 /换联系人 @新团干部。"
    )
    if done.coming:
        first = done.coming[0].number
        line += (
            f"\n发起了还没办的活动 {len(done.coming)} 场：{'；'.join(map(about, done.coming))}。"
            f"不办了发 /活动 取消 {first}；照办的，签到码由你私聊我 /签到 {first} 来要。"
        )
    return line


def code(digits: str) -> str:
    """六位码。"""
    return f"{digits}\n十分钟内，在你的另一个账号上私聊我 /绑定 {digits}。这六位码等于你的身份，别告诉任何人。"


def bound(person: Person) -> str:
    """并好了。"""
    return f"好，这个账号和{person.name or '你原来的账号'}认作同一个人了，两边记的合在一起。"


def my_cadres(cadres: Sequence[Cadre]) -> str:
    """我的联系团干部。"""
    if not cadres:
        return "你还没有联系团干部。在你们的青年群里发 /加入，就有了。"
    return f"你的联系团干部：{'、'.join(_title(cadre) for cadre in cadres)}。"


def group_cadre(cadre: Cadre | None, kind: GroupKind) -> str:
    """本群的团干部；工作群里没有联系一说。"""
    if kind is GroupKind.WORK:
        return "这里是工作群。想知道谁联系你，到你们的青年群里发 /找团干。"
    if cadre is None:
        return "本群现在没有联系团干部。"
    return f"本群的团干部是{_title(cadre)}。想联系上就发 /加入。"


def _title(cadre: Cadre) -> str:
    return f"{cadre.person.name or '团干部'}（{cadre.unit.name}）"
