-- One schema for SQLite and PostgreSQL. ${int}, ${bytes}, ${strict}, ${keyed} and ${envelope} differ; see store/Dialect.
-- No foreign keys: every table is keyed by the hash-like value that would place it on a shard.

CREATE TABLE vault_fact (
    name  TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) ${strict};

-- What names nobody (P4). Bound to the patron's meta cell, so an edit here is an integrity error at the next read.
CREATE TABLE patron (
    id               ${int} NOT NULL PRIMARY KEY,
    version          ${int} NOT NULL CHECK (version >= 1),
    index_generation ${int} NOT NULL CHECK (index_generation >= 1),
    library          TEXT NOT NULL,
    category         TEXT NOT NULL CHECK (category IN ('adult', 'juvenile', 'staff', 'other')),
    status           TEXT NOT NULL CHECK (status IN ('active', 'blocked')),
    expires          TEXT,
    registered       TEXT NOT NULL
) ${strict};

-- Everybody of one kind stands together, so that they are counted (P4) without their rows, nor sorted for it.
CREATE INDEX patron_kind ON patron (library, category, status, registered);

-- Everything else, each value in an envelope of its own (P1). The CHECK refuses anything that is not one.
CREATE TABLE patron_value (
    patron     ${int} NOT NULL,
    field      TEXT NOT NULL CHECK (field IN ('card', 'name', 'address', 'phone', 'email', 'meta', 'labels')),
    generation ${int} NOT NULL CHECK (generation >= 1),
    envelope   ${bytes} NOT NULL CHECK (${envelope}),
    PRIMARY KEY (patron, field)
) ${keyed};

-- The KEK version stands in bytes 2 to 5 of an envelope; this index counts what hangs on it without a second copy.
CREATE INDEX patron_value_kek ON patron_value (field, substr(envelope, 2, 4));

-- Whose id is never given again, with the version the erasure made.
CREATE TABLE patron_tombstone (
    id      ${int} NOT NULL PRIMARY KEY,
    version ${int} NOT NULL CHECK (version >= 2)
) ${strict};

CREATE TABLE search_index (
    label ${bytes} NOT NULL PRIMARY KEY CHECK (length(label) = 16),
    value ${bytes} NOT NULL CHECK (length(value) = 32)
) ${keyed};

-- The same under the next index version while that is built; then the two exchange their names, and this is emptied.
CREATE TABLE search_index_next (
    label ${bytes} NOT NULL PRIMARY KEY CHECK (length(label) = 16),
    value ${bytes} NOT NULL CHECK (length(value) = 32)
) ${keyed};

-- Entries of an import that has the vault to itself, and of a rebuild, until they are merged into search_index or, of a
-- rebuild, search_index_next: runs in the order of labels, each cut into parts of some thousand entries, all labels and
-- all values.
CREATE TABLE search_index_staged (
    n      ${int} NOT NULL PRIMARY KEY,
    next   ${int} NOT NULL CHECK (next IN (0, 1)),
    run    ${int} NOT NULL,
    labels ${bytes} NOT NULL,
    vals   ${bytes} NOT NULL
) ${strict};

CREATE TABLE access_log (
    idx  ${int} NOT NULL PRIMARY KEY,
    leaf ${bytes} NOT NULL
) ${strict};

-- The time stands in bytes 7 to 14 of a leaf; this index finds a stretch of time without a second copy.
CREATE INDEX access_log_time ON access_log (substr(leaf, 7, 8));

-- The few that tell of something.
CREATE INDEX access_log_alert ON access_log (idx) WHERE ${alert};

-- Which entries name a patron: labels under keys of the month, places sealed; nothing tied to a patron.
CREATE TABLE log_view (
    month ${int} NOT NULL,
    label ${bytes} NOT NULL CHECK (length(label) = 16),
    value ${bytes} NOT NULL CHECK (length(value) = 24),
    PRIMARY KEY (month, label)
) ${keyed};

CREATE TABLE log_tile (
    level    ${int} NOT NULL,
    position ${int} NOT NULL,
    hashes   ${bytes} NOT NULL CHECK (length(hashes) = 8192),
    PRIMARY KEY (level, position)
) ${keyed};

-- One row; locking it is the first statement of every batch of units.
CREATE TABLE log_head (
    one      ${int} NOT NULL PRIMARY KEY CHECK (one = 1),
    size     ${int} NOT NULL,
    frontier ${bytes} NOT NULL
) ${strict};

CREATE TABLE log_checkpoint (
    size ${int} NOT NULL PRIMARY KEY,
    note TEXT NOT NULL
) ${strict};

-- Rows that carry authority: accounts, sessions, clients, limits, operations. MAC over kind, name, generation, body.
CREATE TABLE authority (
    kind       TEXT NOT NULL,
    name       TEXT NOT NULL,
    generation ${int} NOT NULL CHECK (generation >= 1),
    body       TEXT NOT NULL,
    mac        ${bytes} NOT NULL CHECK (length(mac) = 32),
    PRIMARY KEY (kind, name)
) ${keyed};

-- When a session was last used, on whichever node; the MAC is over both.
CREATE TABLE session_use (
    session TEXT NOT NULL PRIMARY KEY,
    at      ${int} NOT NULL,
    mac     ${bytes} NOT NULL CHECK (length(mac) = 32)
) ${keyed};

-- What is known of each disclosure case and of each permission (P3, P10), sealed under the case KEK. Which write of it is
-- the newest its row in authority says.
CREATE TABLE case_cell (
    id         ${int} NOT NULL PRIMARY KEY,
    generation ${int} NOT NULL CHECK (generation >= 1),
    envelope   ${bytes} NOT NULL CHECK (${envelope})
) ${strict};

CREATE INDEX case_cell_kek ON case_cell (substr(envelope, 2, 4));

-- Which patrons a person opened today, as MACs bound to person and day: the same patron again is free.
CREATE TABLE limit_seen (
    actor TEXT NOT NULL,
    day   ${int} NOT NULL,
    token ${bytes} NOT NULL,
    PRIMARY KEY (actor, day, token)
) ${keyed};

-- Answers to writes that came with an Idempotency-Key; key and request are MACs under a ring key, the answer is sealed.
CREATE TABLE idempotency (
    key     ${bytes} NOT NULL PRIMARY KEY,
    request ${bytes} NOT NULL,
    answer  ${bytes} NOT NULL,
    at      ${int} NOT NULL
) ${keyed};

CREATE INDEX idempotency_at ON idempotency (at);

${unsampled}

${exchange}