/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What the journal gets, byte by byte, in the form of https://systemd.io/JOURNAL_NATIVE_PROTOCOL: in a namespace where
 * the sockets of journald are this test's.
 */

#include <errno.h>
#include <sched.h>
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

#include "host/journal.h"
#include "network.h"

#define EID "89001012012341234012345678901224"
#define DIRECTORY "/run/systemd/journal"
#define DATAGRAM_MAX 4096

typedef struct
{
  int log;            /* DIRECTORY/socket */
  int output;         /* connected to DIRECTORY/stdout, where what a service prints goes */
  int standard_error; /* as it was */
} Journal;

static Journal journal;

/* FALSE where that can't be done */
static gboolean
leave_mounts (void)
{
  return network_leave () && unshare (CLONE_NEWNS) == 0
         && mount (NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0
         && mount ("none", "/run", "tmpfs", 0, NULL) == 0;
}

static int
make_socket (int type, const char *path)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int fd = socket (AF_UNIX, type | SOCK_CLOEXEC, 0);

  (void) g_strlcpy (address.sun_path, path, sizeof address.sun_path);
  assert_return_code (bind (fd, (struct sockaddr *) &address, sizeof address), errno);
  return fd;
}

/* As the service manager does it for a unit with StandardError=journal */
static int
connect_output (void)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = DIRECTORY "/stdout" };
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

  assert_return_code (connect (fd, (struct sockaddr *) &address, sizeof address), errno);
  return fd;
}

static int
setup (void **state)
{
  journal.standard_error = dup (STDERR_FILENO);
  if (!leave_mounts ())
    return 0;
  assert_return_code (g_mkdir_with_parents (DIRECTORY, 0755), errno);
  journal.log = make_socket (SOCK_DGRAM, DIRECTORY "/socket");
  assert_return_code (listen (make_socket (SOCK_STREAM, DIRECTORY "/stdout"), 1), errno);
  journal.output = connect_output ();
  ea_journal_init (G_LOG_LEVEL_INFO);
  *state = &journal;
  return 0;
}

/* Nothing but the message itself goes to the journal meanwhile: cmocka tells of a failure on standard error, too. */
static void
expect_sent (const EaLogContext *context, const char *message_id, const char *message,
             const char *expected)
{
  char sent[DATAGRAM_MAX + 1] = "";
  ssize_t size;

  assert_return_code (dup2 (journal.output, STDERR_FILENO), errno);
  ea_log_warning (context, message_id, "%s", message);
  (void) dup2 (journal.standard_error, STDERR_FILENO);
  size = recv (journal.log, sent, DATAGRAM_MAX, MSG_DONTWAIT);

  assert_return_code (size, errno);
  assert_string_equal (sent, expected);
}

static void
skip_without_journal (void **state)
{
  if (*state != NULL)
    return;
  print_message ("a mount namespace is not allowed here\n");
  skip ();
}

static void
test_message_about_a_session_has_its_fields (void **state)
{
  const EaLogContext context
      = { .modem = "/dev/cdc-wdm0", .eid = EID, .session = "Session/3", .transport = "https" };

  skip_without_journal (state);
  expect_sent (&context, EA_MESSAGE_SESSION_FAILED, "No answer",
               "MESSAGE=No answer\nPRIORITY=4\nGLIB_DOMAIN=euicc-agent\n"
               "MESSAGE_ID=5f1d7a3c0a6e4b0f9f6a2f6d3c1b8e10\nEA_MODEM=/dev/cdc-wdm0\n"
               "EA_EID=1224\nEA_SESSION=Session/3\nEA_TRANSPORT=https\n");
}

static void
test_message_about_a_channel_has_its_fields (void **state)
{
  const EaLogContext context = { .modem = "/dev/cdc-wdm0", .eid = EID };
  const EaLogContext log = ea_log_context_for_channel (&context, 7, "udp");

  skip_without_journal (state);
  expect_sent (&log, NULL, "Channel 7",
               "MESSAGE=Channel 7\nPRIORITY=4\nGLIB_DOMAIN=euicc-agent\n"
               "EA_MODEM=/dev/cdc-wdm0\nEA_EID=1224\nEA_CHANNEL=7\nEA_TRANSPORT=udp\n");
}

static void
test_message_about_nothing_has_none_of_them (void **state)
{
  skip_without_journal (state);
  expect_sent (NULL, NULL, "x", "MESSAGE=x\nPRIORITY=4\nGLIB_DOMAIN=euicc-agent\n");
}

static void
test_what_libraries_say_of_junk_is_for_debugging (void **state)
{
  static const char *const domains[] = { "Mbim", "Qmi", "Qrtr" };
  char sent[DATAGRAM_MAX];

  skip_without_journal (state);
  assert_return_code (dup2 (journal.output, STDERR_FILENO), errno);
  for (gsize i = 0; i < G_N_ELEMENTS (domains); i++)
    g_log (domains[i], G_LOG_LEVEL_WARNING, "junk");
  (void) dup2 (journal.standard_error, STDERR_FILENO);
  assert_int_equal (recv (journal.log, sent, sizeof sent, MSG_DONTWAIT), -1);
  assert_int_equal (errno, EAGAIN);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_message_about_a_session_has_its_fields),
    cmocka_unit_test (test_message_about_a_channel_has_its_fields),
    cmocka_unit_test (test_message_about_nothing_has_none_of_them),
    cmocka_unit_test (test_what_libraries_say_of_junk_is_for_debugging),
  };

  return cmocka_run_group_tests (tests, setup, NULL);
}
