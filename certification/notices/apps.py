from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "certification.notices"
    verbose_name = "通知"
