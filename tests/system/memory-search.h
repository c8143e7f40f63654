/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/*
 * What a debugger would find in the memory of a process: its mappings are read through /proc/PID/mem, which wants
 * root or an own process that is dumpable.
 */

/* (transfer full): a list for the functions below */
GPtrArray *memory_patterns_new (void);

/* @name: a literal, for the report; @bytes: looked for as they are */
void memory_patterns_add (GPtrArray *patterns, const char *name, gconstpointer bytes, gsize size);

/* The bytes of @hex as they are, and as digits of either case. */
void memory_patterns_add_secret (GPtrArray *patterns, const char *name, const char *hex);

/* (nullable): the name of a pattern that is in @bytes */
const char *memory_patterns_find (const GPtrArray *patterns, gconstpointer bytes, gsize size);

/**
 * memory_search:
 * @n_locked: (out) (optional): how often a pattern is in locked memory that is left out of dumps (VmFlags lo, dd)
 *
 * Returns: (transfer full): a line "NAME at ADDRESS in MAPPING" for each place where a pattern is in any other
 * memory; a process that can't be read fails the test
 */
char *memory_search (int pid, const GPtrArray *patterns, guint *n_locked);

/* (transfer full): permissions and flags of the mapping that has @address, such as "rw-p rd wr mr mw me lo ac dd " */
char *memory_get_flags (int pid, gconstpointer address);

/* TRUE when memory of processes can be read here, and says something: under AddressSanitizer nothing is locked, and
 * what was freed stays. */
gboolean memory_can_be_searched (void);
