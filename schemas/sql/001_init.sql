-- SPDX-License-Identifier: Apache-2.0
--
-- The catalog: what the refs and the record files of a store say, as tables. Everything here can be built again from those
-- files; keys are natural or derived from content, so that building twice gives equal rows. Counted rows (nodes, edges,
-- changes) are copied up to 100000 per record; beyond that read the record's .npy files.

CREATE TABLE dataset (
    ref TEXT PRIMARY KEY,             -- family/name@version:mode
    family TEXT NOT NULL,
    name TEXT NOT NULL,
    version TEXT NOT NULL,
    mode TEXT NOT NULL CHECK (mode IN ('strict', 'compat')),
    kind TEXT NOT NULL,
    title TEXT NOT NULL,
    licence TEXT NOT NULL,            -- SPDX id or none-stated
    homepage TEXT NOT NULL,           -- '' when none
    demo INTEGER NOT NULL CHECK (demo IN (0, 1)),
    ingester TEXT NOT NULL,
    ingester_version INTEGER,
    manifest BLOB CHECK (length(manifest) = 32),   -- sha256 of the manifest's blob
    derivation TEXT NOT NULL,         -- key over manifest, inputs, ingester and mode
    seal BLOB NOT NULL CHECK (length(seal) = 32),  -- of the ref file these rows come from
    problem TEXT NOT NULL             -- '' or why the records could not be read
) STRICT, WITHOUT ROWID;

CREATE TABLE source (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    seals BLOB NOT NULL CHECK (length(seals) = 32) -- sha256 over ref, seal and problem of every data set: tells damage from being behind
) STRICT;

CREATE TABLE file (
    ref TEXT NOT NULL REFERENCES dataset (ref) ON DELETE CASCADE,
    ordinal INTEGER NOT NULL,
    name TEXT NOT NULL,
    url TEXT NOT NULL,                -- where it was got from
    sha256 BLOB CHECK (length(sha256) = 32),
    bytes INTEGER,
    trust TEXT NOT NULL,              -- sha256, md5, crc or first-use
    "commit" TEXT,                    -- of the repository the address is pinned to
    PRIMARY KEY (ref, ordinal)
) STRICT, WITHOUT ROWID;

CREATE TABLE citation (
    ref TEXT NOT NULL REFERENCES dataset (ref) ON DELETE CASCADE,
    ordinal INTEGER NOT NULL,
    key TEXT NOT NULL,
    bibtex TEXT NOT NULL,
    PRIMARY KEY (ref, ordinal)
) STRICT, WITHOUT ROWID;

CREATE TABLE uses (
    ref TEXT NOT NULL REFERENCES dataset (ref) ON DELETE CASCADE,
    ordinal INTEGER NOT NULL,
    used TEXT NOT NULL,               -- reference of a data set whose records were inputs
    PRIMARY KEY (ref, ordinal)
) STRICT, WITHOUT ROWID;

CREATE TABLE record (
    id INTEGER PRIMARY KEY,           -- first 63 bits of sha256(ref '#' unit)
    ref TEXT NOT NULL REFERENCES dataset (ref) ON DELETE CASCADE,
    unit TEXT NOT NULL,               -- '' for a data set of one record
    kind TEXT NOT NULL,
    sha256 BLOB NOT NULL CHECK (length(sha256) = 32), -- of record.json: the record's name
    bytes INTEGER NOT NULL,           -- of its members
    UNIQUE (ref, unit)
) STRICT;

CREATE TABLE member (
    record_id INTEGER NOT NULL REFERENCES record (id) ON DELETE CASCADE,
    path TEXT NOT NULL,               -- of the .npy file below the record's folder
    dtype TEXT NOT NULL,
    shape TEXT NOT NULL,              -- JSON array
    unit TEXT NOT NULL,
    sha256 BLOB NOT NULL CHECK (length(sha256) = 32),
    bytes INTEGER NOT NULL,
    PRIMARY KEY (record_id, path)
) STRICT, WITHOUT ROWID;

CREATE TABLE "count" (
    record_id INTEGER NOT NULL REFERENCES record (id) ON DELETE CASCADE,
    scope TEXT NOT NULL CHECK (scope IN ('canonical', 'all')),
    name TEXT NOT NULL,
    value ANY NOT NULL,               -- integer, or real where weights are averaged
    PRIMARY KEY (record_id, scope, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE attribute (
    record_id INTEGER NOT NULL REFERENCES record (id) ON DELETE CASCADE,
    key TEXT NOT NULL,
    value TEXT NOT NULL,              -- JSON
    PRIMARY KEY (record_id, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE change_summary (
    record_id INTEGER NOT NULL REFERENCES record (id) ON DELETE CASCADE,
    action TEXT NOT NULL,
    rule TEXT NOT NULL,
    n INTEGER NOT NULL,
    PRIMARY KEY (record_id, action, rule)
) STRICT, WITHOUT ROWID;

CREATE TABLE change (
    record_id INTEGER NOT NULL REFERENCES record (id) ON DELETE CASCADE,
    ordinal INTEGER NOT NULL,
    action TEXT NOT NULL,             -- drop rename merge impute convert ...
    rule TEXT NOT NULL,
    subject TEXT NOT NULL,
    before TEXT NOT NULL,
    after TEXT NOT NULL,
    reason TEXT NOT NULL,
    file TEXT NOT NULL,
    line INTEGER NOT NULL,
    PRIMARY KEY (record_id, ordinal)
) STRICT, WITHOUT ROWID;

CREATE TABLE node (
    record_id INTEGER NOT NULL REFERENCES record (id) ON DELETE CASCADE,
    idx INTEGER NOT NULL,             -- row in the record's table
    label TEXT NOT NULL,
    name TEXT,                        -- canonical neuron name, or ''
    slot INTEGER,                     -- of the 300 canonical neurons, or -1
    category TEXT,
    class TEXT,
    type TEXT,
    transmitter TEXT,
    x_um REAL,                        -- NULL when not known
    y_um REAL,
    z_um REAL,
    observable INTEGER,
    in_source INTEGER,
    PRIMARY KEY (record_id, idx)
) STRICT, WITHOUT ROWID;
CREATE INDEX node_by_label ON node (label);

CREATE TABLE edge (
    record_id INTEGER NOT NULL REFERENCES record (id) ON DELETE CASCADE,
    idx INTEGER NOT NULL,
    pre INTEGER NOT NULL,             -- node.idx
    post INTEGER NOT NULL,
    kind TEXT NOT NULL,
    weight REAL NOT NULL,
    n_rows INTEGER,                   -- source rows merged into it
    PRIMARY KEY (record_id, idx)
) STRICT, WITHOUT ROWID;

CREATE VIEW datasets AS
SELECT d.ref, d.kind, d.title, d.licence, d.demo, count(r.id) AS records, coalesce(sum(r.bytes), 0) AS bytes, d.problem
FROM dataset AS d LEFT JOIN record AS r ON r.ref = d.ref
GROUP BY d.ref;

CREATE VIEW neuron AS
SELECT r.ref, r.unit, n.label, n.name, n.slot, n.category, n.class, n.type, n.transmitter, n.x_um, n.y_um, n.z_um, n.observable
FROM node AS n JOIN record AS r ON r.id = n.record_id;

CREATE VIEW synapse AS
SELECT r.ref, r.unit, a.label AS pre, b.label AS post, e.kind, e.weight
FROM edge AS e
JOIN record AS r ON r.id = e.record_id
JOIN node AS a ON a.record_id = e.record_id AND a.idx = e.pre
JOIN node AS b ON b.record_id = e.record_id AND b.idx = e.post;
