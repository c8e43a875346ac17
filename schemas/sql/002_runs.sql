-- SPDX-License-Identifier: Apache-2.0
--
-- Runs of benchmarks, from runs/. Rows of scores are there for complete runs alone; of others only how far they are. Only
-- complete runs rank, and only against runs of the same task, version, metric mode and board.

CREATE TABLE run (
    run TEXT PRIMARY KEY,             -- run:HEX
    task TEXT NOT NULL,
    task_version INTEGER,
    model TEXT NOT NULL,
    model_version INTEGER,
    external INTEGER NOT NULL CHECK (external IN (0, 1)), -- 1: scored from files of predictions
    params TEXT NOT NULL,             -- what was set by hand: "k=20"
    metric_mode TEXT NOT NULL,        -- reference or strict
    board TEXT NOT NULL,              -- digest over splits, targets, folds and seeds: only equal ones compare
    status TEXT NOT NULL CHECK (status IN ('complete', 'partial')),
    n_done INTEGER NOT NULL,          -- cells
    n_cells INTEGER NOT NULL,
    cpu_s REAL,                       -- measured, as is all down to machine
    wall_s REAL,
    peak_rss_bytes INTEGER,
    tool_commit TEXT,
    machine TEXT,
    state BLOB NOT NULL CHECK (length(state) = 32) -- of the files these rows come from
) STRICT, WITHOUT ROWID;

CREATE TABLE run_input (
    run TEXT NOT NULL REFERENCES run (run) ON DELETE CASCADE,
    ordinal INTEGER NOT NULL,
    ref TEXT NOT NULL,
    sha256 BLOB CHECK (length(sha256) = 32), -- of the record
    PRIMARY KEY (run, ordinal)
) STRICT, WITHOUT ROWID;

CREATE TABLE run_cell (
    run TEXT NOT NULL REFERENCES run (run) ON DELETE CASCADE,
    idx INTEGER NOT NULL,
    unit TEXT NOT NULL,
    fold INTEGER NOT NULL,
    seed INTEGER NOT NULL,
    params TEXT NOT NULL,             -- chosen on validation and set by hand
    split BLOB CHECK (length(split) = 32),
    target BLOB CHECK (length(target) = 32),
    predictions BLOB CHECK (length(predictions) = 32),
    PRIMARY KEY (run, idx)
) STRICT, WITHOUT ROWID;

CREATE TABLE cell_score (
    run TEXT NOT NULL REFERENCES run (run) ON DELETE CASCADE,
    idx INTEGER NOT NULL,
    name TEXT NOT NULL,               -- "roc_auc", "hits@20"
    part TEXT NOT NULL CHECK (part IN ('valid', 'test')),
    value REAL,                       -- NULL: not defined
    PRIMARY KEY (run, idx, name, part)
) STRICT, WITHOUT ROWID;

CREATE TABLE score (
    run TEXT NOT NULL REFERENCES run (run) ON DELETE CASCADE,
    name TEXT NOT NULL,
    unit TEXT NOT NULL,               -- '' for all units
    n INTEGER NOT NULL,               -- seeds
    mean REAL,                        -- over seeds, of what is the mean over folds, and over units where unit is ''
    std REAL,                         -- unbiased (n - 1)
    PRIMARY KEY (run, name, unit)
) STRICT, WITHOUT ROWID;

CREATE VIEW result AS
SELECT r.task, r.model, r.metric_mode, s.name AS score, s.unit, s.n, s.mean, s.std, r.run
FROM run AS r JOIN score AS s ON s.run = r.run;
