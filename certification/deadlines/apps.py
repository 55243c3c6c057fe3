from django.apps import AppConfig


class DeadlinesConfig(AppConfig):
    name = "certification.deadlines"
    verbose_name = "时限"

    def ready(self):
        from certification.deadlines.access import ACTIONS, URLS
        from certification.organisations import access

        access.register(ACTIONS, URLS)
