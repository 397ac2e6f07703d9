import clinic.models.dates
import clinic.wall.constraints
import clinic.wall.fields
import clinic.wall.scope
import django.contrib.postgres.constraints
import django.db.models.deletion
import django.utils.timezone
import uuid_utils.compat
from django.contrib.postgres.operations import BtreeGistExtension
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('clinic', '0008_thresholds_of_alerts'),
    ]

    operations = [
        BtreeGistExtension(),
        migrations.CreateModel(
            name='Deputy',
            fields=[
                ('id', models.UUIDField(default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False)),
                ('starts_on', models.DateField(verbose_name='from')),
                ('ends_on', models.DateField(help_text='The last date.', verbose_name='until')),
                ('named_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('clinic', clinic.wall.fields.ClinicKey(db_index=False, default=clinic.wall.scope.open_clinic_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.clinic')),
                ('clinician', clinic.wall.fields.TenantForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='deputies', to='clinic.membership', verbose_name='who is away')),
                ('deputy', clinic.wall.fields.TenantForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='stands_in', to='clinic.membership', verbose_name='who stands in')),
                ('named_by', clinic.wall.fields.TenantForeignKey(db_constraint=False, db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clinic.membership')),
            ],
            options={
                'verbose_name': 'deputy',
                'verbose_name_plural': 'deputies',
                'ordering': ['-ends_on'],
                'constraints': [django.contrib.postgres.constraints.ExclusionConstraint(expressions=[('clinic', '='), ('clinician', '='), (clinic.models.dates.DateRange('starts_on', 'ends_on'), '&&')], name='clinic_deputy_one_at_a_time', violation_error_message='Somebody stands in for them on some of these dates already.'), models.CheckConstraint(condition=models.Q(('ends_on__gte', models.F('starts_on'))), name='clinic_deputy_dates'), models.CheckConstraint(condition=models.Q(('clinician', models.F('deputy')), _negated=True), name='clinic_deputy_is_somebody_else', violation_error_message='Nobody stands in for themselves.'), clinic.wall.constraints.ClinicReference(field='clinician', name='clinic_deputy_clinician_id_clinic'), clinic.wall.constraints.ClinicReference(field='deputy', name='clinic_deputy_deputy_id_clinic'), clinic.wall.constraints.ClinicReference(field='named_by', name='clinic_deputy_named_by_id_clinic'), clinic.wall.constraints.ClinicWall(name='clinic_deputy_wall')],
            },
        ),
    ]
