-- One row a patron: what names nobody in clear, and each field in a cell of its own (format.md, "Cells of a row"). The
-- meta cell is bound to the columns in clear, so an edit there is an integrity error at the next read.
CREATE TABLE patron_row (
    id               ${int} NOT NULL PRIMARY KEY,
    version          ${int} NOT NULL CHECK (version >= 1),
    index_generation ${int} NOT NULL CHECK (index_generation >= 1),
    library          TEXT NOT NULL,
    category         TEXT NOT NULL CHECK (category IN ('adult', 'juvenile', 'staff', 'other')),
    status           TEXT NOT NULL CHECK (status IN ('active', 'blocked')),
    expires          TEXT,
    registered       TEXT NOT NULL,
    card             ${bytes} NOT NULL
        CHECK (length(card) > 157 AND substr(card, 9, 1) = ${one} AND substr(card, 1, 8) > ${zero}),
    name             ${bytes} NOT NULL
        CHECK (length(name) > 157 AND substr(name, 9, 1) = ${one} AND substr(name, 1, 8) > ${zero}),
    address          ${bytes} NOT NULL
        CHECK (length(address) > 157 AND substr(address, 9, 1) = ${one} AND substr(address, 1, 8) > ${zero}),
    phone            ${bytes} NOT NULL
        CHECK (length(phone) > 157 AND substr(phone, 9, 1) = ${one} AND substr(phone, 1, 8) > ${zero}),
    email            ${bytes} NOT NULL
        CHECK (length(email) > 157 AND substr(email, 9, 1) = ${one} AND substr(email, 1, 8) > ${zero}),
    meta             ${bytes} NOT NULL
        CHECK (length(meta) > 157 AND substr(meta, 9, 1) = ${one} AND substr(meta, 1, 8) > ${zero}),
    labels           ${bytes} NOT NULL
        CHECK (length(labels) > 157 AND substr(labels, 9, 1) = ${one} AND substr(labels, 1, 8) > ${zero})
) ${strict};

INSERT INTO patron_row
SELECT id, version, index_generation, library, category, status, expires, registered,
    ${cells}
FROM patron;

-- How many cells of a field are under each version of its key. Shown only; nothing depends on it.
CREATE TABLE key_use (
    field   TEXT NOT NULL,
    version ${int} NOT NULL,
    count   ${int} NOT NULL,
    PRIMARY KEY (field, version)
) ${keyed};

INSERT INTO key_use SELECT field, ${kekVersion}, count(*) FROM patron_value GROUP BY 1, 2;

DROP TABLE patron_value;

DROP TABLE patron;

ALTER TABLE patron_row RENAME TO patron;

CREATE INDEX patron_kind ON patron (library, category, status, registered);

${inRow}
