/* Clock, latency histogram, and what /proc tells about the server's processes. */
#ifndef MEASURE_H
#define MEASURE_H
#include <dirent.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static void die(const char *fmt, ...)
{
    va_list ap; va_start(ap, fmt); vfprintf(stderr, fmt, ap); va_end(ap);
    fprintf(stderr, "\n"); exit(2);
}
static void *xrealloc(void *p, size_t n) { p = realloc(p, n); if (!p) die("out of memory"); return p; }
static uint64_t now_ns(void)
{
    struct timespec ts; clock_gettime(CLOCK_MONOTONIC, &ts);
    return (uint64_t)ts.tv_sec * 1000000000ull + ts.tv_nsec;
}

/* log-linear histogram: 128 sub-buckets per power of two (error < 0.8 %), unit 1 us */
#define HSUB 128
#define HLEN (HSUB * 40)
struct hist { uint64_t b[HLEN]; uint64_t n, max; };
static int hidx(uint64_t us)
{
    if (us < HSUB) return us;
    int e = 63 - __builtin_clzll(us);                /* >= 7 */
    int i = HSUB * (e - 6) + ((us >> (e - 7)) & (HSUB - 1));
    return i < HLEN ? i : HLEN - 1;
}
static uint64_t hval(int i)
{
    if (i < HSUB) return i;
    int e = i / HSUB + 6;
    return (1ull << e) + ((uint64_t)(i % HSUB) << (e - 7));
}
static void hadd(struct hist *h, uint64_t ns)
{
    uint64_t us = ns / 1000;
    h->b[hidx(us)]++; h->n++; if (us > h->max) h->max = us;
}
static double hpct(const struct hist *h, double p)   /* in ms; 0 when nothing was added */
{
    uint64_t want = (uint64_t)(p / 100 * h->n + 0.5), c = 0;
    if (!h->n) return 0;
    if (want < 1) want = 1;
    for (int i = 0; i < HLEN; i++) if ((c += h->b[i]) >= want) return hval(i) / 1000.0;
    return h->max / 1000.0;
}

/* processes of the server */
static int pids[64], n_pids;

/* Seconds that the threads of a process ran, and that they were ready to run but had no core. */
static void process_times(int pid, double *ran, double *waited)
{
    char p[320]; snprintf(p, sizeof p, "/proc/%d/task", pid);
    DIR *d = opendir(p); struct dirent *e;
    while (d && (e = readdir(d))) {
        if (e->d_name[0] == '.') continue;
        snprintf(p, sizeof p, "/proc/%d/task/%.20s/schedstat", pid, e->d_name);
        unsigned long long run = 0, wait = 0; FILE *f = fopen(p, "r"); if (!f) continue;
        if (fscanf(f, "%llu %llu", &run, &wait) == 2) { *ran += run / 1e9; *waited += wait / 1e9; }
        fclose(f);
    }
    if (d) closedir(d);
}
static void server_times(double *ran, double *waited)
{
    *ran = *waited = 0;
    for (int i = 0; i < n_pids; i++) process_times(pids[i], ran, waited);
}
static long server_rss_kb(void)
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
#endif
