from django.apps import AppConfig


class DeadlinesConfig(AppConfig):
    name = "certification.deadlines"
    verbose_name = "时限"

    def ready(self):
        from certification.deadlines.access import ACTIONS, URLS
        from certification.deadlines.calendar_feeds import log
        from certification.deadlines.reminding import relevance, texts
        from certification.notices.relevance import register as ask_before_sending
        from certification.organisations import access

        access.register(ACTIONS, URLS)
        texts.register()
        ask_before_sending(relevance.overtaken)
        log.guard()
