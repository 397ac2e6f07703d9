"""What a clinic's table has in the database, as constraints that `makemigrations` finds by itself."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, cast

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import BaseConstraint, ForeignKey, Model


def key_column(model: type[Model]) -> str:
    return cast(str, model._meta.pk.column)


class DatabaseOnlyConstraint(BaseConstraint):
    """A constraint that PostgreSQL alone enforces: nothing of it can be checked on one instance in Python."""

    def constraint_sql(self, model: Any, schema_editor: Any) -> str:
        """Nothing now: the table does not exist yet when this is asked, so it waits for the end of the migration."""
        schema_editor.deferred_sql.append(self.sql(model, schema_editor))
        return ""

    @abstractmethod
    def sql(self, model: type[Model], schema_editor: BaseDatabaseSchemaEditor) -> str:
        """What makes it, as statements."""

    def validate(self, model: Any, instance: Any, exclude: Any = None, using: str = "default") -> None:
        return None

    def __eq__(self, other: object) -> bool:
        if isinstance(other, DatabaseOnlyConstraint):
            return self.deconstruct() == other.deconstruct()
        return NotImplemented

    def __hash__(self) -> int:
        return hash((type(self), self.name))


class ClinicWall(DatabaseOnlyConstraint):
    """Primary key (clinic_id, id), row level security enabled and forced, and its one policy.

    The policy raises "no clinic is open" outside a clinic, for reading and writing alike.
    """

    open_clinic = "clinic_id = current_clinic()"

    def policies(self) -> dict[str, str]:
        """SQL of each policy of the table, by its name."""
        return {self.name: f"FOR ALL USING ({self.open_clinic}) WITH CHECK ({self.open_clinic})"}

    def sql(self, model: type[Model], schema_editor: BaseDatabaseSchemaEditor) -> str:
        quote = schema_editor.quote_name
        table, key = quote(model._meta.db_table), quote(f"{model._meta.db_table}_pkey")
        policies = "".join(f" CREATE POLICY {quote(name)} ON {table} {sql};" for name, sql in self.policies().items())
        return (
            f"ALTER TABLE {table} DROP CONSTRAINT {key} CASCADE,"
            f" ADD CONSTRAINT {key} PRIMARY KEY (clinic_id, {quote(key_column(model))});"
            f" ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;"
            f" ALTER TABLE {table} FORCE ROW LEVEL SECURITY;" + policies
        )

    def create_sql(self, model: Any, schema_editor: Any) -> str:
        return self.sql(model, schema_editor)

    def remove_sql(self, model: Any, schema_editor: Any) -> str:
        quote = schema_editor.quote_name
        table, key = quote(model._meta.db_table), quote(f"{model._meta.db_table}_pkey")
        policies = "".join(f"DROP POLICY IF EXISTS {quote(name)} ON {table}; " for name in self.policies())
        return policies + (
            f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY;"
            f" ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;"
            f" ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {key} CASCADE,"
            f" ADD CONSTRAINT {key} PRIMARY KEY ({quote(key_column(model))});"
        )


class MembershipWall(ClinicWall):
    """The wall of the one table that is read before a clinic is open: by its own user, or inside the clinic."""

    own_or_open = (
        "user_id = nullif(current_setting('app.user_id', true), '')::uuid"
        " OR clinic_id = nullif(current_setting('app.clinic_id', true), '')::uuid"
    )

    def policies(self) -> dict[str, str]:
        return {
            f"{self.name}_select": f"FOR SELECT USING ({self.own_or_open})",
            f"{self.name}_insert": f"FOR INSERT WITH CHECK ({self.open_clinic})",
            f"{self.name}_update": f"FOR UPDATE USING ({self.open_clinic}) WITH CHECK ({self.open_clinic})",
            f"{self.name}_delete": f"FOR DELETE USING ({self.open_clinic})",
        }


class ClinicReference(DatabaseOnlyConstraint):
    """Foreign key (clinic_id, column) to another of the clinic's tables, and the index that its deletions need.

    Checked with each statement: deferred to the commit, a bad reference would fail after the view has answered.
    """

    def __init__(self, *, field: str, name: str, violation_error_code: Any = None, violation_error_message: Any = None):
        super().__init__(
            name=name, violation_error_code=violation_error_code, violation_error_message=violation_error_message
        )
        self.field = field

    def deconstruct(self) -> tuple[str, Sequence[Any], dict[str, Any]]:
        path, args, kwargs = super().deconstruct()
        return path, args, {**kwargs, "field": self.field}

    def sql(self, model: type[Model], schema_editor: BaseDatabaseSchemaEditor) -> str:
        quote = schema_editor.quote_name
        field = cast(ForeignKey, model._meta.get_field(self.field))
        target = field.related_model
        table, column = quote(model._meta.db_table), quote(field.column)
        return (
            f"CREATE INDEX {quote(self.name + '_index')} ON {table} (clinic_id, {column});"
            f" ALTER TABLE {table} ADD CONSTRAINT {quote(self.name)} FOREIGN KEY (clinic_id, {column})"
            f" REFERENCES {quote(target._meta.db_table)} (clinic_id, {quote(key_column(target))})"
            " DEFERRABLE INITIALLY IMMEDIATE;"
        )

    def create_sql(self, model: Any, schema_editor: Any) -> str:
        """Waits as well: the primary key it refers to may be among what waits for the end of the migration."""
        return self.constraint_sql(model, schema_editor)

    def remove_sql(self, model: Any, schema_editor: Any) -> str:
        quote = schema_editor.quote_name
        return (
            f"ALTER TABLE {quote(model._meta.db_table)} DROP CONSTRAINT IF EXISTS {quote(self.name)};"
            f" DROP INDEX IF EXISTS {quote(self.name + '_index')};"
        )
