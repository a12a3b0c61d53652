/* Finds the generator's marks in a payload that arrives in pieces, cut anywhere.
 *
 * A message's text begins with `seq=<n> t=<ns> `. The product's articles also carry the server's own number
 * as `data-seq="<n>"`. Both contain `seq=`, so that one search finds both.
 */
#ifndef SCAN_H
#define SCAN_H
#include <ctype.h>
#include <stdint.h>
#include <string.h>

enum mark_kind { MARK_NONE, MARK_CUT, MARK_MESSAGE, MARK_NUMBER };
struct mark { enum mark_kind kind; size_t len; uint64_t seq, t; };
struct scanner { char carry[96]; int ncarry; };

/* What stands at p, which begins with "seq=". */
static struct mark read_mark(const char *p, const char *end)
{
    struct mark m = { MARK_NONE, 4, 0, 0 }, cut = { MARK_CUT, 0, 0, 0 };
    const char *s = p + 4, *digits;
    if (s == end) return cut;
    int quoted = *s == '"';
    if (quoted) s++;
    for (digits = s; s < end && isdigit((unsigned char)*s) && s - digits < 20; s++) m.seq = m.seq * 10 + (*s - '0');
    if (s == end) return cut;
    if (s == digits) return m;
    if (quoted) {
        if (*s == '"') { m.kind = MARK_NUMBER; m.len = s - p; }
        return m;
    }
    if (*s != ' ') return m;
    if (end - s < 4) return cut;
    if (s[1] != 't' || s[2] != '=') return m;
    s += 3;
    for (digits = s; s < end && isdigit((unsigned char)*s) && s - digits < 20; s++) m.t = m.t * 10 + (*s - '0');
    if (s == end) return cut;
    if (s > digits) { m.kind = MARK_MESSAGE; m.len = s - p; }
    return m;
}

typedef void on_mark(void *owner, struct mark m, uint64_t now);

static void scan(struct scanner *sc, void *owner, on_mark *found, const char *p, size_t n, uint64_t now)
{
    const char *end = p + n; struct mark m;
    while (sc->ncarry && p < end) {                      /* finish what the last piece cut off, byte by byte */
        sc->carry[sc->ncarry++] = *p++;
        int known = sc->ncarry < 4 ? sc->ncarry : 4;
        if (memcmp(sc->carry, "seq=", known)) { /* "ss" and "seseq=" begin anew with the last letter */
            char last = sc->carry[sc->ncarry - 1];
            sc->ncarry = last == 's'; sc->carry[0] = 's';
            continue;
        }
        if (sc->ncarry < 4) continue;
        m = read_mark(sc->carry, sc->carry + sc->ncarry);
        if (m.kind == MARK_CUT && sc->ncarry < (int)sizeof sc->carry) continue;
        if (m.kind == MARK_MESSAGE || m.kind == MARK_NUMBER) found(owner, m, now);
        sc->ncarry = sc->carry[sc->ncarry - 1] == 's'; sc->carry[0] = 's';
    }
    while (p < end) {
        const char *q = memchr(p, 'q', end - p);         /* 'q' is rare: a cheap search for "seq=" */
        if (!q || q + 1 >= end) break;
        if (q[1] != '=' || q - p < 2 || q[-1] != 'e' || q[-2] != 's') { p = q + 1; continue; }
        m = read_mark(q - 2, end);
        if (m.kind == MARK_CUT) {
            size_t r = end - (q - 2);
            if (r < sizeof sc->carry) { memcpy(sc->carry, q - 2, r); sc->ncarry = r; }
            return;
        }
        if (m.kind != MARK_NONE) found(owner, m, now);
        p = q - 2 + m.len;
    }
    for (int r = 3; r > 0; r--)                          /* a cut "s", "se" or "seq" at the end */
        if (end - p >= r && !memcmp(end - r, "seq", r)) { memcpy(sc->carry, end - r, r); sc->ncarry = r; break; }
}
#endif
