/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "demand.h"

#include <dlfcn.h>
#include <sysexits.h>
#include <unistd.h>

#include "host/journal.h"

/* As at a start, when a library is not there: a process that was started before an upgrade of the system may be unable to
 * load what the next one can. */
static void
end (void)
{
  ea_log_error (NULL, EA_MESSAGE_NOT_STARTED, "A library can't be loaded: %s", dlerror ());
  _exit (EX_UNAVAILABLE);
}

gpointer
ea_demand_find (const char *soname, const char *function)
{
  /* All symbols are bound, as the linker's flags have it for the rest. What was loaded once stays. */
  void *library = dlopen (soname, RTLD_NOW | RTLD_LOCAL);
  void *found = library != NULL ? dlsym (library, function) : NULL;

  if (found == NULL)
    end ();
  return found;
}
