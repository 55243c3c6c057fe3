from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "certification.portal"
    verbose_name = "门户"

    def ready(self):
        from certification.deadlines.rules import editions
        from certification.organisations import access
        from certification.portal import (
            calendar_registrations,
            deputies,
            figures,
            import_registrations,
            late_admissions,
            overdue,
            running_jobs,
            timeline,
            todo,
        )
        from certification.portal.access import ACTIONS, URLS
        from certification.portal.places import register_places, register_screens

        access.register(ACTIONS, URLS)
        register_places()
        register_screens()
        todo.register(deputies.lines)
        todo.register(figures.lines)
        todo.register(overdue.lines)
        todo.register(running_jobs.lines)
        late_admissions.register()
        import_registrations.register()
        calendar_registrations.register()
        timeline.register("rulebook.RuleEdition", editions.STEPS)
