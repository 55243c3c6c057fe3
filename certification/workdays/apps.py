from django.apps import AppConfig


class WorkdaysConfig(AppConfig):
    name = "certification.workdays"
    verbose_name = "工作日历"
