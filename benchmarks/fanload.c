/* fanload - lean fan-out load generator for chat-like servers (SSE, WebSocket, Socket.IO v4).
 *
 * One thread, one epoll, no dependencies.  gcc -O2 -Wall -o fanload fanload.c
 *
 * It opens N keep-alive streams, publishes messages at a fixed open-loop rate (or in a closed loop)
 * and measures, per delivered event, the time from the SCHEDULED publication to reception.
 * Every message text starts with "seq=<n> t=<CLOCK_MONOTONIC ns> "; readers look for exactly that
 * marker in the de-framed payload (HTTP chunked, length, raw, or WebSocket frames).
 * `fanload -h` lists the options; benchmarks/fan.py shows them in use.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

/* ---------------------------------------------------------------- options */
enum mode { M_SSE, M_WS, M_SIO };
static struct sockaddr_in sub_addr, pub_addr;
static char sub_host[64] = "127.0.0.1:8000", pub_host[64] = "";
static enum mode mode = M_SSE;
static int n_subs = 1, n_pubs = 4, conn_par = 64, text_len = 200;
static const char *sub_path = "/", *pub_path = NULL, *field = "text", *extra = "", *ws_pub = NULL;
static const char *label = "";
static double rate = 1, secs = 5, drain = 3, settle = 0.5, hold = 0;
static char *headers[32]; static int n_headers;
static char *ws_send[32]; static int n_ws_send;
static char **cookies; static int n_cookies;
static char *body_tpl;
static int pids[64]; static int n_pids;
static int verbose;

/* ---------------------------------------------------------------- helpers */
static void die(const char *fmt, ...)
{
    va_list ap; va_start(ap, fmt); vfprintf(stderr, fmt, ap); va_end(ap);
    fprintf(stderr, "\n"); exit(2);
}
static uint64_t now_ns(void)
{
    struct timespec ts; clock_gettime(CLOCK_MONOTONIC, &ts);
    return (uint64_t)ts.tv_sec * 1000000000ull + ts.tv_nsec;
}
static void *xrealloc(void *p, size_t n) { p = realloc(p, n); if (!p) die("out of memory"); return p; }

/* log-linear histogram: 128 sub-buckets per power of two (error < 0.8 %), unit 1 us */
#define HSUB 128
struct hist { uint64_t b[HSUB * 40]; uint64_t n, max; double sum; };
static struct hist h_e2e, h_post;
static int hidx(uint64_t us)
{
    if (us < HSUB) return us;
    int e = 63 - __builtin_clzll(us);                /* >= 7 */
    return HSUB * (e - 6) + ((us >> (e - 7)) & (HSUB - 1));
}
static uint64_t hval(int i)
{
    if (i < HSUB) return i;
    int e = i / HSUB + 6;
    return (1ull << e) + ((uint64_t)(i % HSUB) << (e - 7));
}
static void hadd(struct hist *h, uint64_t ns)
{
    uint64_t us = ns / 1000; int i = hidx(us);
    if (i >= HSUB * 40) i = HSUB * 40 - 1;
    h->b[i]++; h->n++; h->sum += us; if (us > h->max) h->max = us;
}
static double hpct(struct hist *h, double p)         /* in ms */
{
    uint64_t want = (uint64_t)(p / 100 * h->n + 0.5), c = 0;
    if (!h->n) return 0;
    if (want < 1) want = 1;
    for (int i = 0; i < HSUB * 40; i++) if ((c += h->b[i]) >= want) return hval(i) / 1000.0;
    return h->max / 1000.0;
}

/* /proc readings of the server processes */
static double srv_cpu(void)
{
    double t = 0;
    for (int i = 0; i < n_pids; i++) {
        char p[64], buf[2048]; snprintf(p, sizeof p, "/proc/%d/stat", pids[i]);
        FILE *f = fopen(p, "r"); if (!f) continue;
        size_t n = fread(buf, 1, sizeof buf - 1, f); fclose(f); buf[n] = 0;
        char *q = strrchr(buf, ')'); unsigned long ut = 0, st = 0;
        if (q) sscanf(q + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &ut, &st);
        t += (double)(ut + st) / sysconf(_SC_CLK_TCK);
    }
    return t;
}
static long srv_rss_kb(void)
{
    long t = 0;
    for (int i = 0; i < n_pids; i++) {
        char p[64], line[256]; snprintf(p, sizeof p, "/proc/%d/status", pids[i]);
        FILE *f = fopen(p, "r"); if (!f) continue;
        while (fgets(line, sizeof line, f)) if (!strncmp(line, "VmRSS:", 6)) t += atol(line + 6);
        fclose(f);
    }
    return t;
}

