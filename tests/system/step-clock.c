/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A library for LD_PRELOAD with which the time of day of a process goes wrong while it runs: EA_STEP_CLOCK names a file
 * whose first 64 bits, as the machine has them, are seconds that are added to it from then on. Time that only passes
 * (CLOCK_MONOTONIC, CLOCK_BOOTTIME) is as it was.
 */

/* As in kill-at.c: the names of the C library are the ones that are defined here. */
#undef _FILE_OFFSET_BITS
#undef _TIME_BITS

#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "find-real.h"

static _Atomic int64_t none;
static _Atomic int64_t *step_s = &none;

__attribute__ ((constructor)) static void
map_step (void)
{
  const char *path = getenv ("EA_STEP_CLOCK");
  int fd = path != NULL ? open (path, O_RDONLY | O_CLOEXEC) : -1;
  void *memory;

  if (fd < 0)
    return;
  memory = mmap (NULL, sizeof *step_s, PROT_READ, MAP_SHARED, fd, 0);
  (void) close (fd); /* the mapping stays */
  if (memory != MAP_FAILED)
    step_s = memory;
}

static time_t
get_step (void)
{
  return (time_t) atomic_load (step_s);
}

int
clock_gettime (clockid_t clock, struct timespec *now)
{
  int (*real) (clockid_t, struct timespec *) = find_real (__func__);
  int result = real (clock, now);

  if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
    now->tv_sec += get_step ();
  return result;
}

int
gettimeofday (struct timeval *restrict now, void *restrict zone)
{
  int (*real) (struct timeval *, void *) = find_real (__func__);
  int result = real (now, zone);

  if (result == 0)
    now->tv_sec += get_step ();
  return result;
}

time_t
time (time_t *seconds)
{
  time_t (*real) (time_t *) = find_real (__func__);
  time_t now = real (NULL) + get_step ();

  if (seconds != NULL)
    *seconds = now;
  return now;
}
