/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "demand.h"

#include <dlfcn.h>

/* What was loaded once stays, and is found at once by its name. All symbols are bound, as the linker's flags have it for
 * the rest. */
gpointer
ea_demand_find (const char *soname, const char *function)
{
  void *library = dlopen (soname, RTLD_NOW | RTLD_LOCAL);

  return library != NULL ? dlsym (library, function) : NULL;
}
