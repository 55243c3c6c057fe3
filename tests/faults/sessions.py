"""``python -m tests.faults.sessions STEP …`` in the environment of a household: a session with its people, and what is
done with it by processes that are killed. Every step prints one line of JSON last."""

import json
import sys
import time

import django

STEPS = {}


def step(function):
    STEPS[function.__name__] = function
    return function


@step
def tables():
    """The tables, and the small province with an empty register."""
    from django.core.management import call_command

    from tests import factories, tables

    tables.make()
    call_command("load_reference", verbosity=0)
    factories._build()


@step
def finished(people: str):
    """A session in which everybody is served; its dossier is to be sealed by a worker. The digest is that of a sealing
    that nobody disturbed."""
    from approvals.dossiers import sealing
    from approvals.dossiers.sealing import archives, items
    from approvals.licences import acceptance_notices
    from approvals.models import Dossier
    from certification.jobs import errands
    from tests.approvals.cases import make_group, take_exam
    from tests.approvals.licensing_steps import SERVED, served

    world = _world()
    group = make_group(world, int(people), state="CLEARED")
    take_exam(world, group)
    served(world, group)
    acceptance_notices.write_missing()
    dossier = Dossier.objects.get(session=group.session)
    gathered = items.gather(dossier)
    given = {"now": SERVED, "number": 0, "previous": "", "progress": errands.silent}
    with archives.written(dossier, gathered, gathered.parts, **given) as archive:
        digest = archive.index_sha256
    sealing.ask_to_seal(actor=world.user("shi-kaowu"), now=SERVED, dossier_id=dossier.pk)
    return {"dossier": dossier.pk, "digest": digest}


@step
def reconciled(people: str):
    """A session whose people wait for the decision."""
    from tests.approvals.cases import make_group, take_exam
    from tests.approvals.licensing_steps import reconciled

    world = _world()
    group = make_group(world, int(people), state="CLEARED")
    take_exam(world, group)
    reconciled(world, group)


@step
def grant(pause: str = ""):
    """The bulk decision; with ``pause`` it stands still once numbers are taken and decisions written, to be killed."""
    from approvals.licences import deciding
    from approvals.models import LicenceApplicant
    from tests.approvals.licensing_steps import DECIDED

    if pause:

        def stand_still(*_args, **_given):
            print("in the middle", flush=True)
            time.sleep(60)

        deciding.open_service = stand_still
    ids = list(LicenceApplicant.objects.values_list("pk", flat=True))
    results = deciding.grant(actor=_world().user("sheng-shenpi"), now=DECIDED, applicant_ids=ids)
    return {"granted": sum(result.ok for result in results)}


@step
def listed(people: str):
    """A session whose people are cleared and have no seat, with a room for each part."""
    from exams.models import ExamRoom, RoomUse
    from tests.approvals.cases import make_group

    world = _world()
    group = make_group(world, int(people), state="CLEARED")
    for place in group.session.parts.all():
        room = ExamRoom.objects.filter(site=group.session.site, part=place.part).order_by("pk").first()
        RoomUse.objects.create(part=place, room=room)


@step
def seat(pause: str = ""):
    """Seating; with ``pause`` it stands still once seats and times are written, before anybody is admitted."""
    from exams.models import ExamSession
    from exams.rooms import seating
    from tests.approvals.cases import NOW

    if pause:

        def stand_still(*_args, **_given):
            print("in the middle", flush=True)
            time.sleep(60)

        seating._number_tickets = stand_still
    session = ExamSession.objects.get()
    done = seating.seat_candidates(actor=_world().user("shi-kaowu"), now=NOW, session_id=session.pk)
    return {"seated": len(done.seated), "kept": len(done.kept), "unseated": len(done.unseated)}


def _world():
    from certification.organisations.models import Organisation, User
    from exams.models import ExamSite
    from tests.factories import BUILT_AT, CITIES, SEED, World, invented_people

    class Kept(World):
        """The province as it stands in the tables."""

        centre = property(lambda self: Organisation.objects.provincial_centre())
        bureau = property(lambda self: self.user("shi-kaowu").organisation)
        institution = property(lambda self: self.user("jigou").organisation)
        site = property(lambda self: ExamSite.objects.filter(organiser=self.bureau).order_by("pk").first())

    divisions = tuple(division for city in CITIES for division in city.divisions)
    invented = invented_people(SEED + 1, divisions=divisions, today=BUILT_AT.date())
    people = [next(invented) for _each in range(400)]
    return Kept(None, {user.username: user for user in User.objects.all()}, people)


if __name__ == "__main__":
    django.setup()
    name, *given = sys.argv[1:]
    print(json.dumps(STEPS[name](*given) or {}))
