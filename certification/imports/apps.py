from django.apps import AppConfig


class ImportsConfig(AppConfig):
    name = "certification.imports"
    verbose_name = "导入"

    def ready(self):
        from certification.imports.access import ACTIONS, URLS
        from certification.organisations import access

        access.register(ACTIONS, URLS)
