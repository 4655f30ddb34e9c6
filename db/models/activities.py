"""活动与记录：同一张表，一个是约好要办的，一个是办过了记下的。"""

from enum import StrEnum

from tortoise import Model, fields

from db.fields import CleanCharField, UTCDatetimeField
from db.models.groups import Group
from db.models.persons import Cadre, Person
from db.models.units import Unit


class ActivityKind(StrEnum):
    """约好要办的，还是办过了记下的。"""

    ACTIVITY = "activity"
    RECORD = "record"


class Side(StrEnum):
    """算谁的：团干部自己的五件事，还是单位的五件事（校青字〔2017〕10号 三）。"""

    CADRE = "cadre"
    UNIT = "unit"


class Slot(StrEnum):
    """算哪一类；五个一按它认领。一场活动只有一类，所以不会既算单位的又算自己的。"""

    DEED = "实事"
    LESSON = "团课"
    TALK = "谈心"
    VOLUNTEER = "志愿"
    CULTURE = "文体"
    OTHER = "其他"
    # 以下是单位的
    OPEN_DAY = "开放日"
    SHARING = "分享"
    MEETING = "面对面"
    SERVICE = "集中志愿"
    OWN_DESIGN = "自主设计"

    @property
    def side(self) -> Side:
        """算谁的。"""
        return Side.UNIT if self in _UNIT_SLOTS else Side.CADRE


_UNIT_SLOTS = frozenset((Slot.OPEN_DAY, Slot.SHARING, Slot.MEETING, Slot.SERVICE, Slot.OWN_DESIGN))


class Campaign(StrEnum):
    """上面布置、有窗口期的工作（产品说明第 6 节）；窗口与出处见 `bot.league.campaigns`。"""

    OPEN_DAY = "机关开放日"
    LECTURE = "主题宣讲"
    STORY = "最美青春故事"
    SERVICE = "集中服务青年月"
    SHARING = "1+100分享活动"


class Mode(StrEnum):
    """记录里是怎么聊的。"""

    FACE = "面对面"
    PHONE = "电话"
    ONLINE = "线上"


class ActivityState(StrEnum):
    """走到哪一步：前三个是活动的，后三个是记录的。"""

    OPEN = "报名中"
    CLOSED = "已结束"
    CANCELLED = "已取消"
    KEPT = "已记录"
    SUSPENDED = "核实中"  # 有青年提出异议，等督导看过
    VOIDED = "已作废"


class PartState(StrEnum):
    """一个人与一项活动或记录。"""

    SIGNED = "已报名"
    WAITING = "候补"
    LEFT = "已取消"  # 自己取消，或更正后不再写着他
    ARRIVED = "已到场"
    NAMED = "待确认"  # 记录里写着他，还没回话
    CONFIRMED = "有"
    DENIED = "没有"
    DECLINED = "不想回答"


class EvidenceGrade(StrEnum):
    """证据等级（产品说明第 6 节）。"""

    L0 = "L0"
    L1 = "L1"
    L2 = "L2"
    L3 = "L3"  # 抽查问过，站得住


