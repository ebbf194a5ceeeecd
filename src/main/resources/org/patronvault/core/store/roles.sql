-- Three roles for the database of a Patron Vault: vault_migration owns the tables, vault_service serves and can change
-- no table's form, vault_check reads. Run it in the vault's database as a superuser, before the tables are made or
-- after; it can be run again at any time:
--
--     psql -d vault -f roles.sql
--
-- Then give each role a password, which psql asks for and sends as a hash: \password vault_service

DO $$
DECLARE
    role text;
BEGIN
    FOREACH role IN ARRAY ARRAY['vault_migration', 'vault_service', 'vault_check'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role) THEN
            EXECUTE format('CREATE ROLE %I LOGIN', role);
        END IF;
        EXECUTE format('ALTER ROLE %I NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS', role);
        -- The server's log does not repeat the row that a constraint refused.
        EXECUTE format('ALTER ROLE %I SET log_error_verbosity = terse', role);
    END LOOP;
    -- Nobody else has business here, and nobody needs temporary tables.
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
    EXECUTE format(
        'GRANT CONNECT ON DATABASE %I TO vault_migration, vault_service, vault_check', current_database());
END
$$;

-- So that the vault can tell a standby from a backup that is being made. It shows no row of a table.
GRANT pg_read_all_stats TO vault_migration, vault_service, vault_check;

REVOKE ALL ON SCHEMA public FROM PUBLIC;
ALTER SCHEMA public OWNER TO vault_migration;
GRANT USAGE ON SCHEMA public TO vault_service, vault_check;

-- What another role made before there were these three.
DO $$
DECLARE
    one record;
BEGIN
    FOR one IN SELECT c.oid::regclass AS name FROM pg_class c
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' LOOP
        EXECUTE format('ALTER TABLE %s OWNER TO vault_migration', one.name);
    END LOOP;
    FOR one IN SELECT p.oid::regprocedure AS name FROM pg_proc p
        WHERE p.pronamespace = 'public'::regnamespace AND p.proname = 'exchange_search_index' LOOP
        EXECUTE format('ALTER PROCEDURE %s OWNER TO vault_migration', one.name);
    END LOOP;
END
$$;
