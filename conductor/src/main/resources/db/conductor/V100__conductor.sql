CREATE TABLE work_order (
    order_id   text        PRIMARY KEY,
    revision   int         NOT NULL,
    name       text        NOT NULL,
    title      text        NOT NULL,
    author     text        NOT NULL,
    body       jsonb       NOT NULL,
    result     text,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);

-- The same key with the same body is the same order; with another body it is refused.
CREATE TABLE idempotency_key (
    principal  text        NOT NULL,
    key        text        NOT NULL,
    body_hash  text        NOT NULL,
    order_id   text        NOT NULL REFERENCES work_order,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (principal, key)
);

CREATE TABLE run (
    run_id      text        PRIMARY KEY,
    order_id    text        NOT NULL REFERENCES work_order,
    target      text        NOT NULL,
    revision    int         NOT NULL,
    state       text        NOT NULL,
    sequence    bigint      NOT NULL DEFAULT 0,
    reason      text        NOT NULL,
    waiting_for text,
    digest      text,
    impact      jsonb,
    plan        jsonb,
    rehearsal   jsonb,
    backup      jsonb,
    approval    jsonb,
    feedback    jsonb,
    outcome     jsonb,
    updated_at  timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX run_order ON run (order_id);
CREATE INDEX run_state ON run (state);

-- Everything that was said about an order, in the order it was heard. Heartbeats are left to the topics.
CREATE TABLE event (
    seq      bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    order_id text        NOT NULL,
    run_id   text,
    type     text        NOT NULL,
    source   text        NOT NULL,
    at       timestamptz NOT NULL,
    body     jsonb       NOT NULL
);
CREATE INDEX event_order ON event (order_id, seq);

-- Finished runs, to be searched and learnt from.
CREATE TABLE memory (
    run_id     text        PRIMARY KEY,
    order_id   text        NOT NULL,
    target     text        NOT NULL,
    name       text        NOT NULL,
    title      text        NOT NULL,
    result     text        NOT NULL,
    summary    text        NOT NULL,
    change_sql text        NOT NULL,
    outcome    jsonb       NOT NULL,
    ended_at   timestamptz NOT NULL,
    words      tsvector    GENERATED ALWAYS AS (
        to_tsvector('simple', name || ' ' || title || ' ' || target || ' ' || result || ' ' || summary || ' '
                    || change_sql)) STORED
);
CREATE INDEX memory_words ON memory USING gin (words);
