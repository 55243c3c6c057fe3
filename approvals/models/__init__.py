from approvals.models.cards import CardRequest
from approvals.models.decisions import Decision
from approvals.models.dossiers import Dossier, DossierItem
from approvals.models.licences import LicenceApplicant, LicenceApplication
from approvals.models.reviews import Review, Stage

__all__ = [
    "CardRequest",
    "Decision",
    "Dossier",
    "DossierItem",
    "LicenceApplicant",
    "LicenceApplication",
    "Review",
    "Stage",
]
