from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "certification.portal"
    verbose_name = "门户"
