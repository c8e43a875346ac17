/* SPDX-License-Identifier: Apache-2.0
 *
 * Records: what the sink writes, refuses and publishes; what a reader gets back.
 */
#include "formats/json.h"
#include "formats/npy.h"
#include "store_fixture.h"

#include <math.h>
#include <stdlib.h>
#include <sys/wait.h>

static plx_err err;
static plx_ctx ctx;
static plx_store store;
static char path[PLX_PATH];
static plx_record_origin origin;
static plx_sink *sink;

static const char input[] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

static void setup(void)
{
    plx_err_clear(&err);
    ctx = plx_ctx_default();
    fx_store("store", &store);
    origin = (plx_record_origin){.dataset = "connectome/x", .version = "1", .mode = PLX_STRICT};
    OK(plx_record_sink_new(&ctx, &store, &origin, &sink, &err));
}

static void teardown(void)
{
    plx_record_sink_free(sink);
    plx_store_close(&store);
}

static void n_records(size_t n)
{
    size_t have = 0;
    char dir[PLX_PATH];
    fx_files files;
    fx_path(dir, store.root, "records");
    fx_list(dir, &files);
    for (size_t i = 0; i < files.n; i++) {
        have += plx_ends_with(files.path[i], "/record.json");
    }
    ck_assert_uint_eq(have, n);
    ck_assert_uint_eq(fx_count(&store, "partial"), 0);
}

START_TEST(comes_back_as_it_went_in)
{
    plx_digest digest;
    plx_record *record;
    const plx_table *nodes, *edges, *changes, *none;
    OK(fx_record(&store, "connectome/x", 2.5, input, &digest, &err));
    n_records(1);
    OK(plx_record_open(&ctx, &store, &digest, &record, &err));
    ck_assert_str_eq(plx_record_kind(record), "connectome");
    ck_assert(plx_digest_eq(plx_record_digest(record), &digest));
    const plx_record_view *view = plx_record_as_view(record);
    OK(view->table(view, "nodes", &nodes, &err));
    OK(view->table(view, "edges", &edges, &err));
    OK(view->table(view, "changes", &changes, &err));
    OK(view->table(view, "nothing", &none, &err));
    ck_assert_ptr_null(none);
    ck_assert_uint_eq(nodes->n_rows, 3);
    ck_assert_uint_eq(nodes->n_cols, 12);
    ck_assert_uint_eq(edges->n_rows, 2);
    ck_assert(plx_slice_is(plx_column_str(plx_table_find(nodes, "label"), 1), "AVAR"));
    ck_assert(plx_slice_is(plx_column_str(plx_table_find(nodes, "name"), 2), ""));
    ck_assert_double_eq(plx_column_f64(plx_table_find(edges, "weight"), 0), 2.5);
    ck_assert_str_eq(plx_table_find(edges, "weight")->unit, "synapses");
    ck_assert_str_eq(plx_table_find(nodes, "x_um")->unit, "um");
    ck_assert_uint_eq(changes->n_rows, 1);
    ck_assert_uint_eq(changes->n_cols, 8);
    ck_assert(plx_slice_is(plx_column_str(plx_table_find(changes, "rule"), 0), "case"));
    ck_assert(plx_slice_is(plx_column_str(plx_table_find(changes, "before"), 0), "aval"));
    ck_assert_double_eq(plx_column_f64(plx_table_find(changes, "line"), 0), 7);
    const plx_value *meta = plx_record_meta(record);
    int64_t n;
    ck_assert_str_eq(plx_v_get_text(meta, "schema"), "record/1");
    ck_assert_str_eq(plx_v_get_text(meta, "dataset"), "connectome/x");
    ck_assert_str_eq(plx_v_get_text(meta, "mode"), "strict");
    ck_assert(plx_v_as_i64(plx_v_at(meta, "counts.edges"), &n) && n == 1); /* m1 is no canonical neuron */
    ck_assert(plx_v_as_i64(plx_v_at(meta, "counts_all.edges"), &n) && n == 2);
    ck_assert(plx_v_as_i64(plx_v_at(meta, "n_changes.case"), &n) && n == 1);
    ck_assert_str_eq(plx_v_get_text(plx_v_get(meta, "provenance"), "input"), input);
    ck_assert_str_eq(plx_v_get_text(plx_v_get(meta, "attributes"), "region"), "head");
    plx_record_close(record);
}
END_TEST

