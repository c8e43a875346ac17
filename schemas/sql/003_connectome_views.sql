-- SPDX-License-Identifier: Apache-2.0
--
-- What people ask of a connectome, as views over node and edge. A gap junction has no direction: it is stored in both, and
-- counts here once for each of its two cells. The same questions of a record too big for the catalog: plexus show REF#CELL.

-- One edge by its ends, as its mirror image is looked for.
CREATE INDEX edge_by_ends ON edge (record_id, kind, pre, post);
CREATE INDEX node_by_name ON node (record_id, name);

-- Every connection as seen from one of its cells.
CREATE VIEW partner AS
SELECT r.ref, r.unit, a.label AS cell, CASE e.kind WHEN 'gap' THEN 'both' ELSE 'out' END AS direction, b.label AS partner,
       b.class AS partner_class, b.type AS partner_type, e.kind, e.weight
FROM edge AS e
JOIN record AS r ON r.id = e.record_id
JOIN node AS a ON a.record_id = e.record_id AND a.idx = e.pre
JOIN node AS b ON b.record_id = e.record_id AND b.idx = e.post
UNION ALL
SELECT r.ref, r.unit, b.label, 'in', a.label, a.class, a.type, e.kind, e.weight
FROM edge AS e
JOIN record AS r ON r.id = e.record_id
JOIN node AS a ON a.record_id = e.record_id AND a.idx = e.pre
JOIN node AS b ON b.record_id = e.record_id AND b.idx = e.post
WHERE e.kind <> 'gap';

-- Numbers and weights of each cell's edges of one kind; of gap junctions both columns say the same.
CREATE VIEW degree AS
SELECT r.ref, r.unit, n.label, n.class, n.type, d.kind, sum(d.n_out) AS n_out, sum(d.weight_out) AS weight_out,
       sum(d.n_in) AS n_in, sum(d.weight_in) AS weight_in
FROM (SELECT record_id, pre AS idx, kind, 1 AS n_out, weight AS weight_out, 0 AS n_in, 0.0 AS weight_in FROM edge
      UNION ALL
      SELECT record_id, post, kind, 0, 0.0, 1, weight FROM edge) AS d
JOIN record AS r ON r.id = d.record_id
JOIN node AS n ON n.record_id = d.record_id AND n.idx = d.idx
GROUP BY d.record_id, d.idx, d.kind;

-- Connections between classes; a cell without a class stands for itself.
CREATE VIEW class_synapse AS
SELECT r.ref, r.unit, coalesce(nullif(a.class, ''), a.label) AS pre, coalesce(nullif(b.class, ''), b.label) AS post, e.kind,
       sum(e.weight) AS weight, count(*) AS edges
FROM edge AS e
JOIN record AS r ON r.id = e.record_id
JOIN node AS a ON a.record_id = e.record_id AND a.idx = e.pre
JOIN node AS b ON b.record_id = e.record_id AND b.idx = e.post
GROUP BY e.record_id, 3, 4, e.kind;

-- The cell of the other side: of neurons whose names differ in the last letter alone, L and R. One without a partner stands on
-- the midline and is its own image. Cells that are no canonical neurons are not here.
CREATE VIEW homologue AS
SELECT r.ref, r.unit, n.record_id, n.idx, n.label, coalesce(o.idx, n.idx) AS other_idx, coalesce(o.label, n.label) AS other
FROM node AS n
JOIN record AS r ON r.id = n.record_id
LEFT JOIN node AS o INDEXED BY node_by_name ON o.record_id = n.record_id AND o.class = n.class AND o.slot >= 0
    AND o.name = substr(n.name, 1, length(n.name) - 1) || CASE substr(n.name, -1) WHEN 'L' THEN 'R' WHEN 'R' THEN 'L' END
WHERE n.slot >= 0;

-- Each edge between such neurons beside the weight of its mirror image, 0 when there is none. An edge that is its own image is
-- left out.
CREATE VIEW mirror AS
SELECT r.ref, r.unit, a.label AS pre, b.label AS post, e.kind, e.weight, coalesce(m.weight, 0.0) AS mirrored
FROM edge AS e
JOIN record AS r ON r.id = e.record_id
JOIN homologue AS a ON a.record_id = e.record_id AND a.idx = e.pre
JOIN homologue AS b ON b.record_id = e.record_id AND b.idx = e.post
LEFT JOIN edge AS m INDEXED BY edge_by_ends ON m.record_id = e.record_id AND m.kind = e.kind AND m.pre = a.other_idx AND m.post = b.other_idx
WHERE NOT (a.other_idx = e.pre AND b.other_idx = e.post)
    AND NOT (e.kind = 'gap' AND a.other_idx = e.post AND b.other_idx = e.pre);
