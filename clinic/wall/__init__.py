"""The wall between clinics: row level security in the database, and the one way in. See docs/tenancy.md."""
