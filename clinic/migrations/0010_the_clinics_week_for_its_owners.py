from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('clinic', '0009_deputies_with_dates'),
    ]

    operations = [
        migrations.AddField(
            model_name='membership',
            name='clinic_week',
            field=models.BooleanField(default=True, help_text="Of an owner: whether they want the clinic's weekly email."),
        ),
    ]
