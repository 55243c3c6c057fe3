"""How the tables of an empty database are made."""

from django.db import migrations


class AllTablesAtOnce(migrations.Migration):
    """A first migration, whose tables are made against one rendering of the models.

    Django renders every model that hangs together with the new one after each single operation, which for two hundred
    tables takes minutes. Only for migrations that begin with nothing and make tables: each sees the models as they are
    at the end of the migration.
    """

    def apply(self, project_state, schema_editor, collect_sql=False):
        before = project_state.clone()
        project_state.clear_delayed_apps_cache()
        project_state.__dict__.pop("apps", None)
        for operation in self.operations:
            operation.state_forwards(self.app_label, project_state)
        for operation in self.operations:
            operation.database_forwards(self.app_label, schema_editor, before, project_state)
        return project_state
