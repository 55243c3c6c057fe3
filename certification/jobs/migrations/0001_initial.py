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
            name='BeatLease',
            fields=[
                ('id', models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                ('holder', models.CharField(max_length=120, verbose_name='持有者')),
                ('since', models.DateTimeField(verbose_name='持有起始')),
                ('expires_at', models.DateTimeField(verbose_name='有效至')),
            ],
            options={
                'verbose_name': '调度租约',
                'verbose_name_plural': '调度租约',
                'constraints': [models.CheckConstraint(condition=models.Q(('pk', 1)), name='beatlease_one_row')],
                'indexes': [],
            },
        ),
        migrations.CreateModel(
            name='Errand',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('kind', models.CharField(max_length=40, verbose_name='事项')),
                ('subject_type', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='contenttypes.contenttype')),
                ('subject_id', models.BigIntegerField()),
                ('key', models.CharField(blank=True, max_length=40)),
                ('given', models.JSONField(blank=True, default=dict)),
                ('asked_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('asked_at', models.DateTimeField(verbose_name='提交时间')),
                ('state', models.CharField(choices=[('WAITING', '正在办理'), ('DONE', '已办结'), ('REFUSED', '未办成')], default='WAITING', max_length=12, verbose_name='状态')),
                ('stage', models.CharField(blank=True, max_length=60, verbose_name='步骤')),
                ('done', models.PositiveIntegerField(default=0)),
                ('total', models.PositiveIntegerField(default=0)),
                ('taken_at', models.DateTimeField(blank=True, null=True)),
                ('token', models.UUIDField(blank=True, null=True)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('result', models.JSONField(blank=True, default=dict)),
                ('refusal', models.JSONField(blank=True, default=dict)),
                ('ended_at', models.DateTimeField(blank=True, null=True, verbose_name='办结时间')),
            ],
            options={
                'verbose_name': '后台办理事项',
                'verbose_name_plural': '后台办理事项',
                'indexes': [models.Index(condition=models.Q(('state', 'WAITING')), fields=['id'], name='errand_at_work'), models.Index(fields=['subject_type', 'subject_id', 'kind', '-id'], name='errand_subject')],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['WAITING', 'DONE', 'REFUSED'])), name='errand_state_known'), models.UniqueConstraint(condition=models.Q(('state', 'WAITING')), fields=('kind', 'subject_type', 'subject_id', 'key'), name='errand_one_waiting')],
            },
        ),
        migrations.CreateModel(
            name='JobRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('job', models.CharField(max_length=100, verbose_name='任务')),
                ('outcome', models.CharField(choices=[('WAITING', '等待执行'), ('RUNNING', '执行中'), ('DONE', '完成'), ('FAILED', '失败'), ('ABANDONED', '中断')], default='RUNNING', max_length=12, verbose_name='结果')),
                ('requested_at', models.DateTimeField(null=True, verbose_name='登记时间')),
                ('requested_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='登记人')),
                ('started_at', models.DateTimeField(null=True, verbose_name='开始')),
                ('seen_at', models.DateTimeField(null=True, verbose_name='最近一次报告')),
                ('finished_at', models.DateTimeField(null=True, verbose_name='结束')),
                ('working_at', models.DateTimeField(null=True, verbose_name='办理时间')),
                ('summary', models.JSONField(default=dict, verbose_name='结果数字')),
                ('idle', models.BooleanField(default=False, verbose_name='无需处理')),
                ('error', models.TextField(blank=True, verbose_name='错误')),
                ('worker', models.CharField(blank=True, max_length=120, verbose_name='执行进程')),
            ],
            options={
                'verbose_name': '任务执行记录',
                'verbose_name_plural': '任务执行记录',
                'indexes': [models.Index(fields=['job', '-started_at'], name='jobrun_job_started'), models.Index(condition=models.Q(('outcome', 'RUNNING')), fields=['seen_at'], name='jobrun_running')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('outcome', 'WAITING')), fields=('job',), name='jobrun_one_waiting'), models.CheckConstraint(condition=models.Q(('outcome__in', ['WAITING', 'RUNNING', 'DONE', 'FAILED', 'ABANDONED'])), name='jobrun_outcome')],
            },
        ),
    ]