/* seconds the threads of pid spent runnable but not running: tells how noisy the machine was */
static double run_delay(int pid)
{
    double t = 0; char p[320]; snprintf(p, sizeof p, "/proc/%d/task", pid);
    DIR *d = opendir(p); struct dirent *e;
    while (d && (e = readdir(d))) {
        if (e->d_name[0] == '.') continue;
        snprintf(p, sizeof p, "/proc/%d/task/%.20s/schedstat", pid, e->d_name);
        unsigned long long run = 0, wait = 0; FILE *f = fopen(p, "r"); if (!f) continue;
        if (fscanf(f, "%llu %llu", &run, &wait) == 2) t += wait / 1e9;
        fclose(f);
    }
    if (d) closedir(d);
    return t;
}
static double srv_delay(void) { double t = 0; for (int i = 0; i < n_pids; i++) t += run_delay(pids[i]); return t; }

/* ---------------------------------------------------------------- connections */
enum state { S_NEW, S_CONNECTING, S_HEAD, S_STREAM, S_IDLE, S_CLOSED };
enum body { B_NONE, B_RAW, B_LEN, B_CHUNK, B_WS };
enum chunk { C_SIZE, C_SIZE_LF, C_DATA, C_CRLF, C_TRAILER };
struct conn {
    int fd, id;
    uint8_t is_pub, st, body, cst, fresh, ready;
    /* header accumulation */
    char *hb; int hlen;
    int status, keep;
    /* body de-framing */
    uint64_t left;                 /* bytes left in chunk / body / ws frame */
    uint8_t fh[14]; int nfh;       /* websocket frame header */
    char first[2]; int nfirst;     /* first payload bytes of this frame */
    int crlf, trailer_len;
    /* marker scanner */
    char carry[96]; int ncarry;
    /* accounting */
    uint8_t *seen; uint32_t seen_cap;
    uint32_t got, dup, reord; int64_t maxseq;
    /* publisher */
    uint64_t sched; uint32_t seq;
};
static struct conn *subs, *pubs;
static int ep, n_open, n_ready, n_closed, n_refused, connecting, next_conn;
static uint64_t rx_bytes, rx_calls, dups, reorders, events, bad_status, pub_errors, first_rx, last_rx;
static uint32_t next_seq, posts_ok, posts_sent, posts_behind;
static int publishing;

