"""Forms of papers: one, many, the part of a picture, the ground of an exemption, a text to sign."""

from django import forms

from certification.forms import FilesField, Form, ShowsProblems
from certification.records.pictures import Frame
from certification.rulebook.models import Certainty
from exams.materials.paper_standards import Exemption
from exams.models import ClassMaterialKind, DeclarationKind, DeclarationText, MaterialKind

TURNS = [("0", "不旋转"), ("90", "顺时针 90°"), ("180", "180°"), ("270", "逆时针 90°")]


class MaterialUpload(Form):
    """One paper of one application; for signed forms the edition that the paper bears, where there is more than one."""

    kind = forms.ChoiceField(label="材料")
    file = forms.FileField(label="文件", help_text="JPG、PNG 图片或 PDF。照片比例不符的，上传后可以裁剪。")
    text = forms.ModelChoiceField(
        label="签署的文本版本",
        queryset=DeclarationText.objects.none(),
        required=False,
        empty_label="现行版本",
        help_text="只用于健康承诺书和个人信息同意书；纸质文本是以前版本的，在此选定。",
    )

    def __init__(self, *args, kinds: tuple[MaterialKind, ...], document_type: str, texts=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [(kind.value, kind.named(document_type)) for kind in kinds]
        if texts is not None and texts.exists():
            self.fields["text"].queryset = texts
        else:
            del self.fields["text"]


class ClassMaterialUpload(ShowsProblems, Form):
    """One paper of a class."""

    kind = forms.ChoiceField(label="材料")
    file = forms.FileField(label="文件", help_text="JPG、PNG 图片或 PDF，全班提交一次。")

    def __init__(self, *args, kinds: tuple[ClassMaterialKind, ...], **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [(kind.value, kind.label) for kind in kinds]


class ManyMaterialsUpload(ShowsProblems, Form):
    """Many files, told apart by their names."""

    kind = forms.ChoiceField(label="材料", required=False)
    files = FilesField(
        label="文件",
        help_text="可一次选择多个文件，也可以是 zip 压缩包。文件名用姓名或证件号码，再写材料名称，例如"
        "“张三-身份证.jpg”；也可以用姓名或材料名称作文件夹名。只上传一种材料时在上面选定，文件名可以只写“张三.jpg”。",
    )

    def __init__(self, *args, kinds: tuple[MaterialKind, ...], **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [("", "按文件名"), *((kind.value, kind.label) for kind in kinds)]


class CropForm(Form):
    """Which part of a picture becomes the photo, in pixels; the height follows from the proportions."""

    turned = forms.TypedChoiceField(label="旋转", choices=TURNS, coerce=int, required=False, empty_value=0)
    left = forms.IntegerField(label="左边距（像素）", min_value=0)
    top = forms.IntegerField(label="上边距（像素）", min_value=0)
    width = forms.IntegerField(label="宽度（像素）", min_value=1)

    def __init__(self, *args, proportions: tuple[int, int], **kwargs):
        super().__init__(*args, **kwargs)
        self._proportions = proportions

    def frame(self) -> Frame:
        """The part, of the proportions of a photo."""
        across, along = self._proportions
        width = self.cleaned_data["width"]
        height = round(width * along / across)
        return Frame(self.cleaned_data["left"], self.cleaned_data["top"], width, height, self.cleaned_data["turned"])


class ExemptionForm(Form):
    """On which ground an applicant needs no training."""

    basis = forms.ChoiceField(label="免培训依据", required=False)

    def __init__(self, *args, exemptions: list[Exemption], **kwargs):
        super().__init__(*args, **kwargs)
        choices = [(one.code, f"{one.title}（{one.clause}），提交{one.proof.label}") for one in exemptions]
        self.fields["basis"].choices = [("", "不免培训，提交学时证明"), *choices]


class DeclarationForm(ShowsProblems, Form):
    """A text to sign, as an edition."""

    kind = forms.ChoiceField(label="文本", choices=DeclarationKind.choices)
    in_force_from = forms.DateField(
        label="启用日期",
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="从这一天起打印和登记新版本；已签署的不受影响。",
    )
    title = forms.CharField(label="标题", max_length=60)
    body = forms.CharField(
        label="正文", widget=forms.Textarea(attrs={"rows": 14}), max_length=8000, help_text="每段一行。"
    )
    source = forms.CharField(label="依据", max_length=200, help_text="据以修改的文件名称和文号。")
    certainty = forms.ChoiceField(label="依据等级", choices=Certainty.choices)

    def __init__(self, *args, changing: bool = False, **kwargs):
        super().__init__(*args, **kwargs)
        if changing:
            del self.fields["kind"]
