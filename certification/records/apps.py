from django.apps import AppConfig


class RecordsConfig(AppConfig):
    name = "certification.records"
    verbose_name = "记录"

    def ready(self):
        from certification.records import history

        history.keep_manager_classes()