static void ep_set(struct conn *c, int op, uint32_t ev)
{
    struct epoll_event e = { .events = ev, .data.ptr = c };
    if (epoll_ctl(ep, op, c->fd, &e) < 0) die("epoll_ctl: %s", strerror(errno));
}
static void send_all(struct conn *c, const char *p, size_t n)
{
    while (n) {
        ssize_t k = send(c->fd, p, n, MSG_NOSIGNAL);
        if (k > 0) { p += k; n -= k; continue; }
        if (k < 0 && errno == EINTR) continue;
        if (k < 0 && errno == EAGAIN) {
            struct pollfd f = { c->fd, POLLOUT, 0 };
            if (poll(&f, 1, 1000) > 0) continue;
        }
        return;                                     /* the read side will notice */
    }
}
static void start_connect(struct conn *c)
{
    struct sockaddr_in *a = c->is_pub ? &pub_addr : &sub_addr; int one = 1;
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (c->fd < 0) die("socket: %s", strerror(errno));
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    int r = connect(c->fd, (struct sockaddr *)a, sizeof *a);
    if (r < 0 && errno != EINPROGRESS) {
        close(c->fd); c->st = S_CLOSED; n_refused++; return;
    }
    c->st = S_CONNECTING; connecting++;
    c->body = B_NONE; c->hlen = 0; c->ncarry = 0; c->nfh = 0;
    ep_set(c, EPOLL_CTL_ADD, EPOLLOUT);
}
static void ws_text(struct conn *c, const char *s)   /* masked text frame */
{
    size_t n = strlen(s), o = 0; static char f[1 << 16]; const uint8_t mask[4] = { 1, 2, 3, 4 };
    if (n > 60000) die("websocket text too long");
    f[o++] = (char)0x81;
    if (n < 126) f[o++] = (char)(0x80 | n);
    else { f[o++] = (char)(0x80 | 126); f[o++] = n >> 8; f[o++] = n & 255; }
    memcpy(f + o, mask, 4); o += 4;
    for (size_t i = 0; i < n; i++) f[o++] = s[i] ^ mask[i & 3];
    send_all(c, f, o);
}
/* copy tpl to out, replacing the first occurrence of key by val */
static int subst(char *out, size_t cap, const char *tpl, const char *key, const char *val)
{
    const char *p = strstr(tpl, key);
    if (!p) return snprintf(out, cap, "%s", tpl);
    return snprintf(out, cap, "%.*s%s%s", (int)(p - tpl), tpl, val, p + strlen(key));
}
static int common_headers(char *b, size_t cap, struct conn *c, const char *host)
{
    int o = snprintf(b, cap, "Host: %s\r\n", host);
    for (int i = 0; i < n_headers; i++) o += snprintf(b + o, cap - o, "%s\r\n", headers[i]);
    if (n_cookies) o += snprintf(b + o, cap - o, "Cookie: %s\r\n", cookies[c->id % n_cookies]);
    return o;
}
static void send_subscribe(struct conn *c)
{
    char b[8192], path[1024], id[16]; int o;
    snprintf(id, sizeof id, "%d", c->id);
    subst(path, sizeof path, sub_path, "%d", id);
    o = snprintf(b, sizeof b, "GET %s HTTP/1.1\r\n", path);
    o += common_headers(b + o, sizeof b - o, c, sub_host);
    if (mode == M_SSE) o += snprintf(b + o, sizeof b - o, "Accept: text/event-stream\r\n\r\n");
    else o += snprintf(b + o, sizeof b - o, "Upgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: ZmFubG9hZGZhbmxvYWRmYQ==\r\nSec-WebSocket-Version: 13\r\n\r\n");
    c->st = S_HEAD;
    send_all(c, b, o);
}
/* "seq=.. t=.. padding" of text_len bytes */
static void make_text(char *t, size_t cap, uint32_t seq, uint64_t ts)
{
    int n = snprintf(t, cap, "seq=%u t=%llu ", seq, (unsigned long long)ts);
    static const char words[] = "the quick brown fox jumps over the lazy dog and ";
    while (n < text_len && n < (int)cap - 1) { t[n] = words[n % (sizeof words - 1)]; n++; }
    t[n] = 0;
}
static void send_post(struct conn *c, uint32_t seq, uint64_t sched)
{
    static char text[20000], body[80000], req[100000]; int bl = 0, o;
    make_text(text, sizeof text, seq, sched);
    const char *ctype = "application/x-www-form-urlencoded";
    if (body_tpl) { bl = subst(body, sizeof body, body_tpl, "{{text}}", text); ctype = "text/html"; }
    else {
        bl = snprintf(body, sizeof body, "%s%s%s=", extra, *extra ? "&" : "", field);
        for (char *p = text; *p; p++) {
            if (isalnum((unsigned char)*p)) body[bl++] = *p;
            else if (*p == ' ') body[bl++] = '+';
            else bl += snprintf(body + bl, sizeof body - bl, "%%%02X", (unsigned char)*p);
        }
    }
    o = snprintf(req, sizeof req, "POST %s HTTP/1.1\r\n", pub_path);
    o += common_headers(req + o, sizeof req - o, c, pub_host);
    o += snprintf(req + o, sizeof req - o, "Content-Type: %s\r\nContent-Length: %d\r\n\r\n", ctype, bl);
    memcpy(req + o, body, bl);
    c->seq = seq; c->sched = sched; c->st = S_HEAD; c->body = B_NONE; c->hlen = 0; c->fresh = 0;
    posts_sent++;
    send_all(c, req, o + bl);
}
static void ws_publish(struct conn *c, uint32_t seq, uint64_t sched)
{
    static char text[20000], msg[60000];
    make_text(text, sizeof text, seq, sched);
    subst(msg, sizeof msg, ws_pub, "{{text}}", text);
    ws_text(c, msg); posts_sent++; posts_ok++;
}
static void drop(struct conn *c)
{
    if (c->st == S_CLOSED) return;
    if (c->st == S_CONNECTING) connecting--;
    if (c->ready && !c->is_pub) { n_open--; n_closed++; }
    close(c->fd); c->st = S_CLOSED;
    if (c->is_pub && publishing) start_connect(c);       /* publishers reconnect, readers do not */
}

