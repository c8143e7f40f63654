/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A library to preload: tells ThreadSanitizer of GLib's locks, and of what goes from one thread to another by a queue
 * of GLib's. They are made of futexes within a library that was not built for the sanitizer, which would take all that
 * they guard for a race. Programs that were built without it go on as they are.
 */

#include <dlfcn.h>
#include <glib.h>

extern void __tsan_acquire (void *place) __attribute__ ((weak));
extern void __tsan_release (void *place) __attribute__ ((weak));

static void
acquire (void *place)
{
  if (__tsan_acquire != NULL)
    __tsan_acquire (place);
}

static void
release (void *place)
{
  if (__tsan_release != NULL)
    __tsan_release (place);
}

/* What comes after this library: GLib's own function */
#define NEXT(function) ((__typeof__ (&(function))) dlsym (RTLD_NEXT, #function))

void
g_mutex_lock (GMutex *mutex)
{
  NEXT (g_mutex_lock) (mutex);
  acquire (mutex);
}

gboolean
g_mutex_trylock (GMutex *mutex)
{
  gboolean is_locked = NEXT (g_mutex_trylock) (mutex);

  if (is_locked)
    acquire (mutex);
  return is_locked;
}

void
g_mutex_unlock (GMutex *mutex)
{
  release (mutex);
  NEXT (g_mutex_unlock) (mutex);
}
