/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/*
 * EaHooks: programs of the site that are run when something has happened: all executable files of a directory, in the
 * order of their names, one at a time. No shell is in between, and nothing of the agent's environment, files or input
 * reaches them.
 *
 * A directory or file that somebody else than root, or whoever the agent runs as, owns or may write is not believed.
 *
 * Signals, whose @about is (nullable): %NULL when it has gone meanwhile
 *   "output" (GObject *about, const char *hook, const char *line)     that it has written, of printable characters
 *   "ended"  (GObject *about, const char *hook, const GError *error)  @error: (nullable): EA_HOOKS_ERROR; @hook: the
 *            file's name, or the directory's path where that is not believed
 *   "done"   (GObject *about)                                         all hooks of an event have ended
 */

#define EA_HOOKS_EVENTS_MAX 32 /* that wait */
#define EA_HOOKS_LINES_MAX 100 /* of output that are told of one hook */
#define EA_HOOKS_LINE_MAX 500  /* bytes; of a longer one the end is lost */
#define EA_HOOKS_LIMIT_S 60    /* that one hook may run */
#define EA_HOOKS_GRACE_MS 2000 /* between SIGTERM and SIGKILL after that */

#define EA_HOOKS_ERROR (ea_hooks_error_quark ())
GQuark ea_hooks_error_quark (void);

typedef enum
{
  EA_HOOKS_ERROR_REFUSED,   /* owner or mode, no regular file, or no program */
  EA_HOOKS_ERROR_FAILED,    /* it could not be run, or its exit status is not 0 */
  EA_HOOKS_ERROR_TIMED_OUT, /* it was killed, and all of its process group */
} EaHooksError;

#define EA_TYPE_HOOKS (ea_hooks_get_type ())
G_DECLARE_FINAL_TYPE (EaHooks, ea_hooks, EA, HOOKS, GObject)

/* @directory: empty: there are none; one that does not exist has none. @limit_ms: for each hook; 0: %EA_HOOKS_LIMIT_S */
EaHooks *ea_hooks_new (const char *directory, guint limit_ms);

/**
 * ea_hooks_run:
 * @about: what the signals have; no reference is kept
 * @environment: (array zero-terminated=1) (nullable): "NAME=value", all that the hooks get besides PATH
 *
 * Has the hooks run, after those of events before.
 *
 * Returns: FALSE when %EA_HOOKS_EVENTS_MAX events wait already: nothing is run for this one
 */
gboolean ea_hooks_run (EaHooks *self, GObject *about, const char *const *environment);

G_END_DECLS
