-- Which entries name a patron: sealed pages, in blocks that are written once (format.md, "View by patron"). What the
-- view of before said is made again from the log.
DROP TABLE log_view;

DELETE FROM vault_fact WHERE name = 'log-view';

CREATE TABLE log_view (
    first  ${int} NOT NULL,
    page   ${int} NOT NULL CHECK (page >= 0),
    month  ${int} NOT NULL,
    sealed ${bytes} NOT NULL CHECK (length(sealed) = 4011),
    PRIMARY KEY (first, page)
) ${strict};

-- Page 0 is written last, and makes its block exist.
CREATE INDEX log_view_block ON log_view (first) WHERE page = 0;

${pages}
