from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "certification.notices"
    verbose_name = "通知"

    def ready(self):
        from certification.notices.access import ACTIONS, URLS
        from certification.organisations import access

        access.register(ACTIONS, URLS)
