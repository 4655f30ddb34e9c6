"""评估、参评资格与素材的同意：都由人来定，团团只摆事实。"""

from enum import StrEnum

from tortoise import Model, fields

from db.fields import CleanTextField, UTCDatetimeField
from db.models.persons import Cadre, Person
from db.models.units import Unit


class EvaluationState(StrEnum):
    """走到哪一步；没有行就是还没签。"""

    SIGNED = "已签"
    OBJECTED = "有异议"
    UPHELD = "维持"
    REVISED = "改过"


class Evaluation(Model):
    """一个单位半年或全年的评估：签的时候把数冻住。"""

    id = fields.IntField(primary_key=True)
    unit: fields.ForeignKeyRelation[Unit] = fields.ForeignKeyField(
        "models.Unit", related_name="evaluations", on_delete=fields.CASCADE
    )
    unit_id: int
    #: 2026H1 是上半年，2026FY 是全年
    term = fields.CharField(6)
    state = fields.CharEnumField(EvaluationState, max_length=3)
    #: 签时的数
    figures: fields.Field[dict[str, object]] = fields.JSONField()
    #: 签的人写的意见；改过的是改后的
    opinion = CleanTextField()
    #: 签的人，Person.id
    signed_by = fields.IntField()
    signed_at = UTCDatetimeField()
    #: 那个单位的异议
    objection = CleanTextField(null=True)
    objected_by = fields.IntField(null=True)
    objected_at = UTCDatetimeField(null=True)
    #: 对异议的答复
    answer = CleanTextField(null=True)
    answered_by = fields.IntField(null=True)
    answered_at = UTCDatetimeField(null=True)

    class Meta:
        table = "evaluation"
        unique_together = (("unit", "term"),)


class EligibilityState(StrEnum):
    """走到哪一步；没有行就是只有建议，还没有人定。"""

    APPEALED = "申诉中"
    ALLOWED = "可参评"
    HELD = "暂不参评"
    FINAL = "复核后暂不参评"


class Eligibility(Model):
    """一位团干部一年的参评资格：人定的，不是算出来的。"""

    id = fields.IntField(primary_key=True)
    cadre: fields.ForeignKeyRelation[Cadre] = fields.ForeignKeyField(
        "models.Cadre", related_name="eligibilities", on_delete=fields.CASCADE
    )
    cadre_id: int
    year = fields.IntField()
    state = fields.CharEnumField(EligibilityState, max_length=7)
    #: 定的理由；了结 90 天后清空
    reason = CleanTextField(null=True)
    #: 谁定的，Person.id
    decided_by = fields.IntField(null=True)
    decided_at = UTCDatetimeField(null=True)
    #: 本人申诉的理由；同上
    appeal = CleanTextField(null=True)
    appealed_at = UTCDatetimeField(null=True)

    class Meta:
        table = "eligibility"
        unique_together = (("cadre", "year"),)


class MaterialConsent(Model):
    """本人同意宣传材料里用：团干部的姓名与事迹，或青年自己写的那段话（从不写他的姓名）。撤回就删掉这一行。"""

    id = fields.IntField(primary_key=True)
    person: fields.ForeignKeyRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name="material_consents", on_delete=fields.CASCADE
    )
    person_id: int
    year = fields.IntField()
    given_at = UTCDatetimeField()

    class Meta:
        table = "material_consent"
        unique_together = (("person", "year"),)
