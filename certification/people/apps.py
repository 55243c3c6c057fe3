from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "certification.people"
    verbose_name = "人员"
