import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models
from certification.tables import AllTablesAtOnce


class Migration(AllTablesAtOnce):

    initial = True

    dependencies = [
        ('contenttypes', '__first__'),
        ('organisations', '0001_initial'),
        ('records', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Heading',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisations.organisation', verbose_name='单位')),
                ('purpose', models.CharField(max_length=40, verbose_name='用途')),
                ('heading', models.CharField(max_length=60, verbose_name='表头')),
                ('key', models.CharField(blank=True, max_length=40, verbose_name='对应列')),
            ],
            options={
                'verbose_name': '表头对应',
                'verbose_name_plural': '表头对应',
                'constraints': [models.UniqueConstraint(fields=('organisation', 'purpose', 'heading'), name='import_heading_once')],
                'indexes': [],
            },
        ),
        migrations.CreateModel(
            name='Import',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('purpose', models.CharField(max_length=40, verbose_name='用途')),
                ('subject_type', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='contenttypes.contenttype')),
                ('subject_id', models.BigIntegerField(null=True)),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='organisations.organisation', verbose_name='单位')),
                ('state', models.CharField(choices=[('ASKING', '待确认列'), ('WAITING', '正在核对'), ('CHECKED', '已核对'), ('SAVING', '正在保存'), ('SAVED', '已保存'), ('REFUSED', '不能读取'), ('DISCARDED', '已放弃')], default='WAITING', max_length=12, verbose_name='状态')),
                ('uploaded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('uploaded_at', models.DateTimeField(verbose_name='上传时间')),
                ('dropped', models.JSONField(blank=True, default=list)),
                ('stage', models.CharField(blank=True, max_length=40, verbose_name='步骤')),
                ('done', models.PositiveIntegerField(default=0)),
                ('total', models.PositiveIntegerField(default=0)),
                ('taken_at', models.DateTimeField(blank=True, null=True)),
                ('token', models.UUIDField(blank=True, null=True)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('doubts', models.JSONField(blank=True, default=list)),
                ('counts', models.JSONField(blank=True, default=dict)),
                ('basis', models.JSONField(blank=True, default=dict)),
                ('report', models.BinaryField(blank=True, default=b'')),
                ('refusal', models.JSONField(blank=True, default=dict)),
                ('workbook', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='records.storedfile', verbose_name='核对结果')),
                ('workbook_wanted', models.BooleanField(default=False)),
                ('checked_at', models.DateTimeField(blank=True, null=True, verbose_name='核对时间')),
                ('saved_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('save_asked_at', models.DateTimeField(blank=True, null=True, verbose_name='提交时间')),
                ('saved_at', models.DateTimeField(blank=True, null=True, verbose_name='保存时间')),
                ('result', models.JSONField(blank=True, default=dict)),
            ],
            options={
                'verbose_name': '导入',
                'verbose_name_plural': '导入',
                'indexes': [models.Index(condition=models.Q(('state__in', ['WAITING', 'SAVING'])), fields=['id'], name='import_at_work'), models.Index(condition=models.Q(('workbook_wanted', True)), fields=['id'], name='import_workbook_wanted'), models.Index(condition=models.Q(('state__in', ['ASKING', 'CHECKED'])), fields=['uploaded_at'], name='import_undecided'), models.Index(fields=['subject_type', 'subject_id', 'purpose'], name='import_subject'), models.Index(fields=['organisation', 'purpose', '-id'], name='import_organisation')],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['ASKING', 'WAITING', 'CHECKED', 'SAVING', 'SAVED', 'REFUSED', 'DISCARDED'])), name='import_state_known')],
            },
        ),
        migrations.CreateModel(
            name='ImportFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('owner_import', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='files', to='imports.import', verbose_name='导入')),
                ('number', models.PositiveSmallIntegerField(verbose_name='序号')),
                ('file', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='records.storedfile', verbose_name='文件')),
                ('layout', models.JSONField(blank=True, default=dict)),
                ('targets', models.JSONField(blank=True, default=dict)),
            ],
            options={
                'verbose_name': '导入文件',
                'verbose_name_plural': '导入文件',
                'ordering': ['number'],
                'constraints': [models.UniqueConstraint(fields=('owner_import', 'number'), name='import_file_number_once')],
                'indexes': [],
            },
        ),
    ]
