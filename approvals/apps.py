from django.apps import AppConfig


class ApprovalsConfig(AppConfig):
    name = "approvals"
    verbose_name = "审核与许可"

    def ready(self):
        from approvals.access import ACTIONS, URLS
        from certification.organisations import access

        access.register(ACTIONS, URLS)

        from approvals.registrations import register

        register()
