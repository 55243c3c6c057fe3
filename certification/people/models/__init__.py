from certification.people.models.bars import Bar
from certification.people.models.certificates import Certificate, CertificateState
from certification.people.models.declarations import Declaration, DeclaredFact, FemaleClass
from certification.people.models.documents import FormerDocument
from certification.people.models.imports import RegisterImport
from certification.people.models.names import NameStanding, PersonName
from certification.people.models.persons import DocumentType, Education, Person, Sex, mask

__all__ = [
    "Bar",
    "Certificate",
    "CertificateState",
    "Declaration",
    "DeclaredFact",
    "DocumentType",
    "Education",
    "FemaleClass",
    "FormerDocument",
    "NameStanding",
    "Person",
    "PersonName",
    "RegisterImport",
    "Sex",
    "mask",
]
