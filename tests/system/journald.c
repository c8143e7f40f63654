/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "journald.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "network.h"
#include "rig.h"

#define SOCKETS "/run/systemd/journal"
#define RECORDS "/run/log/journal"
#define POLL_MS 20

typedef struct
{
  const char *match;
  const char *text;
} Expectation;

static GSubprocess *journald;
static int standard_error = -1; /* as it was */

/* (nullable) */
static const char *
find_program (void)
{
  static const char *const paths[]
      = { "/usr/lib/systemd/systemd-journald", "/lib/systemd/systemd-journald" };

  for (gsize i = 0; i < G_N_ELEMENTS (paths); i++)
    if (g_file_test (paths[i], G_FILE_TEST_IS_EXECUTABLE))
      return paths[i];
  return NULL;
}

static gboolean
leave_mounts (void)
{
  if (!network_leave () || unshare (CLONE_NEWNS) != 0
      || mount (NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0
      || mount ("none", "/run", "tmpfs", 0, NULL) != 0)
    return FALSE;
  network_set_loopback (TRUE);
  return g_mkdir_with_parents (SOCKETS, 0755) == 0 && g_mkdir_with_parents (RECORDS, 0755) == 0;
}

static int
connect_output (void)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = SOCKETS "/stdout" };
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

  if (connect (fd, (struct sockaddr *) &address, sizeof address) == 0)
    return fd;
  close (fd);
  return -1;
}

static gboolean
is_running (gpointer data)
{
  int *output = data;

  *output = connect_output ();
  rig_look_again (POLL_MS);
  return *output >= 0;
}

gboolean
journald_start (void)
{
  const char *program = find_program ();
  int output = -1;

  if (program == NULL || !leave_mounts ())
    {
      print_message ("there is no journald, or no mount namespace is allowed\n");
      return FALSE;
    }
  journald = g_subprocess_new (G_SUBPROCESS_FLAGS_STDERR_SILENCE, NULL, program, NULL);
  if (journald == NULL || !rig_await_that (is_running, &output))
    fail_msg ("%s does not start", program);
  close (output);
  return TRUE;
}

void
journald_stop (void)
{
  if (journald == NULL)
    return;
  g_subprocess_send_signal (journald, SIGTERM);
  g_subprocess_wait (journald, NULL, NULL);
  g_clear_object (&journald);
}

void
journald_take_standard_error (void)
{
  int output = connect_output ();

  assert_return_code (output, errno);
  standard_error = dup (STDERR_FILENO);
  assert_return_code (dup2 (output, STDERR_FILENO), errno);
  close (output);
}

void
journald_give_standard_error_back (void)
{
  assert_return_code (dup2 (standard_error, STDERR_FILENO), errno);
  close (standard_error);
}

char *
journald_read (const char *match, const char *format)
{
  g_autofree char *output_option = g_strconcat ("--output=", format, NULL);
  g_autoptr (GSubprocess) journalctl = g_subprocess_new (
      G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_SILENCE, NULL, "journalctl",
      "--directory=" RECORDS, "--no-pager", "--all", output_option, match, NULL);
  g_autoptr (GBytes) bytes = NULL;

  assert_non_null (journalctl);
  assert_true (g_subprocess_communicate (journalctl, NULL, NULL, &bytes, NULL, NULL));
  return g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
}

static gboolean
has_text (gpointer data)
{
  const Expectation *expectation = data;
  g_autofree char *entries = journald_read (expectation->match, "json");

  rig_look_again (POLL_MS);
  return strstr (entries, expectation->text) != NULL;
}

char *
journald_await (const char *match, const char *text)
{
  Expectation expectation = { .match = match, .text = text };
  gboolean is_there = rig_await_that (has_text, &expectation);
  char *entries = journald_read (match, "json");

  if (!is_there)
    fail_msg ("the journal never had '%s' with %s:\n%s", text, match, entries);
  return entries;
}
