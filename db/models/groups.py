"""绑定的群。"""

from enum import StrEnum

from tortoise import Model, fields

from db.fields import CleanCharField, UTCDatetimeField
from db.models.persons import Cadre, Scope
from db.models.units import Unit


class GroupKind(StrEnum):
    """群的用途。"""

    YOUTH = "青年群"
    WORK = "工作群"


class Group(Model):
    """一个绑定过的群；解绑后行还在，`unbound_at` 有值，再绑定时复用。"""

    id = fields.IntField(primary_key=True)
    scope = fields.CharEnumField(Scope, max_length=12)
    group_id = CleanCharField(80)
    #: 哪个机器人账号在这个群里
    self_id = CleanCharField(80)
    kind = fields.CharEnumField(GroupKind, max_length=8)
    #: 群里的第一位团干部（绑定的人）；青年群必有，管理员自己不是团干部时绑的工作群为空
    cadre: fields.ForeignKeyNullableRelation[Cadre] = fields.ForeignKeyField(
        "models.Cadre", related_name="groups", null=True, on_delete=fields.RESTRICT, db_index=True
    )
    cadre_id: int | None
    unit: fields.ForeignKeyRelation[Unit] = fields.ForeignKeyField(
        "models.Unit", related_name="groups", on_delete=fields.RESTRICT, db_index=True
    )
    unit_id: int
    bound_at = UTCDatetimeField()
    unbound_at = UTCDatetimeField(null=True)

    class Meta:
        table = "chat_group"
        unique_together = (("scope", "group_id"),)
