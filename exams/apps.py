from django.apps import AppConfig


class ExamsConfig(AppConfig):
    name = "exams"
    verbose_name = "考试"

    def ready(self):
        from certification.organisations import access
        from exams.access import ACTIONS, URLS
        from exams.registrations import register

        access.register(ACTIONS, URLS)
        register()
