from certification.people.models.bars import Bar
from certification.people.models.certificates import Certificate, CertificateState
from certification.people.models.persons import DocumentType, Education, Person, Sex, mask

__all__ = ["Bar", "Certificate", "CertificateState", "DocumentType", "Education", "Person", "Sex", "mask"]
