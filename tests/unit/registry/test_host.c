/* SPDX-License-Identifier: Apache-2.0
 *
 * Addresses of hosts become plain ones, with what the host publishes; answers are shaped as the hosts give them, and as
 * nobody should.
 */
#include "registry/fetch.h"
#include "registry/host.h"
#include "store_fixture.h"
#include "support/http_server.h"

static plx_ctx ctx;
static plx_err err;
static plx_arena *arena;
static plx_server *server;
static plx_net *net;
static char at[64];
static plx_asking ask;

static void setup(void)
{
    ctx = plx_ctx_default();
    plx_err_clear(&err);
    arena = plx_arena_new(0);
    server = plx_server_start(NULL);
    snprintf(at, sizeof at, "http://127.0.0.1:%d", plx_server_port(server));
    net = plx_net_new(&(plx_net_opts){.tries = 1, .hosts_at = at});
    ask = (plx_asking){.ctx = &ctx, .net = net, .arena = arena};
}

static void teardown(void)
{
    plx_net_free(net);
    plx_server_stop(server);
    plx_arena_free(arena);
}

#define MD5 "900150983cd24fb0d6963f7d28e17f72"
#define SHA "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

#define TABLE_ETAG "28e6bae9d4046937738d65e5b925bb7f"

typedef struct found {
    const char *address, *asked, *answer; /* asked: path at the server; NULL: nothing is asked */
    const char *url;                      /* without the server */
    long bytes;                           /* -1: not published */
    const char *md5, *sha256;
} found;

static const found cases[] = {
    {"zenodo:10875063/completely.zip", "/zenodo.org/api/records/10875063",
     "{\"id\": 10875063, \"files\": [{\"key\": \"other.zip\", \"size\": 1, \"checksum\": \"md5:x\"}, {\"id\": \"a-b\", "
     "\"key\": \"completely.zip\", \"size\": 21638798275, \"checksum\": \"md5:" MD5 "\", \"links\": {\"self\": "
     "\"https://evil.example/x\"}}]}",
     "/zenodo.org/api/records/10875063/files/completely.zip/content", 21638798275, MD5, NULL},
    {"zenodo:5/a%20b.csv", "/zenodo.org/api/records/5",
     "{\"files\": [{\"key\": \"a b.csv\", \"size\": 7, \"checksum\": \"sha256:" SHA "\"}]}",
     "/zenodo.org/api/records/5/files/a%20b.csv/content", 7, NULL, SHA},
    {"zenodo:6/x", "/zenodo.org/api/records/6",
     "{\"files\": [{\"key\": \"x\", \"size\": -7, \"checksum\": \"md5:UPPER\"}]}",
     "/zenodo.org/api/records/6/files/x/content", -1, NULL, NULL},
    {"figshare:123/a.mat", "/api.figshare.com/v2/articles/123",
     "{\"files\": [{\"id\": 42, \"name\": \"a.mat\", \"size\": 9, \"supplied_md5\": \"\", \"computed_md5\": \"" MD5
     "\", \"download_url\": \"https://evil.example/\"}]}",
     "/ndownloader.figshare.com/files/42", 9, MD5, NULL},
    {"figshare:123.v2/a.mat", "/api.figshare.com/v2/articles/123/versions/2",
     "{\"files\": [{\"id\": 43, \"name\": \"a.mat\", \"size\": 9, \"supplied_md5\": \"" MD5 "\"}]}",
     "/ndownloader.figshare.com/files/43", 9, MD5, NULL},
    {"osf:ab3de", "/api.osf.io/v2/files/ab3de/",
     "{\"data\": {\"attributes\": {\"name\": \"x\", \"size\": 11, \"extra\": {\"hashes\": {\"md5\": \"" MD5
     "\", \"sha256\": \"" SHA "\"}}}}}",
     "/osf.io/download/ab3de/", 11, MD5, SHA},
    {"osf:2395t/b.csv", "/api.osf.io/v2/nodes/2395t/files/osfstorage/?page%5Bsize%5D=100&page=1",
     "{\"data\": [{\"attributes\": {\"name\": \"a\", \"path\": \"/1\"}}, {\"attributes\": {\"name\": \"b.csv\", "
     "\"path\": \"/5e8d00\", \"size\": 12, \"extra\": {\"hashes\": {\"sha256\": \"" SHA
     "\"}}}}], \"links\": {\"next\": null}}",
     "/osf.io/download/5e8d00/", 12, NULL, SHA},
    {"dandi:000541/0.230512.2042/sub-1/x.nwb",
     "/api.dandiarchive.org/api/dandisets/000541/versions/0.230512.2042/assets/?path=sub-1/x.nwb",
     "{\"count\": 2, \"results\": [{\"asset_id\": \"bad\", \"path\": \"sub-1/x.nwb.old\"}, {\"asset_id\": \"aa-bb\", "
     "\"path\": \"sub-1/x.nwb\", \"size\": 1000}]}",
     "/api.dandiarchive.org/api/assets/aa-bb/download/", 1001, NULL, SHA},
    {"hf:datasets/pytc/AxonEM@0123456789abcdef/a/b.h5", NULL, NULL,
     "/huggingface.co/datasets/pytc/AxonEM/resolve/0123456789abcdef/a/b.h5", -1, NULL, NULL},
    {"hf:models/o/n@main/x", NULL, NULL, "/huggingface.co/o/n/resolve/main/x", -1, NULL, NULL},
    {"github:o/n@0123456789abcdef0123456789abcdef01234567/a/b%20c", NULL, NULL,
     "/raw.githubusercontent.com/o/n/0123456789abcdef0123456789abcdef01234567/a/b%20c", -1, NULL, NULL},
};

