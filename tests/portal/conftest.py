"""A client that is logged in as one of the world's accounts."""

import pytest
from django.test import Client

BACKEND = "certification.organisations.backends.AccountBackend"


@pytest.fixture
def client_of(world):
    def make(username: str) -> Client:
        client = Client()
        client.force_login(world.user(username), backend=BACKEND)
        return client

    return make
