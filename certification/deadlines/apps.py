from django.apps import AppConfig


class DeadlinesConfig(AppConfig):
    name = "certification.deadlines"
    verbose_name = "时限"
