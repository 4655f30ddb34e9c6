from tortoise import migrations
from tortoise.migrations import operations as ops
from db.fields import CleanCharField, CleanTextField, UTCDatetimeField
from db.models.activities import Campaign, EvidenceGrade, Side, Slot
from db.models.calendars import MarkKind
from db.models.contacts import TagBatchState
from db.models.five_ones import Lead
from db.models.guidances import GuidanceItem
from db.models.handovers import AskState, HandoverState
from db.models.nominations import NominationState
from db.models.persons import Scope
from db.models.pushes import PushState
from db.models.reports import ReportPart, ReportState
from db.models.stays import Scheme, StayState
from db.models.studies import StudyAction, StudyState
from db.models.topics import PollState, TopicState
from db.models.units import UnitKind
from orjson import loads
from tortoise.fields.base import OnDelete
from tortoise.fields.data import JSON_DUMPS
from tortoise import fields
from tortoise.indexes import Index

class Migration(migrations.Migration):
    dependencies = [('models', '0001_initial')]

    initial = False

    operations = [
        ops.CreateModel(
            name='Bulletin',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('unit', fields.ForeignKeyField('models.Unit', source_field='unit_id', db_constraint=True, to_field='id', related_name='bulletins', on_delete=OnDelete.CASCADE)),
                ('quarter', fields.CharField(description='如 2026Q3', max_length=6)),
                ('version', fields.IntField()),
                ('name', CleanCharField(description='发布时单位叫什么', max_length=60)),
                ('figures', fields.JSONField(description='各张表，藏起来的数不在里面', encoder=JSON_DUMPS, decoder=loads)),
                ('reason', CleanCharField(null=True, description='为什么更正；第 1 版为空', max_length=220)),
                ('changes', fields.JSONField(description='比上一版改了哪些，一处一句', encoder=JSON_DUMPS, decoder=loads)),
                ('digest', fields.CharField(description='上面这些的 SHA-256，印在通报上', max_length=64)),
                ('published_by', fields.IntField(null=True, description='操作人 Person.id；超级管理员不在名册上时为空')),
                ('published_at', UTCDatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'bulletin', 'app': 'models', 'unique_together': (('unit', 'quarter', 'version'),), 'pk_attr': 'id', 'table_description': '一个单位一季的一版通报；只添不改，数字从发布那一刻起就定住了。'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='CalendarMark',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('unit', fields.ForeignKeyField('models.Unit', source_field='unit_id', db_index=True, db_constraint=True, to_field='id', related_name='calendar_marks', on_delete=OnDelete.CASCADE)),
                ('kind', fields.CharEnumField(description='OFF: 放假\nWORKING: 上班\nEXAMS: 考试周', enum_type=MarkKind, max_length=4)),
                ('first_day', fields.DateField()),
                ('last_day', fields.DateField()),
                ('set_by', fields.IntField(null=True, description='操作人 Person.id；超级管理员不在名册上时为空')),
                ('set_at', UTCDatetimeField(auto_now=False, auto_now_add=False)),
                ('cancelled_at', UTCDatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'calendar_mark', 'app': 'models', 'pk_attr': 'id', 'table_description': '一个单位给自己和下级定的一段例外，首尾都算；删掉的留着行，只记 `cancelled_at`。'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Guidance',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('cadre', fields.ForeignKeyField('models.Cadre', source_field='cadre_id', db_constraint=True, to_field='id', related_name='guidances', on_delete=OnDelete.RESTRICT)),
                ('year', fields.IntField(db_index=True)),
                ('kind', fields.CharEnumField(description='CENTRAL: 团中央\nPROVINCE: 省\nCITY: 市\nCOUNTY: 县\nSCHOOL: 校\nBRANCH_COMMITTEE: 团总支\nBRANCH: 团支部', enum_type=UnitKind, max_length=8)),
                ('unit', fields.ForeignKeyField('models.Unit', source_field='unit_id', db_index=True, db_constraint=True, to_field='id', related_name='guidances', on_delete=OnDelete.RESTRICT)),
                ('since', UTCDatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'guidance', 'app': 'models', 'unique_together': (('cadre', 'year', 'kind'),), 'pk_attr': 'id', 'table_description': '一位团干部这一年指导的一个团总支，或参加的一个团支部。'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='GuidanceTick',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('guidance', fields.ForeignKeyField('models.Guidance', source_field='guidance_id', db_constraint=True, to_field='id', related_name='ticks', on_delete=OnDelete.CASCADE)),
                ('item', fields.CharEnumField(description='STUDY: 专题学习\nLESSON: 主题团课\nMEETING: 组织生活会\nREVIEW: 教育评议\nDAY: 主题团日', enum_type=GuidanceItem, max_length=8)),
                ('day', fields.DateField(description='哪天做的')),
                ('people', fields.IntField(null=True, description='到了多少人；没写为空')),
                ('grade', fields.CharEnumField(description='L0: L0\nL1: L1\nL2: L2', enum_type=EvidenceGrade, max_length=2)),
                ('at', UTCDatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'guidance_tick', 'app': 'models', 'unique_together': (('guidance', 'item'),), 'pk_attr': 'id', 'table_description': '五项里做了的一项。'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Handover',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('giver', fields.ForeignKeyField('models.Cadre', source_field='giver_id', db_index=True, db_constraint=True, to_field='id', related_name='handovers_out', on_delete=OnDelete.CASCADE)),
                ('taker', fields.ForeignKeyField('models.Cadre', source_field='taker_id', db_index=True, db_constraint=True, to_field='id', related_name='handovers_in', on_delete=OnDelete.CASCADE)),
                ('state', fields.CharEnumField(db_index=True, description='OPEN: 进行中\nCLOSED: 已结束\nCANCELLED: 已取消', enum_type=HandoverState, max_length=4)),
                ('opened_at', UTCDatetimeField(auto_now=False, auto_now_add=False)),
                ('closes_at', UTCDatetimeField(description='到这时还没回话的，当作不换', auto_now=False, auto_now_add=False)),
                ('ended_at', UTCDatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'handover', 'app': 'models', 'pk_attr': 'id', 'table_description': '一次交接；结束 90 天后整个删去，留痕里还有。'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='HandoverAsk',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('handover', fields.ForeignKeyField('models.Handover', source_field='handover_id', db_constraint=True, to_field='id', related_name='asks', on_delete=OnDelete.CASCADE)),
                ('youth', fields.ForeignKeyField('models.Person', source_field='youth_id', db_index=True, db_constraint=True, to_field='id', related_name='handover_asks', on_delete=OnDelete.CASCADE)),
                ('state', fields.CharEnumField(description='ASKED: 等回话\nAGREED: 愿意\nDECLINED: 不换\nLAPSED: 没回话\nDROPPED: 不算了', enum_type=AskState, max_length=4)),
                ('at', UTCDatetimeField(description='这一步的时间', auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'handover_ask', 'app': 'models', 'unique_together': (('handover', 'youth'),), 'pk_attr': 'id', 'table_description': '问过哪位青年，他怎么回的。'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Incident',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('name', fields.CharField(description='如 failures、account/qq:10000、recording@主机:8080；`@` 后面是哪个进程看见的', max_length=120)),
                ('current', fields.CharField(null=True, unique=True, description='没好时等于 `name`，好了为空：同一件事同时只有一行开着', max_length=120)),
                ('what', fields.CharField(description='当时说的话', max_length=200)),
                ('opened_at', UTCDatetimeField(auto_now=False, auto_now_add=False)),
                ('seen_at', UTCDatetimeField(description='最近一次还看见它', auto_now=False, auto_now_add=False)),
                ('closed_at', UTCDatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'incident', 'app': 'models', 'pk_attr': 'id', 'table_description': '一次毛病：说过一次，好了再说一次。'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Nomination',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('year', fields.IntField(description='哪一年的')),
                ('author', fields.ForeignKeyField('models.Person', source_field='author_id', db_constraint=True, to_field='id', related_name='nominations', on_delete=OnDelete.CASCADE)),
                ('cadre', fields.ForeignKeyField('models.Cadre', source_field='cadre_id', db_index=True, db_constraint=True, to_field='id', related_name='nominations', on_delete=OnDelete.CASCADE)),
                ('text', CleanTextField(description='事迹（号码已隐去）', unique=False)),
                ('state', fields.CharEnumField(db_index=True, description='WAITING: 等本人回话\nAGREED: 本人同意\nDECLINED: 本人婉拒', enum_type=NominationState, max_length=6)),
                ('created_at', UTCDatetimeField(auto_now=False, auto_now_add=False)),
                ('asked_at', UTCDatetimeField(null=True, description='请本人回话的时间；还没请为空', auto_now=False, auto_now_add=False)),
                ('answered_at', UTCDatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'nomination', 'app': 'models', 'unique_together': (('author', 'year'),), 'pk_attr': 'id', 'table_description': '一位青年一年的一份推荐；撤回、当年过后满 90 天，整行删掉。'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Presence',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('scope', fields.CharEnumField(description='QQ: qq\nWECHAT: wechat', enum_type=Scope, max_length=12)),
                ('self_id', CleanCharField(max_length=80)),
                ('seen_at', UTCDatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'bot_presence', 'app': 'models', 'unique_together': (('scope', 'self_id'),), 'pk_attr': 'id', 'table_description': '一个机器人账号最近一次在线；几个进程都往这里记。'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Push',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('title', CleanCharField(max_length=40)),
                ('link', CleanCharField(max_length=300)),
                ('tags', fields.JSONField(encoder=JSON_DUMPS, decoder=loads)),
                ('unit', fields.ForeignKeyField('models.Unit', source_field='unit_id', db_index=True, description='以哪个单位的名义；它与下级的青年在 `/好物` 里看得到', db_constraint=True, to_field='id', related_name='pushes', on_delete=OnDelete.CASCADE)),
                ('pushed_by', fields.IntField(null=True, description='谁推的（Person.id）；超级管理员不在名册上时为空')),
                ('state', fields.CharEnumField(db_index=True, description='QUEUED: 排着队\nSENT: 推完了\nCANCELLED: 撤下了\nEXPIRED: 过期了', enum_type=PushState, max_length=4)),
                ('pushed_at', UTCDatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'push', 'app': 'models', 'pk_attr': 'id', 'table_description': '一条推荐给青年的好物：标题、链接、标签。'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Opinion',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('push', fields.ForeignKeyField('models.Push', source_field='push_id', db_constraint=True, to_field='id', related_name='opinions', on_delete=OnDelete.CASCADE)),
                ('person', fields.ForeignKeyField('models.Person', source_field='person_id', null=True, db_index=True, description='删除数据后为空，只剩有用没用', db_constraint=True, to_field='id', related_name='opinions', on_delete=OnDelete.SET_NULL)),
                ('useful', fields.BooleanField()),
                ('words', CleanTextField(null=True, description='说的话（号码已隐去）；90 天后清空', unique=False)),
                ('said_at', UTCDatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'opinion', 'app': 'models', 'unique_together': (('push', 'person'),), 'pk_attr': 'id', 'table_description': '一位青年对一条好物的看法，后说的顶掉先说的。'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='PushTarget',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('push', fields.ForeignKeyField('models.Push', source_field='push_id', db_constraint=True, to_field='id', related_name='targets', on_delete=OnDelete.CASCADE)),
                ('group', fields.ForeignKeyField('models.Group', source_field='group_id', db_constraint=True, to_field='id', related_name='push_targets', on_delete=OnDelete.CASCADE)),
                ('sent_at', UTCDatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'push_target', 'app': 'models', 'unique_together': (('push', 'group'),), 'indexes': [Index(fields=['group_id', 'sent_at']), Index(fields=['sent_at'])], 'pk_attr': 'id', 'table_description': '要推到哪个群、推了没有。'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='RatingRound',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('quarter', fields.CharField(description='如 2026Q4', max_length=6)),
                ('number', fields.IntField(description='本季第几回')),
                ('seed', fields.CharField(max_length=32)),
                ('opens_at', UTCDatetimeField(auto_now=False, auto_now_add=False)),
                ('closes_at', UTCDatetimeField(db_index=True, description='到这时截止、揭晓；之前的不进积分，之后的不算抽问', auto_now=False, auto_now_add=False)),
                ('drawn_at', UTCDatetimeField(null=True, description='全部抽完的时刻；抽到一半断了为空，重来一遍', auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'rating_round', 'app': 'models', 'unique_together': (('quarter', 'number'),), 'pk_attr': 'id', 'table_description': '一季里的一回抽问。种子谁也看不到，同样的种子抽出同样的人。'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Rating',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('quarter', fields.CharField(max_length=6)),
                ('cadre', fields.ForeignKeyField('models.Cadre', source_field='cadre_id', db_index=True, db_constraint=True, to_field='id', related_name='ratings_received', on_delete=OnDelete.RESTRICT)),
                ('youth', fields.ForeignKeyField('models.Person', source_field='youth_id', db_index=True, db_constraint=True, to_field='id', related_name='ratings_given', on_delete=OnDelete.CASCADE)),
                ('round', fields.ForeignKeyField('models.RatingRound', source_field='round_id', null=True, db_index=True, description='答的是哪一回抽问；自己主动评的为空，不进积分', db_constraint=True, to_field='id', related_name='ratings', on_delete=OnDelete.RESTRICT)),
                ('stars', fields.SmallIntField(description='1–5')),
                ('text', CleanTextField(null=True, description='附的一句话，号码已隐去；季末满 90 天清空，凑不够 5 句的季末就清空', unique=False)),
                ('given_at', UTCDatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'rating', 'app': 'models', 'unique_together': (('quarter', 'cadre', 'youth'),), 'pk_attr': 'id', 'table_description': '一位青年一季给一位团干部的评价。'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='RatingAsk',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('round', fields.ForeignKeyField('models.RatingRound', source_field='round_id', db_index=True, db_constraint=True, to_field='id', related_name='asks', on_delete=OnDelete.CASCADE)),
                ('quarter', fields.CharField(max_length=6)),
                ('cadre', fields.ForeignKeyField('models.Cadre', source_field='cadre_id', db_constraint=True, to_field='id', related_name='rating_asks', on_delete=OnDelete.RESTRICT)),
                ('youth', fields.ForeignKeyField('models.Person', source_field='youth_id', db_index=True, db_constraint=True, to_field='id', related_name='rating_asks', on_delete=OnDelete.CASCADE)),
                ('ask_at', UTCDatetimeField(description='排在什么时候问', auto_now=False, auto_now_add=False)),
                ('asked_at', UTCDatetimeField(null=True, description='问了；空是还没问', auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'rating_ask', 'app': 'models', 'unique_together': (('quarter', 'youth'),), 'indexes': [Index(fields=['quarter', 'cadre_id']), Index(fields=['asked_at', 'ask_at'])], 'pk_attr': 'id', 'table_description': '抽到的一位青年，请他评哪位团干部；一人一季至多一回。'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Reach',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('activity', fields.ForeignKeyField('models.Activity', source_field='activity_id', db_constraint=True, to_field='id', related_name='reaches', on_delete=OnDelete.CASCADE)),
                ('unit', fields.ForeignKeyField('models.Unit', source_field='unit_id', db_index=True, db_constraint=True, to_field='id', related_name='reaches', on_delete=OnDelete.CASCADE)),
            ],
            options={'table': 'reach', 'app': 'models', 'unique_together': (('activity', 'unit'),), 'pk_attr': 'id', 'table_description': '一场主题宣讲讲给了哪个团支部听。'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Stay',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('cadre', fields.ForeignKeyField('models.Cadre', source_field='cadre_id', db_index=True, db_constraint=True, to_field='id', related_name='stays', on_delete=OnDelete.RESTRICT)),
                ('unit', fields.ForeignKeyField('models.Unit', source_field='unit_id', db_index=True, description='记下时所在的单位', db_constraint=True, to_field='id', related_name='stays', on_delete=OnDelete.RESTRICT)),
                ('place', CleanCharField(max_length=60)),
                ('first_day', fields.DateField(db_index=True)),
                ('days', fields.IntField(description='连着几天')),
                ('schemes', fields.CharField(description='算哪几项，按 `Scheme` 的次序、空格隔开，如 `8+4 蹲点`；没写为空串', max_length=16)),
                ('people', fields.IntField(null=True, description='见了多少人；没写为空')),
                ('grade', fields.CharEnumField(description='L0: L0\nL1: L1\nL2: L2', enum_type=EvidenceGrade, max_length=2)),
                ('state', fields.CharEnumField(description='KEPT: 已记录\nVOIDED: 已作废', enum_type=StayState, max_length=4)),
                ('version', fields.IntField(default=1)),
                ('created_at', UTCDatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'stay', 'app': 'models', 'pk_attr': 'id', 'table_description': '一次下基层；各列是现在的样子，每一版都在 `StayVersion`，哪几天在 `StayDay`。'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='StayDay',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('stay', fields.ForeignKeyField('models.Stay', source_field='stay_id', db_index=True, db_constraint=True, to_field='id', related_name='dates', on_delete=OnDelete.CASCADE)),
                ('cadre', fields.ForeignKeyField('models.Cadre', source_field='cadre_id', db_constraint=True, to_field='id', related_name='stay_days', on_delete=OnDelete.RESTRICT)),
                ('day', fields.DateField(db_index=True)),
            ],
            options={'table': 'stay_day', 'app': 'models', 'unique_together': (('cadre', 'day'),), 'pk_attr': 'id', 'table_description': '下基层的一天：一个人的一天只属于一次下基层，所以在哪一项里都不会数两遍。'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='StayQuota',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('unit', fields.ForeignKeyField('models.Unit', source_field='unit_id', db_index=True, db_constraint=True, to_field='id', related_name='stay_quotas', on_delete=OnDelete.CASCADE)),
                ('year', fields.IntField(db_index=True)),
                ('scheme', fields.CharEnumField(description='EIGHT_FOUR: 8+4\nFOUR_ONE: 4+1\nSTATIONED: 蹲点', enum_type=Scheme, max_length=4)),
                ('days', fields.IntField()),
                ('issuer', CleanCharField(description='谁定的', max_length=60)),
                ('document', CleanCharField(description='依据的文号', max_length=40)),
                ('set_by', fields.IntField(null=True, description='操作人 Person.id；超级管理员不在名册上时为空')),
                ('set_at', UTCDatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'stay_quota', 'app': 'models', 'pk_attr': 'id', 'table_description': '一个单位定的：某一项今年要几天。只添不改，最新的一版算数。'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='StayVersion',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('stay', fields.ForeignKeyField('models.Stay', source_field='stay_id', db_constraint=True, to_field='id', related_name='versions', on_delete=OnDelete.CASCADE)),
                ('version', fields.IntField()),
                ('at', UTCDatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
                ('reason', CleanCharField(null=True, description='为什么补记、为什么改；90 天后清空', max_length=120)),
                ('place', CleanCharField(max_length=60)),
                ('first_day', fields.DateField()),
                ('days', fields.IntField()),
                ('schemes', fields.CharField(max_length=16)),
                ('people', fields.IntField(null=True)),
                ('state', fields.CharEnumField(description='KEPT: 已记录\nVOIDED: 已作废', enum_type=StayState, max_length=4)),
            ],
            options={'table': 'stay_version', 'app': 'models', 'unique_together': (('stay', 'version'),), 'pk_attr': 'id', 'table_description': '每一版的样子；只添不改（原因到期清空，本人删除数据时地点与原因都清空）。'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Study',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('cadre', fields.ForeignKeyField('models.Cadre', source_field='cadre_id', db_constraint=True, to_field='id', related_name='studies', on_delete=OnDelete.RESTRICT)),
                ('unit', fields.ForeignKeyField('models.Unit', source_field='unit_id', db_index=True, description='最近一次定题时所在的单位', db_constraint=True, to_field='id', related_name='studies', on_delete=OnDelete.RESTRICT)),
                ('year', fields.IntField(db_index=True)),
                ('title', CleanCharField(description='本人删除数据时清空', max_length=80)),
                ('state', fields.CharEnumField(description='SETTLED: 已定\nUNDER_WAY: 进行中\nSUBMITTED: 已提交\nDROPPED: 已放弃', enum_type=StudyState, max_length=4)),
                ('settled_at', UTCDatetimeField(auto_now=False, auto_now_add=False)),
                ('ended_at', UTCDatetimeField(null=True, db_index=True, description='提交或放弃的时间；说的话从这时起留 90 天', auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'study', 'app': 'models', 'unique_together': (('cadre', 'year'),), 'pk_attr': 'id', 'table_description': '一位团干部这一年的课题。'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='StudyEvent',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('study', fields.ForeignKeyField('models.Study', source_field='study_id', db_index=True, db_constraint=True, to_field='id', related_name='events', on_delete=OnDelete.CASCADE)),
                ('action', fields.CharEnumField(description='SETTLE: 定题\nRENAME: 改题\nPROGRESS: 进展\nSUBMIT: 结题\nDROP: 放弃', enum_type=StudyAction, max_length=4)),
                ('at', UTCDatetimeField(auto_now=False, auto_now_add=False)),
                ('note', CleanTextField(null=True, description='进展、结题的链接或话、放弃的原因；了结 90 天后清空', unique=False)),
            ],
            options={'table': 'study_event', 'app': 'models', 'pk_attr': 'id', 'table_description': '课题的每一步和说的话；改题时记的是旧题目。'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Subscription',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('person', fields.ForeignKeyField('models.Person', source_field='person_id', db_constraint=True, to_field='id', related_name='subscriptions', on_delete=OnDelete.CASCADE)),
                ('tag', CleanCharField(max_length=12)),
            ],
            options={'table': 'subscription', 'app': 'models', 'unique_together': (('person', 'tag'),), 'pk_attr': 'id', 'table_description': '本人订的一个标签。'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='TagBatch',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('cadre', fields.ForeignKeyField('models.Cadre', source_field='cadre_id', db_index=True, db_constraint=True, to_field='id', related_name='tag_batches', on_delete=OnDelete.CASCADE)),
                ('state', fields.CharEnumField(description='PREVIEWED: previewed\nDONE: done\nUNDONE: undone', enum_type=TagBatchState, max_length=10)),
                ('at', UTCDatetimeField(db_index=True, description='这一步的时间', auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'tag_batch', 'app': 'models', 'pk_attr': 'id', 'table_description': '一次标签改动；只为了十分钟内能确认、能撤销，过后删去。'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='TagChange',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('batch', fields.ForeignKeyField('models.TagBatch', source_field='batch_id', db_index=True, db_constraint=True, to_field='id', related_name='changes', on_delete=OnDelete.CASCADE)),
                ('contact', fields.ForeignKeyField('models.Contact', source_field='contact_id', db_index=True, db_constraint=True, to_field='id', related_name='tag_changes', on_delete=OnDelete.CASCADE)),
                ('tag', CleanCharField(max_length=20)),
                ('removed_id', fields.IntField(null=True, description='揭下的那一行原来的编号，撤销时放回原处；贴上的为空')),
            ],
            options={'table': 'tag_change', 'app': 'models', 'pk_attr': 'id', 'table_description': '一次改动里的一处：给谁贴上、揭下了哪个标签。'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Topic',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('group', fields.ForeignKeyField('models.Group', source_field='group_id', db_constraint=True, to_field='id', related_name='topics', on_delete=OnDelete.CASCADE)),
                ('title', CleanCharField(max_length=40)),
                ('opened_by', fields.IntField(null=True, description='谁开的（Person.id）；超级管理员不在名册上时为空')),
                ('state', fields.CharEnumField(description='OPEN: 聊着\nENDED: 已结束\nSETTLED: 已封存', enum_type=TopicState, max_length=6)),
                ('opened_at', UTCDatetimeField(auto_now=False, auto_now_add=False)),
                ('ends_at', UTCDatetimeField(db_index=True, description='到这一刻（含这一秒）为止的话都算', auto_now=False, auto_now_add=False)),
                ('youths', fields.IntField(null=True, description='封存时的三个总数：青年人数、青年的实质发言条数、其余实质发言条数')),
                ('youth_messages', fields.IntField(null=True)),
                ('other_messages', fields.IntField(null=True)),
            ],
            options={'table': 'topic', 'app': 'models', 'indexes': [Index(fields=['group_id', 'state']), Index(fields=['state', 'ends_at'])], 'pk_attr': 'id', 'table_description': '群里的一个话题；一个群同时只开一个。'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Poll',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('group', fields.ForeignKeyField('models.Group', source_field='group_id', db_constraint=True, to_field='id', related_name='polls', on_delete=OnDelete.CASCADE)),
                ('topic', fields.ForeignKeyField('models.Topic', source_field='topic_id', null=True, db_index=True, description='开在哪个话题里；话题结束它也结束', db_constraint=True, to_field='id', related_name='polls', on_delete=OnDelete.SET_NULL)),
                ('title', CleanCharField(max_length=40)),
                ('opened_by', fields.IntField(null=True, description='谁开的（Person.id）')),
                ('state', fields.CharEnumField(description='OPEN: 投着\nCLOSED: 已结束', enum_type=PollState, max_length=4)),
                ('opened_at', UTCDatetimeField(auto_now=False, auto_now_add=False)),
                ('ends_at', UTCDatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'poll', 'app': 'models', 'indexes': [Index(fields=['group_id', 'state']), Index(fields=['state', 'ends_at'])], 'pk_attr': 'id', 'table_description': '群里的一次不记名投票；一个群同时只开一个。'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='Ballot',
            fields=[
                ('voter', fields.CharField(primary_key=True, unique=True, db_index=True, description='指纹本身当主键：行的先后看不出来', max_length=32)),
                ('poll', fields.ForeignKeyField('models.Poll', source_field='poll_id', db_index=True, db_constraint=True, to_field='id', related_name='ballots', on_delete=OnDelete.CASCADE)),
            ],
            options={'table': 'ballot', 'app': 'models', 'pk_attr': 'voter', 'table_description': '投过了：只有每次投票都不同的带钥匙指纹，没有选了哪项、没有时间；投票结束时删去。'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='PollOption',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('poll', fields.ForeignKeyField('models.Poll', source_field='poll_id', db_constraint=True, to_field='id', related_name='options', on_delete=OnDelete.CASCADE)),
                ('place', fields.IntField(description='第几项，从 1 起')),
                ('text', CleanCharField(max_length=30)),
                ('votes', fields.IntField(default=0)),
            ],
            options={'table': 'poll_option', 'app': 'models', 'unique_together': (('poll', 'place'),), 'pk_attr': 'id', 'table_description': '一个选项与它的票数；票数与谁投的分开放，连不起来。'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='TopicVoice',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('topic', fields.ForeignKeyField('models.Topic', source_field='topic_id', db_constraint=True, to_field='id', related_name='voices', on_delete=OnDelete.CASCADE)),
                ('who', fields.BigIntField(description='每个话题都不同的带钥匙指纹')),
                ('youth', fields.BooleanField(description='是加入了的青年')),
                ('messages', fields.IntField(description='实质发言条数')),
            ],
            options={'table': 'topic_voice', 'app': 'models', 'unique_together': (('topic', 'who'),), 'pk_attr': 'id', 'table_description': '一个话题里谁说了几句实质的话；封存时整行删去。没加入的人合成一行，`who` 为 0。'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='UnitReport',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('unit', fields.ForeignKeyField('models.Unit', source_field='unit_id', db_constraint=True, to_field='id', related_name='reports', on_delete=OnDelete.CASCADE)),
                ('quarter', fields.CharField(description='如 2026Q4', max_length=6)),
                ('state', fields.CharEnumField(description='MISSING: 未报\nSENT: 已报\nRETURNED: 退回', enum_type=ReportState, max_length=4)),
                ('version', fields.IntField(default=0, description='签发到第几版；没签发过，或是线下交的，为 0')),
                ('reason', CleanCharField(null=True, description='退回的原因；再交上来就清空', max_length=200)),
                ('by', fields.IntField(null=True, description='操作人 Person.id；超级管理员不在名册上时为空')),
                ('at', UTCDatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'unit_report', 'app': 'models', 'unique_together': (('unit', 'quarter'),), 'pk_attr': 'id', 'table_description': '一个单位一季的季报现在到哪一步；谁、什么时候走的这一步。'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='ReportText',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('report', fields.ForeignKeyField('models.UnitReport', source_field='report_id', db_constraint=True, to_field='id', related_name='parts', on_delete=OnDelete.CASCADE)),
                ('part', fields.CharEnumField(description='DONE: 做法\nLESSONS: 经验\nPROBLEMS: 存在问题\nPLANS: 下步安排', enum_type=ReportPart, max_length=4)),
                ('text', CleanTextField(description='号码已隐去', unique=False)),
                ('by', fields.IntField(description='谁改的，Person.id')),
                ('at', UTCDatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'report_text', 'app': 'models', 'unique_together': (('report', 'part'),), 'pk_attr': 'id', 'table_description': '季报里人改过的一部分；没改过的照事实现写，不存。'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='ReportVersion',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('report', fields.ForeignKeyField('models.UnitReport', source_field='report_id', db_constraint=True, to_field='id', related_name='versions', on_delete=OnDelete.CASCADE)),
                ('version', fields.IntField()),
                ('texts', fields.JSONField(description='部分 → 全文', encoder=JSON_DUMPS, decoder=loads)),
                ('records', fields.JSONField(description='依据的全部记录编号', encoder=JSON_DUMPS, decoder=loads)),
                ('by', fields.IntField(description='签发人 Person.id')),
                ('at', UTCDatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'report_version', 'app': 'models', 'unique_together': (('report', 'version'),), 'pk_attr': 'id', 'table_description': '签发的一版；只添不改。'},
            bases=['Model'],
        ),
        ops.AlterField(
            model_name='Activity',
            name='slot',
            field=fields.CharEnumField(description='DEED: 实事\nLESSON: 团课\nTALK: 谈心\nVOLUNTEER: 志愿\nCULTURE: 文体\nOTHER: 其他\nOPEN_DAY: 开放日\nSHARING: 分享\nMEETING: 面对面\nSERVICE: 集中志愿\nOWN_DESIGN: 自主设计', enum_type=Slot, max_length=4),
        ),
        ops.AddField(
            model_name='Activity',
            name='campaign',
            field=fields.CharEnumField(null=True, description='OPEN_DAY: 机关开放日\nLECTURE: 主题宣讲\nSTORY: 最美青春故事\nSERVICE: 集中服务青年月\nSHARING: 1+100分享活动', enum_type=Campaign, max_length=12),
        ),
        ops.AlterModelOptions(
            name='FiveOnes',
            options={'table': 'five_ones', 'app': 'models', 'pk_attr': 'id', 'table_description': '一个单位定的一版五件事，给团干部的，或给单位自己的；只添不改，最新的一版算数，旧的留着。'},
        ),
        ops.AddField(
            model_name='FiveOnes',
            name='lead',
            field=fields.CharEnumField(null=True, description='ORGANISATION: 组织部\nPUBLICITY: 宣传部', enum_type=Lead, max_length=4),
        ),
        ops.AddField(
            model_name='FiveOnes',
            name='side',
            field=fields.CharEnumField(default=Side.CADRE, description='CADRE: cadre\nUNIT: unit', db_default='cadre', enum_type=Side, max_length=5),
        ),
        ops.RemoveIndex(
            model_name='Notice',
            name=None,
            fields=['state', 'due_at'],
        ),
        ops.AlterField(
            model_name='Notice',
            name='claimed_until',
            field=UTCDatetimeField(null=True, description='领到什么时候为止；说不清的留着它，核对完才清', auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name='Notice',
            name='card',
            field=fields.CharField(null=True, description='送的时候画哪张图，如 bulletin/12；画不出、平台不收就说 `text`。没有图为空', max_length=48),
        ),
        ops.AddField(
            model_name='Notice',
            name='resent_at',
            field=UTCDatetimeField(null=True, description='核对过确实没有送到，放回来重送的时刻；只有这一次', auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name='Notice',
            name='spent_at',
            field=UTCDatetimeField(null=True, description='占了收的人一周名额的时刻；没说成就退回来（为空）', auto_now=False, auto_now_add=False),
        ),
        ops.AddField(
            model_name='Notice',
            name='tried_by',
            field=fields.CharField(null=True, description='说不清的那一次是哪个机器人账号说的，如 qq:10000；照着它的消息记录去核对', max_length=80),
        ),
        ops.AddIndex(
            model_name='Notice',
            index=Index(fields=['state', 'urgent', 'due_at', 'id']),
        ),
    ]
