from django.db import migrations, models
from certification.tables import AllTablesAtOnce


class Migration(AllTablesAtOnce):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Person',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('document_type', models.CharField(choices=[('IDENTITY_CARD', '居民身份证'), ('PASSPORT', '护照'), ('TRAVEL_PERMIT', '港澳台居民来往大陆通行证'), ('PERMANENT_RESIDENCE', '外国人永久居留身份证')], default='IDENTITY_CARD', max_length=20, verbose_name='证件类型')),
                ('document_number', models.CharField(max_length=30, verbose_name='证件号码')),
                ('name', models.CharField(max_length=60, verbose_name='姓名')),
                ('sex', models.CharField(choices=[('M', '男'), ('F', '女')], max_length=1, verbose_name='性别')),
                ('birth_date', models.DateField(verbose_name='出生日期')),
                ('phone', models.CharField(blank=True, max_length=20, verbose_name='手机号')),
                ('education', models.CharField(blank=True, choices=[('PRIMARY', '小学'), ('JUNIOR_HIGH', '初中'), ('SENIOR_HIGH', '高中'), ('VOCATIONAL', '中专（中技、职高）'), ('COLLEGE', '大专'), ('BACHELOR', '本科'), ('POSTGRADUATE', '研究生')], max_length=20, verbose_name='文化程度')),
                ('employer', models.CharField(blank=True, max_length=120, verbose_name='工作单位')),
                ('created_at', models.DateTimeField(verbose_name='登记时间')),
            ],
            options={
                'verbose_name': '人员',
                'verbose_name_plural': '人员',
                'indexes': [models.Index(fields=['name'], name='person_name_prefix', opclasses=['varchar_pattern_ops']), models.Index(fields=['document_number'], name='person_document_prefix', opclasses=['varchar_pattern_ops'])],
                'constraints': [models.UniqueConstraint(fields=('document_type', 'document_number'), name='person_once')],
            },
        ),
    ]