START_TEST(is_named_by_all_it_holds)
{
    plx_digest digest, again, other, elsewhere;
    plx_buf text;
    struct stat st;
    OK(fx_record(&store, "connectome/x", 2, input, &digest, &err));
    OK(fx_record(&store, "connectome/x", 2, input, &again, &err));
    ck_assert(plx_digest_eq(&digest, &again));
    n_records(1);
    OK(plx_store_object_path(&store, "records", &digest, path, &err));
    ck_assert_int_eq(strlen(path), 0 + (int)strlen(store.root) + 18 + 62 + 1);
    char json[PLX_PATH];
    fx_path(json, path, "record.json");
    ck_assert_int_eq(stat(json, &st), 0);
    ck_assert_int_eq(st.st_mode & 07777, 0444);
    OK(plx_buf_read_file(json, 1 << 20, &text, &err));
    plx_digest of_text = plx_sha256_of(text.ptr, text.len);
    ck_assert(plx_digest_eq(&of_text, &digest));
    /* Canonical: parsing and writing again gives the same bytes. */
    plx_arena *arena = plx_arena_new(0);
    plx_value *meta;
    plx_sb out = {0};
    OK(plx_json_parse(&ctx, arena, "record.json", (const char *)text.ptr, text.len, NULL, &meta, &err));
    OK(plx_json_write(meta, true, &out, &err));
    ck_assert_uint_eq(out.len, text.len);
    ck_assert_mem_eq(out.ptr, text.ptr, text.len);
    plx_sb_free(&out);
    plx_arena_free(arena);
    plx_buf_free(&text);
    OK(fx_record(&store, "connectome/x", 3, input, &other, &err));
    ck_assert(!plx_digest_eq(&digest, &other));
    n_records(2);
    /* The same in another store, and in none. */
    plx_store second;
    fx_store("second", &second);
    OK(fx_record(&second, "connectome/x", 2, input, &elsewhere, &err));
    ck_assert(plx_digest_eq(&digest, &elsewhere));
    plx_store_close(&second);
    setenv("TMPDIR", plx_test_dir(), 1);
    OK(fx_record(NULL, "connectome/x", 2, input, &elsewhere, &err));
    ck_assert(plx_digest_eq(&digest, &elsewhere));
    char **names;
    size_t n;
    OK(plx_fs_names(plx_test_dir(), &names, &n, &err));
    ck_assert_uint_eq(n, 2); /* only the two stores */
    plx_fs_names_free(names, n);
}
END_TEST

START_TEST(members_are_aligned_npy)
{
    plx_digest digest;
    plx_buf text;
    plx_npy_header header;
    char file[PLX_PATH];
    OK(fx_record(&store, "connectome/x", 2, input, &digest, &err));
    OK(plx_store_object_path(&store, "records", &digest, path, &err));
    fx_files files;
    fx_list(path, &files);
    ck_assert_uint_eq(
        files.n,
        39); /* 6 text and 6 other columns of nodes, 5 of edges, 7 texts and a number of changes, record.json */
    for (size_t i = 0; i < files.n; i++) {
        if (!plx_ends_with(files.path[i], ".npy")) {
            continue;
        }
        fx_path(file, path, files.path[i]);
        OK(plx_buf_read_file(file, 1 << 20, &text, &err));
        OK(plx_npy_parse_header(file, text.ptr, text.len, &header, &err));
        ck_assert_uint_eq(header.data_offset % 64, 0);
        ck_assert_uint_eq(header.data_offset + header.data_bytes, text.len);
        ck_assert(!header.fortran && !header.swap);
        plx_buf_free(&text);
    }
}
END_TEST

