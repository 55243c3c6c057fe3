"""States of a certificate and what moves it from one to the other."""

from certification.people.models import CertificateState
from certification.workflow import Machine, Transition

CERTIFICATE_MACHINE = Machine(
    "people.Certificate",
    CertificateState,
    (
        Transition("replace", "换发", (CertificateState.VALID,), CertificateState.REPLACED),
        Transition("revoke", "撤销", (CertificateState.VALID,), CertificateState.REVOKED),
        Transition("cancel", "注销", (CertificateState.VALID,), CertificateState.CANCELLED),
    ),
)
