from django.apps import AppConfig


class CatalogueConfig(AppConfig):
    name = "certification.catalogue"
    verbose_name = "作业目录"
