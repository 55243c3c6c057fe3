from importlib import import_module

from django.apps import AppConfig


class WorkdaysConfig(AppConfig):
    name = "certification.workdays"
    verbose_name = "工作日历"

    def ready(self):
        import_module("certification.workdays.demonstration")
