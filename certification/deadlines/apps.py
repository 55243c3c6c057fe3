from django.apps import AppConfig


class DeadlinesConfig(AppConfig):
    name = "certification.deadlines"
    verbose_name = "时限"

    def ready(self):
        from certification.deadlines.access import ACTIONS, URLS
        from certification.deadlines.calendar_feeds import log
        from certification.deadlines.due import AREA
        from certification.deadlines.late_admissions.admissions import register_signatures as register_admissions
        from certification.deadlines.reminding import relevance, texts
        from certification.deadlines.rules.checks import deadline_problems
        from certification.deadlines.rules.editions import register_signatures as register_editions
        from certification.notices.relevance import register as ask_before_sending
        from certification.organisations import access
        from certification.rulebook import meaning

        access.register(ACTIONS, URLS)
        meaning.register(AREA, deadline_problems)
        texts.register()
        register_admissions()
        register_editions()
        ask_before_sending(relevance.overtaken)
        log.guard()
