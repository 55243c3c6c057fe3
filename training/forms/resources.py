"""Forms of teachers and venues."""

from django import forms

from certification.forms import Form, ShowsProblems


def _day(label: str, help_text: str = "") -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, help_text=help_text, required=False, widget=widget)


class TeacherDetails(ShowsProblems, Form):
    """What may change of a teacher."""

    qualification = forms.CharField(
        label="资质", max_length=120, required=False, help_text="职称、技能等级或师资证书，例如“电气工程师”。"
    )
    valid_until = _day("资质有效期至", "没有期限的不填。到期后的课程会提示。")
    subjects = forms.CharField(label="可授课程", max_length=120, required=False)


class TeacherForm(TeacherDetails):
    """A teacher to be listed."""

    name = forms.CharField(label="姓名", max_length=60)
    number = forms.CharField(
        label="身份证号码", max_length=30, help_text="按人登记，用于核对培训与考试分离（方案一）。"
    )
    field_order = ("name", "number", "qualification", "valid_until", "subjects")


class VenueForm(ShowsProblems, Form):
    """A venue."""

    name = forms.CharField(label="场地", max_length=60, help_text="例如“教学楼201室”“实操一车间”。")
    address = forms.CharField(label="地址", max_length=160, required=False)
    capacity = forms.IntegerField(label="容纳人数", min_value=1, max_value=9999)
    active = forms.BooleanField(label="使用中", required=False, initial=True)
