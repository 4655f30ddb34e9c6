"""互动：只有计数与时间，没有一个字的聊天内容。"""

from tortoise import Model, fields

from db.fields import UTCDatetimeField
from db.models.groups import Group
from db.models.persons import Cadre, Person


class Interaction(Model):
    """一位团干部与一位青年在一天里的往来。`sessions > 0` 即当天有一次有效互动（至多算一次）。"""

    id = fields.BigIntField(primary_key=True)
    cadre: fields.ForeignKeyRelation[Cadre] = fields.ForeignKeyField(
        "models.Cadre", related_name="interactions", on_delete=fields.RESTRICT
    )
    cadre_id: int
    youth: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name="interactions", on_delete=fields.RESTRICT, db_index=True
    )
    youth_id: int
    #: 本地日期
    day = fields.DateField()
    #: 团干部的消息条数，条
    cadre_messages = fields.IntField(default=0)
    #: 青年的消息条数，条
    youth_messages = fields.IntField(default=0)
    #: 够得上“有效”的会话数；撤回会减回去
    sessions = fields.IntField(default=0)

    class Meta:
        table = "interaction"
        unique_together = (("cadre", "youth", "day"),)
        # 算一季的积分只读索引就够（四十万行时快几倍）；某天以来谁动过
        indexes = (("cadre_id", "day", "sessions", "youth_id"), ("day", "cadre_id"))


class GroupDay(Model):
    """一个群一天的匿名合计。三盏灯由它算出。"""

    id = fields.BigIntField(primary_key=True)
    group: fields.ForeignKeyRelation[Group] = fields.ForeignKeyField(
        "models.Group", related_name="days", on_delete=fields.CASCADE
    )
    group_id: int
    day = fields.DateField()
    #: 消息条数，条
    messages = fields.IntField(default=0)
    #: 发过言的人数，人
    speakers = fields.IntField(default=0)
    #: 实质发言条数，条
    substantive = fields.IntField(default=0)
    #: 有实质发言的人数，人
    substantive_speakers = fields.IntField(default=0)
    #: 当天有效互动的会话数，次
    sessions = fields.IntField(default=0)

    class Meta:
        table = "group_day"
        unique_together = (("group", "day"),)

    @property
    def has_voice(self) -> bool:
        """有声音：有人说过实质的话。"""
        return self.substantive > 0

    @property
    def has_interaction(self) -> bool:
        """有互动：至少一次有效互动。"""
        return self.sessions > 0

    @property
    def has_topic(self) -> bool:
        """有话题：至少 5 人说过实质的话。"""
        return self.substantive_speakers >= 5


class GroupCursor(Model):
    """一个群记到了哪里：隔几百条存一次整份状态，其间的在 `GroupTrail`。与计数同一个事务，断电也不重记漏记。"""

    id = fields.IntField(primary_key=True)
    group: fields.OneToOneRelation[Group] = fields.OneToOneField(
        "models.Group", related_name="cursor", on_delete=fields.CASCADE
    )
    group_id: int
    #: 存下时最后一条消息的发送时间
    last_at = UTCDatetimeField(null=True)
    #: 没结束的会话、最近消息号与发言指纹（带钥匙的摘要，最多留 24 小时），不含文字；空的是“此前都记过了”
    state = fields.BinaryField()

    class Meta:
        table = "group_cursor"


class GroupTrail(Model):
    """整份状态之后的一小批消息的痕迹：编号、时间、指纹，不含文字。重启时照着重走一遍，下次存整份状态时删去。"""

    id = fields.BigIntField(primary_key=True)
    group: fields.ForeignKeyRelation[Group] = fields.ForeignKeyField(
        "models.Group", related_name="trails", on_delete=fields.CASCADE, db_index=True
    )
    group_id: int
    #: 哪一次写入；提交时断线，凭它知道写没写进去
    mark = fields.BigIntField()
    last_at = UTCDatetimeField()
    trail = fields.BinaryField()

    class Meta:
        table = "group_trail"