static void second_answers(void)
{
    plx_server_answer(server, "/api.dandiarchive.org/api/assets/aa-bb/",
                      "{\"contentSize\": 1001, \"digest\": {\"dandi:dandi-etag\": \"x-1\", \"dandi:sha2-256\": \"" SHA
                      "\"}}");
}

START_TEST(what_hosts_publish)
{
    const found *f = &cases[_i];
    plx_place place;
    second_answers();
    if (f->asked) {
        plx_server_answer(server, f->asked, f->answer);
    }
    OK(plx_host_resolve(&ask, f->address, false, &place, &err));
    ck_assert_msg(plx_starts_with(place.url, at), "%s", place.url);
    ck_assert_str_eq(place.url + strlen(at), f->url);
    ck_assert_str_eq(place.shown, f->address);
    ck_assert_int_eq(place.has_bytes, f->bytes >= 0);
    ck_assert(f->bytes < 0 || place.bytes == (uint64_t)f->bytes);
    ck_assert(!f->md5 == !place.md5 && (!f->md5 || strcmp(f->md5, place.md5) == 0));
    ck_assert(!f->sha256 == !place.sha256 && (!f->sha256 || strcmp(f->sha256, place.sha256) == 0));
    /* A second file of the same record is not asked for again. */
    plx_server_requests(server);
    OK(plx_host_resolve(&ask, f->address, false, &place, &err));
    ck_assert_uint_eq(plx_server_requests(server), 0);
}
END_TEST