/* ---------------------------------------------------------------- marker scanner */
static void record(struct conn *c, uint32_t seq, uint64_t t, uint64_t now)
{
    if (seq > 50000000u) return;
    if (seq / 8 >= c->seen_cap) {
        uint32_t cap = c->seen_cap ? c->seen_cap : 64;
        while (seq / 8 >= cap) cap *= 2;
        c->seen = xrealloc(c->seen, cap); memset(c->seen + c->seen_cap, 0, cap - c->seen_cap);
        c->seen_cap = cap;
    }
    if (c->seen[seq >> 3] & (1 << (seq & 7))) { c->dup++; dups++; return; }
    c->seen[seq >> 3] |= 1 << (seq & 7);
    if ((int64_t)seq < c->maxseq) { c->reord++; reorders++; } else c->maxseq = seq;
    c->got++; events++;
    if (!first_rx) first_rx = now;
    last_rx = now;
    hadd(&h_e2e, now > t ? now - t : 0);
}
/* Parse "seq=<d> t=<d><non-digit>" at p. Returns its length, 0 if not a marker, -1 if cut short. */
static int parse_marker(const char *p, const char *end, uint32_t *seq, uint64_t *t)
{
    const char *s = p + 4; uint64_t v = 0;
    for (; s < end && isdigit((unsigned char)*s); s++) v = v * 10 + (*s - '0');
    if (s == end) return -1;
    if (s == p + 4 || *s != ' ') return 0;
    *seq = v;
    if (end - s < 4) return -1;
    if (s[1] != 't' || s[2] != '=') return 0;
    s += 3; v = 0; const char *d = s;
    for (; s < end && isdigit((unsigned char)*s); s++) v = v * 10 + (*s - '0');
    if (s == end) return -1;
    if (s == d) return 0;
    *t = v; return s - p;
}
static void scan(struct conn *c, const char *p, size_t n, uint64_t now)
{
    const char *end = p + n; uint32_t seq; uint64_t t; int k;
    if (c->ncarry) {                                     /* finish a marker cut by the last read */
        int add = sizeof c->carry - c->ncarry; if ((size_t)add > n) add = n;
        memcpy(c->carry + c->ncarry, p, add);
        int tot = c->ncarry + add;
        if (tot < 4 || memcmp(c->carry, "seq=", 4)) k = tot < 4 && !memcmp(c->carry, "seq=", tot) ? -1 : 0;
        else k = parse_marker(c->carry, c->carry + tot, &seq, &t);
        if (k < 0 && tot < (int)sizeof c->carry) { c->ncarry = tot; return; }
        if (k > 0) record(c, seq, t, now);
        c->ncarry = 0;
    }
    while (p < end) {
        const char *q = memchr(p, 'q', end - p);         /* 'q' is rare: cheap search for "seq=" */
        if (!q || q + 1 >= end) break;
        if (q[1] != '=' || q - p < 2 || q[-1] != 'e' || q[-2] != 's') { p = q + 1; continue; }
        k = parse_marker(q - 2, end, &seq, &t);
        if (k > 0) { record(c, seq, t, now); p = q - 2 + k; }
        else if (k == 0) p = q + 1;
        else { int r = end - (q - 2); if (r <= 80) { memcpy(c->carry, q - 2, r); c->ncarry = r; } return; }
    }
    for (int r = 3; r > 0; r--)                          /* a cut "s", "se" or "seq" at the end */
        if (end - p >= r && !memcmp(end - r, "seq", r)) { memcpy(c->carry, end - r, r); c->ncarry = r; break; }
}

/* ---------------------------------------------------------------- readiness and Engine.IO */
static void set_ready(struct conn *c) { if (!c->ready) { c->ready = 1; n_ready++; n_open++; } }
static void join_room(struct conn *c)
{
    char b[4096], id[16]; snprintf(id, sizeof id, "%d", c->id);
    for (int i = 0; i < n_ws_send; i++) { subst(b, sizeof b, ws_send[i], "%d", id); ws_text(c, b); }
    set_ready(c);
}
static void ws_message_end(struct conn *c)
{
    int op = c->fh[0] & 15;
    if (op == 8) { drop(c); return; }
    if (op == 9) { static const char pong[6] = { (char)0x8a, (char)0x80, 1, 2, 3, 4 }; send_all(c, pong, 6); }
    if (mode == M_SIO && op == 1 && c->nfirst) {
        if (c->first[0] == '0') ws_text(c, "40");                         /* Engine.IO open */
        else if (c->first[0] == '2') ws_text(c, "3");                     /* ping -> pong */
        else if (c->nfirst > 1 && c->first[0] == '4' && c->first[1] == '0') join_room(c);
    }
}

