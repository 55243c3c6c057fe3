"""What is asked of history itself, and not of what writes it."""

from certification.organisations.models import Organisation
from certification.people.models import Person


def test_a_manager_of_history_has_one_class_and_is_of_its_own_rows():
    one, other = Person.history, Organisation.history
    assert type(one) is type(Person.history) is type(other)
    assert (one.model, other.model) == (Person.history.model, Organisation.history.model)
    assert one.model is not other.model
    kept = Person(pk=7).history
    assert (kept.instance.pk, one.instance) == (7, None)
