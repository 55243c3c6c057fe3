from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "certification.jobs"
    verbose_name = "后台任务"
