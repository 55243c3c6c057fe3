from django.apps import AppConfig


class TrainingConfig(AppConfig):
    name = "training"
    verbose_name = "培训"

    def ready(self):
        from certification.organisations import access
        from training.access import ACTIONS, URLS
        from training.registrations import register

        access.register(ACTIONS, URLS)
        register()
