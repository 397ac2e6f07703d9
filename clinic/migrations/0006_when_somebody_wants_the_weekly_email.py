from django.db import migrations, models

CHOICES = [("weekly", "every week"), ("needed", "only when a patient needs me"), ("off", "never")]


class Migration(migrations.Migration):
    """Yes and no become weekly and off; "only when needed" is new."""

    dependencies = [("clinic", "0005_a_clinic_may_leave_the_language_open")]

    operations = [
        migrations.AddField(
            model_name="membership",
            name="summaries",
            field=models.CharField(choices=CHOICES, max_length=10, null=True),
        ),
        migrations.RunSQL(
            "UPDATE clinic_membership SET summaries = CASE WHEN weekly_summary THEN 'weekly' ELSE 'off' END",
            "UPDATE clinic_membership SET weekly_summary = summaries <> 'off'",
        ),
        migrations.AlterField(
            model_name="membership",
            name="summaries",
            field=models.CharField(choices=CHOICES, default="weekly", max_length=10),
        ),
        migrations.RemoveField(model_name="membership", name="weekly_summary"),
    ]
