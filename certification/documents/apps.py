from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    name = "certification.documents"
    verbose_name = "文书"
