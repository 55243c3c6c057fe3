from django.apps import AppConfig


class RecordsConfig(AppConfig):
    name = "certification.records"
    verbose_name = "记录"
