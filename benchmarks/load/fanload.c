/* fanload - lean load generator for chat-like servers (SSE, WebSocket, Socket.IO v4, pages).
 *
 * One thread, one epoll, no dependencies.  gcc -O2 -Wall -o fanload fanload.c
 *
 * It opens N streams and keeps them. Then it takes orders on its standard input, one a line, and answers each with
 * one line of JSON: `post RATE SECONDS` publishes at a fixed rate (0: each publisher as soon as it was answered),
 * `hold SECONDS` only keeps the streams. Latency counts from the SCHEDULED moment of a post.
 *
 * Every text begins with "seq=<n> t=<ns> "; readers look for exactly that mark in the de-framed payload (HTTP chunks,
 * length, raw, WebSocket frames), so that several messages in one event, or one message in several pieces, count right.
 * Counted for each reader and message: lost (acknowledged, never arrived), double, and out of order. The right order is
 * that of the reader who got the most: publishers race, so that the order of sending says nothing.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/timerfd.h>

#include "measure.h"
#include "scan.h"

/* ---------------------------------------------------------------- options */
enum mode { M_SSE, M_WS, M_SIO };
static struct sockaddr_in server, post_server;
static char host[64] = "127.0.0.1:8000", post_host[64];
static enum mode mode = M_SSE;
static int n_subs, n_stalled, n_pages, n_pubs = 4, conn_par = 64, text_len = 200, n_sources = 1, check_numbers, look_into_pages = 1;
static const char *sub_path = "/", *page_path = "/", *pub_path = NULL, *field = "text", *extra = "", *ws_pub = NULL;
static double drain = 30, settle = 0.5;
static char *headers[32], *post_headers[32]; static int n_headers, n_post_headers;
static char *ws_send[32]; static int n_ws_send;
static char **cookies; static int n_cookies;
static char *body_tpl;
static int verbose;

/* ---------------------------------------------------------------- connections */
enum role { R_READER, R_PUBLISHER, R_PAGE, R_STALLED };
enum state { S_NEW, S_CONNECTING, S_HEAD, S_STREAM, S_IDLE, S_CLOSED };
enum body { B_NONE, B_RAW, B_LEN, B_CHUNK, B_WS };
enum chunk { C_SIZE, C_SIZE_LF, C_DATA, C_CRLF, C_TRAILER };
struct conn {
    int fd, id;
    uint8_t role, st, body, cst, ready;
    char *hb; int hlen;            /* response head while it arrives */
    int status, keep;
    uint64_t left;                 /* bytes left in chunk / body / ws frame */
    uint8_t fh[14]; int nfh;       /* websocket frame header */
    char first[2]; int nfirst;     /* first payload bytes of this frame */
    int crlf, trailer_len;
    struct scanner sc;
    /* reader */
    uint8_t *seen; uint32_t seen_cap;
    uint32_t *order, order_cap;    /* what arrived in this step, as it came */
    uint32_t got_step; uint64_t number;
    /* publisher and page */
    uint64_t sched; uint32_t seq;
    uint32_t want; int has_want, found; uint64_t page_bytes;
};
static struct conn *subs, *stalled, *pages, *pubs;
static int ep, n_open, n_ready, n_closed, n_refused, n_bad, stalled_ready, stalled_closed;
static uint64_t rx_bytes;
static int publishing, getting;

/* what is known of each message, by its number */
struct message { uint64_t sched, last; uint32_t got, rank; uint8_t acked; };
static struct message *msgs; static uint32_t msgs_cap, next_seq, newest_ack; static int has_ack;

/* one order's counts */
static struct step {
    uint32_t base, sent, ok, errors, bad_status;
    uint64_t events, dups, misnumbered, foreign, late, open_got, t0, end, last_rx, last_event;
    uint64_t pages, stale, page_errors, page_bytes;
    int closed0; long rss_peak;
} step;
static struct hist h_deliver, h_post, h_page, h_last;
static uint32_t run_tag;

