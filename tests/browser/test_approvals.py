"""The pages of approvals in a browser: accessible, no wider than the screen. SCREENSHOTS=folder keeps pictures."""

from approvals.certificates import cards
from approvals.dossiers import sealing
from approvals.licences import acceptance
from approvals.models import Decision, Dossier, LicenceApplicant
from approvals.reviews.reviewing import review
from tests.approvals.cases import NOW, draw_papers, make_group, take_exam
from tests.approvals.licensing_steps import SERVED, SUBMITTED, ids_of, reconciled, refused, served, submitted


class Cases:
    """Something in every state that a page of approvals shows."""

    def __init__(self, world):
        self.world = world
        self.waiting = make_group(world, 8)
        draw_papers(self.waiting.applications[0])
        self.renewals = make_group(world, 3, kind="RENEWAL", proven=False)
        self._review()
        self.submitted = submitted(world, self._sat(3))
        self.accepted = self._with_differences()
        self.reconciled = reconciled(world, self._sat(3))
        self.sealed = self._sealed()
        self.open = Dossier.objects.get(session=self.waiting.session)

    def _sat(self, people, **kwargs):
        group = make_group(self.world, people, state="CLEARED", **kwargs)
        take_exam(self.world, group)
        return group

    def _review(self):
        ids = self.waiting.ids
        city = {"actor": self.world.user("shi-shenhe"), "now": NOW}
        items = [{"material": "PHOTO", "text": "照片不清晰，请重新拍摄。"}]
        review(application_ids=ids[5:6], stage="PRELIMINARY", outcome="RETURN", items=items, **city)
        review(application_ids=ids[6:], stage="PRELIMINARY", outcome="PASS", reason="材料齐全", **city)
        review(application_ids=self.renewals.ids, stage="CITY_REVIEW", outcome="PASS", conditional=True, **city)

    def _with_differences(self):
        group = self._sat(2)
        batch = submitted(self.world, group)
        person = group.applications[0].person
        person.name = f"{person.name}甲"
        person.save()
        for act in (acceptance.accept, acceptance.reconcile):
            act(actor=self.world.user("sheng-shouli"), now=SUBMITTED, applicant_ids=ids_of(batch)[:1])
        return batch

    def _sealed(self):
        group = self._sat(2)
        batch = reconciled(self.world, group)
        refused(self.world, ids_of(batch)[0])
        served_group = self._sat(2)
        served(self.world, served_group)
        dossier = Dossier.objects.get(session=served_group.session)
        certificate = Decision.objects.filter(certificate__isnull=False).first().certificate
        cards.request_card(actor=self.world.user("chuangkou"), now=SERVED, certificate_id=certificate.pk)
        return sealing.seal(actor=self.world.user("shi-kaowu"), now=SERVED, dossier_id=dossier.pk)


def test_pages_are_accessible_and_fit(world, at, page, login_as, faults_of):
    at(NOW)
    cases = Cases(world)
    found = {}

    def look(name):
        found[name] = faults_of(page, name)

    def visit(who, name, path):
        login_as(world.user(who), page)
        page.goto(f"/approvals/{path}")
        look(name)

    first, returned, forwarded = cases.waiting.ids[0], cases.waiting.ids[5], cases.waiting.ids[6]
    visit("shi-shenhe", "queue", "reviews/")
    visit("shi-shenhe", "case", f"reviews/{first}/")
    page.check("input[name=outcome][value=RETURN]")
    page.click("text=拟定意见，")
    look("case-error")
    visit("jigou", "case-institution", f"reviews/{returned}/")
    visit("sheng-shenhe", "case-final", f"reviews/{forwarded}/")
    visit("sheng-shenhe", "reports", "reviews/reports/")
    visit("sheng-shenhe", "case-record", f"reviews/{cases.renewals.ids[0]}/")
    visit("shi-shenhe", "reviewed", "reviews/done/")
    visit("shi-shenhe", "queue-bulk", "reviews/")
    for box in page.locator("input[name=ids]").all()[1:3]:
        box.check()
    page.click("text=批量通过所选")
    look("results")
    visit("shi-shenhe", "case-basket", f"reviews/{first}/")
    visit("shi-shenhe", "hand-over", "reviews/hand-over/")
    page.click("text=移交所选")
    look("handed")
    visit("shi-shenhe", "handovers", "reviews/handovers/")
    page.click(".opens >> nth=0")
    look("handover")
    visit("shi-kaowu", "licences", "licences/")
    visit("shi-kaowu", "licence-differences", f"licences/{cases.accepted.pk}/")
    at(SUBMITTED)
    visit("sheng-shouli", "acceptance", "acceptance/")
    visit("sheng-shouli", "acceptance-accepted", "acceptance/?tab=accepted")
    visit("sheng-shenpi", "deciding", "deciding/")
    page.locator("input[name=ids]").first.check()
    page.click("text=准予所选")
    look("grant")
    applicant = LicenceApplicant.objects.filter(batch=cases.reconciled).first()
    visit("sheng-shenpi", "refuse", f"applicants/{applicant.pk}/refuse/")
    visit("sheng-shenpi", "applicant", f"applicants/{applicant.pk}/")
    refused = Decision.objects.filter(outcome="REFUSED").first()
    visit("sheng-shenpi", "applicant-refused", f"applicants/{refused.applicant_id}/")
    visit("sheng-shouli", "decisions", "decisions/")
    visit("jigou", "decisions-institution", "decisions/")
    visit("sheng-shenhe", "certificates", "certificates/")
    certificate = Decision.objects.filter(certificate__isnull=False).first().certificate
    visit("jigou", "certificate", f"certificates/{certificate.pk}/")
    visit("chuangkou", "cards", "cards/")
    page.fill("input[name=document_number]", certificate.person.document_number)
    page.click("text=查找可在本窗口办理的操作证")
    look("cards-found")
    visit("chuangkou", "card-print", f"cards/{certificate.cards.get().pk}/print/")
    visit("shi-kaowu", "dossiers", "dossiers/")
    visit("shi-kaowu", "dossier-open", f"dossiers/{cases.open.pk}/")
    visit("shi-kaowu", "dossier-sealed", f"dossiers/{cases.sealed.pk}/")
    page.evaluate("document.querySelectorAll('main details').forEach(one => one.open = true)")
    look("dossier-unfolded")
    visit("jigou", "dossier-parts", "dossiers/")
    visit("jigou", "dossier-part", f"dossiers/{cases.open.pk}/classes/{cases.waiting.plan.pk}/")
    assert {name: wrong for name, wrong in found.items() if wrong} == {}