/* What only some hosts publish, from the answer to the level of trust, and that other bytes are refused. */
START_TEST(rare_digests_are_compared)
{
    static const struct {
        const char *url, *more;
        plx_trust trust;
        bool good;
    } rare[] = {
        {"dandi:000541/1.0/a.csv", "", PLX_LEVEL_ETAG, true},
        {"dandi:000541/1.0/b.csv", "", PLX_LEVEL_ETAG, false},
        {"hf:datasets/o/n@r/small.csv", "", PLX_LEVEL_SHA1, true},
        {"hf:datasets/o/n@r/weak.csv", "", PLX_LEVEL_SHA1, true},
        {"hf:datasets/o/n@r/other.csv", "", PLX_LEVEL_SHA1, false},
        {"hf:datasets/o/n@r/untold.csv", "", PLX_LEVEL_FIRST_USE, true},
        {"github:o/n@c/told.csv", ", git_sha1: cfa20f81071245f292f0b52b37beb7adf9259a26", PLX_LEVEL_SHA1, true},
        {"github:o/n@c/told.csv", ", git_sha1: cfa20f81071245f292f0b52b37beb7adf9259a27", PLX_LEVEL_SHA1, false},
    };
    static const char table[] = "a,b\n1,2\n", api[] = "/api.dandiarchive.org/api";
    static const char *const served[] = {"small.csv", "weak.csv", "other.csv", "untold.csv"};
    static const char *const tags[] = {"\"cfa20f81071245f292f0b52b37beb7adf9259a26\"",
                                       "W/\"cfa20f81071245f292f0b52b37beb7adf9259a26\"",
                                       "\"0000000000000000000000000000000000000000\"", "\"cfa20f81\""};
    char root[PLX_PATH], path[PLX_PATH], where[256], answer[512], yaml[1024];
    fx_path(root, plx_test_dir(), "served");
    OK(plx_fs_mkdirs(root, &err));
    for (size_t i = 0; i < 4; i++) {
        fx_path(path, root, served[i]);
        OK(plx_fs_replace(path, table, 8, &err));
        strcat(path, ".etag");
        OK(plx_fs_replace(path, tags[i], strlen(tags[i]), &err));
    }
    plx_server *files = plx_server_start(root);
    snprintf(at, sizeof at, "http://127.0.0.1:%d", plx_server_port(files));
    plx_net *asks = plx_net_new(&(plx_net_opts){.tries = 1, .hosts_at = at});
    for (int i = 0; i < 2; i++) { /* md5 of the md5 of 8 bytes, by dandischema; and of nothing */
        snprintf(where, sizeof where, "%s/dandisets/000541/versions/1.0/assets/?path=%c.csv", api, 'a' + i);
        snprintf(answer, sizeof answer, "{\"results\": [{\"asset_id\": \"id-%d\", \"path\": \"%c.csv\", \"size\": 8}]}",
                 i, 'a' + i);
        plx_server_answer(files, plx_arena_strdup(arena, where), plx_arena_strdup(arena, answer));
        snprintf(where, sizeof where, "%s/assets/id-%d/", api, i);
        snprintf(answer, sizeof answer, "{\"contentSize\": 8, \"digest\": {\"dandi:dandi-etag\": \"%s-1\"}}",
                 i ? "d41d8cd98f00b204e9800998ecf8427e" : TABLE_ETAG);
        plx_server_answer(files, plx_arena_strdup(arena, where), plx_arena_strdup(arena, answer));
        snprintf(where, sizeof where, "%s/assets/id-%d/download/", api, i);
        plx_server_answer(files, plx_arena_strdup(arena, where), table);
    }
    plx_server_answer(files, "/raw.githubusercontent.com/o/n/c/told.csv", table);
    for (size_t i = 0; i < sizeof rare / sizeof *rare; i++) {
        const plx_manifest *m = NULL;
        plx_store store;
        plx_fetched got = {0};
        snprintf(where, sizeof where, "store%zu", i);
        fx_store(where, &store);
        int n = snprintf(yaml, sizeof yaml,
                         "schema: manifest/1\nname: connectome/mine\nversion: \"1\"\ntitle: Mine\ndescription: x\n"
                         "kind: connectome\nlicence: MIT\ningester: edge_table\nfiles:\n  - {name: a.csv, urls: "
                         "[\"%s\"]%s}\n",
                         rare[i].url, rare[i].more);
        OK(plx_manifest_parse(&ctx, arena, "mine.yaml", yaml, (size_t)n, &m, &err));
        plx_fetch_opts opts = {.net = asks};
        bool ok = plx_fetch(&ctx, &store, m, &opts, &got, &err);
        ck_assert_msg(ok == rare[i].good, "%s: %s", rare[i].url, plx_test_err(&err));
        ck_assert_int_eq(err.code, ok ? PLX_OK : PLX_E_DIGEST);
        ck_assert(!ok || got.trust == rare[i].trust);
        ck_assert_uint_eq(fx_count(&store, "blobs/sha256"), ok);
        plx_err_clear(&err);
        plx_store_close(&store);
    }
    plx_net_free(asks);
    plx_server_stop(files);
}
END_TEST

START_TEST(pinned_files_need_no_answer)
{
    static const char *const direct[] = {"zenodo:1/x", "osf:ab3de", "hf:datasets/o/n@r/x", "github:o/n@c/x"};
    for (size_t i = 0; i < 4; i++) {
        plx_place place;
        OK(plx_host_resolve(&ask, direct[i], true, &place, &err));
    }
    ck_assert_uint_eq(plx_server_requests(server), 0);
}
END_TEST

START_TEST(folders_of_a_project)
{
    static const char page1[] = "{\"data\": [{\"attributes\": {\"name\": \"z\", \"path\": \"/0/\"}}], \"links\": "
                                "{\"next\": \"https://evil.example/\"}}";
    plx_place place;
    plx_server_answer(server, "/api.osf.io/v2/nodes/n/files/osfstorage/?page%5Bsize%5D=100&page=1", page1);
    plx_server_answer(server, "/api.osf.io/v2/nodes/n/files/osfstorage/?page%5Bsize%5D=100&page=2",
                      "{\"data\": [{\"attributes\": {\"name\": \"my dir\", \"path\": \"/77/\"}}]}");
    plx_server_answer(server, "/api.osf.io/v2/nodes/n/files/osfstorage/77/?page%5Bsize%5D=100&page=1",
                      "{\"data\": [{\"attributes\": {\"name\": \"f\", \"path\": \"/88\", \"size\": 5}}]}");
    OK(plx_host_resolve(&ask, "osf:n/my%20dir/f", false, &place, &err));
    ck_assert_str_eq(place.url + strlen(at), "/osf.io/download/88/");
    ck_assert(place.has_bytes && place.bytes == 5);
}
END_TEST