static void start_connect(struct conn *c);

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
    int one = 1, small = 2048, segment = 1460;
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (c->fd < 0) die("socket: %s", strerror(errno));
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (c->role == R_STALLED) {                     /* as over a network: loopback's large segments make large buffers */
        setsockopt(c->fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
        setsockopt(c->fd, IPPROTO_TCP, TCP_MAXSEG, &segment, sizeof segment);
    }
    if (n_sources > 1) {                            /* each source address has ports of its own */
        struct sockaddr_in from = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(0x7f000001u + c->id % n_sources) };
        setsockopt(c->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
        if (bind(c->fd, (struct sockaddr *)&from, sizeof from) < 0) die("bind: %s", strerror(errno));
    }
    struct sockaddr_in *to = c->role == R_PUBLISHER ? &post_server : &server;
    if (connect(c->fd, (struct sockaddr *)to, sizeof *to) < 0 && errno != EINPROGRESS) {
        close(c->fd); c->st = S_CLOSED; n_refused++; return;
    }
    c->st = S_CONNECTING; c->body = B_NONE; c->hlen = 0; c->nfh = 0; c->sc.ncarry = 0;
    ep_set(c, EPOLL_CTL_ADD, EPOLLOUT);
}
static void drop(struct conn *c)
{
    if (c->st == S_CLOSED) return;
    if (c->ready) { n_open--; n_closed++; step.open_got -= c->got_step; }
    close(c->fd); c->st = S_CLOSED;
    free(c->hb); c->hb = NULL; c->hlen = 0;
    /* publishers and pages come back, readers do not */
    if ((c->role == R_PUBLISHER && publishing) || (c->role == R_PAGE && getting)) start_connect(c);
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
static int common_headers(char *b, size_t cap, struct conn *c)
{
    int o = snprintf(b, cap, "Host: %s\r\n", host);
    for (int i = 0; i < n_headers; i++) o += snprintf(b + o, cap - o, "%s\r\n", headers[i]);
    for (int i = 0; i < n_post_headers && c->role == R_PUBLISHER; i++) o += snprintf(b + o, cap - o, "%s\r\n", post_headers[i]);
    if (n_cookies) o += snprintf(b + o, cap - o, "Cookie: %s\r\n", cookies[c->id % n_cookies]);
    return o;
}
static void send_get(struct conn *c)
{
    char b[8192], path[1024], id[16]; int o;
    snprintf(id, sizeof id, "%d", c->id);
    subst(path, sizeof path, c->role == R_PAGE ? page_path : sub_path, "%d", id);
    o = snprintf(b, sizeof b, "GET %s HTTP/1.1\r\n", path);
    o += common_headers(b + o, sizeof b - o, c);
    if (c->role == R_PAGE) o += snprintf(b + o, sizeof b - o, "Accept: text/html\r\n\r\n");
    else if (mode == M_SSE) o += snprintf(b + o, sizeof b - o, "Accept: text/event-stream\r\n\r\n");
    else o += snprintf(b + o, sizeof b - o, "Upgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: ZmFubG9hZGZhbmxvYWRmYQ==\r\nSec-WebSocket-Version: 13\r\n\r\n");
    c->st = S_HEAD; c->body = B_NONE; c->hlen = 0; c->sc.ncarry = 0; c->page_bytes = 0;
    c->sched = now_ns(); c->has_want = has_ack; c->want = newest_ack; c->found = 0;
    send_all(c, b, o);
}

/* ---------------------------------------------------------------- publishing */
static struct message *message(uint32_t seq)
{
    if (seq >= msgs_cap) {
        uint32_t cap = msgs_cap ? msgs_cap : 1024;
        while (seq >= cap) cap *= 2;
        msgs = xrealloc(msgs, cap * sizeof *msgs);
        memset(msgs + msgs_cap, 0, (cap - msgs_cap) * sizeof *msgs);
        msgs_cap = cap;
    }
    return &msgs[seq];
}
static void make_text(char *t, size_t cap, uint32_t seq, uint64_t ts)   /* "seq=.. t=.. padding" of text_len bytes */
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
        char key[32]; snprintf(key, sizeof key, "%x-%u", run_tag, seq);
        bl = subst(body, sizeof body, extra, "{{key}}", key);
        bl += snprintf(body + bl, sizeof body - bl, "%s%s=", *extra ? "&" : "", field);
        for (char *p = text; *p; p++) {
            if (isalnum((unsigned char)*p)) body[bl++] = *p;
            else if (*p == ' ') body[bl++] = '+';
            else bl += snprintf(body + bl, sizeof body - bl, "%%%02X", (unsigned char)*p);
        }
    }
    o = snprintf(req, sizeof req, "POST %s HTTP/1.1\r\n", pub_path);
    o += common_headers(req + o, sizeof req - o, c);
    o += snprintf(req + o, sizeof req - o, "Content-Type: %s\r\nContent-Length: %d\r\n\r\n", ctype, bl);
    memcpy(req + o, body, bl);
    c->seq = seq; c->sched = sched; c->st = S_HEAD; c->body = B_NONE; c->hlen = 0;
    message(seq)->sched = sched; step.sent++;
    send_all(c, req, o + bl);
}
static void acknowledged(uint32_t seq)
{
    message(seq)->acked = 1; step.ok++;
    if (!has_ack || seq > newest_ack) newest_ack = seq;
    has_ack = 1;
}
static void ws_publish(struct conn *c, uint32_t seq, uint64_t sched)
{
    static char text[20000], msg[60000];
    make_text(text, sizeof text, seq, sched);
    subst(msg, sizeof msg, ws_pub, "{{text}}", text);
    message(seq)->sched = sched; step.sent++;
    ws_text(c, msg);
    acknowledged(seq);                               /* a websocket does not say more than that it was sent */
}

