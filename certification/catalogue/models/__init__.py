from certification.catalogue.models.codes import JobTypeCodeField
from certification.catalogue.models.editions import CatalogueEdition
from certification.catalogue.models.items import (
    ApplicationKind,
    Category,
    JobType,
    JobTypeVariant,
    OperationGroup,
)

__all__ = [
    "ApplicationKind",
    "CatalogueEdition",
    "Category",
    "JobType",
    "JobTypeCodeField",
    "JobTypeVariant",
    "OperationGroup",
]
