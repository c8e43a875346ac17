/* SPDX-License-Identifier: Apache-2.0
 *
 * One thread for each connection; requests are read byte for byte up to the blank line, which is plenty for a test.
 */
#define _GNU_SOURCE /* accept4, memmem */
#include "support/http_server.h"

#include "core/hash.h"
#include "support/http_server_internal.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAX_ANSWERS = 64, MAX_PATHS = 4096, MAX_CLIENTS = 4096, BLOCK = 1 << 20, HEAD = 16384 };

typedef struct counted {
    uint64_t hash, n;
} counted;

struct plx_server {
    int listener, port;
    const char *root;
    pthread_t acceptor;
    pthread_mutex_t mutex;
    pthread_cond_t idle;
    int clients[MAX_CLIENTS]; /* descriptors in use, or 0 */
    int n_clients;
    counted paths[MAX_PATHS];
    const char *answer_path[MAX_ANSWERS], *answer_text[MAX_ANSWERS];
    int n_answers;
    _Atomic bool stopping;
    _Atomic uint64_t requests, bytes;
};

typedef struct client {
    plx_server *server;
    int slot, fd;
} client;

static void die(const char *what)
{
    perror(what);
    exit(1);
}

void plx_server_content(const char *name, uint64_t size, uint64_t offset, void *out, size_t n)
{
    uint64_t seed = plx_hash64(name, strlen(name), size);
    uint8_t *to = out;
    while (n > 0) {
        uint64_t word = plx_mix64(seed + offset / 8);
        size_t at = offset % 8, take = 8 - at < n ? 8 - at : n;
        memcpy(to, (uint8_t *)&word + at, take);
        to += take;
        offset += take;
        n -= take;
    }
}

bool plx_send(plx_request *r, const void *bytes, size_t n)
{
    const uint8_t *at = bytes;
    while (n > 0) {
        ssize_t sent = send(r->fd, at, n, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) {
            continue;
        }
        if (sent <= 0) {
            r->close = true;
            return false;
        }
        at += sent;
        n -= (size_t)sent;
    }
    return true;
}

bool plx_sendf(plx_request *r, const char *fmt, ...)
{
    char text[HEAD];
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    return n >= 0 && (size_t)n < sizeof text && plx_send(r, text, (size_t)n);
}

bool plx_send_content(plx_request *r, uint64_t from, uint64_t to)
{
    uint8_t *block = malloc(BLOCK);
    bool ok = block != NULL;
    while (ok && from < to) {
        size_t n = to - from < BLOCK ? (size_t)(to - from) : BLOCK;
        plx_server_content(r->name, r->size, from, block, n);
        atomic_fetch_add(&r->server->bytes, n); /* before: who has read them may ask for the count at once */
        ok = plx_send(r, block, n);
        from += n;
    }
    free(block);
    return ok;
}

bool plx_send_head(plx_request *r, const char *more, uint64_t *from, uint64_t *to)
{
    bool heeded = r->has_range && (!r->if_range[0] || strcmp(r->if_range, r->etag) == 0);
    *from = heeded ? r->first : 0;
    *to = heeded && r->has_last && r->last < r->size ? r->last + 1 : r->size;
    if (heeded && r->first >= r->size) {
        *from = *to = 0;
        return plx_sendf(
            r, "HTTP/1.1 416 Range Not Satisfiable\r\nContent-Range: bytes */%llu\r\nContent-Length: 0\r\n\r\n",
            (unsigned long long)r->size);
    }
    char etag[128] = "", range[128] = "";
    if (r->etag[0]) {
        snprintf(etag, sizeof etag, "ETag: %s\r\n", r->etag);
    }
    if (heeded) {
        snprintf(range, sizeof range, "Content-Range: bytes %llu-%llu/%llu\r\n", (unsigned long long)*from,
                 (unsigned long long)(*to - 1), (unsigned long long)r->size);
    }
    return plx_sendf(r, "HTTP/1.1 %s\r\n%s%s%sAccept-Ranges: bytes\r\nContent-Length: %llu\r\n\r\n",
                     heeded ? "206 Partial Content" : "200 OK", etag, range, more, (unsigned long long)(*to - *from));
}