/* ---------------------------------------------------------------- what arrives */
static void on_number(struct conn *c, uint64_t number)
{
    if (!check_numbers) return;
    if (c->number && number != c->number + 1) step.misnumbered++;
    if (number > c->number) c->number = number;
}
static void on_message(struct conn *c, uint64_t seq, uint64_t t, uint64_t now)
{
    /* of an earlier run, which left its messages in the room */
    if (seq >= next_seq || msgs[seq].sched != t) { step.foreign++; return; }
    struct message *m = &msgs[seq];
    if (seq / 8 >= c->seen_cap) {
        uint32_t cap = c->seen_cap ? c->seen_cap : 64;
        while (seq / 8 >= cap) cap *= 2;
        c->seen = xrealloc(c->seen, cap); memset(c->seen + c->seen_cap, 0, cap - c->seen_cap);
        c->seen_cap = cap;
    }
    if (c->seen[seq >> 3] & (1 << (seq & 7))) { step.dups++; return; }
    c->seen[seq >> 3] |= 1 << (seq & 7);
    m->got++; m->last = now; step.last_event = now;
    if (seq < step.base) { step.late++; return; }
    if (c->got_step == c->order_cap) {
        c->order_cap = c->order_cap ? 2 * c->order_cap : 16;
        c->order = xrealloc(c->order, c->order_cap * sizeof *c->order);
    }
    c->order[c->got_step++] = seq; step.open_got++; step.events++; step.last_rx = now;
    hadd(&h_deliver, now > t ? now - t : 0);
}
static void found_mark(void *owner, struct mark m, uint64_t now)
{
    struct conn *c = owner;
    if (c->role == R_PAGE) {
        if (m.kind == MARK_MESSAGE && c->has_want && m.seq == c->want && m.t == msgs[c->want].sched) c->found = 1;
    } else if (m.kind == MARK_MESSAGE) on_message(c, m.seq, m.t, now);
    else on_number(c, m.seq);
}
static void payload(struct conn *c, const char *p, size_t n, uint64_t now)
{
    if (c->role == R_PAGE) { c->page_bytes += n; if (!look_into_pages) return; }
    if (c->role != R_PUBLISHER) scan(&c->sc, c, found_mark, p, n, now);
}

/* ---------------------------------------------------------------- readiness and Engine.IO */
static void set_ready(struct conn *c) { if (!c->ready) { c->ready = 1; n_ready++; n_open++; } }
static void join_room(struct conn *c)
{
    char b[4096], id[16]; snprintf(id, sizeof id, "%d", c->id);
    for (int i = 0; i < n_ws_send; i++) { subst(b, sizeof b, ws_send[i], "%d", id); ws_text(c, b); }
    if (mode == M_WS || !n_ws_send) set_ready(c);    /* in Socket.IO the server acknowledges that one is in */
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
        else if (c->nfirst > 1 && c->first[0] == '4' && c->first[1] == '3') set_ready(c);
    }
}

