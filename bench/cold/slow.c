/* A disk that answers late: files whose path begins with SLOW_PREFIX are opened, and read each time, SLOW_MS
   milliseconds later than they would be, for any number of threads at once. Preloaded (LD_PRELOAD) into whatever is
   measured. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define MOST 65536

static char is_slow[MOST];

static void answer_late(void) {
    const char *text = getenv("SLOW_MS");
    long microseconds = (text ? atof(text) : 5) * 1000;
    struct timespec time = {microseconds / 1000000, microseconds % 1000000 * 1000};
    nanosleep(&time, NULL);
}

int open64(const char *path, int flags, ...) {
    static int (*real)(const char *, int, ...);
    if (!real) real = dlsym(RTLD_NEXT, "open64");
    va_list rest;
    va_start(rest, flags);
    mode_t mode = va_arg(rest, mode_t);
    va_end(rest);
    const char *prefix = getenv("SLOW_PREFIX");
    int slow = prefix && !strncmp(path, prefix, strlen(prefix));
    if (slow) answer_late();
    int file = real(path, flags, mode);
    if (file >= 0 && file < MOST) is_slow[file] = slow;
    return file;
}

ssize_t pread64(int file, void *to, size_t bytes, off64_t offset) {
    static ssize_t (*real)(int, void *, size_t, off64_t);
    if (!real) real = dlsym(RTLD_NEXT, "pread64");
    if (file >= 0 && file < MOST && is_slow[file]) answer_late();
    return real(file, to, bytes, offset);
}

int close(int file) {
    static int (*real)(int);
    if (!real) real = dlsym(RTLD_NEXT, "close");
    if (file >= 0 && file < MOST) is_slow[file] = 0;
    return real(file);
}
