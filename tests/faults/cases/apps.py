from django.apps import AppConfig


class CasesConfig(AppConfig):
    name = "tests.faults.cases"
    label = "cases"

    def ready(self):
        from certification.deadlines import consequences
        from tests.faults.cases.following import note_breach

        consequences.register("faults_case", note_breach)