bool plx_send_file(plx_request *r, const char *more)
{
    uint64_t from, to;
    return plx_send_head(r, more, &from, &to) && plx_send_content(r, from, to);
}

void plx_reset(plx_request *r)
{
    struct linger now = {1, 0};
    setsockopt(r->fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    r->close = true;
}

bool plx_linger(plx_request *r, int ms)
{
    for (; ms > 0; ms -= 10) {
        struct pollfd p = {.fd = r->fd, .events = POLLIN | POLLRDHUP};
        if (atomic_load(&r->server->stopping) || (poll(&p, 1, 10) > 0 && p.revents & (POLLRDHUP | POLLHUP | POLLERR))) {
            r->close = true;
            return false;
        }
    }
    return true;
}

static uint64_t count_path(plx_server *s, const char *path)
{
    uint64_t hash = plx_hash64(path, strlen(path), 1) | 1, n = 0;
    pthread_mutex_lock(&s->mutex);
    for (size_t i = hash % MAX_PATHS, tries = 0; tries < MAX_PATHS; i = (i + 1) % MAX_PATHS, tries++) {
        if (s->paths[i].hash == 0 || s->paths[i].hash == hash) {
            s->paths[i].hash = hash;
            n = s->paths[i].n++;
            break;
        }
    }
    pthread_mutex_unlock(&s->mutex);
    return n;
}

static const char *answer_for(plx_server *s, const char *path)
{
    const char *text = NULL;
    pthread_mutex_lock(&s->mutex);
    for (int i = 0; i < s->n_answers; i++) {
        text = strcmp(s->answer_path[i], path) == 0 ? s->answer_text[i] : text;
    }
    pthread_mutex_unlock(&s->mutex);
    return text;
}

/* A file below the root, for mirrors and speed: /files/NAME, or as Hugging Face has it,
 * OWNER/REPOSITORY/resolve/REV/NAME with the commit that such clients ask for. */
static void serve_file(plx_request *r)
{
    char path[2 * PLX_SERVER_PATH + 8];
    struct stat st;
    const char *name = strstr(r->path, "/resolve/");
    bool hub = name != NULL;
    name = hub ? strchr(name + strlen("/resolve/"), '/') : r->path + strlen("/files/");
    snprintf(path, sizeof path - 8, "%s/%s", r->server->root, name ? name : "");
    int fd = strstr(path, "..") ? -1 : open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        plx_sendf(r, "HTTP/1.1 404 Not Found\r\nContent-Length: 9\r\n\r\nnot there");
    } else {
        uint64_t from, to;
        r->size = (uint64_t)st.st_size;
        snprintf(r->etag, sizeof r->etag, "\"%llx-%llx-%llx\"", (unsigned long long)st.st_size,
                 (unsigned long long)st.st_mtim.tv_sec, (unsigned long long)plx_hash64(path, strlen(path), 0));
        int tag = hub ? open(strcat(path, ".etag"), O_RDONLY | O_CLOEXEC) : -1; /* as git calls it, for instance */
        ssize_t n_tag = tag >= 0 ? read(tag, r->etag, sizeof r->etag - 1) : 0;
        r->etag[n_tag > 0 ? (size_t)n_tag : strlen(r->etag)] = '\0';
        if (tag >= 0) {
            close(tag);
        }
        bool ok =
            plx_send_head(r, hub ? "X-Repo-Commit: 0123456789012345678901234567890123456789\r\n" : "", &from, &to);
        off_t at = (off_t)from;
        while (ok && !r->head_only && (uint64_t)at < to) {
            ssize_t n = sendfile(r->fd, fd, &at, (size_t)(to - (uint64_t)at));
            ok = n > 0;
            atomic_fetch_add(&r->server->bytes, ok ? (uint64_t)n : 0);
        }
        r->close |= !ok;
    }
    if (fd >= 0) {
        close(fd);
    }
}

