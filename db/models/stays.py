"""下基层：去了哪、哪几天、算哪几项。"""

from enum import StrEnum

from tortoise import Model, fields

from db.fields import CleanCharField, UTCDatetimeField
from db.models.activities import EvidenceGrade
from db.models.persons import Cadre
from db.models.units import Unit


class Scheme(StrEnum):
    """下基层算在哪一项里（全团要讯2017第2期）。"""

    EIGHT_FOUR = "8+4"
    FOUR_ONE = "4+1"
    STATIONED = "蹲点"


class StayState(StrEnum):
    """一次下基层走到哪一步。"""

    KEPT = "已记录"
    VOIDED = "已作废"


class Stay(Model):
    """一次下基层；各列是现在的样子，每一版都在 `StayVersion`，哪几天在 `StayDay`。"""

    id = fields.IntField(primary_key=True)
    cadre: fields.ForeignKeyRelation[Cadre] = fields.ForeignKeyField(
        "models.Cadre", related_name="stays", on_delete=fields.RESTRICT, db_index=True
    )
    cadre_id: int
    #: 记下时所在的单位
    unit: fields.ForeignKeyRelation[Unit] = fields.ForeignKeyField(
        "models.Unit", related_name="stays", on_delete=fields.RESTRICT, db_index=True
    )
    unit_id: int
    place = CleanCharField(60)
    first_day = fields.DateField(db_index=True)
    #: 连着几天
    days = fields.IntField()
    #: 算哪几项，按 `Scheme` 的次序、空格隔开，如 `8+4 蹲点`；没写为空串
    schemes = fields.CharField(16)
    #: 见了多少人；没写为空
    people = fields.IntField(null=True)
    #: 时间、地点、人数齐了是 L1
    grade = fields.CharEnumField(EvidenceGrade, max_length=2)
    state = fields.CharEnumField(StayState, max_length=4)
    version = fields.IntField(default=1)
    created_at = UTCDatetimeField()

    class Meta:
        table = "stay"

    @property
    def number(self) -> str:
        """给人看的编号。"""
        return f"J{self.id}"


class StayDay(Model):
    """下基层的一天：一个人的一天只属于一次下基层，所以在哪一项里都不会数两遍。"""

    id = fields.IntField(primary_key=True)
    stay: fields.ForeignKeyRelation[Stay] = fields.ForeignKeyField(
        "models.Stay", related_name="dates", on_delete=fields.CASCADE, db_index=True
    )
    stay_id: int
    cadre: fields.ForeignKeyRelation[Cadre] = fields.ForeignKeyField(
        "models.Cadre", related_name="stay_days", on_delete=fields.RESTRICT
    )
    cadre_id: int
    day = fields.DateField(db_index=True)

    class Meta:
        table = "stay_day"
        unique_together = (("cadre", "day"),)


class StayVersion(Model):
    """每一版的样子；只添不改（原因到期清空，本人删除数据时地点与原因都清空）。"""

    id = fields.IntField(primary_key=True)
    stay: fields.ForeignKeyRelation[Stay] = fields.ForeignKeyField(
        "models.Stay", related_name="versions", on_delete=fields.CASCADE
    )
    stay_id: int
    version = fields.IntField()
    at = UTCDatetimeField(db_index=True)
    #: 为什么补记、为什么改；90 天后清空
    reason = CleanCharField(120, null=True)
    place = CleanCharField(60)
    first_day = fields.DateField()
    days = fields.IntField()
    schemes = fields.CharField(16)
    people = fields.IntField(null=True)
    state = fields.CharEnumField(StayState, max_length=4)

    class Meta:
        table = "stay_version"
        unique_together = (("stay", "version"),)


class StayQuota(Model):
    """一个单位定的：某一项今年要几天。只添不改，最新的一版算数。"""

    id = fields.IntField(primary_key=True)
    unit: fields.ForeignKeyRelation[Unit] = fields.ForeignKeyField(
        "models.Unit", related_name="stay_quotas", on_delete=fields.CASCADE, db_index=True
    )
    unit_id: int
    year = fields.IntField(db_index=True)
    scheme = fields.CharEnumField(Scheme, max_length=4)
    days = fields.IntField()
    #: 谁定的
    issuer = CleanCharField(60)
    #: 依据的文号
    document = CleanCharField(40)
    #: 操作人 Person.id；超级管理员不在名册上时为空
    set_by = fields.IntField(null=True)
    set_at = UTCDatetimeField()

    class Meta:
        table = "stay_quota"
