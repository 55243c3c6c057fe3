"""What every test has: see tests/factories.py for ``world``."""

pytest_plugins = ["tests.factories"]
