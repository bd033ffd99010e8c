-- One row for each run; the state is the supervisor's own, as JSON, and only decisions write it.
CREATE TABLE run (
    run_id    text        PRIMARY KEY,
    order_id  text        NOT NULL,
    state     text        NOT NULL,
    ended     boolean     NOT NULL,
    result    text,
    probe_due timestamptz,
    body      text        NOT NULL -- jsonb would refuse \u0000
);
CREATE INDEX run_order ON run (order_id);
CREATE INDEX run_probe_due ON run (probe_due) WHERE probe_due IS NOT NULL;

-- How many runs an order has, to know when all have ended.
CREATE TABLE work_order (
    order_id text    PRIMARY KEY,
    revision int     NOT NULL,
    runs     text[]  NOT NULL,
    ended    boolean NOT NULL DEFAULT false
);

-- Messages about a run that is not known yet: topics keep no order between each other.
CREATE TABLE early (
    seq     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    run_id  text  NOT NULL,
    type    text  NOT NULL,
    body    text  NOT NULL
);
CREATE INDEX early_run ON early (run_id);
