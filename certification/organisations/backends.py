"""How a session finds its account: with organisation and person in the same query, which every page shows."""

from django.contrib.auth.backends import ModelBackend

from certification.organisations.models import User


class AccountBackend(ModelBackend):
    def get_user(self, user_id):
        """The account of a session; None where it is gone or closed."""
        user = User.objects.select_related("organisation", "person").filter(pk=user_id).first()
        return user if user is not None and self.user_can_authenticate(user) else None
