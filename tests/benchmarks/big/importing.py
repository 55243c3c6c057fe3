"""``python -m tests.benchmarks.big.importing``: reads and checks a register of ten thousand rows, again and again
until it is stopped, as a worker would; nothing is saved."""

import os

import django

# The share of a busy machine that docker-compose.yml leaves to the worker, a tenth of what the web server gets.
NICE = 10


def main() -> None:
    """Go on until stopped."""
    os.nice(NICE)
    os.environ["DATABASE_URL"] = os.environ["BENCHMARK_DATABASE_URL"]
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.benchmarks.big.settings")
    django.setup()
    from django.db import transaction

    from approvals.certificates.register_importing import PURPOSE
    from certification.imports import receiving, working
    from certification.organisations.models import User
    from tests.people import registers

    actor = User.objects.get(username="sheng-shouli")
    content = registers.register(registers.with_errors(10_000, 0.02))
    while True:
        with transaction.atomic():
            import_ = receiving.receive(actor=actor, purpose=PURPOSE, content=content, name="登记.xlsx")
            working.work_on(import_.pk)
            transaction.set_rollback(True)


if __name__ == "__main__":
    main()
