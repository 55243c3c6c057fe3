"""Login, lock-out, logout, password, and the demonstration's table of logins."""

import json

import pytest

from certification.portal.demonstration_logins import demonstration_logins


@pytest.fixture
def account(world):
    user = world.user("jigou")
    user.set_password("right-password-1")
    user.save()
    return user


def _post(client, password, username="jigou", **more):
    return client.post("/login/", {"username": username, "password": password, **more})


def test_login_goes_where_the_reader_wanted(client, account):
    assert _post(client, "right-password-1", next="/rules/").url == "/rules/"


def test_login_does_not_leave_the_site(client, account):
    assert _post(client, "right-password-1", next="https://elsewhere.example/").url == "/"


def test_a_wrong_password_says_what_to_check_and_keeps_the_name(client, account):
    page = _post(client, "wrong").content.decode()
    assert "用户名或密码不正确" in page
    assert 'value="jigou"' in page
    assert _post(client, "wrong", username="nobody").content.decode().count("用户名或密码不正确") == page.count(
        "用户名或密码不正确"
    ), "whether the account exists is not told"


def test_guessing_is_locked_out(client, account, settings):
    settings.AXES_ENABLED = True
    settings.AXES_FAILURE_LIMIT = 3
    for _attempt in range(3):
        response = _post(client, "wrong")
    assert response.status_code == 429
    assert "登录已暂时锁定" in response.content.decode()
    assert _post(client, "right-password-1").status_code == 429


def test_logout_needs_a_post(client_of):
    client = client_of("jigou")
    assert client.get("/logout/").status_code == 405
    assert client.post("/logout/").url == "/login/"
    assert client.get("/").status_code == 302


def test_the_password_can_be_changed(client, account):
    _post(client, "right-password-1")
    data = {
        "old_password": "right-password-1",
        "new_password1": "another-secret-2",
        "new_password2": "another-secret-2",
    }
    assert client.post("/password/", data).url == "/"
    account.refresh_from_db()
    assert account.check_password("another-secret-2")


@pytest.fixture
def login_file(tmp_path, settings):
    settings.VAR_DIR = tmp_path
    row = {
        "role": "市级审核员",
        "username": "shi-shenhe",
        "password": "demo",
        "organisation": "青屏市局",
        "name": "周敏",
    }
    (tmp_path / "demonstration-logins.json").write_text(json.dumps([row]), encoding="utf-8")


def test_the_demonstration_lists_its_logins(client, db, login_file):
    assert "shi-shenhe" in client.get("/login/").content.decode()


def test_production_lists_none(client, db, login_file, settings):
    settings.CLOCK_MAY_MOVE = False
    assert demonstration_logins() == {}
    assert "shi-shenhe" not in client.get("/login/").content.decode()


def test_no_file_no_table(tmp_path, settings):
    settings.VAR_DIR = tmp_path
    assert demonstration_logins() == {}
