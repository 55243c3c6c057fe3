"""What bin/setup, bin/serve and bin/test do. Standard library alone: it runs before anything is installed."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
VENV = ROOT / ".venv"
VAR = ROOT / "var"


class Missing(Exception):
    """Something that this machine lacks and that may not be installed here; the text says what and how to get it."""