START_TEST(violations_come_together)
{
    plx_table nodes = {0}, edges = {0};
    plx_column *column;
    plx_digest digest;
    OK(sink->begin(sink, "connectome", "head", &err));
    OK(fx_nodes(&nodes, 3, &err));
    OK(fx_slots(&nodes, 3, &err));
    OK(plx_table_add(&nodes, "colour", "", PLX_U8, 3, &column, &err));
    OK(plx_table_add(&edges, "pre", "", PLX_I16, 2, &column, &err));
    OK(sink->table(sink, "nodes", &nodes, &err));
    OK(sink->table(sink, "edges", &edges, &err));
    ck_assert(!sink->commit(sink, &digest, &err));
    ck_assert_int_eq(err.code, PLX_E_SCHEMA);
    char all[4096] = "";
    for (int i = 0; i < err.n_notes; i++) {
        strcat(all, err.note[i]);
        strcat(all, "\n");
    }
    strcat(all, err.why);
    ck_assert_msg(strstr(all, "nodes/colour"), "%s", all);
    ck_assert_msg(strstr(all, "edges/pre is i16"), "%s", all);
    ck_assert_msg(strstr(all, "edges/post is missing"), "%s", all);
    ck_assert_msg(strstr(all, "attribute region is missing"), "%s", all);
    ck_assert_ptr_nonnull(strstr(err.what, "connectome/x#head"));
    plx_table_free(&nodes);
    plx_table_free(&edges);
    plx_record_sink_free(sink);
    sink = NULL;
    n_records(0);
}
END_TEST

START_TEST(streamed_equals_whole)
{
    /* The kind has no 2-D member, so commit names it and nothing else; the files are looked at before. */
    double values[3][4];
    size_t shape[2] = {3, 4};
    plx_axis axes[2] = {{"time", "s"}, {"cell", ""}};
    plx_digest digest;
    for (size_t i = 0; i < 12; i++) {
        values[i / 4][i % 4] = (double)i * 0.5;
    }
    plx_array array = plx_array_view(PLX_F64, 2, shape, values);
    plx_array turned = array;
    turned.shape[0] = 4;
    turned.shape[1] = 3;
    turned.stride[0] = 8;
    turned.stride[1] = 32;
    OK(sink->begin(sink, "connectome", "", &err));
    OK(sink->array(sink, "a/whole", &array, axes, "um", &err));
    OK(sink->array(sink, "a/turned", &turned, NULL, "", &err));
    OK(sink->open(sink, "a/pieces", PLX_F64, 2, shape, axes, "um", &err));
    for (size_t i = 0; i < 12; i++) {
        OK(sink->piece(sink, &values[i / 4][i % 4], 8, &err));
    }
    OK(sink->close(sink, &err));
    char partial[PLX_PATH], file[PLX_PATH];
    char **names;
    size_t n;
    fx_path(partial, store.root, "partial");
    OK(plx_fs_names(partial, &names, &n, &err));
    ck_assert_uint_eq(n, 1);
    fx_path(path, partial, names[0]);
    plx_fs_names_free(names, n);
    plx_buf a, b;
    fx_path(file, path, "record/a/whole.npy");
    OK(plx_buf_read_file(file, 4096, &a, &err));
    fx_path(file, path, "record/a/pieces.npy");
    OK(plx_buf_read_file(file, 4096, &b, &err));
    ck_assert_uint_eq(a.len, b.len);
    ck_assert_mem_eq(a.ptr, b.ptr, a.len);
    plx_buf_free(&a);
    plx_buf_free(&b);
    fx_path(file, path, "record/a/turned.npy");
    OK(plx_buf_read_file(file, 4096, &b, &err));
    plx_array back;
    OK(plx_npy_view("turned", &b, &back, &err));
    ck_assert(plx_array_is_c_order(&back));
    ck_assert_uint_eq(back.shape[0], 4);
    ck_assert_double_eq(((double *)(void *)back.buf.ptr)[1], 2.0); /* element (0, 1) of the transposed */
    plx_array_free(&back);
    ck_assert(!sink->commit(sink, &digest, &err));
    ck_assert_int_eq(err.code, PLX_E_SCHEMA);
    plx_record_sink_free(sink);
    sink = NULL;
    n_records(0);
}
END_TEST

