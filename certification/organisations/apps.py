from django.apps import AppConfig


class OrganisationsConfig(AppConfig):
    name = "certification.organisations"
    verbose_name = "机构与账号"
