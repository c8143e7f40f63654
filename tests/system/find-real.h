/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <dlfcn.h>
#include <stdlib.h>

/* For libraries that come before others (LD_PRELOAD), which have _GNU_SOURCE. */

/* The function of this name that comes after ours; it may be a sanitizer's. */
static inline void *
find_real (const char *name)
{
  void *real = dlsym (RTLD_NEXT, name);

  if (real == NULL)
    abort ();
  return real;
}