START_TEST(streams_must_fit_their_shape)
{
    static const uint8_t bytes[8] = {0};
    size_t shape[1] = {4}, huge[2] = {SIZE_MAX, 2};
    plx_digest digest;
    OK(sink->begin(sink, "connectome", "", &err));
    OK(sink->open(sink, "x", PLX_U8, 1, shape, NULL, "", &err));
    ck_assert(!sink->piece(sink, bytes, 5, &err));
    ck_assert_int_eq(err.code, PLX_E_SCHEMA);
    ck_assert(!sink->commit(sink, &digest, &err)); /* what failed once is not published */
    ck_assert_int_eq(err.code, PLX_E_BUG);
    OK(sink->begin(sink, "connectome", "", &err));
    OK(sink->open(sink, "x", PLX_U8, 1, shape, NULL, "", &err));
    OK(sink->piece(sink, bytes, 3, &err));
    ck_assert(!sink->close(sink, &err));
    ck_assert_int_eq(err.code, PLX_E_SCHEMA);
    ck_assert_ptr_nonnull(strstr(err.why, "expected 4 bytes, got 3"));
    sink->abort(sink);
    OK(sink->begin(sink, "connectome", "", &err));
    ck_assert(!sink->open(sink, "x", PLX_F64, 2, huge, NULL, "", &err));
    ck_assert_int_eq(err.code, PLX_E_LIMIT);
    sink->abort(sink);
}
END_TEST

START_TEST(names_are_checked)
{
    static const char *const bad[] = {"",   "/x",  "../x", "a/../b", "a//b", "a b",
                                      "a.", "x.y", "a\\b", "x\n",    ".",    "\xc3\xa4"};
    static const uint8_t byte = 0;
    size_t one = 1;
    plx_array array = plx_array_view(PLX_U8, 1, &one, &byte);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        OK(sink->begin(sink, "connectome", "", &err));
        ck_assert_msg(!sink->array(sink, bad[i], &array, NULL, "", &err), "%s", bad[i]);
        ck_assert_int_eq(err.code, PLX_E_SCHEMA);
        sink->abort(sink);
    }
    OK(sink->begin(sink, "connectome", "", &err));
    OK(sink->array(sink, "twice", &array, NULL, "", &err));
    ck_assert(!sink->array(sink, "twice", &array, NULL, "", &err));
    ck_assert_int_eq(err.code, PLX_E_SCHEMA);
    sink->abort(sink);
    ck_assert(!sink->begin(sink, "no-such-kind", "", &err));
    ck_assert_int_eq(err.code, PLX_E_SCHEMA);
}
END_TEST

START_TEST(parts_in_the_wrong_order)
{
    plx_digest digest;
    plx_change nameless = {.action = "drop"};
    ck_assert(!sink->commit(sink, &digest, &err));
    ck_assert_int_eq(err.code, PLX_E_BUG);
    ck_assert(!plx_sink_text(sink, "region", "x", &err));
    OK(sink->begin(sink, "connectome", "", &err));
    ck_assert(!sink->begin(sink, "connectome", "", &err));
    sink->abort(sink);
    OK(sink->begin(sink, "connectome", "", &err));
    ck_assert(!sink->close(sink, &err));
    sink->abort(sink);
    OK(sink->begin(sink, "connectome", "", &err));
    ck_assert(!sink->change(sink, &nameless, &err));
    ck_assert(!sink->commit(sink, &digest, &err));
    sink->abort(sink);
    sink->abort(sink);
    plx_record_sink_free(sink);
    sink = NULL;
    n_records(0);
}
END_TEST

static bool refuse(void *payload, const plx_value *meta, plx_err *e)
{
    int64_t n = 0;
    ck_assert(plx_v_as_i64(plx_v_at(meta, "counts_all.edges"), &n));
    *(int64_t *)payload = n;
    return plx_fail(e, PLX_E_SCHEMA, "expected 3 edges, got %d", (int)n);
}

START_TEST(review_may_refuse)
{
    plx_digest digest;
    int64_t seen = 0;
    origin.review = refuse;
    origin.payload = &seen;
    OK(sink->begin(sink, "connectome", "", &err));
    OK(fx_fill(sink, 2, &err));
    ck_assert(!sink->commit(sink, &digest, &err));
    ck_assert_int_eq(err.code, PLX_E_SCHEMA);
    ck_assert_int_eq(seen, 2);
    plx_record_sink_free(sink);
    sink = NULL;
    n_records(0);
}
END_TEST

typedef struct problems {
    size_t n;
    char text[8][160];
} problems;