class Activity(Model):
    """一项活动或一条记录；各列是现在的样子，每一版都在 `ActivityVersion`。"""

    id = fields.IntField(primary_key=True)
    kind = fields.CharEnumField(ActivityKind, max_length=8)
    organiser: fields.ForeignKeyRelation[Cadre] = fields.ForeignKeyField(
        "models.Cadre", related_name="activities", on_delete=fields.RESTRICT, db_index=True
    )
    organiser_id: int
    #: 发起时所在的单位
    unit: fields.ForeignKeyRelation[Unit] = fields.ForeignKeyField(
        "models.Unit", related_name="activities", on_delete=fields.RESTRICT, db_index=True
    )
    unit_id: int
    #: 在哪个群里发起的；私聊为空
    group: fields.ForeignKeyNullableRelation[Group] = fields.ForeignKeyField(
        "models.Group", related_name="activities", null=True, on_delete=fields.SET_NULL, db_index=True
    )
    group_id: int | None
    #: 活动的名字；记录没有
    title = CleanCharField(30, null=True)
    slot = fields.CharEnumField(Slot, max_length=4)
    #: 属于哪一项有窗口期的工作
    campaign = fields.CharEnumField(Campaign, max_length=12, null=True)
    #: 活动几点开始；记录是哪一天的事（零点）
    starts_at = UTCDatetimeField(db_index=True)
    place = CleanCharField(30, null=True)
    mode = fields.CharEnumField(Mode, max_length=4, null=True)
    #: 记录的内容；90 天后清空
    note = CleanCharField(80, null=True)
    #: 至多多少人；空为不限
    cap = fields.IntField(null=True)
    deadline = UTCDatetimeField(null=True)
    state = fields.CharEnumField(ActivityState, max_length=4, db_index=True)
    version = fields.IntField(default=1)
    #: 由报名、到场、确认算出来，随时可以重算
    grade = fields.CharEnumField(EvidenceGrade, max_length=2, default=EvidenceGrade.L0)
    #: 等级最近一次变
    graded_at = UTCDatetimeField()
    created_at = UTCDatetimeField()
    #: 青年的确认从这时起 72 小时内算数：活动是开始，记录是记下或更正
    asked_from = UTCDatetimeField(db_index=True)
    ended_at = UTCDatetimeField(null=True)

    participations: fields.ReverseRelation["Participation"]

    class Meta:
        table = "activity"

    @property
    def number(self) -> str:
        """给人看的编号。"""
        return f"A{self.id}"


class ActivityVersion(Model):
    """每一版的样子；只添不改（到期或本人删除数据时清空文字）。"""

    id = fields.IntField(primary_key=True)
    activity: fields.ForeignKeyRelation[Activity] = fields.ForeignKeyField(
        "models.Activity", related_name="versions", on_delete=fields.CASCADE
    )
    activity_id: int
    version = fields.IntField()
    at = UTCDatetimeField()
    #: 为什么改；90 天后清空
    reason = CleanCharField(120, null=True)
    note = CleanCharField(80, null=True)
    #: 类别、时间、地点、方式、名额，和写着的人（表 id）
    facts: fields.Field[dict[str, object]] = fields.JSONField()

    class Meta:
        table = "activity_version"
        unique_together = (("activity", "version"),)


class Participation(Model):
    """谁报了名、到了场，或被写进记录、怎么回的话。"""

    id = fields.IntField(primary_key=True)
    activity: fields.ForeignKeyRelation[Activity] = fields.ForeignKeyField(
        "models.Activity", related_name="participations", on_delete=fields.CASCADE
    )
    activity_id: int
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name="participations", on_delete=fields.CASCADE, db_index=True
    )
    person_id: int
    state = fields.CharEnumField(PartState, max_length=4)
    #: 报名的次序；取消后再报重新排
    turn = fields.IntField()
    #: 这一步的时间
    at = UTCDatetimeField()
    #: 问过他有没有这回事
    asked_at = UTCDatetimeField(null=True)

    class Meta:
        table = "participation"
        unique_together = (("activity", "person"),)


class Reach(Model):
    """一场主题宣讲讲给了哪个团支部听。"""

    id = fields.IntField(primary_key=True)
    activity: fields.ForeignKeyRelation[Activity] = fields.ForeignKeyField(
        "models.Activity", related_name="reaches", on_delete=fields.CASCADE
    )
    activity_id: int
    unit: fields.ForeignKeyRelation[Unit] = fields.ForeignKeyField(
        "models.Unit", related_name="reaches", on_delete=fields.CASCADE, db_index=True
    )
    unit_id: int

    class Meta:
        table = "reach"
        unique_together = (("activity", "unit"),)


class CheckInCode(Model):
    """一项活动此刻的签到码；新码顶掉旧码。"""

    id = fields.IntField(primary_key=True)
    activity: fields.OneToOneRelation[Activity] = fields.OneToOneField(
        "models.Activity", related_name="code", on_delete=fields.CASCADE
    )
    activity_id: int
    #: 只存摘要
    digest = fields.CharField(64)
    expires_at = UTCDatetimeField()

    class Meta:
        table = "check_in_code"
