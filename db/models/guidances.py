"""学习教育指导：谁指导哪个团总支、参加哪个团支部，五项做到哪。"""

from enum import StrEnum

from tortoise import Model, fields

from db.fields import UTCDatetimeField
from db.models.activities import EvidenceGrade
from db.models.persons import Cadre
from db.models.units import Unit, UnitKind


class GuidanceItem(StrEnum):
    """学习教育的五项，以本级通知为准。

    产品说明第 6 节只说五项，第 4 节的例子里有组织生活会；其余四项没有列，是我们照常有的组织生活拟的。
    """

    STUDY = "专题学习"
    LESSON = "主题团课"
    MEETING = "组织生活会"
    REVIEW = "教育评议"
    DAY = "主题团日"


class Guidance(Model):
    """一位团干部这一年指导的一个团总支，或参加的一个团支部。"""

    id = fields.IntField(primary_key=True)
    cadre: fields.ForeignKeyRelation[Cadre] = fields.ForeignKeyField(
        "models.Cadre", related_name="guidances", on_delete=fields.RESTRICT
    )
    cadre_id: int
    year = fields.IntField(db_index=True)
    #: 团总支或团支部：一年各一个
    kind = fields.CharEnumField(UnitKind, max_length=8)
    unit: fields.ForeignKeyRelation[Unit] = fields.ForeignKeyField(
        "models.Unit", related_name="guidances", on_delete=fields.RESTRICT, db_index=True
    )
    unit_id: int
    since = UTCDatetimeField()

    ticks: fields.ReverseRelation["GuidanceTick"]

    class Meta:
        table = "guidance"
        unique_together = (("cadre", "year", "kind"),)


class GuidanceTick(Model):
    """五项里做了的一项。"""

    id = fields.IntField(primary_key=True)
    guidance: fields.ForeignKeyRelation[Guidance] = fields.ForeignKeyField(
        "models.Guidance", related_name="ticks", on_delete=fields.CASCADE
    )
    guidance_id: int
    item = fields.CharEnumField(GuidanceItem, max_length=8)
    #: 哪天做的
    day = fields.DateField()
    #: 到了多少人；没写为空
    people = fields.IntField(null=True)
    #: 时间、地点（就是这个单位）、人数齐了是 L1
    grade = fields.CharEnumField(EvidenceGrade, max_length=2)
    at = UTCDatetimeField()

    class Meta:
        table = "guidance_tick"
        unique_together = (("guidance", "item"),)
