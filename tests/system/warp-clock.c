/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A library for LD_PRELOAD with which the processes of a test have a common clock that somebody sets forward when all
 * of them wait for time alone. EA_WARP_CLOCK names the file that they share: nanoseconds by which all clocks are ahead,
 * and a place for each thread that waits until a time. Who sets the clock forward sends WAKE_SIGNAL to the threads
 * whose time has come; the signal is blocked but while a thread waits, so that none is lost.
 *
 * Waiting is poll, ppoll and epoll_wait with a timeout. Others, and what the C library does by itself, wait as long as
 * they really do.
 */

/* As in kill-at.c: the names of the C library are the ones that are defined here. */
#undef _FILE_OFFSET_BITS
#undef _TIME_BITS

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "find-real.h"

#define NS_PER_S 1000000000
#define NS_PER_MS 1000000
#define N_SLEEPERS 256
#define WAKE_SIGNAL (SIGRTMIN + 9)

typedef struct
{
  _Atomic int32_t process; /* 0: the place is free */
  _Atomic int32_t thread;
  _Atomic int64_t deadline_ns; /* 0: it does not wait */
} Sleeper;

typedef struct
{
  _Atomic int64_t ahead_ns;
  Sleeper sleepers[N_SLEEPERS];
} Warp;

static Warp none;
static Warp *warp = &none;
static _Thread_local Sleeper *my_sleeper;
static _Thread_local volatile sig_atomic_t is_woken;

static void
on_wake (int number)
{
  (void) number;
  is_woken = 1;
}