/* ---------------------------------------------------------------- body de-framing */
static void post_done(struct conn *c, uint64_t now)
{
    if (c->status >= 200 && c->status < 400) { posts_ok++; hadd(&h_post, now - c->sched); } else bad_status++;
    c->st = S_IDLE; c->fresh = 1;
    if (!c->keep) drop(c);
}
static void feed(struct conn *c, const char *p, size_t n, uint64_t now)
{
    const char *end = p + n;
    while (p < end && c->st != S_CLOSED) {
        size_t avail = end - p, k;
        switch (c->body) {
        case B_RAW: scan(c, p, avail, now); return;
        case B_LEN:
            k = avail < c->left ? avail : c->left; c->left -= k; p += k;
            if (!c->is_pub) scan(c, p - k, k, now);
            if (!c->left) { if (c->is_pub) post_done(c, now); else drop(c); return; }
            break;
        case B_CHUNK:
            if (c->cst == C_DATA) {
                k = avail < c->left ? avail : c->left; if (!c->is_pub) scan(c, p, k, now);
                p += k; c->left -= k; if (!c->left) { c->cst = C_CRLF; c->crlf = 0; }
            } else if (c->cst == C_CRLF) { p++; if (++c->crlf == 2) { c->cst = C_SIZE; c->left = 0; } }
            else if (c->cst == C_SIZE) {
                char ch = *p++;
                if (ch == '\r') c->cst = C_SIZE_LF;
                else if (isxdigit((unsigned char)ch))
                    c->left = c->left * 16 + (ch <= '9' ? ch - '0' : (ch | 32) - 'a' + 10);
            } else if (c->cst == C_SIZE_LF) { p++; c->cst = c->left ? C_DATA : C_TRAILER; c->trailer_len = 0; }
            else {                                       /* trailer: wait for an empty line */
                char ch = *p++;
                if (ch == '\n') {
                    if (!c->trailer_len) { if (c->is_pub) post_done(c, now); else drop(c); return; }
                    c->trailer_len = 0;
                } else if (ch != '\r') c->trailer_len++;
            }
            break;
        case B_WS: {
            int need = 2;
            if (c->nfh >= 2) need += (c->fh[1] & 127) == 126 ? 2 : (c->fh[1] & 127) == 127 ? 8 : 0;
            if (c->nfh < need) {
                c->fh[c->nfh++] = *p++;
                if (c->nfh < 2) break;
                int l7 = c->fh[1] & 127; need = 2 + (l7 == 126 ? 2 : l7 == 127 ? 8 : 0);
                if (c->nfh < need) break;
                c->left = l7;
                if (l7 > 125) { c->left = 0; for (int i = 2; i < need; i++) c->left = c->left << 8 | c->fh[i]; }
                c->nfirst = 0;
                if (!c->left) { ws_message_end(c); c->nfh = 0; }
                break;
            }
            k = avail < c->left ? avail : c->left;
            for (size_t i = 0; i < k && c->nfirst < 2; i++) c->first[c->nfirst++] = p[i];
            scan(c, p, k, now);
            p += k; c->left -= k;
            if (!c->left) { ws_message_end(c); c->nfh = 0; }
            break; }
        default: return;
        }
    }
}
static const char *hdr(struct conn *c, const char *name)
{
    char *p = strcasestr(c->hb, name);
    return p ? p + strlen(name) : NULL;
}
static void got_head(struct conn *c)
{
    const char *v;
    c->status = atoi(c->hb + 9);
    c->keep = !strncmp(c->hb, "HTTP/1.1", 8) && !((v = hdr(c, "\r\nconnection:")) && !strncasecmp(v + 1, "close", 5));
    if (mode != M_SSE && !c->is_pub) {
        if (c->status != 101) { bad_status++; drop(c); return; }
        c->body = B_WS; c->st = S_STREAM; c->nfh = 0;
        if (mode == M_WS) join_room(c);
        return;
    }
    if ((v = hdr(c, "\r\ntransfer-encoding:")) && strcasestr(v, "chunked")) { c->body = B_CHUNK; c->cst = C_SIZE; c->left = 0; }
    else if ((v = hdr(c, "\r\ncontent-length:"))) { c->body = B_LEN; c->left = strtoull(v, NULL, 10); }
    else { c->body = B_RAW; if (c->is_pub) c->keep = 0; }
    if (c->is_pub && (c->status == 204 || c->status == 304)) { c->body = B_LEN; c->left = 0; }
    if (!c->is_pub) {
        if (c->status != 200) { bad_status++; if (verbose) fprintf(stderr, "%s\n", c->hb); drop(c); return; }
        c->st = S_STREAM; set_ready(c);
    }
}
static void on_data(struct conn *c, const char *p, size_t n, uint64_t now)
{
    if (c->st == S_HEAD && c->body == B_NONE) {
        c->hb = xrealloc(c->hb, c->hlen + n + 1);
        memcpy(c->hb + c->hlen, p, n); c->hlen += n; c->hb[c->hlen] = 0;
        char *e = strstr(c->hb, "\r\n\r\n");
        if (!e) return;
        e += 4; char save = *e; *e = 0; got_head(c); *e = save;
        size_t rest = c->hlen - (e - c->hb); char *hb = c->hb; c->hb = NULL; c->hlen = 0;
        if (c->st != S_CLOSED && c->st != S_CONNECTING) {
            if (rest) feed(c, hb + (e - hb), rest, now);
            else if (c->is_pub && c->body == B_LEN && !c->left) post_done(c, now);
        }
        free(hb);
        return;
    }
    feed(c, p, n, now);
}
static char rbuf[1 << 18];
static void on_event(struct conn *c, uint32_t ev)
{
    if (c->st == S_CONNECTING) {
        int err = 0; socklen_t l = sizeof err; getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &err, &l);
        connecting--;
        if (err || !(ev & EPOLLOUT)) { close(c->fd); c->st = S_CLOSED; n_refused++; return; }
        ep_set(c, EPOLL_CTL_MOD, EPOLLIN);
        if (c->is_pub) { c->st = S_IDLE; c->fresh = 1; } else send_subscribe(c);
        return;
    }
    ssize_t n = recv(c->fd, rbuf, sizeof rbuf, 0);
    if (n > 0) { rx_bytes += n; rx_calls++; on_data(c, rbuf, n, now_ns()); return; }
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (c->is_pub && c->st == S_HEAD) {
        if (c->body == B_RAW) post_done(c, now_ns()); else pub_errors++;
    }
    if (c->st != S_CONNECTING) drop(c);
}

