-- What vault_service and vault_check may do with each table that is there. `db upgrade` runs it after each change of the
-- schema. The access log is append-only for the role that serves: it can neither change nor delete an entry.

DO $$
DECLARE
    one record;
    service boolean := EXISTS (SELECT FROM pg_roles WHERE rolname = 'vault_service');
    reader boolean := EXISTS (SELECT FROM pg_roles WHERE rolname = 'vault_check');
BEGIN
    FOR one IN
        SELECT format('%I.%I', current_schema(), name) AS name, may
        FROM (VALUES
            ('access_log', 'SELECT, INSERT'),
            ('authority', 'SELECT, INSERT, UPDATE, DELETE'),
            ('case_cell', 'SELECT, INSERT, UPDATE, DELETE'),
            ('flyway_schema_history', 'SELECT'),
            ('idempotency', 'SELECT, INSERT, DELETE'),
            ('key_use', 'SELECT, INSERT, UPDATE, DELETE'),
            ('limit_seen', 'SELECT, INSERT, DELETE'),
            ('log_checkpoint', 'SELECT, INSERT, UPDATE, DELETE'),
            ('log_head', 'SELECT, INSERT, UPDATE'),
            ('log_tile', 'SELECT, INSERT'),
            ('log_view', 'SELECT, INSERT, DELETE'),
            ('patron', 'SELECT, INSERT, UPDATE, DELETE'),
            ('patron_tombstone', 'SELECT, INSERT, DELETE'),
            ('search_index', 'SELECT, INSERT, UPDATE, DELETE'),
            ('search_index_next', 'SELECT, INSERT, UPDATE, DELETE'),
            ('search_index_staged', 'SELECT, INSERT, UPDATE, DELETE'),
            ('session_use', 'SELECT, INSERT, UPDATE, DELETE'),
            ('vault_fact', 'SELECT, INSERT, UPDATE, DELETE')
        ) AS needed (name, may)
        WHERE to_regclass(format('%I.%I', current_schema(), name)) IS NOT NULL
    LOOP
        IF service THEN
            EXECUTE format('REVOKE ALL ON %s FROM vault_service', one.name);
            EXECUTE format('GRANT %s ON %s TO vault_service', one.may, one.name);
        END IF;
        IF reader THEN
            EXECUTE format('REVOKE ALL ON %s FROM vault_check', one.name);
            EXECUTE format('GRANT SELECT ON %s TO vault_check', one.name);
        END IF;
    END LOOP;
    -- The two tables of the search index exchange their names; only their owner can, and this does it as the owner.
    IF service AND to_regprocedure(format('%I.exchange_search_index()', current_schema())) IS NOT NULL THEN
        EXECUTE format('GRANT EXECUTE ON PROCEDURE %I.exchange_search_index() TO vault_service', current_schema());
    END IF;
END
$$;