static bool note(void *payload, const char *file, plx_flaw flaw, const char *what)
{
    (void)flaw;
    problems *p = payload;
    if (p->n < 8) {
        snprintf(p->text[p->n], sizeof p->text[0], "%s: %s", file, what);
    }
    p->n++;
    return true;
}

#if defined(__SANITIZE_ADDRESS__)
enum { STRIDE = 7 }; /* every byte without a sanitizer, every seventh with one: that is slow */
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
enum { STRIDE = 7 };
#else
enum { STRIDE = 1 };
#endif
#else
enum { STRIDE = 1 };
#endif

START_TEST(every_harmed_byte_is_located)
{
    plx_digest digest;
    problems p;
    fx_files files;
    char file[PLX_PATH];
    OK(fx_record(&store, "connectome/x", 2, input, &digest, &err));
    OK(plx_store_object_path(&store, "records", &digest, path, &err));
    fx_list(path, &files);
    size_t flips = 0;
    uint64_t total = 0;
    for (size_t i = 0; i < files.n; i++) {
        fx_path(file, path, files.path[i]);
        total += files.bytes[i];
        for (uint64_t at = 0; at < files.bytes[i]; at += STRIDE) {
            fx_flip(file, at, (unsigned)(at % 8));
            p.n = 0;
            OK(plx_record_verify(&ctx, path, &digest, false, note, &p, NULL, &err));
            ck_assert_uint_eq(p.n, 1);
            ck_assert_msg(strncmp(p.text[0], files.path[i], strlen(files.path[i])) == 0, "%s for %s", p.text[0],
                          files.path[i]);
            fx_flip(file, at, (unsigned)(at % 8));
            flips++;
        }
        /* Shorter, longer, gone. */
        for (int harm = 0; harm < 3; harm++) {
            char kept[PLX_PATH];
            fx_path(kept, plx_test_dir(), "kept");
            plx_buf text;
            OK(plx_buf_read_file(file, 1 << 20, &text, &err));
            ck_assert_int_eq(rename(file, kept), 0);
            FILE *f = harm < 2 ? fopen(file, "wb") : NULL;
            if (f) {
                fwrite(text.ptr, 1, text.len - (harm == 0), f);
                if (harm == 1) {
                    fputc('x', f);
                }
                fclose(f);
            }
            for (int quick = 0; quick < 2; quick++) {
                p.n = 0;
                OK(plx_record_verify(&ctx, path, &digest, quick, note, &p, NULL, &err));
                ck_assert_uint_eq(p.n, 1);
                ck_assert(strncmp(p.text[0], files.path[i], strlen(files.path[i])) == 0);
            }
            bool has = true;
            OK(plx_record_has(&ctx, &store, &digest, &has, &err));
            ck_assert(!has);
            plx_buf_free(&text);
            ck_assert_int_eq(rename(kept, file), 0);
        }
    }
    ck_assert_uint_gt(flips, 10000 / STRIDE);
    p.n = 0;
    uint64_t bytes = 0;
    OK(plx_record_verify(&ctx, path, &digest, false, note, &p, &bytes, &err));
    ck_assert_uint_eq(p.n, 0);
    ck_assert_uint_eq(bytes, total);
    fx_path(file, path, "nodes/stray.npy");
    fx_write(file, "x");
    OK(plx_record_verify(&ctx, path, &digest, true, note, &p, NULL, &err));
    ck_assert_uint_eq(p.n, 1);
    ck_assert_str_eq(p.text[0], "nodes/stray.npy: unexpected file");
    unlink(file);
    ck_assert_int_eq(symlink("label.bytes.npy", file), 0);
    p.n = 0;
    OK(plx_record_verify(&ctx, path, &digest, true, note, &p, NULL, &err));
    ck_assert_uint_eq(p.n, 1);
    ck_assert_str_eq(p.text[0], "nodes/stray.npy: unexpected link");
}
END_TEST

