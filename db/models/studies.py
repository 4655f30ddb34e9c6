"""年度课题：一人一年一个。"""

from enum import StrEnum

from tortoise import Model, fields

from db.fields import CleanCharField, CleanTextField, UTCDatetimeField
from db.models.persons import Cadre
from db.models.units import Unit


class StudyState(StrEnum):
    """课题走到哪一步。"""

    SETTLED = "已定"
    UNDER_WAY = "进行中"
    SUBMITTED = "已提交"
    DROPPED = "已放弃"


class StudyAction(StrEnum):
    """对课题做的事。"""

    SETTLE = "定题"
    RENAME = "改题"
    PROGRESS = "进展"
    SUBMIT = "结题"
    DROP = "放弃"


class Study(Model):
    """一位团干部这一年的课题。"""

    id = fields.IntField(primary_key=True)
    cadre: fields.ForeignKeyRelation[Cadre] = fields.ForeignKeyField(
        "models.Cadre", related_name="studies", on_delete=fields.RESTRICT
    )
    cadre_id: int
    #: 最近一次定题时所在的单位
    unit: fields.ForeignKeyRelation[Unit] = fields.ForeignKeyField(
        "models.Unit", related_name="studies", on_delete=fields.RESTRICT, db_index=True
    )
    unit_id: int
    year = fields.IntField(db_index=True)
    #: 本人删除数据时清空
    title = CleanCharField(80)
    state = fields.CharEnumField(StudyState, max_length=4)
    settled_at = UTCDatetimeField()
    #: 提交或放弃的时间；说的话从这时起留 90 天
    ended_at = UTCDatetimeField(null=True, db_index=True)

    events: fields.ReverseRelation["StudyEvent"]

    class Meta:
        table = "study"
        unique_together = (("cadre", "year"),)


class StudyEvent(Model):
    """课题的每一步和说的话；改题时记的是旧题目。"""

    id = fields.IntField(primary_key=True)
    study: fields.ForeignKeyRelation[Study] = fields.ForeignKeyField(
        "models.Study", related_name="events", on_delete=fields.CASCADE, db_index=True
    )
    study_id: int
    action = fields.CharEnumField(StudyAction, max_length=4)
    at = UTCDatetimeField()
    #: 进展、结题的链接或话、放弃的原因；了结 90 天后清空
    note = CleanTextField(null=True)

    class Meta:
        table = "study_event"
