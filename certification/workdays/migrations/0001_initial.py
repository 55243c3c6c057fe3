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
            name='CalendarEdition',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('year', models.PositiveSmallIntegerField(verbose_name='年份')),
                ('status', models.CharField(choices=[('DRAFT', '草稿'), ('PUBLISHED', '已发布'), ('SUPERSEDED', '已被替代'), ('DISCARDED', '已作废')], default='DRAFT', max_length=12, verbose_name='状态')),
                ('notice_title', models.CharField(max_length=120, verbose_name='通知标题')),
                ('notice_number', models.CharField(blank=True, max_length=60, verbose_name='文号')),
                ('notice_date', models.DateField(blank=True, null=True, verbose_name='通知日期')),
                ('source_text', models.TextField(blank=True, verbose_name='录入原文')),
                ('invented', models.BooleanField(default=False, verbose_name='演示用')),
                ('digest', models.CharField(blank=True, editable=False, max_length=64, verbose_name='内容摘要')),
                ('published_at', models.DateTimeField(blank=True, null=True, verbose_name='发布时间')),
            ],
            options={
                'verbose_name': '年度工作日历',
                'verbose_name_plural': '年度工作日历',
                'ordering': ['year', 'pk'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('status', 'PUBLISHED')), fields=('year',), name='calendar_published_once_per_year'), models.CheckConstraint(condition=models.Q(('status__in', ['DRAFT', 'PUBLISHED', 'SUPERSEDED', 'DISCARDED'])), name='calendar_status_known'), models.CheckConstraint(condition=models.Q(('status__in', ['DRAFT', 'DISCARDED']), ('published_at__isnull', False), _connector='OR'), name='calendar_published_has_time')],
                'indexes': [],
            },
        ),
        migrations.CreateModel(
            name='ClockOffset',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('offset', models.DurationField(default=datetime.timedelta(0))),
            ],
            options={
                'verbose_name': '演示时钟',
                'verbose_name_plural': '演示时钟',
                'constraints': [models.CheckConstraint(condition=models.Q(('pk', 1)), name='clock_offset_single_row'), models.CheckConstraint(condition=models.Q(('offset__gte', datetime.timedelta(0))), name='clock_offset_forward_only')],
                'indexes': [],
            },
        ),
        migrations.CreateModel(
            name='CalendarDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('edition', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='days', to='workdays.calendaredition', verbose_name='年度工作日历')),
                ('date', models.DateField(verbose_name='日期')),
                ('kind', models.CharField(choices=[('OFF', '放假'), ('MAKEUP', '调休上班')], max_length=8, verbose_name='类型')),
                ('name', models.CharField(max_length=30, verbose_name='节日')),
            ],
            options={
                'verbose_name': '日历日',
                'verbose_name_plural': '日历日',
                'ordering': ['edition', 'date'],
                'constraints': [models.UniqueConstraint(fields=('edition', 'date'), name='calendar_day_once'), models.CheckConstraint(condition=models.Q(('kind__in', ['OFF', 'MAKEUP'])), name='calendar_day_kind_known')],
                'indexes': [],
            },
        ),
        migrations.CreateModel(
            name='HistoricalCalendarEdition',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('year', models.PositiveSmallIntegerField(verbose_name='年份')),
                ('status', models.CharField(choices=[('DRAFT', '草稿'), ('PUBLISHED', '已发布'), ('SUPERSEDED', '已被替代'), ('DISCARDED', '已作废')], default='DRAFT', max_length=12, verbose_name='状态')),
                ('notice_title', models.CharField(max_length=120, verbose_name='通知标题')),
                ('notice_number', models.CharField(blank=True, max_length=60, verbose_name='文号')),
                ('notice_date', models.DateField(blank=True, null=True, verbose_name='通知日期')),
                ('source_text', models.TextField(blank=True, verbose_name='录入原文')),
                ('invented', models.BooleanField(default=False, verbose_name='演示用')),
                ('digest', models.CharField(blank=True, editable=False, max_length=64, verbose_name='内容摘要')),
                ('published_at', models.DateTimeField(blank=True, null=True, verbose_name='发布时间')),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.CharField(max_length=100, null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'historical 年度工作日历',
                'verbose_name_plural': 'historical 年度工作日历',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
                'indexes': [],
                'constraints': [],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='HistoricalCalendarDay',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('date', models.DateField(verbose_name='日期')),
                ('kind', models.CharField(choices=[('OFF', '放假'), ('MAKEUP', '调休上班')], max_length=8, verbose_name='类型')),
                ('name', models.CharField(max_length=30, verbose_name='节日')),
                ('edition', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='workdays.calendaredition', verbose_name='年度工作日历')),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.CharField(max_length=100, null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
                ('history_user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'historical 日历日',
                'verbose_name_plural': 'historical 日历日',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
                'indexes': [],
                'constraints': [],
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
    ]
