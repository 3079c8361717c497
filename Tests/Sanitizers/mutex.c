// Tells the thread sanitizer of the slow paths of Swift's Mutex. Preloaded into the tests; no part of the program.
//
// A Mutex is locked and unlocked by an atomic operation that is compiled into its user, and seen there. Where it is
// contended, it goes on inside the Synchronization library, which is not built for the sanitizer: the order that the lock
// makes is not seen, and each change under it looks like a race (SE-0433; LinuxImpl.swift of the Swift standard library).
// These stand before the library's functions, call them, and tell the order: a race that is one is still found.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

// Of the sanitizer's runtime, in the tests' executable; not there in processes that they start.
extern void __tsan_acquire(void *address) __attribute__((weak));
extern void __tsan_release(void *address) __attribute__((weak));

#define SWIFT __attribute__((swiftcall))
#define SELF __attribute__((swift_context))
// Synchronization._MutexHandle._lockSlow(UInt32), _tryLockSlow() -> Bool and _unlockSlow().
#define LOCK "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define TRY "$s15Synchronization12_MutexHandleV12_tryLockSlowSbyF"
#define UNLOCK "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"

SWIFT void lock_slow(uint32_t state, SELF void *handle) __asm__(LOCK);
SWIFT _Bool try_lock_slow(SELF void *handle) __asm__(TRY);
SWIFT void unlock_slow(SELF void *handle) __asm__(UNLOCK);

static SWIFT void (*lock)(uint32_t, SELF void *);
static SWIFT _Bool (*try_lock)(SELF void *);
static SWIFT void (*unlock)(SELF void *);

__attribute__((constructor)) static void find(void) {
    lock = dlsym(RTLD_NEXT, LOCK);
    try_lock = dlsym(RTLD_NEXT, TRY);
    unlock = dlsym(RTLD_NEXT, UNLOCK);
    if (__tsan_acquire && !(lock && try_lock && unlock)) {
        fputs("mutex.c: the slow paths of Mutex have other names in this Swift\n", stderr);
        abort();
    }
}

SWIFT void lock_slow(uint32_t state, SELF void *handle) {
    lock(state, handle);
    if (__tsan_acquire) __tsan_acquire(handle);
}

SWIFT _Bool try_lock_slow(SELF void *handle) {
    _Bool locked = try_lock(handle);
    if (locked && __tsan_acquire) __tsan_acquire(handle);
    return locked;
}

SWIFT void unlock_slow(SELF void *handle) {
    if (__tsan_release) __tsan_release(handle);
    unlock(handle);
}