/* ---------------------------------------------------------------- main loop */
static int tfd; static struct conn *timer_tag = (struct conn *)1;
static void arm(uint64_t at)
{
    struct itimerspec it = { .it_value = { at / 1000000000ull, at % 1000000000ull } };
    if (!at) it.it_value.tv_nsec = 1;
    timerfd_settime(tfd, TFD_TIMER_ABSTIME, &it, NULL);
}
static uint64_t pub_t0, pub_end;        /* open loop: message k is due at t0 + k/rate */
static int idle_rr;
static struct conn *idle_pub(void)
{
    for (int i = 0; i < n_pubs; i++) {
        struct conn *c = &pubs[(idle_rr + i) % n_pubs];
        if (c->st == S_IDLE) { idle_rr = (idle_rr + i + 1) % n_pubs; return c; }
        if (c->st == S_CLOSED && publishing) start_connect(c);
    }
    return NULL;
}
static void publish_due(void)
{
    uint64_t now = now_ns();
    if (rate <= 0) {                                     /* closed loop */
        for (int i = 0; i < n_pubs && now < pub_end; i++)
            if (pubs[i].st == S_IDLE) send_post(&pubs[i], next_seq++, now_ns());
            else if (pubs[i].st == S_CLOSED) start_connect(&pubs[i]);
        return;
    }
    for (;;) {
        uint64_t due = pub_t0 + (uint64_t)(next_seq * 1e9 / rate);
        if (due >= pub_end || due > now) { if (due < pub_end) arm(due); return; }
        struct conn *c = ws_pub ? &subs[next_seq % n_subs] : idle_pub();
        if (!c) { posts_behind++; return; }     /* all busy: latency keeps counting */
        if (ws_pub) ws_publish(c, next_seq, due); else send_post(c, next_seq, due);
        next_seq++;
    }
}
static void pump(int ms)                                 /* one turn of the event loop */
{
    static struct epoll_event evs[256];
    int n = epoll_wait(ep, evs, 256, ms);
    for (int i = 0; i < n; i++) {
        struct conn *c = evs[i].data.ptr;
        if (c == timer_tag) { uint64_t x; if (read(tfd, &x, 8) < 0) {} }
        else if (c->st != S_CLOSED) on_event(c, evs[i].events);
        if (publishing && (i & 15) == 15) publish_due();
    }
    if (publishing) publish_due();
}
static void run_for(double s, int (*stop)(void))
{
    uint64_t end = now_ns() + (uint64_t)(s * 1e9);
    while (now_ns() < end && !(stop && stop())) { int left = (end - now_ns()) / 1000000 + 1; pump(left > 20 ? 20 : left); }
}
static int all_in(void)
{
    int busy = 0; for (int i = 0; i < n_pubs; i++) if (pub_path && pubs[i].st == S_HEAD) busy = 1;
    return !busy && events >= (uint64_t)n_open * posts_ok;
}
static int self_done(void) { return rate > 0 ? (pub_t0 + (uint64_t)(next_seq * 1e9 / rate) >= pub_end) : now_ns() >= pub_end; }