/* ---------------------------------------------------------------- bodies */
static void body_end(struct conn *c, uint64_t now)   /* of a post or a page; a stream that ends is closed */
{
    int good = c->status >= 200 && c->status < 400;
    if (c->role == R_PUBLISHER) {
        if (good) { acknowledged(c->seq); hadd(&h_post, now - c->sched); }
        else { step.bad_status++; if (verbose) fprintf(stderr, "post: %d\n", c->status); }
    } else if (c->role == R_PAGE) {
        if (c->status != 200) step.page_errors++;
        else {
            step.pages++; step.page_bytes += c->page_bytes; hadd(&h_page, now - c->sched);
            if (look_into_pages && c->has_want && !c->found) step.stale++;
        }
    } else { drop(c); return; }
    c->st = S_IDLE;
    if (!c->keep) drop(c);
}
static void feed(struct conn *c, const char *p, size_t n, uint64_t now)
{
    const char *end = p + n;
    while (p < end && (c->st == S_HEAD || c->st == S_STREAM)) {
        size_t avail = end - p, k;
        switch (c->body) {
        case B_RAW: payload(c, p, avail, now); return;
        case B_LEN:
            k = avail < c->left ? avail : c->left; c->left -= k; p += k;
            payload(c, p - k, k, now);
            if (!c->left) { body_end(c, now); return; }
            break;
        case B_CHUNK:
            if (c->cst == C_DATA) {
                k = avail < c->left ? avail : c->left; payload(c, p, k, now);
                p += k; c->left -= k; if (!c->left) { c->cst = C_CRLF; c->crlf = 0; }
            } else if (c->cst == C_CRLF) { p++; if (++c->crlf == 2) { c->cst = C_SIZE; c->left = 0; } }
            else if (c->cst == C_SIZE) {
                char ch = *p++;
                if (ch == '\r') c->cst = C_SIZE_LF;
                else if (isxdigit((unsigned char)ch))
                    c->left = c->left * 16 + (ch <= '9' ? ch - '0' : (ch | 32) - 'a' + 10);
                else die("connection %d: not a chunk size: %d", c->id, ch);
            } else if (c->cst == C_SIZE_LF) { p++; c->cst = c->left ? C_DATA : C_TRAILER; c->trailer_len = 0; }
            else {                                       /* trailer: wait for an empty line */
                char ch = *p++;
                if (ch == '\n') {
                    if (!c->trailer_len) { body_end(c, now); return; }
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
            payload(c, p, k, now);
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
static int got_head(struct conn *c)                    /* 0: not what was asked for */
{
    const char *v; int is_reader = c->role == R_READER;
    c->status = atoi(c->hb + 9);
    c->keep = !strncmp(c->hb, "HTTP/1.1", 8) && !((v = hdr(c, "\r\nconnection:")) && !strncasecmp(v + 1, "close", 5));
    if (is_reader && c->status != (mode == M_SSE ? 200 : 101)) {
        n_bad++; if (verbose) fprintf(stderr, "%s\n", c->hb);
        return 0;
    }
    if (is_reader && mode != M_SSE) {
        c->body = B_WS; c->st = S_STREAM; c->nfh = 0;
        if (mode == M_WS) join_room(c);
        return 1;
    }
    if ((v = hdr(c, "\r\ntransfer-encoding:")) && strcasestr(v, "chunked")) { c->body = B_CHUNK; c->cst = C_SIZE; c->left = 0; }
    else if ((v = hdr(c, "\r\ncontent-length:"))) { c->body = B_LEN; c->left = strtoull(v, NULL, 10); }
    else { c->body = B_RAW; c->keep = 0; }
    if (c->status == 204 || c->status == 304) { c->body = B_LEN; c->left = 0; }
    if (is_reader) { c->st = S_STREAM; set_ready(c); }
    return 1;
}
static void on_data(struct conn *c, const char *p, size_t n, uint64_t now)
{
    if (c->st == S_HEAD && c->body == B_NONE) {
        c->hb = xrealloc(c->hb, c->hlen + n + 1);
        memcpy(c->hb + c->hlen, p, n); c->hlen += n; c->hb[c->hlen] = 0;
        char *e = strstr(c->hb, "\r\n\r\n");
        if (!e) return;
        size_t head = e + 4 - c->hb, rest = c->hlen - head; char *all = c->hb, save = all[head];
        all[head] = 0; int good = got_head(c); all[head] = save;
        if (!good) { drop(c); return; }
        c->hb = NULL; c->hlen = 0;
        if (rest) feed(c, all + head, rest, now);
        else if (c->body == B_LEN && !c->left) body_end(c, now);
        free(all);
        return;
    }
    feed(c, p, n, now);
}
static void on_stalled(struct conn *c, uint32_t ev)  /* looks at the status without taking it off the socket */
{
    char head[13];
    if (!c->ready) {
        ssize_t n = recv(c->fd, head, 12, MSG_PEEK);
        if (n < 0 && errno == EAGAIN) return;
        head[n > 0 ? n : 0] = 0;
        if (n < 12 || atoi(head + 9) != 200) { n_bad++; close(c->fd); c->st = S_CLOSED; return; }
        c->ready = 1; stalled_ready++;
        ep_set(c, EPOLL_CTL_MOD, EPOLLRDHUP | EPOLLET);
    } else if (ev & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) { stalled_closed++; close(c->fd); c->st = S_CLOSED; }
}
static char rbuf[1 << 18];
static void on_event(struct conn *c, uint32_t ev)
{
    if (c->st == S_CONNECTING) {
        int err = 0; socklen_t l = sizeof err; getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &err, &l);
        if (err || !(ev & EPOLLOUT)) { close(c->fd); c->st = S_CLOSED; n_refused++; return; }
        ep_set(c, EPOLL_CTL_MOD, EPOLLIN);
        if (c->role == R_PUBLISHER || c->role == R_PAGE) c->st = S_IDLE; else send_get(c);
        return;
    }
    if (c->role == R_STALLED) { on_stalled(c, ev); return; }
    ssize_t n = recv(c->fd, rbuf, sizeof rbuf, 0);
    if (n > 0) { rx_bytes += n; on_data(c, rbuf, n, now_ns()); return; }
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (c->st == S_HEAD && c->role != R_READER) {
        if (c->body == B_RAW) { body_end(c, now_ns()); return; }
        if (c->role == R_PUBLISHER) step.errors++; else step.page_errors++;
    } else if (c->st == S_HEAD) n_bad++;
    drop(c);
}

/* ---------------------------------------------------------------- main loop */
static int tfd, has_line; static double rate;
static void arm(uint64_t at)
{
    struct itimerspec it = { .it_value = { at / 1000000000ull, at % 1000000000ull } };
    if (!at) it.it_value.tv_nsec = 1;
    timerfd_settime(tfd, TFD_TIMER_ABSTIME, &it, NULL);
}
static uint64_t due(uint32_t seq) { return step.t0 + (uint64_t)((seq - step.base) * 1e9 / rate); }
static struct conn *idle_pub(void)
{
    static int turn;
    for (int i = 0; i < n_pubs; i++) {
        struct conn *c = &pubs[(turn + i) % n_pubs];
        if (c->st == S_CLOSED) start_connect(c);
        if (c->st == S_IDLE) { turn = (turn + i + 1) % n_pubs; return c; }
    }
    return NULL;
}
static struct conn *open_sub(void)
{
    static int turn;
    for (int i = 0; i < n_subs; i++) {
        struct conn *c = &subs[turn++ % n_subs];
        if (c->st == S_STREAM) return c;
    }
    return NULL;
}
static void publish_due(void)
{
    uint64_t now = now_ns();
    while (rate > 0) {
        uint64_t at = due(next_seq);
        if (at >= step.end) return;
        if (at > now) { arm(at); return; }
        struct conn *c = ws_pub ? open_sub() : idle_pub();
        if (!c) return;                                  /* all busy: latency keeps counting */
        message(next_seq);
        if (ws_pub) ws_publish(c, next_seq++, at); else send_post(c, next_seq++, at);
    }
    for (struct conn *c; now < step.end && (c = ws_pub ? NULL : idle_pub()); ) {
        message(next_seq); send_post(c, next_seq++, now_ns());
    }
}
static void get_pages(void)
{
    if (now_ns() >= step.end) { getting = 0; return; }
    for (int i = 0; i < n_pages; i++) {
        if (pages[i].st == S_CLOSED) start_connect(&pages[i]);
        if (pages[i].st == S_IDLE) send_get(&pages[i]);
    }
}
static void pump(int ms)                                 /* one turn of the event loop */
{
    static struct epoll_event evs[256];
    static uint64_t next_look;
    int n = epoll_wait(ep, evs, 256, ms);
    for (int i = 0; i < n; i++) {
        struct conn *c = evs[i].data.ptr;
        if (c == (void *)&tfd) { uint64_t x; if (read(tfd, &x, 8) < 0) {} }
        else if (c == (void *)&has_line) has_line = 1;
        else if (c->st != S_CLOSED) on_event(c, evs[i].events);
        if (publishing && (i & 15) == 15) publish_due();
    }
    if (publishing) publish_due();
    if (getting) get_pages();
    if (now_ns() > next_look) {
        long rss = server_rss_kb(); if (rss > step.rss_peak) step.rss_peak = rss;
        next_look = now_ns() + 100000000ull;
    }
}
static void run_for(double s)
{
    uint64_t end = now_ns() + (uint64_t)(s * 1e9), now;
    while ((now = now_ns()) < end) { int left = (end - now) / 1000000 + 1; pump(left > 20 ? 20 : left); }
}
static int busy(void)
{
    for (int i = 0; i < n_pubs; i++) if (pubs[i].st == S_HEAD) return 1;
    for (int i = 0; i < n_pages; i++) if (pages[i].st == S_HEAD) return 1;
    return 0;
}
static uint64_t lost(int is_closed)   /* acknowledged, not seen; of readers still here, or of those that the server closed */
{
    uint64_t n = 0;
    for (int i = 0; i < n_subs; i++) {
        struct conn *c = &subs[i];
        if (!c->ready || (c->st == S_CLOSED) != is_closed) continue;
        for (uint32_t s = step.base; s < next_seq; s++)
            if (msgs[s].acked && !(s / 8 < c->seen_cap && c->seen[s >> 3] & (1 << (s & 7)))) n++;
    }
    return n;
}
/* Messages that came to a reader after one that follows them in the order of the reader who got the most. */
static uint64_t disorder(void)
{
    struct conn *most = NULL; uint64_t n = 0;
    for (int i = 0; i < n_subs; i++) if (!most || subs[i].got_step > most->got_step) most = &subs[i];
    for (uint32_t s = step.base; s < next_seq; s++) msgs[s].rank = 0;
    for (uint32_t k = 0; most && k < most->got_step; k++) msgs[most->order[k]].rank = k + 1;
    for (int i = 0; i < n_subs; i++)
        for (uint32_t k = 0, highest = 0; k < subs[i].got_step; k++) {
            uint32_t rank = msgs[subs[i].order[k]].rank;
            if (rank && rank < highest) n++; else if (rank) highest = rank;
        }
    return n;
}
/* until everything has arrived everywhere, or nothing has moved for a while, or patience ends */
static void wait_for_rest(void)
{
    uint64_t began = now_ns(), limit = began + (uint64_t)(drain * 1e9), quiet = 10000000000ull;
    while (now_ns() < limit) {
        if (!busy()) {
            if (step.open_got >= (uint64_t)n_open * step.ok && !lost(0)) return;
            uint64_t from = step.last_event > began ? step.last_event : began;
            if (now_ns() > from + quiet) return;
        }
        pump(5);
    }
}

/* ---------------------------------------------------------------- orders */
static double self_cpu(void)
{
    struct rusage r; getrusage(RUSAGE_SELF, &r);
    return r.ru_utime.tv_sec + r.ru_utime.tv_usec / 1e6 + r.ru_stime.tv_sec + r.ru_stime.tv_usec / 1e6;
}
static void begin_step(double seconds)
{
    memset(&step, 0, sizeof step);
    memset(&h_deliver, 0, sizeof h_deliver); memset(&h_post, 0, sizeof h_post);
    memset(&h_page, 0, sizeof h_page); memset(&h_last, 0, sizeof h_last);
    for (int i = 0; i < n_subs; i++) subs[i].got_step = 0;
    step.base = next_seq; step.closed0 = n_closed; step.rss_peak = server_rss_kb();
    step.t0 = now_ns(); step.end = step.t0 + (uint64_t)(seconds * 1e9);
}
static void hold(double seconds)
{
    double cpu0, cpu1, w0, w1; begin_step(seconds);
    server_times(&cpu0, &w0); run_for(seconds); server_times(&cpu1, &w1);
    printf("{\"open\":%d,\"closed\":%d,\"stalled_closed\":%d,\"srv_cpu\":%.6f,\"rss_kb\":%ld,\"rss_peak_kb\":%ld}\n",
        n_open, n_closed - step.closed0, stalled_closed, cpu1 - cpu0, server_rss_kb(), step.rss_peak);
}
static void post(double r, double seconds)
{
    double cpu0, cpu1, w0, w1, c0, c1, cw0, cw1;
    rate = r; begin_step(seconds);
    uint64_t bytes0 = rx_bytes, grace = 1000000000ull;
    server_times(&cpu0, &w0); c0 = self_cpu(); cw0 = cw1 = c1 = 0; process_times(getpid(), &c1, &cw0);
    publishing = pub_path || ws_pub; getting = n_pages > 0;
    for (;;) {                                           /* scheduled posts are made up for, but not for ever */
        uint64_t now = now_ns();
        int all_sent = !publishing || (rate > 0 ? due(next_seq) >= step.end : 1);
        if (now >= step.end && (all_sent || now >= step.end + grace)) break;
        pump(now < step.end ? 20 : 5);
    }
    publishing = getting = 0;
    double posting = (now_ns() - step.t0) / 1e9;
    wait_for_rest();
    uint64_t finished = step.last_rx > step.t0 ? step.last_rx : now_ns();
    server_times(&cpu1, &w1); c1 = self_cpu(); double ignored = 0; process_times(getpid(), &ignored, &cw1);
    double wall = (now_ns() - step.t0) / 1e9, span = (finished - step.t0) / 1e9, cpu = cpu1 - cpu0;
    for (uint32_t s = step.base; s < next_seq; s++)
        if (msgs[s].acked && msgs[s].got) hadd(&h_last, msgs[s].last - msgs[s].sched);
    uint32_t planned = rate > 0 ? (uint32_t)(rate * seconds) : step.sent;
    printf("{\"open\":%d,\"closed\":%d,\"stalled_closed\":%d,\"rate\":%g,\"seconds\":%g,\"planned\":%u,\"sent\":%u,\"ok\":%u,"
        "\"post_errors\":%u,\"bad_status\":%u,\"post_p50\":%.3f,\"post_p99\":%.3f,\"post_max\":%.3f,\"posts_per_s\":%.2f,",
        n_open, n_closed - step.closed0, stalled_closed, rate, seconds, planned, step.sent, step.ok,
        step.errors, step.bad_status, hpct(&h_post, 50), hpct(&h_post, 99), h_post.max / 1000.0, step.ok / posting);
    printf("\"events\":%llu,\"lost\":%llu,\"lost_closed\":%llu,\"dups\":%llu,\"disorder\":%llu,\"misnumbered\":%llu,\"foreign\":%llu,"
        "\"late\":%llu,\"per_s\":%.1f,\"p50\":%.3f,\"p99\":%.3f,\"max\":%.3f,\"last_p50\":%.3f,\"last_p99\":%.3f,\"last_max\":%.3f,",
        (unsigned long long)step.events, (unsigned long long)lost(0), (unsigned long long)lost(1), (unsigned long long)step.dups,
        (unsigned long long)disorder(), (unsigned long long)step.misnumbered, (unsigned long long)step.foreign,
        (unsigned long long)step.late, step.events / span, hpct(&h_deliver, 50), hpct(&h_deliver, 99), h_deliver.max / 1000.0,
        hpct(&h_last, 50), hpct(&h_last, 99), h_last.max / 1000.0);
    printf("\"pages\":%llu,\"pages_per_s\":%.2f,\"page_p50\":%.3f,\"page_p99\":%.3f,\"page_errors\":%llu,\"stale\":%llu,\"page_bytes\":%.0f,",
        (unsigned long long)step.pages, step.pages / posting, hpct(&h_page, 50), hpct(&h_page, 99),
        (unsigned long long)step.page_errors, (unsigned long long)step.stale, step.pages ? (double)step.page_bytes / step.pages : 0);
    printf("\"bytes_per_event\":%.1f,\"wall\":%.3f,\"srv_cpu\":%.6f,\"srv_waited\":%.4f,\"load_cpu\":%.4f,\"load_waited\":%.4f,"
        "\"cpu_per_million\":%.4f,\"rss_kb\":%ld,\"rss_peak_kb\":%ld}\n",
        step.events ? (double)(rx_bytes - bytes0) / step.events : 0, wall, cpu, w1 - w0, c1 - c0, cw1 - cw0,
        step.events ? cpu / (step.events / 1e6) : 0, server_rss_kb(), step.rss_peak);
}
static void obey(void)
{
    char line[256]; double a, b; int flags = fcntl(0, F_GETFL);
    struct epoll_event e = { .events = EPOLLIN, .data.ptr = &has_line };
    if (epoll_ctl(ep, EPOLL_CTL_ADD, 0, &e) < 0 && errno == EPERM) has_line = 2;   /* a plain file is always ready */
    fcntl(0, F_SETFL, flags & ~O_NONBLOCK);
    setvbuf(stdin, NULL, _IONBF, 0);
    for (;;) {
        while (!has_line) pump(20);
        if (has_line == 1) has_line = 0;
        if (!fgets(line, sizeof line, stdin)) return;
        if (sscanf(line, "post %lf %lf", &a, &b) == 2) post(a, b);
        else if (sscanf(line, "hold %lf", &a) == 1) hold(a);
        else die("not an order: %s", line);
        fflush(stdout);
    }
}

/* ---------------------------------------------------------------- start */
static void address(const char *s, struct sockaddr_in *a)
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
static struct conn *connections(int n, enum role role)
{
    struct conn *all = calloc(n + 1, sizeof *all); if (!all) die("out of memory");
    for (int i = 0; i < n; i++) { all[i].id = i; all[i].role = role; }
    return all;
}
static void connect_all(struct conn *all, int n, int *ready)   /* conn_par at a time */
{
    uint64_t limit = now_ns() + 240000000000ull; int next = 0, failed0 = n_refused + n_bad + n_closed;
    while (now_ns() < limit) {
        int done = *ready + n_refused + n_bad + n_closed - failed0;
        if (done >= n) return;
        for (int pending = next - done; next < n && pending < conn_par; pending++) start_connect(&all[next++]);
        pump(20);
    }
}
static void usage(void)
{
    puts("fanload [options], then orders on standard input: `post RATE SECONDS`, `hold SECONDS`\n"
    " -a host:port   server                  -m sse|ws|sio  kind of stream\n"
    " -b host:port   where to post (as -a)\n"
    " -n N           readers                 -p path        of the stream (%d = index of the reader)\n"
    " -z N           readers that never read -A N           source addresses 127.0.0.1, .2, ...\n"
    " -g N           clients that fetch a page again and again while posts are made\n"
    " -G path        of that page            -E             do not look for the newest message in it\n"
    " -H 'K: v'      extra header (repeat)   -C file        one Cookie value per line, per connection\n"
    " -Q 'K: v'      the same, of posts only\n"
    " -S text        websocket text to send once open (repeat; %d = index); in sio mode after '40',\n"
    "                as '420[...]': a reader is ready when the server has acknowledged it\n"
    " -P path        POST path               -K N           publisher connections\n"
    " -F field       for the text            -X 'a=b&k={{key}}'  further fields; {{key}} is new in each post\n"
    " -B file        raw body template with {{text}} instead of a form\n"
    " -W template    publish over the readers' websockets, {{text}} replaced\n"
    " -L N           length of a text        -N             data-seq in the stream must rise by one\n"
    " -D s           most seconds to wait for what is missing    -s s  pause after connecting\n"
    " -c N           connects at a time      -i pid[,pid]   processes of the server\n"
    " -v             show refused streams");
    exit(1);
}
int main(int ac, char **av)
{
    int o; double ran, waited;
    while ((o = getopt(ac, av, "a:b:m:n:p:z:A:g:G:EH:Q:C:S:P:K:F:X:B:W:L:ND:s:c:i:vh")) != -1) switch (o) {
    case 'a': snprintf(host, sizeof host, "%s", optarg); break;
    case 'b': snprintf(post_host, sizeof post_host, "%s", optarg); break;
    case 'm': mode = !strcmp(optarg, "ws") ? M_WS : !strcmp(optarg, "sio") ? M_SIO : M_SSE; break;
    case 'n': n_subs = atoi(optarg); break;
    case 'p': sub_path = optarg; break;
    case 'z': n_stalled = atoi(optarg); break;
    case 'A': n_sources = atoi(optarg); break;
    case 'g': n_pages = atoi(optarg); break;
    case 'G': page_path = optarg; break;
    case 'E': look_into_pages = 0; break;
    case 'H': if (n_headers < 32) headers[n_headers++] = optarg; break;
    case 'Q': if (n_post_headers < 32) post_headers[n_post_headers++] = optarg; break;
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
    case 'L': text_len = atoi(optarg); break;
    case 'N': check_numbers = 1; break;
    case 'D': drain = atof(optarg); break;
    case 's': settle = atof(optarg); break;
    case 'c': conn_par = atoi(optarg); break;
    case 'i': for (char *s = optarg, *t; (t = strsep(&s, ",")) && n_pids < 64; ) if (*t) pids[n_pids++] = atoi(t); break;
    case 'v': verbose = 1; break;
    default: usage();
    }
    struct rlimit rl; getrlimit(RLIMIT_NOFILE, &rl); rl.rlim_cur = rl.rlim_max; setrlimit(RLIMIT_NOFILE, &rl);
    if (!pub_path) n_pubs = 0;
    if ((uint64_t)n_subs + n_stalled + n_pages + n_pubs + 16 > rl.rlim_cur) die("ulimit -n too low: %llu", (unsigned long long)rl.rlim_cur);
    server_times(&ran, &waited);
    if (n_pids && ran <= 0) die("/proc says nothing about the server's processor time");
    address(host, &server); address(*post_host ? post_host : host, &post_server);
    signal(SIGPIPE, SIG_IGN);
    run_tag = now_ns() / 1000 ^ getpid();
    ep = epoll_create1(0); tfd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
    struct epoll_event te = { .events = EPOLLIN, .data.ptr = &tfd }; epoll_ctl(ep, EPOLL_CTL_ADD, tfd, &te);
    subs = connections(n_subs, R_READER); stalled = connections(n_stalled, R_STALLED);
    pages = connections(n_pages, R_PAGE); pubs = connections(n_pubs, R_PUBLISHER);

    long rss0 = server_rss_kb(); uint64_t t0 = now_ns(); double cpu0, cpu1;
    server_times(&cpu0, &waited);
    connect_all(subs, n_subs, &n_ready);
    connect_all(stalled, n_stalled, &stalled_ready);
    double took = (now_ns() - t0) / 1e9;
    server_times(&cpu1, &waited);
    for (int i = 0; i < n_pubs; i++) start_connect(&pubs[i]);
    for (int i = 0; i < n_pages; i++) start_connect(&pages[i]);
    run_for(settle);
    printf("{\"established\":%d,\"stalled\":%d,\"refused\":%d,\"bad_status\":%d,\"closed\":%d,\"connect_s\":%.3f,\"connect_cpu\":%.4f,"
        "\"rss_before_kb\":%ld,\"rss_kb\":%ld}\n", n_ready, stalled_ready, n_refused, n_bad, n_closed, took, cpu1 - cpu0, rss0, server_rss_kb());
    fflush(stdout);
    obey();
    return 0;
}
