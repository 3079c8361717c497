// Counts what a program has of its heap: live blocks and bytes, in a file that HEAP_COUNT names, as two numbers of 64 bits.
// Preloaded into the daemon by Tests/Sanitizers/leaks; no part of the program.
//
// A leak detector that follows pointers cannot tell what Swift has: marks in the bits of a pointer hide what it leads to. What
// is counted here needs no pointers: a kind of work that leaks has more blocks after each round of it.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);
extern void __libc_free(void *);

static struct {
    _Atomic long blocks, bytes;
} before, *count = (void *)&before;

static void *made(void *block) {
    if (block) {
        atomic_fetch_add_explicit(&count->blocks, 1, memory_order_relaxed);
        atomic_fetch_add_explicit(&count->bytes, (long)malloc_usable_size(block), memory_order_relaxed);
    }
    return block;
}

static void gone(long size) {
    atomic_fetch_sub_explicit(&count->blocks, 1, memory_order_relaxed);
    atomic_fetch_sub_explicit(&count->bytes, size, memory_order_relaxed);
}

void *malloc(size_t size) { return made(__libc_malloc(size)); }
void *calloc(size_t number, size_t size) { return made(__libc_calloc(number, size)); }
void *memalign(size_t alignment, size_t size) { return made(__libc_memalign(alignment, size)); }
void *aligned_alloc(size_t alignment, size_t size) { return made(__libc_memalign(alignment, size)); }

int posix_memalign(void **block, size_t alignment, size_t size) {
    void *new = made(__libc_memalign(alignment, size));
    if (!new) return ENOMEM;
    *block = new;
    return 0;
}

void free(void *block) {
    if (!block) return;
    int error = errno;
    gone((long)malloc_usable_size(block));
    __libc_free(block);
    errno = error;
}

void *realloc(void *block, size_t size) {
    long held = block ? (long)malloc_usable_size(block) : 0;
    void *new = __libc_realloc(block, size);
    if (block && (new || size == 0)) gone(held);
    return made(new);
}

__attribute__((constructor)) static void begin(void) {
    const char *path = getenv("HEAP_COUNT");
    int file = path ? open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600) : -1;
    if (file < 0 || ftruncate(file, sizeof *count)) return;
    void *place = mmap(NULL, sizeof *count, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    close(file);
    if (place == MAP_FAILED) return;
    count = place;
    atomic_fetch_add(&count->blocks, before.blocks);
    atomic_fetch_add(&count->bytes, before.bytes);
    // A program that it starts has a heap of its own.
    unsetenv("HEAP_COUNT");
}
