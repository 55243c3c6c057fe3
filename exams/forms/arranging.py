"""Forms of rooms and staff."""

from collections.abc import Mapping
from types import MappingProxyType

from django import forms

from certification.forms import Form, ShowsProblems
from certification.people.models import Person
from certification.refusals import Refusal
from exams.models import Duty, ExamRoom, RoomUse


class _RoomChoices(forms.CheckboxSelectMultiple):
    """Rooms that cannot be had stand in the list, with the reason, and cannot be ticked."""

    unfit: Mapping[int, Refusal] = MappingProxyType({})

    def create_option(self, name, value, label, selected, index, **kwargs):
        """As Django does, closed where the room cannot be had and is not given already."""
        option = super().create_option(name, value, label, selected, index, **kwargs)
        if not selected and getattr(value, "value", value) in self.unfit:
            option["attrs"]["disabled"] = True
        return option


class RoomsForm(Form):
    """Which rooms a part uses; ``unfit`` says which cannot be had, and why."""

    rooms = forms.ModelMultipleChoiceField(
        label="考场", queryset=ExamRoom.objects.none(), widget=_RoomChoices, required=False
    )

    def __init__(self, *args, rooms, unfit: Mapping[int, Refusal], **kwargs):
        super().__init__(*args, **kwargs)
        field = self.fields["rooms"]
        field.queryset = rooms
        field.widget.unfit = unfit
        field.label_from_instance = lambda room: _room_label(room, unfit.get(room.pk))


def _room_label(room: ExamRoom, refusal: Refusal | None = None) -> str:
    why = f"——{refusal.message}" if refusal else ""
    return f"{room.name}（{room.capacity}座）{why}"


class StaffForm(Form):
    """A duty in one room for one person; the list holds who has the role, each with roles and organisation."""

    use = forms.ModelChoiceField(label="考场", queryset=RoomUse.objects.none(), empty_label="请选择")
    duty = forms.ChoiceField(label="职责", choices=Duty.choices)
    replaces = forms.IntegerField(required=False, widget=forms.HiddenInput)
    person = forms.ModelChoiceField(label="人员", queryset=Person.objects.none(), empty_label="请选择")

    def __init__(self, *args, uses, persons, duties, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["use"].queryset = uses
        self.fields["use"].label_from_instance = lambda use: f"{use.part.get_part_display()} {use.room.name}"
        self.fields["person"].queryset = persons
        self.fields["person"].label_from_instance = lambda person: _person_label(person, duties[person.pk])


class SeatForm(ShowsProblems, Form):
    """Another seat for one candidate, by hand; ``as_seen`` is the place that the page showed."""

    use = forms.ModelChoiceField(label="考场", queryset=RoomUse.objects.none(), empty_label=None)
    number = forms.IntegerField(label="座位号", min_value=1)
    swap = forms.BooleanField(label="该座位已有考生的，与其对调", required=False)
    reason = forms.CharField(label="调整原因", widget=forms.Textarea(attrs={"rows": 3}), max_length=200)
    as_seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args, uses, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["use"].queryset = uses
        self.fields["use"].label_from_instance = lambda use: f"{use.room.name}（{use.room.capacity}座）"

    @property
    def place(self) -> dict:
        """What ``overriding.move_seat`` asks for."""
        given = dict(self.cleaned_data)
        return {"use_id": given.pop("use").pk, **given}


class RoomReplaceForm(ShowsProblems, Form):
    """Another room for everybody in one."""

    room = forms.ModelChoiceField(label="换到考场", queryset=ExamRoom.objects.none(), empty_label="请选择")
    reason = forms.CharField(label="换考场的原因", widget=forms.Textarea(attrs={"rows": 3}), max_length=200)

    def __init__(self, *args, rooms: list[ExamRoom], **kwargs):
        super().__init__(*args, **kwargs)
        ids = [room.pk for room in rooms]
        self.fields["room"].queryset = ExamRoom.objects.filter(pk__in=ids).order_by("name", "pk")
        self.fields["room"].label_from_instance = _room_label


def _person_label(person: Person, duties: list[str]) -> str:
    places = {account.organisation.short_name for account in person.accounts.all() if account.organisation}
    return f"{person}（{'、'.join([*duties, *sorted(places)])}）"
