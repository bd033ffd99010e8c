CREATE TABLE work_order (
    order_id   text        PRIMARY KEY,
    revision   int         NOT NULL,
    name       text        NOT NULL,
    title      text        NOT NULL,
    author     text        NOT NULL,
    result     text,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);

-- Every revision as it was accepted. None ever changes.
CREATE TABLE revision (
    order_id   text        NOT NULL REFERENCES work_order,
    revision   int         NOT NULL,
    author     text        NOT NULL,
    amended_by text,
    body       jsonb       NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (order_id, revision)
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
    updated_at  timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX run_order ON run (order_id);
CREATE INDEX run_state ON run (state);
CREATE INDEX run_target ON run (target);

-- What was found out about a run, by revision: impact, plan, rehearsal, approval, decision, backup, feedback, outcome. Topics
-- keep no order between each other, so a part may be here before the run has reached its revision.
CREATE TABLE run_part (
    run_id   text  NOT NULL,
    revision int   NOT NULL,
    part     text  NOT NULL,
    body     jsonb NOT NULL,
    PRIMARY KEY (run_id, revision, part)
);

-- How far each step of the plan is.
CREATE TABLE run_step (
    run_id   text  NOT NULL,
    revision int   NOT NULL,
    step     int   NOT NULL,
    body     jsonb NOT NULL,
    PRIMARY KEY (run_id, revision, step)
);

-- Everything that was said about an order, in the order it was heard. Heartbeats are left to the topics.
CREATE TABLE event (
    seq        bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    order_id   text        NOT NULL,
    run_id     text,
    type       text        NOT NULL,
    source     text        NOT NULL,
    message_id text        NOT NULL,
    at         timestamptz NOT NULL,
    body       jsonb       NOT NULL,
    UNIQUE (source, message_id)
);
CREATE INDEX event_order ON event (order_id, seq);

-- Finished runs, to be searched and learnt from. The parser would take public.orders for the name of a host, so only words
-- and blanks are shown to it; a tsvector holds 1 MiB at most, so not all of a very long change is searched.
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
        to_tsvector('simple', regexp_replace(
            name || ' ' || title || ' ' || target || ' ' || result || ' ' || summary || ' ' || left(change_sql, 100000),
            '[^[:alnum:]]+', ' ', 'g'))) STORED
);
CREATE INDEX memory_words ON memory USING gin (words);
CREATE INDEX memory_ended_at ON memory (ended_at);
