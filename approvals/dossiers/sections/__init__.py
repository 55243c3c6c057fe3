"""What a dossier holds, as tables of text: the same for the page, the sealed PDF and the sealed files.

Everything is read for all classes asked for at once; the number of queries does not grow with people or classes.
"""

from approvals.dossiers.sections.contents import contents
from approvals.dossiers.sections.shapes import Contents, Paper, Section

__all__ = ["Contents", "Paper", "Section", "contents"]
