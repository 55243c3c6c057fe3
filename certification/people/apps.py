from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "certification.people"
    verbose_name = "人员"

    def ready(self):
        from certification.people.checks import ages, catalogue, held, numbers, standing
        from certification.rulebook import meaning

        for room in (numbers, ages, standing, held):
            catalogue.register(room.CHECKS)
        meaning.register(catalogue.AREA, catalogue.rule_problems)
