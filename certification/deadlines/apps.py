from django.apps import AppConfig


class DeadlinesConfig(AppConfig):
    name = "certification.deadlines"
    verbose_name = "时限"

    def ready(self):
        from certification.deadlines import feed_log, reminder_relevance, reminder_texts
        from certification.deadlines.access import ACTIONS, URLS
        from certification.notices import relevance
        from certification.organisations import access

        access.register(ACTIONS, URLS)
        reminder_texts.register()
        relevance.register(reminder_relevance.overtaken)
        feed_log.guard()
