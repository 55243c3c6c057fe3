from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "certification.portal"
    verbose_name = "门户"

    def ready(self):
        from certification.deadlines import editions
        from certification.deadlines.reminders import remind
        from certification.deadlines.sweep import sweep
        from certification.organisations import access
        from certification.portal import (
            calendar_registrations,
            day_jobs,
            figures,
            late_admissions,
            overdue,
            timeline,
            todo,
        )
        from certification.portal.access import ACTIONS, URLS
        from certification.portal.places import register_places

        access.register(ACTIONS, URLS)
        register_places()
        todo.register(figures.lines)
        todo.register(overdue.lines)
        late_admissions.register()
        calendar_registrations.register()
        timeline.register("rulebook.RuleEdition", editions.STEPS)
        # Before the sweep: what a missed deadline brings about may close it.
        day_jobs.register("deadlines.remind", lambda now: remind(now=now))
        day_jobs.register("deadlines.sweep", lambda now: sweep(now=now))
