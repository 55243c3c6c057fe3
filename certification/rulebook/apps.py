from django.apps import AppConfig


class RulebookConfig(AppConfig):
    name = "certification.rulebook"
    verbose_name = "规则"
