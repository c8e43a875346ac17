/* SPDX-License-Identifier: Apache-2.0
 *
 * source: graphml.graphdrawing.org, the primer and graphml+attributes; types as networkx and igraph read them.
 */
#include "formats/graphml_write.h"

#include "core/num.h"

#include <errno.h>

enum { ROWS_PER_LOOK = 4096 };

static const char *type_of(const plx_column *column)
{
    switch (column->dtype) {
    case PLX_B1:
        return "boolean";
    case PLX_I8:
    case PLX_I16:
    case PLX_I32:
    case PLX_U8:
    case PLX_U16:
        return "int";
    case PLX_I64:
    case PLX_U32:
    case PLX_U64:
        return "long";
    case PLX_F16:
    case PLX_F32:
    case PLX_F64:
        return "double";
    case PLX_STR:
        return "string";
    case PLX_C64:
    case PLX_C128:
    case PLX_N_DTYPES:
        break;
    }
    return NULL;
}

/* Escaped for content and double-quoted attributes alike. False at a character that XML 1.0 has no way to write. */
static bool put_text(plx_sb *sb, plx_slice text, plx_err *err)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        const char *entity = plx_xml_entity((char)c);
        if (entity) {
            plx_sb_text(sb, entity);
        } else if (c == '\t' || c == '\n' ||
                   c == '\r') { /* as they are, parsers would turn them into blanks or drop them */
            plx_sb_printf(sb, "&#%d;", c);
        } else if (c < 0x20) {
            plx_fail(err, PLX_E_UNSUPPORTED, "\"%.*s\" holds the control character 0x%02x",
                     (int)(text.len < 80 ? text.len : 80), text.ptr, c);
            return plx_err_why(err, "XML 1.0, and so GraphML, cannot hold it");
        } else {
            plx_sb_char(sb, (char)c);
        }
    }
    return true;
}

/* A key for every column but `but` and `nor`. */
static bool put_keys(plx_sb *sb, const plx_table *table, const char *domain, const char *but, const char *nor,
                     plx_err *err)
{
    for (size_t i = 0; i < table->n_cols; i++) {
        const plx_column *column = &table->cols[i];
        if ((but && strcmp(column->name, but) == 0) || (nor && strcmp(column->name, nor) == 0)) {
            continue;
        }
        const char *type = type_of(column);
        if (!type) {
            return plx_fail(err, PLX_E_UNSUPPORTED, "GraphML has no complex numbers, which column %s holds",
                            column->name);
        }
        plx_sb_printf(sb, "  <key id=\"%c%zu\" for=\"%s\" attr.name=\"", domain[0], i, domain);
        if (!put_text(sb, plx_slice_of(column->name), err)) {
            return false;
        }
        plx_sb_printf(sb, "\" attr.type=\"%s\"/>\n", type);
    }
    return true;
}

static bool put_data(plx_sb *sb, const plx_table *table, char domain, size_t row, const char *but, const char *nor,
                     plx_err *err)
{
    for (size_t i = 0; i < table->n_cols; i++) {
        const plx_column *column = &table->cols[i];
        char number[PLX_NUM_TEXT];
        if ((but && strcmp(column->name, but) == 0) || (nor && strcmp(column->name, nor) == 0)) {
            continue;
        }
        plx_slice text = column->dtype == PLX_STR ? plx_column_str(column, row)
                                                  : (plx_slice){number, plx_column_number(column, row, number)};
        if (text.len == 0) {
            continue;
        }
        plx_sb_printf(sb, "<data key=\"%c%zu\">", domain, i);
        if (!put_text(sb, text, err)) {
            return false;
        }
        plx_sb_text(sb, "</data>");
    }
    return true;
}

/* What has gathered goes out; the builder is empty afterwards. */
static bool flush(plx_sb *sb, FILE *to, plx_err *err)
{
    size_t len = sb->len;
    bool ok = sb->failed ? plx_fail_nomem(err, len) : true;
    if (ok && len && fwrite(sb->ptr, 1, len, to) != len) {
        ok = plx_fail_sys(err, errno ? errno : EIO, "cannot write the graph");
    }
    sb->len = 0;
    return ok;
}

static bool put_nodes(const plx_ctx *ctx, const plx_graphml *g, const plx_column *id, plx_sb *sb, FILE *to,
                      plx_err *err)
{
    for (size_t i = 0; i < g->nodes->n_rows; i++) {
        plx_sb_text(sb, "    <node id=\"");
        bool ok = put_text(sb, plx_column_str(id, i), err);
        plx_sb_text(sb, "\">");
        ok = ok && put_data(sb, g->nodes, 'n', i, g->id, NULL, err);
        plx_sb_text(sb, "</node>\n");
        if (!ok || !flush(sb, to, err) || (i % ROWS_PER_LOOK == 0 && !plx_ctx_go_on(ctx, err))) {
            return false;
        }
    }
    return true;
}

static bool put_edges(const plx_ctx *ctx, const plx_graphml *g, const plx_column *id, plx_sb *sb, FILE *to,
                      plx_err *err)
{
    const plx_column *ends[2];
    if (!plx_table_need(g->edges, g->source, PLX_U32, &ends[0], err) ||
        !plx_table_need(g->edges, g->target, PLX_U32, &ends[1], err)) {
        return false;
    }
    for (size_t i = 0; i < g->edges->n_rows; i++) {
        static const char *const said[2] = {"source", "target"};
        bool ok = true;
        plx_sb_printf(sb, "    <edge id=\"e%zu\"", i);
        for (int k = 0; ok && k < 2; k++) {
            size_t node = ((const uint32_t *)(const void *)ends[k]->values.ptr)[i];
            if (node >= g->nodes->n_rows) {
                return plx_fail(err, PLX_E_SCHEMA, "edge %zu names node %zu of %zu", i, node, g->nodes->n_rows);
            }
            plx_sb_printf(sb, " %s=\"", said[k]);
            ok = put_text(sb, plx_column_str(id, node), err);
            plx_sb_char(sb, '"');
        }
        plx_sb_char(sb, '>');
        ok = ok && put_data(sb, g->edges, 'e', i, g->source, g->target, err);
        plx_sb_text(sb, "</edge>\n");
        if (!ok || !flush(sb, to, err) || (i % ROWS_PER_LOOK == 0 && !plx_ctx_go_on(ctx, err))) {
            return false;
        }
    }
    return true;
}

bool plx_graphml_write(const plx_ctx *ctx, const plx_graphml *g, FILE *to, plx_err *err)
{
    const plx_column *id;
    plx_sb sb = {0};
    if (!plx_table_need(g->nodes, g->id, PLX_STR, &id, err)) {
        return false;
    }
    plx_sb_text(&sb, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                     "<graphml xmlns=\"http://graphml.graphdrawing.org/xmlns\">\n");
    bool ok =
        put_keys(&sb, g->nodes, "node", g->id, NULL, err) && put_keys(&sb, g->edges, "edge", g->source, g->target, err);
    plx_sb_text(&sb, "  <graph edgedefault=\"directed\">\n    <desc>");
    ok = ok && put_text(&sb, plx_slice_of(g->title), err);
    plx_sb_text(&sb, "</desc>\n");
    ok = ok && put_nodes(ctx, g, id, &sb, to, err) && put_edges(ctx, g, id, &sb, to, err);
    plx_sb_text(&sb, "  </graph>\n</graphml>\n");
    ok = ok && flush(&sb, to, err);
    plx_sb_free(&sb);
    return ok;
}