__attribute__ ((constructor)) static void
map_warp (void)
{
  const char *path = getenv ("EA_WARP_CLOCK");
  int fd = path != NULL ? open (path, O_RDWR | O_CLOEXEC) : -1;
  struct sigaction action = { .sa_handler = on_wake };
  sigset_t wake;
  void *memory;

  if (fd < 0)
    return;
  memory = mmap (NULL, sizeof *warp, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  (void) close (fd); /* the mapping stays */
  if (memory == MAP_FAILED)
    return;
  warp = memory;
  sigemptyset (&wake);
  sigaddset (&wake, WAKE_SIGNAL);
  sigprocmask (SIG_BLOCK, &wake, NULL);
  sigaction (WAKE_SIGNAL, &action, NULL);
}

static void
add_ns (int64_t ns, struct timespec *time)
{
  int64_t sum = time->tv_nsec + ns % NS_PER_S;

  time->tv_sec += (time_t) (ns / NS_PER_S + sum / NS_PER_S);
  time->tv_nsec = (long) (sum % NS_PER_S);
}

static int
is_warped (clockid_t clock)
{
  return clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE || clock == CLOCK_MONOTONIC
         || clock == CLOCK_MONOTONIC_COARSE || clock == CLOCK_MONOTONIC_RAW
         || clock == CLOCK_BOOTTIME;
}

int
clock_gettime (clockid_t clock, struct timespec *now)
{
  static int (*_Atomic real) (clockid_t, struct timespec *);
  int result;

  if (real == NULL)
    real = find_real (__func__);
  result = real (clock, now);
  if (result == 0 && is_warped (clock))
    add_ns (atomic_load (&warp->ahead_ns), now);
  return result;
}

int
gettimeofday (struct timeval *restrict now, void *restrict zone)
{
  struct timespec exact;

  (void) zone; /* no one wants it */
  (void) clock_gettime (CLOCK_REALTIME, &exact);
  *now = (struct timeval){ .tv_sec = exact.tv_sec, .tv_usec = exact.tv_nsec / 1000 };
  return 0;
}

time_t
time (time_t *seconds)
{
  struct timespec exact;

  (void) clock_gettime (CLOCK_REALTIME, &exact);
  if (seconds != NULL)
    *seconds = exact.tv_sec;
  return exact.tv_sec;
}

static int64_t
get_now_ns (void)
{
  struct timespec now;

  (void) clock_gettime (CLOCK_MONOTONIC, &now);
  return (int64_t) now.tv_sec * NS_PER_S + now.tv_nsec;
}

/* The place of the calling thread, which a fork has not; without one it waits as long as it really does. */
static Sleeper *
get_sleeper (void)
{
  int32_t process = getpid ();
  int32_t thread = gettid ();

  if (my_sleeper != NULL && my_sleeper->process == process && my_sleeper->thread == thread)
    return my_sleeper;
  for (unsigned i = 0; i < N_SLEEPERS; i++)
    {
      int32_t nobody = 0;

      if (atomic_compare_exchange_strong (&warp->sleepers[i].process, &nobody, process))
        {
          my_sleeper = &warp->sleepers[i];
          my_sleeper->deadline_ns = 0;
          my_sleeper->thread = thread;
          return my_sleeper;
        }
    }
  abort ();
}

/* One way to wait for events, for @left (NULL: for ever) with @mask */
typedef struct
{
  struct pollfd *files;
  nfds_t n_files;
  int epoll;
  struct epoll_event *events;
  int n_events_max;
} Wait;

static int
wait_once (const Wait *wait, const struct timespec *left, const sigset_t *mask)
{
  static int (*_Atomic real) (struct pollfd *, nfds_t, const struct timespec *, const sigset_t *);
  int64_t left_ms;

  if (real == NULL)
    real = find_real ("ppoll");
  if (wait->events == NULL)
    return real (wait->files, wait->n_files, left, mask);
  left_ms = left == NULL ? -1 : left->tv_sec * 1000 + (left->tv_nsec + NS_PER_MS - 1) / NS_PER_MS;
  return epoll_pwait (wait->epoll, wait->events, wait->n_events_max, (int) left_ms, mask);
}

static int
wait_until (const Wait *wait, int64_t deadline_ns, const sigset_t *mask)
{
  Sleeper *sleeper = get_sleeper ();
  int result;

  sleeper->deadline_ns = deadline_ns;
  do
    {
      int64_t left_ns = deadline_ns - get_now_ns ();
      struct timespec left = { 0 };

      is_woken = 0;
      add_ns (left_ns > 0 ? left_ns : 0, &left);
      result = wait_once (wait, &left, mask);
    }
  while (result < 0 && errno == EINTR && is_woken);
  sleeper->deadline_ns = 0;
  return result;
}

/* @timeout_ns: negative: for ever */
static int
wait_for (const Wait *wait, int64_t timeout_ns, const sigset_t *mask)
{
  const struct timespec at_once = { 0 };
  sigset_t woken;

  if (timeout_ns <= 0 || warp == &none)
    {
      struct timespec left = { 0 };

      add_ns (timeout_ns > 0 ? timeout_ns : 0, &left);
      return wait_once (wait, timeout_ns < 0 ? NULL : timeout_ns == 0 ? &at_once : &left, mask);
    }
  if (mask != NULL)
    woken = *mask;
  else
    pthread_sigmask (SIG_SETMASK, NULL, &woken);
  sigdelset (&woken, WAKE_SIGNAL);
  return wait_until (wait, get_now_ns () + timeout_ns, &woken);
}

int
poll (struct pollfd *files, nfds_t n_files, int timeout_ms)
{
  const Wait wait = { .files = files, .n_files = n_files };

  return wait_for (&wait, (int64_t) timeout_ms * NS_PER_MS, NULL);
}

int
ppoll (struct pollfd *files, nfds_t n_files, const struct timespec *timeout, const sigset_t *mask)
{
  const Wait wait = { .files = files, .n_files = n_files };

  return wait_for (
      &wait, timeout == NULL ? -1 : (int64_t) timeout->tv_sec * NS_PER_S + timeout->tv_nsec, mask);
}

int
epoll_wait (int epoll, struct epoll_event *events, int n_events_max, int timeout_ms)
{
  const Wait wait = { .epoll = epoll, .events = events, .n_events_max = n_events_max };

  return wait_for (&wait, (int64_t) timeout_ms * NS_PER_MS, NULL);
}
