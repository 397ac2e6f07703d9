-- What must hold of every table that has a clinic_id, asked of PostgreSQL's own catalogue: one row per fault.
-- %(app)s is the name of the application's role. The one fault it can't see is a foreign key that is missing altogether.
WITH t AS (   -- every table, partition and foreign table with a clinic_id
  SELECT c.oid, c.oid::regclass::text AS name, c.relkind, c.relowner, c.relrowsecurity AS rls, c.relforcerowsecurity AS forced, a.attnum AS clinic, a.attnotnull
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'clinic_id' AND NOT a.attisdropped
  WHERE c.relkind IN ('r','p','f') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'),
p AS (SELECT polrelid, polname, polcmd, polpermissive, coalesce(pg_get_expr(polqual, polrelid), 'true') AS q, coalesce(pg_get_expr(polwithcheck, polrelid), pg_get_expr(polqual, polrelid), 'true') AS w FROM pg_policy),
good AS (SELECT '(clinic_id = current_clinic())'::text AS expr)
SELECT 'rls is off' AS fault, name AS object FROM t WHERE NOT rls
UNION ALL SELECT 'rls is not forced', name FROM t WHERE rls AND NOT forced
UNION ALL SELECT 'no clinic policy for all commands', name FROM t, good WHERE NOT EXISTS (SELECT FROM p WHERE polrelid = t.oid AND polcmd = '*' AND polpermissive AND q = expr AND w = expr)
UNION ALL SELECT 'a policy that widens: ' || polname, t.name FROM p JOIN t ON t.oid = polrelid, good WHERE polpermissive AND NOT (q = expr AND w = expr)
UNION ALL SELECT 'clinic_id may be null', name FROM t WHERE NOT attnotnull
UNION ALL SELECT 'no primary key led by clinic_id', name FROM t WHERE NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = t.oid AND i.indisprimary AND i.indkey[0] = t.clinic)
UNION ALL SELECT 'unique index not led by clinic_id: ' || i.indexrelid::regclass, t.name FROM t JOIN pg_index i ON i.indrelid = t.oid WHERE (i.indisunique OR i.indisexclusion) AND NOT i.indisprimary AND i.indkey[0] <> t.clinic
UNION ALL SELECT 'foreign key without the clinic: ' || conname, f.name FROM pg_constraint k JOIN t f ON f.oid = k.conrelid JOIN t r ON r.oid = k.confrelid
  WHERE k.contype = 'f' AND NOT EXISTS (SELECT FROM unnest(k.conkey, k.confkey) AS u(a, b) WHERE u.a = f.clinic AND u.b = r.clinic)
UNION ALL SELECT 'foreign key from a global table: ' || conname, k.conrelid::regclass::text FROM pg_constraint k JOIN t r ON r.oid = k.confrelid WHERE k.contype = 'f' AND k.conrelid NOT IN (SELECT oid FROM t)
UNION ALL SELECT 'foreign key not validated: ' || conname, t.name FROM pg_constraint k JOIN t ON t.oid = k.conrelid WHERE NOT k.convalidated OR NOT k.conenforced
UNION ALL SELECT 'foreign key sets clinic_id: ' || conname, t.name FROM pg_constraint k JOIN t ON t.oid = k.conrelid WHERE k.contype = 'f' AND (k.confdeltype IN ('n','d') AND (k.confdelsetcols IS NULL OR t.clinic = ANY (k.confdelsetcols)) AND t.clinic = ANY (k.conkey) AND array_length(k.conkey, 1) > 1)
UNION ALL SELECT 'view without security_invoker', c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'v' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND NOT coalesce('security_invoker=true' = ANY (c.reloptions) OR 'security_invoker=on' = ANY (c.reloptions) OR 'security_invoker=1' = ANY (c.reloptions), false)
UNION ALL SELECT 'materialized view', c.oid::regclass::text FROM pg_class c WHERE c.relkind = 'm'
UNION ALL SELECT 'security definer function', f.oid::regprocedure::text FROM pg_proc f JOIN pg_namespace n ON n.oid = f.pronamespace WHERE f.prosecdef AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
  AND (f.proname !~ '^pgtrigger_' OR NOT coalesce('search_path=public, pg_temp' = ANY (f.proconfig), false) OR EXISTS (SELECT FROM pg_roles r WHERE r.oid = f.proowner AND (r.rolsuper OR r.rolbypassrls)))
UNION ALL SELECT 'app role may not: ' || v, c.oid::regclass::text FROM pg_class c JOIN t ON t.oid = c.oid, unnest(ARRAY['TRUNCATE','TRIGGER','REFERENCES','MAINTAIN']) v WHERE has_table_privilege(%(app)s, c.oid, v)
UNION ALL SELECT 'app role reaches a partition', c.oid::regclass::text FROM pg_class c JOIN t ON t.oid = c.oid WHERE c.relispartition AND NOT c.relrowsecurity AND has_table_privilege(%(app)s, c.oid, 'SELECT,INSERT,UPDATE,DELETE')
UNION ALL SELECT 'app role owns', c.oid::regclass::text FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner WHERE pg_has_role(%(app)s, r.oid, 'MEMBER') AND c.relkind IN ('r','p','v','m','S','f')
UNION ALL SELECT 'app role is superuser, bypasses rls or may create', rolname FROM pg_roles WHERE rolname = %(app)s AND (rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication)
ORDER BY 1, 2;