static bool act(const plx_behaviour *table, plx_request *r)
{
    for (const plx_behaviour *b = table; b->name; b++) {
        if (strcmp(b->name, r->behaviour) == 0) {
            b->act(r);
            return true;
        }
    }
    return false;
}

static void serve(plx_request *r)
{
    char stats[64];
    const char *text = answer_for(r->server, r->path);
    if (strcmp(r->path, "/stats") == 0) { /* requests and bytes since they were asked for last */
        unsigned long long requests = plx_server_requests(r->server), bytes = plx_server_bytes(r->server);
        snprintf(stats, sizeof stats, "%llu %llu\n", requests, bytes);
        text = stats;
    }
    if (text) {
        plx_sendf(r, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n", strlen(text));
        plx_send(r, text, strlen(text));
        return;
    }
    if (r->server->root && (strncmp(r->path, "/files/", 7) == 0 || strstr(r->path, "/resolve/"))) {
        serve_file(r);
        return;
    }
    const char *size = r->path[0] == '/' ? strchr(r->path + 1, '/') : NULL;
    const char *name = size ? strchr(size + 1, '/') : NULL;
    if (name && strlen(name) < sizeof r->name) {
        snprintf(r->behaviour, sizeof r->behaviour, "%.*s", (int)(size - r->path - 1), r->path + 1);
        snprintf(r->name, sizeof r->name, "%s", name + 1);
        r->size = strtoull(size + 1, NULL, 10);
        snprintf(r->etag, sizeof r->etag, "\"%llx\"",
                 (unsigned long long)plx_hash64(r->name, strlen(r->name), r->size));
        if (act(plx_server_answers, r) || act(plx_server_bodies, r)) {
            return;
        }
    }
    plx_sendf(r, "HTTP/1.1 404 Not Found\r\nContent-Length: 9\r\n\r\nnot there");
}

static bool header_value(const char *head, const char *name, char *out, size_t cap)
{
    size_t len = strlen(name);
    for (const char *line = strstr(head, "\r\n"); line && line[2]; line = strstr(line + 2, "\r\n")) {
        if (strncasecmp(line + 2, name, len) == 0) {
            const char *value = line + 2 + len;
            value += strspn(value, " ");
            snprintf(out, cap, "%.*s", (int)strcspn(value, "\r\n"), value);
            return true;
        }
    }
    return false;
}

static bool read_request(plx_request *r, char *head, size_t cap, size_t *held)
{
    char *end = NULL;
    while (!(end = memmem(head, *held, "\r\n\r\n", 4))) {
        ssize_t n = *held < cap - 1 ? recv(r->fd, head + *held, cap - 1 - *held, 0) : 0;
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return false;
        }
        *held += (size_t)n;
    }
    size_t len = (size_t)(end - head) + 4;
    char copy[HEAD], value[256];
    snprintf(copy, sizeof copy, "%.*s", (int)len, head);
    memmove(head, head + len, *held - len);
    *held -= len;
    char *path = strchr(copy, ' ');
    char *stop = path ? strchr(path + 1, ' ') : NULL;
    if (!stop || stop - path >= PLX_SERVER_PATH) {
        return false;
    }
    snprintf(r->path, sizeof r->path, "%.*s", (int)(stop - path - 1), path + 1);
    r->head_only = strncmp(copy, "HEAD ", 5) == 0;
    char *p = NULL;
    if (header_value(copy, "range:", value, sizeof value) && strncmp(value, "bytes=", 6) == 0) {
        r->has_range = true;
        r->first = strtoull(value + 6, &p, 10);
        r->has_last = p[0] == '-' && p[1];
        r->last = r->has_last ? strtoull(p + 1, NULL, 10) : 0;
    }
    header_value(copy, "if-range:", r->if_range, sizeof r->if_range);
    return true;
}

