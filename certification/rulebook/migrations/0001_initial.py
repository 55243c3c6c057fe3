import django.db.models.deletion
import simple_history.models
from django.conf import settings
from django.db import migrations, models
from certification.tables import AllTablesAtOnce


class Migration(AllTablesAtOnce):

    initial = True

    dependencies = [
        ('organisations', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='RuleEdition',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=20, unique=True, verbose_name='版本')),
                ('name', models.CharField(max_length=100, verbose_name='名称')),
                ('source', models.TextField(blank=True, verbose_name='依据')),
                ('valid_from', models.DateField(verbose_name='施行日期')),
                ('active', models.BooleanField(default=False, verbose_name='已启用')),
                ('note', models.TextField(blank=True, verbose_name='说明')),
            ],
            options={
                'verbose_name': '规则版本',
                'verbose_name_plural': '规则版本',
                'ordering': ['valid_from'],
                'abstract': False,
                'indexes': [],
                'constraints': [],
            },
        ),
        migrations.CreateModel(
            name='Rule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('edition', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='rules', to='rulebook.ruleedition', verbose_name='规则版本')),
                ('area', models.CharField(max_length=30, verbose_name='领域')),
                ('code', models.CharField(max_length=60, verbose_name='代码')),
                ('title', models.CharField(max_length=120, verbose_name='名称')),
                ('clause', models.CharField(blank=True, max_length=60, verbose_name='条款')),
                ('certainty', models.CharField(choices=[('PLAN', '方案原文'), ('READING', '方案解读'), ('CONFIRMED', '已核实'), ('KNOWN', '行业通行'), ('INFERRED', '推定'), ('NOT_FOUND', '未查到')], max_length=12, verbose_name='依据等级')),
                ('explanation', models.TextField(blank=True, verbose_name='说明')),
                ('values', models.JSONField(default=dict, verbose_name='参数')),
            ],
            options={
                'verbose_name': '规则',
                'verbose_name_plural': '规则',
                'ordering': ['edition', 'area', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('edition', 'area', 'code'), name='rule_once')],
                'indexes': [],
            },
        ),
        migrations.CreateModel(
            name='HistoricalRuleEdition',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('code', models.CharField(db_index=True, max_length=20, verbose_name='版本')),
                ('name', models.CharField(max_length=100, verbose_name='名称')),
                ('source', models.TextField(blank=True, verbose_name='依据')),
                ('valid_from', models.DateField(verbose_name='施行日期')),
                ('active', models.BooleanField(default=False, verbose_name='已启用')),
                ('note', models.TextField(blank=True, verbose_name='说明')),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.CharField(max_length=100, null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'historical 规则版本',
                'verbose_name_plural': 'historical 规则版本',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
                'indexes': [],
                'constraints': [],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='HistoricalRule',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('area', models.CharField(max_length=30, verbose_name='领域')),
                ('code', models.CharField(max_length=60, verbose_name='代码')),
                ('title', models.CharField(max_length=120, verbose_name='名称')),
                ('clause', models.CharField(blank=True, max_length=60, verbose_name='条款')),
                ('certainty', models.CharField(choices=[('PLAN', '方案原文'), ('READING', '方案解读'), ('CONFIRMED', '已核实'), ('KNOWN', '行业通行'), ('INFERRED', '推定'), ('NOT_FOUND', '未查到')], max_length=12, verbose_name='依据等级')),
                ('explanation', models.TextField(blank=True, verbose_name='说明')),
                ('values', models.JSONField(default=dict, verbose_name='参数')),
                ('edition', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='rulebook.ruleedition', verbose_name='规则版本')),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.CharField(max_length=100, null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'historical 规则',
                'verbose_name_plural': 'historical 规则',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
                'indexes': [],
                'constraints': [],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
    ]
