-- What an analysis has predicted; what of it became a step; what the step took. Topics keep no order between each other,
-- so each is kept until the others are there.
CREATE TABLE prediction (
    run_id        text   NOT NULL,
    revision      int    NOT NULL,
    statement     int    NOT NULL,
    operation     text   NOT NULL,
    model_seconds float8 NOT NULL, -- without calibration
    seconds       float8 NOT NULL, -- as it was reported
    PRIMARY KEY (run_id, revision, statement)
);
CREATE TABLE planned_step (
    run_id       text    NOT NULL,
    revision     int     NOT NULL,
    step         int     NOT NULL,
    statement    int     NOT NULL,
    is_concurrent boolean NOT NULL,
    PRIMARY KEY (run_id, revision, step)
);
CREATE TABLE step_time (
    run_id   text        NOT NULL,
    revision int         NOT NULL,
    step     int         NOT NULL,
    seconds  float8      NOT NULL,
    at       timestamptz NOT NULL,
    PRIMARY KEY (run_id, revision, step)
);

-- The error of each estimate.
CREATE TABLE lesson (
    target            text        NOT NULL,
    run_id            text        NOT NULL,
    revision          int         NOT NULL,
    step              int         NOT NULL,
    operation         text        NOT NULL,
    predicted_seconds float8      NOT NULL,
    seconds           float8      NOT NULL,
    at                timestamptz NOT NULL,
    PRIMARY KEY (run_id, revision, step)
);

-- What they come to.
CREATE TABLE calibration (
    target    text   NOT NULL,
    operation text   NOT NULL,
    factor    float8 NOT NULL,
    samples   int    NOT NULL,
    PRIMARY KEY (target, operation)
);
