"""推送、对好物的看法、订阅。"""

from enum import StrEnum

from tortoise import Model, fields

from db.fields import CleanCharField, CleanTextField, UTCDatetimeField
from db.models.groups import Group
from db.models.persons import Person
from db.models.units import Unit


class PushState(StrEnum):
    """一条推送走到哪里了。"""

    QUEUED = "排着队"
    SENT = "推完了"
    CANCELLED = "撤下了"
    EXPIRED = "过期了"


class Push(Model):
    """一条推荐给青年的好物：标题、链接、标签。"""

    id = fields.IntField(primary_key=True)
    title = CleanCharField(40)
    link = CleanCharField(300)
    tags: fields.Field[list[str]] = fields.JSONField()
    #: 以哪个单位的名义；它与下级的青年在 `/好物` 里看得到
    unit: fields.ForeignKeyRelation[Unit] = fields.ForeignKeyField(
        "models.Unit", related_name="pushes", on_delete=fields.CASCADE, db_index=True
    )
    unit_id: int
    #: 谁推的（Person.id）；超级管理员不在名册上时为空
    pushed_by = fields.IntField(null=True)
    state = fields.CharEnumField(PushState, max_length=4, db_index=True)
    pushed_at = UTCDatetimeField(db_index=True)

    class Meta:
        table = "push"

    @property
    def number(self) -> str:
        """给人看的编号。"""
        return f"G{self.id}"


class PushTarget(Model):
    """要推到哪个群、推了没有。"""

    id = fields.IntField(primary_key=True)
    push: fields.ForeignKeyRelation[Push] = fields.ForeignKeyField(
        "models.Push", related_name="targets", on_delete=fields.CASCADE
    )
    push_id: int
    group: fields.ForeignKeyRelation[Group] = fields.ForeignKeyField(
        "models.Group", related_name="push_targets", on_delete=fields.CASCADE
    )
    group_id: int
    # 放进待送队列的时刻；还排着、没送成又排回来的为空
    sent_at = UTCDatetimeField(null=True)
    #: 没送成、又排回来过几回
    missed = fields.IntField(default=0, db_default=0)
    #: 推到群里的那条的消息号，有人回复它时认得出；一周后清空
    message_id = CleanCharField(128, null=True)

    class Meta:
        table = "push_target"
        unique_together = (("push", "group"),)
        indexes = (("group_id", "sent_at"), ("sent_at",))


class PushReply(Model):
    """一位青年在群里回复一条推送，说过几句实质的话；没有文字。没加入的人不记。"""

    id = fields.BigIntField(primary_key=True)
    push: fields.ForeignKeyRelation[Push] = fields.ForeignKeyField(
        "models.Push", related_name="replies", on_delete=fields.CASCADE
    )
    push_id: int
    #: 推完一周、删除数据后为空，只剩人数
    person: fields.ForeignKeyNullableRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name="push_replies", null=True, on_delete=fields.SET_NULL, db_index=True
    )
    person_id: int | None
    #: 实质的回复，条
    messages = fields.IntField()

    class Meta:
        table = "push_reply"
        unique_together = (("push", "person"),)


class Opinion(Model):
    """一位青年对一条好物的看法，后说的顶掉先说的。"""

    id = fields.IntField(primary_key=True)
    push: fields.ForeignKeyRelation[Push] = fields.ForeignKeyField(
        "models.Push", related_name="opinions", on_delete=fields.CASCADE
    )
    push_id: int
    #: 删除数据后为空，只剩有用没用
    person: fields.ForeignKeyNullableRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name="opinions", null=True, on_delete=fields.SET_NULL, db_index=True
    )
    person_id: int | None
    useful = fields.BooleanField()
    #: 说的话（号码已隐去）；90 天后清空
    words = CleanTextField(null=True)
    said_at = UTCDatetimeField(db_index=True)

    class Meta:
        table = "opinion"
        unique_together = (("push", "person"),)


class Subscription(Model):
    """本人订的一个标签。"""

    id = fields.IntField(primary_key=True)
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name="subscriptions", on_delete=fields.CASCADE
    )
    person_id: int
    tag = CleanCharField(12)

    class Meta:
        table = "subscription"
        unique_together = (("person", "tag"),)
