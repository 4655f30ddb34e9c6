"""季报：一个单位一季的材料，写到哪、交没交、签发过哪几版。"""

from enum import StrEnum

from tortoise import Model, fields

from db.fields import CleanCharField, CleanTextField, UTCDatetimeField
from db.models.units import Unit


class ReportState(StrEnum):
    """走到哪一步；没有行就是未报。"""

    MISSING = "未报"
    SENT = "已报"
    RETURNED = "退回"


class ReportPart(StrEnum):
    """季报的四个部分，按这个次序写（校青字〔2017〕10号 末段）。"""

    DONE = "做法"
    LESSONS = "经验"
    PROBLEMS = "存在问题"
    PLANS = "下步安排"


class UnitReport(Model):
    """一个单位一季的季报现在到哪一步；谁、什么时候走的这一步。"""

    id = fields.IntField(primary_key=True)
    unit: fields.ForeignKeyRelation[Unit] = fields.ForeignKeyField(
        "models.Unit", related_name="reports", on_delete=fields.CASCADE
    )
    unit_id: int
    #: 如 2026Q4
    quarter = fields.CharField(6)
    state = fields.CharEnumField(ReportState, max_length=4)
    #: 签发到第几版；没签发过，或是线下交的，为 0
    version = fields.IntField(default=0)
    #: 退回的原因；再交上来就清空
    reason = CleanCharField(200, null=True)
    #: 操作人 Person.id；超级管理员不在名册上时为空
    by = fields.IntField(null=True)
    at = UTCDatetimeField()

    class Meta:
        table = "unit_report"
        unique_together = (("unit", "quarter"),)


class ReportText(Model):
    """季报里人改过的一部分；没改过的照事实现写，不存。"""

    id = fields.IntField(primary_key=True)
    report: fields.ForeignKeyRelation[UnitReport] = fields.ForeignKeyField(
        "models.UnitReport", related_name="parts", on_delete=fields.CASCADE
    )
    report_id: int
    part = fields.CharEnumField(ReportPart, max_length=4)
    #: 号码已隐去
    text = CleanTextField()
    #: 谁改的，Person.id
    by = fields.IntField()
    at = UTCDatetimeField()

    class Meta:
        table = "report_text"
        unique_together = (("report", "part"),)


class ReportVersion(Model):
    """签发的一版；只添不改。"""

    id = fields.IntField(primary_key=True)
    report: fields.ForeignKeyRelation[UnitReport] = fields.ForeignKeyField(
        "models.UnitReport", related_name="versions", on_delete=fields.CASCADE
    )
    report_id: int
    version = fields.IntField()
    #: 部分 → 全文
    texts: fields.Field[dict[str, str]] = fields.JSONField()
    #: 依据的全部记录编号
    records: fields.Field[list[str]] = fields.JSONField()
    #: 签发人 Person.id
    by = fields.IntField()
    at = UTCDatetimeField()

    class Meta:
        table = "report_version"
        unique_together = (("report", "version"),)
