import datetime
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
            name='GroupChannel',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='group_channels', to='organisations.organisation', verbose_name='单位')),
                ('name', models.CharField(max_length=40, verbose_name='名称')),
                ('address', models.CharField(max_length=500, verbose_name='通道地址')),
                ('active', models.BooleanField(default=True, verbose_name='启用')),
            ],
            options={
                'verbose_name': '单位通道',
                'verbose_name_plural': '单位通道',
                'ordering': ['organisation', 'pk'],
                'indexes': [],
                'constraints': [],
            },
        ),
        migrations.CreateModel(
            name='HistoricalGroupChannel',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('name', models.CharField(max_length=40, verbose_name='名称')),
                ('active', models.BooleanField(default=True, verbose_name='启用')),
                ('organisation', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='organisations.organisation', verbose_name='单位')),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.CharField(max_length=100, null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'historical 单位通道',
                'verbose_name_plural': 'historical 单位通道',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
                'indexes': [],
                'constraints': [],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='Notice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('recipient', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='notices', to=settings.AUTH_USER_MODEL)),
                ('title', models.CharField(max_length=120, verbose_name='标题')),
                ('body', models.TextField(blank=True, verbose_name='内容')),
                ('url', models.CharField(blank=True, max_length=200, verbose_name='链接')),
                ('label', models.CharField(blank=True, max_length=20, verbose_name='时点')),
                ('urgent', models.BooleanField(default=False, verbose_name='紧急')),
                ('created_at', models.DateTimeField(verbose_name='时间')),
                ('read_at', models.DateTimeField(blank=True, null=True, verbose_name='阅读时间')),
            ],
            options={
                'verbose_name': '通知',
                'verbose_name_plural': '通知',
                'ordering': ['-created_at', '-pk'],
                'indexes': [models.Index(fields=['recipient', '-created_at'], name='notice_inbox'), models.Index(condition=models.Q(('read_at__isnull', True)), fields=['recipient'], name='notice_unread')],
                'constraints': [],
            },
        ),
        migrations.CreateModel(
            name='HistoricalPreference',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('email_on', models.BooleanField(default=False, verbose_name='发送电子邮件')),
                ('email', models.EmailField(blank=True, max_length=254, verbose_name='电子邮箱')),
                ('webhook_on', models.BooleanField(default=False, verbose_name='发送到即时消息通道')),
                ('digest', models.CharField(choices=[('AT_ONCE', '逐条即时发送'), ('DAILY', '每日汇总一次')], default='AT_ONCE', max_length=8, verbose_name='发送方式')),
                ('digest_hour', models.PositiveSmallIntegerField(default=8, verbose_name='汇总时间')),
                ('quiet_from', models.TimeField(blank=True, default=datetime.time(20, 0), null=True, verbose_name='免打扰开始')),
                ('quiet_until', models.TimeField(blank=True, default=datetime.time(8, 0), null=True, verbose_name='免打扰结束')),
                ('urgent_breaks_quiet', models.BooleanField(default=False, verbose_name='逾期提醒不受免打扰限制')),
                ('user', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.CharField(max_length=100, null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'historical 通知设置',
                'verbose_name_plural': 'historical 通知设置',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
                'indexes': [],
                'constraints': [],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='Preference',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='notice_preference', to=settings.AUTH_USER_MODEL)),
                ('email_on', models.BooleanField(default=False, verbose_name='发送电子邮件')),
                ('email', models.EmailField(blank=True, max_length=254, verbose_name='电子邮箱')),
                ('webhook_on', models.BooleanField(default=False, verbose_name='发送到即时消息通道')),
                ('webhook', models.CharField(blank=True, max_length=500, verbose_name='通道地址')),
                ('digest', models.CharField(choices=[('AT_ONCE', '逐条即时发送'), ('DAILY', '每日汇总一次')], default='AT_ONCE', max_length=8, verbose_name='发送方式')),
                ('digest_hour', models.PositiveSmallIntegerField(default=8, verbose_name='汇总时间')),
                ('quiet_from', models.TimeField(blank=True, default=datetime.time(20, 0), null=True, verbose_name='免打扰开始')),
                ('quiet_until', models.TimeField(blank=True, default=datetime.time(8, 0), null=True, verbose_name='免打扰结束')),
                ('urgent_breaks_quiet', models.BooleanField(default=False, verbose_name='逾期提醒不受免打扰限制')),
            ],
            options={
                'verbose_name': '通知设置',
                'verbose_name_plural': '通知设置',
                'constraints': [models.CheckConstraint(condition=models.Q(('digest__in', ['AT_ONCE', 'DAILY'])), name='preference_digest_known'), models.CheckConstraint(condition=models.Q(('digest_hour__lt', 24)), name='preference_digest_hour'), models.CheckConstraint(condition=models.Q(models.Q(('quiet_from__isnull', True), ('quiet_until__isnull', True)), models.Q(('quiet_from__isnull', False), ('quiet_until__isnull', False)), _connector='OR'), name='preference_quiet_whole')],
                'indexes': [],
            },
        ),
        migrations.CreateModel(
            name='HistoricalNoticeText',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('code', models.CharField(max_length=20, verbose_name='文字')),
                ('variant', models.CharField(blank=True, max_length=60, verbose_name='事项')),
                ('title', models.CharField(max_length=120, verbose_name='标题')),
                ('body', models.TextField(blank=True, verbose_name='内容')),
                ('in_use', models.BooleanField(default=True, verbose_name='启用')),
                ('changed_at', models.DateTimeField(verbose_name='修改时间')),
                ('changed_by', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='修改人')),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.CharField(max_length=100, null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'historical 提醒文字',
                'verbose_name_plural': 'historical 提醒文字',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
                'indexes': [],
                'constraints': [],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='NoticeText',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=20, verbose_name='文字')),
                ('variant', models.CharField(blank=True, max_length=60, verbose_name='事项')),
                ('title', models.CharField(max_length=120, verbose_name='标题')),
                ('body', models.TextField(blank=True, verbose_name='内容')),
                ('in_use', models.BooleanField(default=True, verbose_name='启用')),
                ('changed_at', models.DateTimeField(verbose_name='修改时间')),
                ('changed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='修改人')),
            ],
            options={
                'verbose_name': '提醒文字',
                'verbose_name_plural': '提醒文字',
                'ordering': ['code', 'variant'],
                'constraints': [models.UniqueConstraint(fields=('code', 'variant'), name='notice_text_once')],
                'indexes': [],
            },
        ),
        migrations.CreateModel(
            name='Delivery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('notice', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='deliveries', to='notices.notice', verbose_name='通知')),
                ('channel', models.CharField(choices=[('EMAIL', '电子邮件'), ('WEBHOOK', '即时消息'), ('GROUP', '单位通道')], max_length=8, verbose_name='通道')),
                ('group', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='notices.groupchannel', verbose_name='单位通道')),
                ('state', models.CharField(choices=[('PENDING', '待发送'), ('SENT', '已发送'), ('FAILED', '发送失败'), ('SUPPRESSED', '未发送')], default='PENDING', max_length=10, verbose_name='状态')),
                ('reason', models.CharField(blank=True, max_length=120, verbose_name='未发送的原因')),
                ('digest', models.BooleanField(default=False, verbose_name='汇总发送')),
                ('attempts', models.PositiveSmallIntegerField(default=0, verbose_name='尝试次数')),
                ('not_before', models.DateTimeField(verbose_name='不早于')),
                ('next_attempt_at', models.DateTimeField(verbose_name='下次发送')),
                ('started_at', models.DateTimeField(blank=True, null=True, verbose_name='开始发送')),
                ('sent_at', models.DateTimeField(blank=True, null=True, verbose_name='发送时间')),
                ('error', models.CharField(blank=True, max_length=300, verbose_name='错误')),
            ],
            options={
                'verbose_name': '发送记录',
                'verbose_name_plural': '发送记录',
                'indexes': [models.Index(condition=models.Q(('started_at__isnull', True), ('state', 'PENDING')), fields=['next_attempt_at', 'id'], name='delivery_waiting'), models.Index(condition=models.Q(('started_at__isnull', False), ('state', 'PENDING')), fields=['started_at'], name='delivery_under_way')],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['PENDING', 'SENT', 'FAILED', 'SUPPRESSED'])), name='delivery_state_known'), models.CheckConstraint(condition=models.Q(models.Q(('channel', 'GROUP'), ('group__isnull', False)), models.Q(('channel__in', ['EMAIL', 'WEBHOOK']), ('group__isnull', True)), _connector='OR'), name='delivery_channel_known'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'SUPPRESSED'), models.Q(('reason', ''), _negated=True)), models.Q(models.Q(('state', 'SUPPRESSED'), _negated=True), ('reason', '')), _connector='OR'), name='delivery_suppressed_for_a_reason'), models.CheckConstraint(condition=models.Q(models.Q(('sent_at__isnull', False), ('state', 'SENT')), models.Q(models.Q(('state', 'SENT'), _negated=True), ('sent_at__isnull', True)), _connector='OR'), name='delivery_sent_when'), models.CheckConstraint(condition=models.Q(('started_at__isnull', True), ('state', 'PENDING'), _connector='OR'), name='delivery_started_is_pending'), models.UniqueConstraint(condition=models.Q(('group__isnull', True)), fields=('notice', 'channel'), name='delivery_once_a_channel'), models.UniqueConstraint(condition=models.Q(('group__isnull', False)), fields=('notice', 'group'), name='delivery_once_a_group')],
            },
        ),
    ]