START_TEST(damaged_records_are_safe_to_read)
{
    /* Flip every byte of every member and read all of it: errors are fine, reading outside is not (sanitizers watch).
     */
    plx_digest digest;
    fx_files files;
    char file[PLX_PATH];
    OK(fx_record(&store, "connectome/x", 2, input, &digest, &err));
    OK(plx_store_object_path(&store, "records", &digest, path, &err));
    fx_list(path, &files);
    static const char *const tables[] = {"nodes", "edges", "changes"};
    size_t refused = 0;
    for (size_t i = 0; i < files.n; i++) {
        fx_path(file, path, files.path[i]);
        for (uint64_t at = 0; at < files.bytes[i]; at += 3) {
            plx_record *record;
            fx_flip(file, at, (unsigned)(at % 7));
            if (!plx_record_open_dir(&ctx, path, &record, &err)) {
                refused++;
                fx_flip(file, at, (unsigned)(at % 7));
                continue;
            }
            const plx_record_view *view = plx_record_as_view(record);
            for (size_t t = 0; t < 3; t++) {
                const plx_table *table = NULL;
                if (!view->table(view, tables[t], &table, &err)) {
                    refused++;
                    continue;
                }
                for (size_t c = 0; table && c < table->n_cols; c++) {
                    for (size_t row = 0; row < table->cols[c].n; row++) {
                        if (table->cols[c].dtype == PLX_STR) {
                            plx_slice text = plx_column_str(&table->cols[c], row);
                            volatile char last = text.len ? text.ptr[text.len - 1] : 0;
                            (void)last;
                        } else {
                            volatile double x = plx_column_f64(&table->cols[c], row);
                            (void)x;
                        }
                    }
                }
            }
            plx_record_close(record);
            fx_flip(file, at, (unsigned)(at % 7));
        }
    }
    ck_assert_uint_gt(refused, 100);
}
END_TEST

START_TEST(a_damaged_one_is_replaced)
{
    plx_digest digest, again;
    bool has;
    char file[PLX_PATH];
    OK(fx_record(&store, "connectome/x", 2, input, &digest, &err));
    OK(plx_store_object_path(&store, "records", &digest, path, &err));
    fx_path(file, path, "edges/weight.npy");
    ck_assert_int_eq(unlink(file), 0);
    OK(plx_record_has(&ctx, &store, &digest, &has, &err));
    ck_assert(!has);
    OK(fx_record(&store, "connectome/x", 2, input, &again, &err));
    ck_assert(plx_digest_eq(&digest, &again));
    OK(plx_record_has(&ctx, &store, &digest, &has, &err));
    ck_assert(has);
    ck_assert_uint_eq(fx_count(&store, "quarantine"), 2);
    n_records(1);
}
END_TEST

START_TEST(one_that_is_there_is_touched)
{
    plx_digest digest;
    struct stat st;
    OK(fx_record(&store, "connectome/x", 2, input, &digest, &err));
    OK(plx_store_object_path(&store, "records", &digest, path, &err));
    fx_age(path, 100000);
    ck_assert_int_eq(stat(path, &st), 0);
    ino_t inode = st.st_ino;
    OK(fx_record(&store, "connectome/x", 2, input, &digest, &err));
    ck_assert_int_eq(stat(path, &st), 0);
    ck_assert_uint_eq(st.st_ino, inode);
    ck_assert_int_le(time(NULL) - st.st_mtime, 60);
}
END_TEST

START_TEST(wrong_record_json)
{
    static const char *const bad[] = {
        "",
        "{}",
        "[]",
        "{\"schema\": \"record/2\", \"members\": []}",
        "{\"schema\": \"record/1\"}",
        "{\"schema\": \"record/1\", \"members\": [{}]}",
        "{\"schema\": \"record/1\", \"members\": [{\"path\": \"../x.npy\", \"dtype\": \"u8\", \"shape\": [1], "
        "\"sha256\": \"\", "
        "\"bytes\": 1}]}",
        "{\"schema\": \"record/1\", \"members\": [{\"path\": \"x.npy\", \"dtype\": \"u9\", \"shape\": [1], \"sha256\": "
        "\"\", "
        "\"bytes\": 1}]}",
        "{\"schema\": \"record/1\", \"members\": [{\"path\": \"x.npy\", \"dtype\": \"u8\", \"shape\": [-1], "
        "\"sha256\": "
        "\"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\", \"bytes\": 1}]}"};
    plx_record *record;
    fx_path(path, plx_test_dir(), "record.json");
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        fx_write(path, bad[i]);
        ck_assert_msg(!plx_record_open_dir(&ctx, plx_test_dir(), &record, &err), "%s", bad[i]);
        plx_digest digest = plx_sha256_of(bad[i], strlen(bad[i]));
        problems p = {0};
        OK(plx_record_verify(&ctx, plx_test_dir(), &digest, false, note, &p, NULL, &err));
        ck_assert_uint_ge(p.n, 1);
    }
    unlink(path);
    ck_assert(!plx_record_open_dir(&ctx, plx_test_dir(), &record, &err));
    ck_assert_int_eq(err.code, PLX_E_NOTFOUND);
}
END_TEST

