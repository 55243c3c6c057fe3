"""States of certificates and of register imports, and what moves each from one to the other."""

from certification.people.models import CertificateState, ImportState
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

IMPORT_MACHINE = Machine(
    "people.RegisterImport",
    ImportState,
    (
        Transition("confirm", "确认导入", (ImportState.CHECKED,), ImportState.WAITING),
        Transition("drop", "放弃", (ImportState.CHECKED,), ImportState.DROPPED),
        Transition("finish", "导入完成", (ImportState.WAITING,), ImportState.DONE),
        Transition("check_again", "登记簿已变化，重新核对", (ImportState.WAITING,), ImportState.CHECKED),
    ),
)
