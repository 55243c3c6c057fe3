from certification.imports.models.headings import Heading
from certification.imports.models.imports import Import, ImportFile

__all__ = ["Heading", "Import", "ImportFile"]