/* A failed allocation may be made good (a smaller one tried instead), so the end is where the k-th is never asked for.
 */
START_TEST(memory_runs_out)
{
    plx_digest digest;
    bool ok, stored = false, reached = true;
    size_t k = 0;
    for (; reached; k++) {
        plx_err_clear(&err);
        size_t live = plx_alloc_live();
        plx_test_alloc_fail_at(k);
        ok = fx_record(&store, "connectome/x", 2, input, &digest, &err);
        reached = plx_test_alloc_ok() > k;
        ck_assert_msg(ok || err.code == PLX_E_NOMEM, "%s", plx_test_err(&err));
        ck_assert_uint_eq(plx_alloc_live(), live);
        stored = stored || ok;
        n_records(stored);
    }
    ck_assert(ok);
    ck_assert_uint_gt(k, 200);
    reached = true;
    for (k = 0; reached; k++) {
        plx_record *record = NULL;
        const plx_table *table;
        size_t live = plx_alloc_live();
        plx_test_alloc_fail_at(k);
        bool opened = plx_record_open(&ctx, &store, &digest, &record, &err);
        const plx_record_view *view = opened ? plx_record_as_view(record) : NULL;
        ok = opened && view->table(view, "nodes", &table, &err);
        reached = plx_test_alloc_ok() > k;
        if (opened) {
            plx_record_close(record);
        }
        ck_assert_msg(ok || err.code == PLX_E_NOMEM, "%s", plx_test_err(&err));
        ck_assert_uint_eq(plx_alloc_live(), live);
    }
    ck_assert(ok);
    ck_assert_uint_gt(k, 20);
}
END_TEST

START_TEST(eight_at_once)
{
    enum { N = 8, ROUNDS = 6 };
    pid_t pids[N];
    for (int i = 0; i < N; i++) {
        pids[i] = fork();
        ck_assert_int_ge(pids[i], 0);
        if (pids[i] == 0) {
            for (int round = 0; round < ROUNDS; round++) {
                plx_digest digest;
                if (!fx_record(&store, "connectome/x", 1 + round, input, &digest, NULL)) {
                    _exit(1);
                }
            }
            _exit(0);
        }
    }
    for (int i = 0; i < N; i++) {
        int status;
        ck_assert_int_eq(waitpid(pids[i], &status, 0), pids[i]);
        ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
    n_records(ROUNDS);
    ck_assert_uint_eq(fx_count(&store, "quarantine"), 0);
}
END_TEST

Suite *record_suite(void)
{
    Suite *suite = suite_create("record");
    TCase *tc = tcase_create("record");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_set_timeout(tc, 120);
    tcase_add_test(tc, comes_back_as_it_went_in);
    tcase_add_test(tc, is_named_by_all_it_holds);
    tcase_add_test(tc, members_are_aligned_npy);
    tcase_add_test(tc, violations_come_together);
    tcase_add_test(tc, streamed_equals_whole);
    tcase_add_test(tc, streams_must_fit_their_shape);
    tcase_add_test(tc, names_are_checked);
    tcase_add_test(tc, parts_in_the_wrong_order);
    tcase_add_test(tc, review_may_refuse);
    tcase_add_test(tc, every_harmed_byte_is_located);
    tcase_add_test(tc, damaged_records_are_safe_to_read);
    tcase_add_test(tc, a_damaged_one_is_replaced);
    tcase_add_test(tc, one_that_is_there_is_touched);
    tcase_add_test(tc, wrong_record_json);
    tcase_add_test(tc, memory_runs_out);
    tcase_add_test(tc, eight_at_once);
    suite_add_tcase(suite, tc);
    return suite;
}