static void addr(char *s, struct sockaddr_in *a)
{
    char h[64]; snprintf(h, sizeof h, "%s", s); char *c = strchr(h, ':'); if (!c) die("host:port expected: %s", s);
    *c = 0; a->sin_family = AF_INET; a->sin_port = htons(atoi(c + 1));
    if (inet_pton(AF_INET, h, &a->sin_addr) != 1) die("bad address %s", h);
}
static char *slurp(const char *f)
{
    FILE *fp = fopen(f, "r"); if (!fp) die("%s: %s", f, strerror(errno));
    char *b = NULL; size_t n = 0, k; do { b = xrealloc(b, n + 65537); k = fread(b + n, 1, 65536, fp); n += k; } while (k);
    fclose(fp); b[n] = 0; return b;
}
static void usage(void)
{
    puts("fanload [options]\n"
    " -a host:port   subscriber address      -b host:port   publisher address (default: -a)\n"
    " -n N           subscribers             -m sse|ws|sio  stream kind\n"
    " -p path        subscribe path (%d = connection index)\n"
    " -H 'K: v'      extra header (repeat)   -C file        one Cookie value per line, per connection\n"
    " -S text        websocket text to send once open (repeat; %d = index); in sio mode after '40'\n"
    " -P path        POST path (none: no HTTP publisher)     -K n  publisher connections\n"
    " -F field -X 'a=b&c=d'  form field for the text, further fields\n"
    " -B file        raw body template with {{text}} instead of a form\n"
    " -W template    publish over the readers' websocket, {{text}} replaced\n"
    " -R rate        messages/s, open loop (0: closed loop)  -T s  publishing time\n"
    " -L n           text length             -D s  max drain  -s s  settle  -I s  hold idle before\n"
    " -c n           parallel connects       -i pid[,pid]   server processes to account\n"
    " -l label       copied into the JSON    -v verbose");
    exit(1);
}
int main(int ac, char **av)
{
    int o;
    while ((o = getopt(ac, av, "a:b:n:m:p:H:C:S:P:K:F:X:B:W:R:T:L:D:s:I:c:i:l:vh")) != -1) switch (o) {
    case 'a': snprintf(sub_host, sizeof sub_host, "%s", optarg); break;
    case 'b': snprintf(pub_host, sizeof pub_host, "%s", optarg); break;
    case 'n': n_subs = atoi(optarg); break;
    case 'm': mode = !strcmp(optarg, "ws") ? M_WS : !strcmp(optarg, "sio") ? M_SIO : M_SSE; break;
    case 'p': sub_path = optarg; break;
    case 'H': if (n_headers < 32) headers[n_headers++] = optarg; break;
    case 'S': if (n_ws_send < 32) ws_send[n_ws_send++] = optarg; break;
    case 'C': { char *b = slurp(optarg), *l;
        while ((l = strsep(&b, "\n"))) if (*l) { cookies = xrealloc(cookies, (n_cookies + 1) * sizeof *cookies); cookies[n_cookies++] = l; }
        break; }
    case 'P': pub_path = optarg; break;
    case 'K': n_pubs = atoi(optarg); break;
    case 'F': field = optarg; break;
    case 'X': extra = optarg; break;
    case 'B': body_tpl = slurp(optarg); break;
    case 'W': ws_pub = optarg; break;
    case 'R': rate = atof(optarg); break;
    case 'T': secs = atof(optarg); break;
    case 'L': text_len = atoi(optarg); break;
    case 'D': drain = atof(optarg); break;
    case 's': settle = atof(optarg); break;
    case 'I': hold = atof(optarg); break;
    case 'c': conn_par = atoi(optarg); break;
    case 'i': for (char *s = optarg, *t; (t = strsep(&s, ",")) && n_pids < 64; ) if (*t) pids[n_pids++] = atoi(t); break;
    case 'l': label = optarg; break;
    case 'v': verbose = 1; break;
    default: usage();
    }
    struct rlimit rl; getrlimit(RLIMIT_NOFILE, &rl); rl.rlim_cur = rl.rlim_max; setrlimit(RLIMIT_NOFILE, &rl);
    if ((uint64_t)n_subs + n_pubs + 16 > rl.rlim_cur) die("ulimit -n too low: %llu", (unsigned long long)rl.rlim_cur);
    if (!*pub_host) strcpy(pub_host, sub_host);
    addr(sub_host, &sub_addr); addr(pub_host, &pub_addr);
    if (!pub_path) n_pubs = 0;
    signal(SIGPIPE, SIG_IGN);
    ep = epoll_create1(0); tfd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
    struct epoll_event te = { .events = EPOLLIN, .data.ptr = timer_tag }; epoll_ctl(ep, EPOLL_CTL_ADD, tfd, &te);
    subs = calloc(n_subs + 1, sizeof *subs); pubs = calloc(n_pubs + 1, sizeof *pubs);

    /* 1. connect every reader, conn_par at a time */
    long rss0 = srv_rss_kb(); uint64_t c0 = now_ns(), limit = c0 + 120000000000ull; double cpu_c0 = srv_cpu();
    for (int i = 0; i < n_subs; i++) { subs[i].id = i; subs[i].maxseq = -1; }
    while (n_ready + n_refused + n_closed + (int)bad_status < n_subs && now_ns() < limit) {
        int pending = next_conn - n_ready - n_refused - (int)bad_status;
        while (next_conn < n_subs && pending < conn_par) { start_connect(&subs[next_conn++]); pending++; }
        pump(20);
    }
    double conn_s = (now_ns() - c0) / 1e9, cpu_conn = srv_cpu() - cpu_c0;
    for (int i = 0; i < n_pubs; i++) { pubs[i].is_pub = 1; pubs[i].id = i; start_connect(&pubs[i]); }
    run_for(settle, NULL);
    long rss1 = srv_rss_kb(); double cpu_i0 = srv_cpu(), cpu_idle;
    if (hold > 0) run_for(hold, NULL);
    cpu_idle = srv_cpu() - cpu_i0; rss1 = hold > 0 ? srv_rss_kb() : rss1;

    /* 2. publish */
    struct rusage ru0, ru1; getrusage(RUSAGE_SELF, &ru0);
    double cpu0 = srv_cpu(), sd0 = srv_delay(), cd0 = run_delay(getpid()), wall, self_cpu; uint64_t bytes0 = rx_bytes, calls0 = rx_calls;
    events = dups = reorders = 0; pub_t0 = now_ns(); pub_end = pub_t0 + (uint64_t)(secs * 1e9);
    if ((pub_path || ws_pub) && secs > 0) {
        publishing = 1; publish_due();
        run_for(secs + drain, self_done);
        publishing = 0;
        run_for(drain, all_in);
    } else run_for(secs, NULL);
    uint64_t t_end = last_rx > pub_t0 ? last_rx : now_ns();
    double cpu1 = srv_cpu(); getrusage(RUSAGE_SELF, &ru1);
    wall = (now_ns() - pub_t0) / 1e9;
    self_cpu = (ru1.ru_utime.tv_sec - ru0.ru_utime.tv_sec) + (ru1.ru_utime.tv_usec - ru0.ru_utime.tv_usec) / 1e6 +
               (ru1.ru_stime.tv_sec - ru0.ru_stime.tv_sec) + (ru1.ru_stime.tv_usec - ru0.ru_stime.tv_usec) / 1e6;
    double sd = srv_delay() - sd0, cd = run_delay(getpid()) - cd0;
    uint64_t want = 0, got = 0, minc = UINT64_MAX;
    for (int i = 0; i < n_subs; i++) if (subs[i].ready) { want += posts_ok; got += subs[i].got; if (subs[i].got < minc) minc = subs[i].got; }
    double span = (t_end - pub_t0) / 1e9, deliv = span > 0 ? events / span : 0, dcpu = cpu1 - cpu0;
    long rss2 = srv_rss_kb();
    printf("{\"label\":\"%s\",\"mode\":%d,\"n\":%d,\"rate\":%g,\"secs\":%g,\"established\":%d,\"refused\":%d,\"bad_status\":%llu,"
        "\"closed\":%d,\"connect_s\":%.3f,\"connect_cpu_s\":%.2f,\"posts_sent\":%u,\"posts_ok\":%u,\"pub_errors\":%llu,\"posts_behind\":%u,"
        "\"post_p50\":%.3f,\"post_p95\":%.3f,\"post_p99\":%.3f,\"post_max\":%.3f,\"post_per_s\":%.1f,"
        "\"events\":%llu,\"missing\":%lld,\"dups\":%llu,\"reorder\":%llu,\"min_per_conn\":%llu,\"deliv_per_s\":%.0f,"
        "\"p50\":%.3f,\"p95\":%.3f,\"p99\":%.3f,\"max\":%.3f,\"mean\":%.3f,\"mbytes\":%.2f,\"bytes_per_event\":%.0f,\"recvs\":%llu,"
        "\"wall\":%.2f,\"client_cpu\":%.2f,\"srv_cpu\":%.2f,\"srv_util\":%.3f,\"cpu_per_M\":%.3f,\"idle_cpu\":%.2f,\"srv_delay\":%.3f,\"client_delay\":%.3f,"
        "\"rss0_kb\":%ld,\"rss_idle_kb\":%ld,\"rss_end_kb\":%ld,\"kb_per_sub\":%.2f}\n",
        label, mode, n_subs, rate, secs, n_ready, n_refused, (unsigned long long)bad_status, n_closed, conn_s, cpu_conn,
        posts_sent, posts_ok, (unsigned long long)pub_errors, posts_behind,
        hpct(&h_post, 50), hpct(&h_post, 95), hpct(&h_post, 99), h_post.max / 1000.0, posts_ok / (rate > 0 ? span : secs),
        (unsigned long long)events, (long long)(want - got), (unsigned long long)dups, (unsigned long long)reorders,
        (unsigned long long)(minc == UINT64_MAX ? 0 : minc), deliv,
        hpct(&h_e2e, 50), hpct(&h_e2e, 95), hpct(&h_e2e, 99), h_e2e.max / 1000.0, h_e2e.n ? h_e2e.sum / h_e2e.n / 1000 : 0,
        (rx_bytes - bytes0) / 1e6, events ? (double)(rx_bytes - bytes0) / events : 0, (unsigned long long)(rx_calls - calls0),
        wall, self_cpu, dcpu, span > 0 ? dcpu / span : 0, events ? dcpu / (events / 1e6) : 0, cpu_idle, wall > 0 ? sd / wall : 0, wall > 0 ? cd / wall : 0,
        rss0, rss1, rss2, n_ready ? (double)(rss1 - rss0) / n_ready : 0);
    return 0;
}
