from tortoise import migrations
from tortoise.migrations import operations as ops
from db.fields import CleanCharField, UTCDatetimeField
from db.models.persons import CadreKind
from tortoise.fields.base import OnDelete
from tortoise import fields

class Migration(migrations.Migration):
    dependencies = [('models', '0002_work_side')]

    initial = False

    operations = [
        ops.CreateModel(
            name='CadrePast',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('cadre', fields.ForeignKeyField('models.Cadre', source_field='cadre_id', db_constraint=True, to_field='id', related_name='past', on_delete=OnDelete.CASCADE)),
                ('unit', fields.ForeignKeyField('models.Unit', source_field='unit_id', db_index=True, db_constraint=True, to_field='id', related_name='past_cadres', on_delete=OnDelete.RESTRICT)),
                ('kind', fields.CharEnumField(description='FULL_TIME: 专职\nSECONDED: 挂职\nPART_TIME_COUNTY: 县级以上机关兼职\nPART_TIME: 其他兼职', enum_type=CadreKind, max_length=12)),
                ('quota', fields.IntField()),
                ('since', UTCDatetimeField(auto_now=False, auto_now_add=False)),
                ('until', UTCDatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={'table': 'cadre_past', 'app': 'models', 'unique_together': (('cadre', 'since'),), 'pk_attr': 'id', 'table_description': '从前的一段任职：换了单位、类别，或离任后又任职，前一段留在这里，过去的季度再算还是那个数。'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='ContactPast',
            fields=[
                ('id', fields.IntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('contact', fields.ForeignKeyField('models.Contact', source_field='contact_id', db_index=True, db_constraint=True, to_field='id', related_name='past', on_delete=OnDelete.CASCADE)),
                ('since', UTCDatetimeField(auto_now=False, auto_now_add=False)),
                ('ended_at', UTCDatetimeField(auto_now=False, auto_now_add=False)),
                ('removed_by_cadre', fields.BooleanField(default=False, description='那一段的结束是团干部移出的')),
            ],
            options={'table': 'contact_past', 'app': 'models', 'pk_attr': 'id', 'table_description': '从前的一段联系：退出后又加入，算新的一段，前一段的起止留在这里，过去的季度再算还是那个数。'},
            bases=['Model'],
        ),
        ops.CreateModel(
            name='PushReply',
            fields=[
                ('id', fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ('push', fields.ForeignKeyField('models.Push', source_field='push_id', db_constraint=True, to_field='id', related_name='replies', on_delete=OnDelete.CASCADE)),
                ('person', fields.ForeignKeyField('models.Person', source_field='person_id', null=True, db_index=True, description='推完一周、删除数据后为空，只剩人数', db_constraint=True, to_field='id', related_name='push_replies', on_delete=OnDelete.SET_NULL)),
                ('messages', fields.IntField(description='实质的回复，条')),
            ],
            options={'table': 'push_reply', 'app': 'models', 'unique_together': (('push', 'person'),), 'pk_attr': 'id', 'table_description': '一位青年在群里回复一条推送，说过几句实质的话；没有文字。没加入的人不记。'},
            bases=['Model'],
        ),
        ops.AddField(
            model_name='PushTarget',
            name='message_id',
            field=CleanCharField(null=True, description='推到群里的那条的消息号，有人回复它时认得出；一周后清空', max_length=128),
        ),
        ops.AddField(
            model_name='PushTarget',
            name='missed',
            field=fields.IntField(default=0, description='没送成、又排回来过几回', db_default=0),
        ),
    ]
