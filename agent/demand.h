/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Libraries that wait until something needs them: an agent that only waits for its cards keeps neither their pages nor
 * those of all that they bring along. The daemon is linked with functions of the same names, each of which looks for the
 * library's own at its first call; who calls them does not know.
 */

#include <glib.h>

/* The function of the library, which is loaded at the first call. Ends the process where it can't be had. */
gpointer ea_demand_find (const char *soname, const char *function);

/* A function of the same name, type and parameters, which calls the library's with @arguments. */
#define EA_DEMAND(soname, type, name, parameters, arguments)                                       \
  G_GNUC_INTERNAL type name parameters                                                             \
  {                                                                                                \
    static __typeof__ (&name) function;                                                            \
                                                                                                   \
    if (function == NULL)                                                                          \
      function = (__typeof__ (&name)) ea_demand_find (soname, #name);                              \
    return function arguments;                                                                     \
  }