static void *converse(void *payload)
{
    client *c = payload;
    plx_server *s = c->server;
    char *head = malloc(HEAD);
    size_t held = 0;
    int one = 1;
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    for (bool go_on = head != NULL; go_on && !atomic_load(&s->stopping);) {
        plx_request r = {.server = s, .fd = c->fd};
        go_on = read_request(&r, head, HEAD, &held);
        if (go_on) {
            r.nth = count_path(s, r.path);
            atomic_fetch_add(&s->requests, 1);
            serve(&r);
            go_on = !r.close;
        }
    }
    free(head);
    pthread_mutex_lock(&s->mutex);
    close(c->fd);
    s->clients[c->slot] = 0;
    s->n_clients--;
    pthread_cond_signal(&s->idle);
    pthread_mutex_unlock(&s->mutex);
    free(c);
    return NULL;
}

static void *accept_all(void *payload)
{
    plx_server *s = payload;
    while (!atomic_load(&s->stopping)) {
        struct pollfd p = {.fd = s->listener, .events = POLLIN};
        int fd = poll(&p, 1, 20) > 0 ? accept4(s->listener, NULL, NULL, SOCK_CLOEXEC) : -1;
        client *c = fd >= 0 ? malloc(sizeof *c) : NULL;
        if (!c) {
            continue;
        }
        pthread_mutex_lock(&s->mutex);
        int slot = 0;
        while (slot < MAX_CLIENTS && s->clients[slot]) {
            slot++;
        }
        *c = (client){s, slot, fd};
        pthread_attr_t attr;
        pthread_t thread;
        pthread_attr_init(&attr);
        pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
        pthread_attr_setstacksize(&attr, 512 * 1024);
        if (slot == MAX_CLIENTS || pthread_create(&thread, &attr, converse, c) != 0) {
            close(fd);
            free(c);
        } else {
            s->clients[slot] = fd;
            s->n_clients++;
        }
        pthread_attr_destroy(&attr);
        pthread_mutex_unlock(&s->mutex);
    }
    return NULL;
}

plx_server *plx_server_start(const char *root)
{
    plx_server *s = calloc(1, sizeof *s);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;
    int one = 1;
    if (!s) {
        die("http server");
    }
    s->root = root;
    s->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(s->listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (s->listener < 0 || bind(s->listener, (struct sockaddr *)&address, len) != 0 || listen(s->listener, 256) != 0 ||
        getsockname(s->listener, (struct sockaddr *)&address, &len) != 0) {
        die("http server");
    }
    s->port = ntohs(address.sin_port);
    pthread_mutex_init(&s->mutex, NULL);
    pthread_cond_init(&s->idle, NULL);
    if (pthread_create(&s->acceptor, NULL, accept_all, s) != 0) {
        die("http server");
    }
    return s;
}

void plx_server_stop(plx_server *s)
{
    atomic_store(&s->stopping, true);
    pthread_join(s->acceptor, NULL);
    pthread_mutex_lock(&s->mutex);
    for (int i = 0; i < MAX_CLIENTS; i++) {
        if (s->clients[i]) {
            shutdown(s->clients[i], SHUT_RDWR);
        }
    }
    while (s->n_clients > 0) {
        pthread_cond_wait(&s->idle, &s->mutex);
    }
    pthread_mutex_unlock(&s->mutex);
    close(s->listener);
    pthread_cond_destroy(&s->idle);
    pthread_mutex_destroy(&s->mutex);
    free(s);
}

int plx_server_port(const plx_server *server)
{
    return server->port;
}

uint64_t plx_server_requests(plx_server *server)
{
    return atomic_exchange(&server->requests, 0);
}

uint64_t plx_server_bytes(plx_server *server)
{
    return atomic_exchange(&server->bytes, 0);
}

void plx_server_answer(plx_server *server, const char *path, const char *text)
{
    pthread_mutex_lock(&server->mutex);
    if (server->n_answers < MAX_ANSWERS) {
        server->answer_path[server->n_answers] = path;
        server->answer_text[server->n_answers++] = text;
    }
    pthread_mutex_unlock(&server->mutex);
}
