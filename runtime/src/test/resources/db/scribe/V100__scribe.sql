-- Everything the scribe was told, once for each time.
CREATE TABLE entry (
    seq      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key      text NOT NULL,
    document text NOT NULL
);
