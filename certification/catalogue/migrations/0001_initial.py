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
            name='CatalogueEdition',
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
                'verbose_name': '目录版本',
                'verbose_name_plural': '目录版本',
                'ordering': ['valid_from'],
                'abstract': False,
                'indexes': [],
                'constraints': [],
            },
        ),
        migrations.CreateModel(
            name='OperationGroup',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('edition', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='groups', to='catalogue.catalogueedition', verbose_name='目录版本')),
                ('code', models.CharField(max_length=4, verbose_name='代码')),
                ('name', models.CharField(max_length=60, verbose_name='作业类别')),
                ('category', models.CharField(choices=[('ONE', '第一类'), ('TWO', '第二类')], max_length=3, verbose_name='分类')),
                ('aliases', models.JSONField(blank=True, default=list, verbose_name='别名')),
            ],
            options={
                'verbose_name': '作业类别',
                'verbose_name_plural': '作业类别',
                'ordering': ['edition', 'code'],
                'constraints': [models.UniqueConstraint(fields=('edition', 'code'), name='operation_group_once')],
                'indexes': [],
            },
        ),
        migrations.CreateModel(
            name='JobType',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('group', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='job_types', to='catalogue.operationgroup', verbose_name='作业类别')),
                ('code', models.CharField(max_length=6, verbose_name='代码')),
                ('name', models.CharField(max_length=60, verbose_name='操作项目')),
                ('theory_hours', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='初训理论学时')),
                ('practical_hours', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='初训实操学时')),
                ('initial_hours', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='初训总学时')),
                ('review_hours', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='复审（换证）学时')),
                ('hours_certainty', models.CharField(blank=True, max_length=12, verbose_name='学时依据等级')),
                ('aliases', models.JSONField(blank=True, default=list, verbose_name='别名')),
            ],
            options={
                'verbose_name': '操作项目',
                'verbose_name_plural': '操作项目',
                'ordering': ['group', 'code'],
                'constraints': [models.UniqueConstraint(fields=('group', 'code'), name='job_type_once')],
                'indexes': [],
            },
        ),
        migrations.CreateModel(
            name='JobTypeVariant',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('job_type', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='variants', to='catalogue.jobtype', verbose_name='操作项目')),
                ('code', models.CharField(max_length=8, verbose_name='代码')),
                ('name', models.CharField(max_length=60, verbose_name='细分')),
            ],
            options={
                'verbose_name': '操作项目细分',
                'verbose_name_plural': '操作项目细分',
                'ordering': ['job_type', 'code'],
                'constraints': [models.UniqueConstraint(fields=('job_type', 'code'), name='job_type_variant_once')],
                'indexes': [],
            },
        ),
        migrations.CreateModel(
            name='HistoricalCatalogueEdition',
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
                'verbose_name': 'historical 目录版本',
                'verbose_name_plural': 'historical 目录版本',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
                'indexes': [],
                'constraints': [],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='HistoricalOperationGroup',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('code', models.CharField(max_length=4, verbose_name='代码')),
                ('name', models.CharField(max_length=60, verbose_name='作业类别')),
                ('category', models.CharField(choices=[('ONE', '第一类'), ('TWO', '第二类')], max_length=3, verbose_name='分类')),
                ('aliases', models.JSONField(blank=True, default=list, verbose_name='别名')),
                ('edition', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='catalogue.catalogueedition', verbose_name='目录版本')),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.CharField(max_length=100, null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'historical 作业类别',
                'verbose_name_plural': 'historical 作业类别',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
                'indexes': [],
                'constraints': [],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='HistoricalJobType',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('code', models.CharField(max_length=6, verbose_name='代码')),
                ('name', models.CharField(max_length=60, verbose_name='操作项目')),
                ('theory_hours', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='初训理论学时')),
                ('practical_hours', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='初训实操学时')),
                ('initial_hours', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='初训总学时')),
                ('review_hours', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='复审（换证）学时')),
                ('hours_certainty', models.CharField(blank=True, max_length=12, verbose_name='学时依据等级')),
                ('aliases', models.JSONField(blank=True, default=list, verbose_name='别名')),
                ('group', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='catalogue.operationgroup', verbose_name='作业类别')),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.CharField(max_length=100, null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'historical 操作项目',
                'verbose_name_plural': 'historical 操作项目',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
                'indexes': [],
                'constraints': [],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='HistoricalJobTypeVariant',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('code', models.CharField(max_length=8, verbose_name='代码')),
                ('name', models.CharField(max_length=60, verbose_name='细分')),
                ('job_type', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='catalogue.jobtype', verbose_name='操作项目')),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.CharField(max_length=100, null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'historical 操作项目细分',
                'verbose_name_plural': 'historical 操作项目细分',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
                'indexes': [],
                'constraints': [],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
    ]
