import certification.records.models.files
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
    ]

    operations = [
        migrations.CreateModel(
            name='NumberSeries',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('series', models.CharField(max_length=40)),
                ('year', models.PositiveSmallIntegerField()),
                ('last', models.PositiveIntegerField(default=0)),
            ],
            options={
                'verbose_name': '文号序列',
                'verbose_name_plural': '文号序列',
                'constraints': [models.UniqueConstraint(fields=('series', 'year'), name='number_series_once')],
                'indexes': [],
            },
        ),
        migrations.CreateModel(
            name='LogSeal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveBigIntegerField(unique=True, verbose_name='序号')),
                ('lines', models.PositiveIntegerField(verbose_name='条数')),
                ('digest', models.CharField(max_length=64, verbose_name='校验值')),
                ('at', models.DateTimeField(verbose_name='封存时间')),
            ],
            options={
                'verbose_name': '办理记录封存',
                'verbose_name_plural': '办理记录封存',
                'ordering': ['number'],
                'indexes': [],
                'constraints': [],
            },
        ),
        migrations.CreateModel(
            name='StoredFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('file', models.FileField(max_length=80, upload_to=certification.records.models.files._path)),
                ('name', models.CharField(max_length=255, verbose_name='文件名')),
                ('media_type', models.CharField(max_length=100, verbose_name='类型')),
                ('size', models.PositiveBigIntegerField(verbose_name='大小(字节)')),
                ('sha256', models.CharField(max_length=64)),
                ('owner_type', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='contenttypes.contenttype')),
                ('owner_id', models.BigIntegerField()),
                ('stored_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('stored_at', models.DateTimeField()),
                ('scan', models.CharField(choices=[('UNSCANNED', '未扫描'), ('CLEAN', '未发现病毒'), ('WAITING', '待病毒扫描'), ('INFECTED', '含有病毒')], default='UNSCANNED', max_length=10, verbose_name='病毒扫描')),
                ('scanned_at', models.DateTimeField(blank=True, null=True, verbose_name='扫描时间')),
                ('signature', models.CharField(blank=True, max_length=120, verbose_name='发现的病毒')),
            ],
            options={
                'verbose_name': '文件',
                'verbose_name_plural': '文件',
                'indexes': [models.Index(fields=['owner_type', 'owner_id'], name='stored_file_owner'), models.Index(condition=models.Q(('scan', 'WAITING')), fields=['id'], name='stored_file_quarantine')],
                'constraints': [models.CheckConstraint(condition=models.Q(('scan__in', ['UNSCANNED', 'CLEAN', 'WAITING', 'INFECTED'])), name='stored_file_scan_known')],
            },
        ),
        migrations.CreateModel(
            name='TransitionLog',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('subject_type', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='contenttypes.contenttype')),
                ('subject_id', models.BigIntegerField()),
                ('name', models.CharField(max_length=60)),
                ('from_state', models.CharField(blank=True, max_length=40)),
                ('to_state', models.CharField(blank=True, max_length=40)),
                ('actor', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('on_behalf_of', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('at', models.DateTimeField()),
                ('reason', models.TextField(blank=True)),
                ('detail', models.JSONField(blank=True, default=dict)),
                ('seal', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='sealed', to='records.logseal')),
                ('sequence', models.PositiveIntegerField(editable=False, null=True)),
                ('digest', models.CharField(blank=True, editable=False, max_length=64)),
            ],
            options={
                'verbose_name': '办理记录',
                'verbose_name_plural': '办理记录',
                'indexes': [models.Index(fields=['subject_type', 'subject_id', 'at'], name='transition_subject'), models.Index(condition=models.Q(('seal__isnull', True)), fields=['id'], name='transition_unsealed'), models.Index(fields=['at', 'id'], name='transition_at'), models.Index(fields=['actor', 'at', 'id'], name='transition_actor'), models.Index(condition=models.Q(('on_behalf_of__isnull', False)), fields=['on_behalf_of', 'at', 'id'], name='transition_on_behalf'), models.Index(condition=models.Q(('name__in', ['reveal_number', 'view_file', 'download_file', 'take_out_numbers'])), fields=['at', 'id'], name='transition_access')],
                'constraints': [models.UniqueConstraint(fields=('subject_type', 'subject_id', 'sequence'), name='transition_sequence_once')],
            },
        ),
    ]
