/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "ctl/password-agent.h"

#include <fcntl.h>
#include <glib-unix.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#define PROGRAM "pkttyagent"
#define NOTIFY_FD 3
#define NOTIFY_OPTION "--notify-fd=3"

/* It says that it is ready by closing this; a polkit that is slow is not waited for without end. */
#define READY_LIMIT_MS 5000

static gboolean
is_needed (void)
{
  return geteuid () != 0 && isatty (STDIN_FILENO) && isatty (STDERR_FILENO);
}

static void
await_end (int fd)
{
  struct pollfd end = { .fd = fd, .events = POLLIN };

  (void) poll (&end, 1, READY_LIMIT_MS); /* else the first question may be too early */
}

/* It is for its parent, which is this process. Not --fallback: where the login manager knows of no session, as on a serial line
 * of a small system, polkit finds no other, and does not take that. */
EaPasswordAgent *
ea_password_agent_start (void)
{
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_NONE);
  GSubprocess *process;
  int ends[2];

  if (!is_needed () || !g_unix_open_pipe (ends, FD_CLOEXEC, NULL))
    return NULL;
  g_subprocess_launcher_take_fd (launcher, ends[1], NOTIFY_FD);
  process = g_subprocess_launcher_spawn (launcher, NULL, PROGRAM, NOTIFY_OPTION, NULL);
  g_subprocess_launcher_close (launcher);
  if (process != NULL)
    await_end (ends[0]);
  close (ends[0]);
  return process;
}

void
ea_password_agent_end (EaPasswordAgent *self)
{
  if (self == NULL)
    return;
  g_subprocess_send_signal (self, SIGTERM);
  (void) g_subprocess_wait (self, NULL, NULL); /* it gives the terminal back */
  g_object_unref (self);
}
