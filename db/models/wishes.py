"""微心愿。"""

from enum import StrEnum

from tortoise import Model, fields

from db.fields import CleanTextField, UTCDatetimeField
from db.models.groups import Group
from db.models.persons import Cadre, Person
from db.models.units import Unit


class WishState(StrEnum):
    """走到哪一步。"""

    OPEN = "待认领"
    CLAIMED = "办理中"
    DONE = "待青年确认"
    EXPLAINED = "已说明待确认"  # 说了办不成的原因，等青年接受或请再想想
    ENDED = "已结束"


class WishEnding(StrEnum):
    """五种结局，分开统计，互不充数。"""

    FULFILLED = "已圆梦"
    PARTLY = "部分圆梦"
    IMPOSSIBLE = "办不成(已说明)"
    UNCONFIRMED = "未确认结案"
    WITHDRAWN = "已撤回"


class WishLane(StrEnum):
    """谁看得见。"""

    WALL = "wall"  # 心愿墙
    PRIVATE = "private"  # 困难、就医、钱：只有本单位管理员与联系人看得见
    CRISIS = "crisis"  # 危机求助：只到值守人，不上墙、不计分


class WishAction(StrEnum):
    """心愿走的一步；存在 `WishEvent.kind`。"""

    SUBMIT = "submit"
    # 团干部
    CLAIM = "claim"
    DROP = "drop"
    PROGRESS = "progress"
    FINISH = "finish"
    EXPLAIN = "explain"
    TRANSFER = "transfer"
    # 提交人
    WITHDRAW = "withdraw"
    FULFIL = "fulfil"
    PARTLY = "partly"
    UNDONE = "undone"
    ACCEPT = "accept"
    RECONSIDER = "reconsider"
    # 到点了
    WARN = "warn"
    RELEASE = "release"
    ESCALATE = "escalate"
    ASK_AGAIN = "ask_again"
    CLOSE = "close"
    # 抽查裁定：圆梦的说法不实
    REFUTE = "refute"


class Wish(Model):
    """一个微心愿，编号 `W{id}`。"""

    id = fields.IntField(primary_key=True)
    #: 提交人；删除数据后留空
    author: fields.ForeignKeyNullableRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name="wishes", null=True, on_delete=fields.SET_NULL, db_index=True
    )
    author_id: int | None
    #: 在哪个群提的；私聊提的为空
    group: fields.ForeignKeyNullableRelation[Group] = fields.ForeignKeyField(
        "models.Group", related_name="wishes", null=True, on_delete=fields.SET_NULL, db_index=True
    )
    group_id: int | None
    #: 归哪个单位；只有危机求助可以为空（陌生人私聊说的也得接住）
    unit: fields.ForeignKeyNullableRelation[Unit] = fields.ForeignKeyField(
        "models.Unit", related_name="wishes", null=True, on_delete=fields.RESTRICT, db_index=True
    )
    unit_id: int | None
    #: 该谁负责回应：提交人的联系团干部，没有就是群里第一位团干部；计分算他的。
    #: 转办后是接手的人；危机求助可以为空
    cadre: fields.ForeignKeyNullableRelation[Cadre] = fields.ForeignKeyField(
        "models.Cadre", related_name="wishes", null=True, on_delete=fields.RESTRICT, db_index=True
    )
    cadre_id: int | None
    #: 心愿内容（号码已隐去）；结束 180 天后清空
    text = CleanTextField(null=True)
    #: 内容去空白后的带钥匙摘要，用来认出 24 小时内的重复
    digest = fields.CharField(32, db_index=True)
    anonymous = fields.BooleanField(default=False)
    lane = fields.CharEnumField(WishLane, max_length=8)
    state = fields.CharEnumField(WishState, max_length=8, db_index=True)
    #: 结束了才有；值守人处理完的危机求助没有结局
    ending = fields.CharEnumField(WishEnding, max_length=10, null=True)
    claimer: fields.ForeignKeyNullableRelation[Cadre] = fields.ForeignKeyField(
        "models.Cadre", related_name="claimed_wishes", null=True, on_delete=fields.RESTRICT, db_index=True
    )
    claimer_id: int | None
    #: 钟从这里起，转办、重办都不重置
    submitted_at = UTCDatetimeField(db_index=True)
    #: 第一次有人认领或答复
    answered_at = UTCDatetimeField(null=True)
    claimed_at = UTCDatetimeField(null=True)
    #: 最近一次进展（认领也算）
    progressed_at = UTCDatetimeField(null=True)
    #: 这次认领因为没有进展提醒过
    warned_at = UTCDatetimeField(null=True)
    #: 最近一次办结，或说明办不成
    done_at = UTCDatetimeField(null=True)
    #: 这次办结后又问过青年一次
    asked_again_at = UTCDatetimeField(null=True)
    ended_at = UTCDatetimeField(null=True)
    #: 没人认领、告诉单位管理员的时间
    escalated_at = UTCDatetimeField(null=True)
    #: 青年接受了“办不成”的说明
    accepted = fields.BooleanField(default=False)
    reopened = fields.IntField(default=0)

    events: fields.ReverseRelation["WishEvent"]

    class Meta:
        table = "wish"

    @property
    def number(self) -> str:
        """给人看的编号。"""
        return f"W{self.id}"


class WishEvent(Model):
    """心愿走过的每一步。"""

    id = fields.IntField(primary_key=True)
    wish: fields.ForeignKeyRelation[Wish] = fields.ForeignKeyField(
        "models.Wish", related_name="events", on_delete=fields.CASCADE, db_index=True
    )
    wish_id: int
    kind = fields.CharEnumField(WishAction, max_length=16)
    #: 谁做的；系统做的为空
    by: fields.ForeignKeyNullableRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name="wish_events", null=True, on_delete=fields.SET_NULL, db_index=True
    )
    by_id: int | None
    at = UTCDatetimeField()
    #: 说的话；随心愿内容一起清空
    note = CleanTextField(null=True)

    class Meta:
        table = "wish_event"
