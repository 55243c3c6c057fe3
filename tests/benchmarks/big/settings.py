"""Settings of the command that fills the benchmark database: the tests' own, and the command."""

from certification.settings.test import *  # noqa: F403
from certification.settings.test import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.benchmarks.big"]