START_TEST(odd_answers)
{
    static const struct {
        const char *answer;
        plx_code code;
    } odd[] = {
        {"{}", PLX_E_NOTFOUND},
        {"[]", PLX_E_NOTFOUND},
        {"7", PLX_E_NOTFOUND},
        {"{\"files\": 7}", PLX_E_NOTFOUND},
        {"{\"files\": [7, null, {}, {\"name\": 7}]}", PLX_E_NOTFOUND},
        {"{\"files\": [{\"name\": \"x\"}]}", PLX_E_NOTFOUND},
        {"{\"files\": [{\"name\": \"x\", \"id\": \"../..\"}]}", PLX_E_NOTFOUND},
        {"{\"files\": [{\"name\": \"x\", \"id\": -1}]}", PLX_E_NOTFOUND},
        {"{\"files\": [", PLX_E_NET},
        {"<html>", PLX_E_NET},
    };
    char path[64], address[64];
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        plx_place place;
        char *own = plx_arena_printf(arena, "/api.figshare.com/v2/articles/%zu", i);
        snprintf(path, sizeof path, "%s", own);
        snprintf(address, sizeof address, "figshare:%zu/x", i);
        plx_server_answer(server, own, odd[i].answer);
        plx_err_clear(&err);
        ck_assert_msg(!plx_host_resolve(&ask, address, false, &place, &err), "%s", odd[i].answer);
        ck_assert_msg(err.code == odd[i].code || err.code == PLX_E_TRUNCATED, "%s: %s", odd[i].answer,
                      plx_test_err(&err));
    }
    plx_place place;
    plx_server_answer(server, "/api.dandiarchive.org/api/dandisets/1/versions/2/assets/?path=x",
                      "{\"results\": [{\"path\": \"x\", \"asset_id\": \"../../evil?\"}]}");
    ck_assert(!plx_host_resolve(&ask, "dandi:1/2/x", false, &place, &err) && err.code == PLX_E_NOTFOUND);
    ck_assert(!plx_host_resolve(&ask, "zenodo:1/%zz", false, &place, &err) && err.code == PLX_E_ARG);
    ck_assert(!plx_host_resolve(&ask, "zenodo:1/%00", false, &place, &err) && err.code == PLX_E_ARG);
    ck_assert(!plx_host_resolve(&ask, "zenodo:404/x", false, &place, &err) && err.code == PLX_E_NET);
    ck_assert(!plx_host_resolve(&ask, "gopher:x", false, &place, &err) && err.code == PLX_E_ARG);
    ck_assert(!plx_host_resolve(&ask, "github:o/n/x", false, &place, &err) && err.code == PLX_E_ARG);
}
END_TEST

START_TEST(the_table)
{
    for (size_t i = 0; plx_hosts[i]; i++) {
        const plx_host *h = plx_hosts[i];
        ck_assert(h->scheme && h->title && h->form && h->publishes && h->resolve);
        ck_assert(plx_starts_with(h->form, h->scheme));
        ck_assert(i == 0 || strcmp(plx_hosts[i - 1]->scheme, h->scheme) < 0);
        ck_assert_ptr_eq(plx_host_find(h->form), h);
    }
    ck_assert_ptr_null(plx_host_find("zenodo"));
    ck_assert_ptr_null(plx_host_find("https://zenodo.org"));
}
END_TEST

Suite *host_suite(void)
{
    Suite *s = suite_create("host");
    TCase *tc = tcase_create("host");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_loop_test(tc, what_hosts_publish, 0, (int)(sizeof cases / sizeof *cases));
    tcase_add_test(tc, rare_digests_are_compared);
    tcase_add_test(tc, pinned_files_need_no_answer);
    tcase_add_test(tc, folders_of_a_project);
    tcase_add_test(tc, odd_answers);
    tcase_add_test(tc, the_table);
    suite_add_tcase(s, tc);
    return s;
}
