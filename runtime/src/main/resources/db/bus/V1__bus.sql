-- Messages already handled, so that a second delivery changes nothing.
CREATE TABLE inbox (
    source      text        NOT NULL,
    id          text        NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (source, id)
);
CREATE INDEX inbox_received_at ON inbox (received_at);

-- Messages decided together with the state they belong to; published afterwards, in the order of seq.
CREATE TABLE outbox (
    seq        bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    topic      text        NOT NULL,
    key        text        NOT NULL,
    headers    text        NOT NULL, -- JSON; jsonb would refuse \u0000
    body       bytea       NOT NULL,
    decided_at timestamptz NOT NULL DEFAULT now(),
    sent_at    timestamptz
);
CREATE INDEX outbox_unsent ON outbox (seq) WHERE sent_at IS NULL;
CREATE INDEX outbox_sent_at ON outbox (sent_at) WHERE sent_at IS NOT NULL;

-- Things to be reminded of; fired through the same decisions as messages.
CREATE TABLE timer (
    key     text        NOT NULL,
    kind    text        NOT NULL,
    due     timestamptz NOT NULL,
    payload text        NOT NULL DEFAULT '',
    PRIMARY KEY (key, kind)
);
CREATE INDEX timer_due ON timer (due);

-- Long work, one row per key; a higher epoch replaces a lower one. The owner's lease runs out unless it is renewed.
CREATE TABLE job (
    key         text        PRIMARY KEY,
    epoch       bigint      NOT NULL,
    headers     text        NOT NULL,
    body        bytea       NOT NULL,
    state       text        NOT NULL CHECK (state IN ('open', 'done')),
    owner       text,
    attempt     int         NOT NULL DEFAULT 0,
    lease_until timestamptz,
    accepted_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX job_open ON job (accepted_at) WHERE state = 'open';
