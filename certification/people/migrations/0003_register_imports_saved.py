"""Uploading and checking are those of certification.imports; a register import is what was saved of one. Names and
numbers of persons are found by their beginnings."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def _both(operation, name, **kwargs):
    return [operation(model_name=model, name=name, **kwargs) for model in ("registerimport", "historicalregisterimport")]


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0002_names_declarations_register_imports"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveIndex(model_name="registerimport", name="register_import_waiting"),
        migrations.RemoveConstraint(model_name="registerimport", name="register_import_state_known"),
        migrations.RemoveConstraint(model_name="registerimport", name="register_import_confirmed_by_somebody"),
        *_both(migrations.RemoveField, "state"),
        *_both(migrations.RemoveField, "sound_only"),
        *_both(migrations.RemoveField, "finished_at"),
        migrations.RemoveField(model_name="registerimport", name="progress"),
        *(
            migrations.RenameField(model_name=model, old_name=old, new_name=new)
            for model in ("registerimport", "historicalregisterimport")
            for old, new in (("confirmed_by", "saved_by"), ("confirmed_at", "saved_at"))
        ),
        migrations.AlterField(
            model_name="registerimport",
            name="saved_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        *_both(migrations.AlterField, "saved_at", field=models.DateTimeField(verbose_name="导入时间")),
        *_both(migrations.AlterField, "counts", field=models.JSONField(default=dict, verbose_name="导入结果")),
        migrations.RemoveIndex(model_name="person", name="person_name"),
        migrations.RemoveIndex(model_name="person", name="person_document"),
        migrations.AddIndex(
            model_name="person",
            index=models.Index(fields=["name"], name="person_name_prefix", opclasses=["varchar_pattern_ops"]),
        ),
        migrations.AddIndex(
            model_name="person",
            index=models.Index(
                fields=["document_number"], name="person_document_prefix", opclasses=["varchar_pattern_ops"]
            ),
        ),
        migrations.AddIndex(
            model_name="registerimport",
            index=models.Index(fields=["-saved_at", "-id"], name="register_import_saved"),
        ),
    ]
