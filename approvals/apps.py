from django.apps import AppConfig


class ApprovalsConfig(AppConfig):
    name = "approvals"
    verbose_name = "审核与许可"

    def ready(self):
        from approvals.access import ACTIONS, URLS
        from approvals.dossiers import open_dossier
        from approvals.separation_sources import register_sources
        from certification.organisations import access
        from exams.listing import on_first_assigned

        access.register(ACTIONS, URLS)
        register_sources()
        if open_dossier not in on_first_assigned:
            on_first_assigned.append(open_dossier)
