"""心声、建议、投诉。"""

from enum import StrEnum

from tortoise import Model, fields

from db.fields import CleanTextField, UTCDatetimeField
from db.models.persons import Cadre, Person
from db.models.units import Unit


class VoiceKind(StrEnum):
    """说的是哪一种。"""

    HEART = "心声"
    SUGGESTION = "建议"
    COMPLAINT = "投诉"


class VoiceState(StrEnum):
    """走到哪一步。心声、投诉只有已收、已答复；建议不用已答复。"""

    RECEIVED = "已收"
    ANSWERED = "已答复"
    STUDYING = "研究中"
    ADOPTED = "采纳"
    PARTLY = "部分采纳"
    DECLINED = "不采纳"
    REALISED = "已落实"
    WITHDRAWN = "已撤回"


class VoiceAction(StrEnum):
    """走的一步；存在 `VoiceEvent.kind`。"""

    SUBMIT = "submit"
    # 答复的人
    ANSWER = "answer"
    STUDY = "study"
    ADOPT = "adopt"
    ADOPT_PARTLY = "adopt_partly"
    DECLINE = "decline"
    REALISE = "realise"
    # 提的人
    WITHDRAW = "withdraw"
    # 到点了
    ESCALATE = "escalate"


class Voice(Model):
    """一条心声、建议或投诉，编号 `V{id}`。"""

    id = fields.IntField(primary_key=True)
    kind = fields.CharEnumField(VoiceKind, max_length=8)
    #: 提的人；删除数据后留空
    author: fields.ForeignKeyNullableRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name="voices", null=True, on_delete=fields.SET_NULL, db_index=True
    )
    author_id: int | None
    #: 归哪个单位；只有投诉可以为空（还没加入的人也可以投诉）
    unit: fields.ForeignKeyNullableRelation[Unit] = fields.ForeignKeyField(
        "models.Unit", related_name="voices", null=True, on_delete=fields.RESTRICT, db_index=True
    )
    unit_id: int | None
    #: 心声该谁先答：提的人的联系团干部；计分算他的。建议、投诉为空
    cadre: fields.ForeignKeyNullableRelation[Cadre] = fields.ForeignKeyField(
        "models.Cadre", related_name="voices", null=True, on_delete=fields.RESTRICT, db_index=True
    )
    cadre_id: int | None
    #: 说的话，号码已隐去；了结满 90 天清空
    text = CleanTextField(null=True)
    #: 认重复用的带钥匙指纹；随内容清空
    digest = fields.CharField(32, default="")
    state = fields.CharEnumField(VoiceState, max_length=8)
    #: 钟从这里起，往上报不重置
    submitted_at = UTCDatetimeField(db_index=True)
    #: 第一次有回音
    answered_at = UTCDatetimeField(null=True)
    #: 最近一次了结：答复、不采纳、已落实、撤回
    ended_at = UTCDatetimeField(null=True, db_index=True)
    #: 到了谁那里：0 是最先该答的人，每往上报一次加一
    level = fields.IntField(default=0)
    #: 到这时还没有回音就往上报；有了回音，或上面没有人了，为空
    due_at = UTCDatetimeField(null=True, db_index=True)

    events: fields.ReverseRelation["VoiceEvent"]

    class Meta:
        table = "voice"

    @property
    def number(self) -> str:
        """给人看的编号。"""
        return f"V{self.id}"


class VoiceEvent(Model):
    """一条心声、建议、投诉走过的每一步。"""

    id = fields.IntField(primary_key=True)
    voice: fields.ForeignKeyRelation[Voice] = fields.ForeignKeyField(
        "models.Voice", related_name="events", on_delete=fields.CASCADE, db_index=True
    )
    voice_id: int
    kind = fields.CharEnumField(VoiceAction, max_length=16)
    #: 谁做的；系统做的为空
    by: fields.ForeignKeyNullableRelation[Person] = fields.ForeignKeyField(
        "models.Person", related_name="voice_events", null=True, on_delete=fields.SET_NULL, db_index=True
    )
    by_id: int | None
    at = UTCDatetimeField()
    #: 说的话；随内容一起清空
    note = CleanTextField(null=True)

    class Meta:
        table = "voice_event"
