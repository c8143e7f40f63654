/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A program at each end of a bad link, both in network namespaces of this run's own:
 *
 *   link-pair LINK SERVER CLIENT
 *
 * LINK is what euicc-sim(1) takes for --link, SERVER and CLIENT are commands of the shell. SERVER is at 198.18.0.1 and
 * says "ready" when CLIENT can begin, at 198.18.0.2. When one of them ends, so does the other. What both have said is
 * printed, then a JSON object with the counts of the link; the status is that of the one that has ended first.
 */

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "link.h"

static void
fail (const char *what)
{
  g_printerr ("link-pair: %s: %s\n", what, g_strerror (errno));
  exit (EXIT_FAILURE);
}

/* @output: descriptor that the command gets for its standard output */
static pid_t
run (const char *command, int output)
{
  pid_t pid = fork ();

  if (pid < 0)
    fail ("fork");
  if (pid > 0)
    return pid;
  prctl (PR_SET_PDEATHSIG, SIGKILL);
  if (dup2 (output, STDOUT_FILENO) >= 0)
    execl ("/bin/sh", "sh", "-c", command, (char *) NULL);
  _exit (EXIT_FAILURE);
}

static void
await_ready (int fd)
{
  char octet = '\0';

  while (octet != '\n')
    if (read (fd, &octet, 1) != 1)
      fail ("the server did not get ready");
}

static void
print_rest (int fd)
{
  char text[4096];
  gssize size;

  while ((size = read (fd, text, sizeof (text))) > 0)
    g_print ("%.*s", (int) size, text);
}

/* The exit status of the one that ends first, when both have ended */
static int
await_end (pid_t server, pid_t client)
{
  int status = 0;
  pid_t ended = wait (&status);

  while (ended != server && ended != client)
    ended = wait (&status);
  kill (ended == server ? client : server, SIGKILL);
  (void) waitpid (ended == server ? client : server, NULL, 0); /* it was killed */
  return WIFEXITED (status) ? WEXITSTATUS (status) : EXIT_FAILURE;
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GString) json = g_string_new (NULL);
  SimLinkOptions options;
  g_autoptr (SimLink) link = NULL;
  int host_namespace, output[2], status;
  pid_t server, client;

  if (argc != 4)
    {
      g_printerr ("usage: link-pair LINK SERVER CLIENT\n");
      return 2;
    }
  if (unshare (CLONE_NEWNET) < 0)
    fail ("network namespace");
  host_namespace = open ("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
  if (!sim_link_options_parse (&options, argv[1], &error)
      || (link = sim_link_new (&options, &error)) == NULL)
    {
      g_printerr ("link-pair: %s\n", error->message);
      return EXIT_FAILURE;
    }
  if (pipe2 (output, O_CLOEXEC) < 0)
    fail ("pipe");
  server = run (argv[2], output[1]);
  await_ready (output[0]);
  if (setns (host_namespace, CLONE_NEWNET) < 0)
    fail ("network namespace");
  client = run (argv[3], output[1]);
  close (output[1]);
  status = await_end (server, client);
  print_rest (output[0]);
  sim_link_append_json (link, json);
  g_print ("{%s}\n", json->str + 1);
  return status;
}
