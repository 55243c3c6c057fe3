"""The test suite's own strictness about template variables."""

import pytest
from django.template import Context, Engine, Origin, Template, engines

from tests.conftest import OWN_TEMPLATES


def template(source: str, name: str) -> Template:
    engine: Engine = engines["django"].engine
    return Template(source, origin=Origin(name=name), engine=engine)


def test_unset_variable_in_our_template_fails():
    ours = template("您好，{{ person.name }}。", str(OWN_TEMPLATES[0] / "greeting.html"))
    with pytest.raises(pytest.fail.Exception, match=r"person\.name in templates/greeting\.html"):
        ours.render(Context({}))


def test_condition_may_ask_for_what_is_not_set():
    ours = template("{% if person %}您好{% endif %}", str(OWN_TEMPLATES[0] / "greeting.html"))
    assert ours.render(Context({})) == ""


def test_templates_of_others_print_nothing():
    theirs = template("[{{ person.name }}]", "/usr/lib/python3/django/contrib/admin/templates/admin/base.html")
    assert theirs.render(Context({})) == "[]"
