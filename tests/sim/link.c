/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "link.h"

#include <errno.h>
#include <gio/gio.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "link-tun.h"

/* Addresses for tests of networks (RFC 2544): 198.18.N.0/24 for the interface with the number N */
#define NETWORK 0xC6120000
#define NETWORKS_MAX 256
#define SMSR_NUMBER 1
#define HOST_NUMBER 2
#define OTHER_NUMBER 3

#define HOST_INTERFACE "euicclink"
#define SMSR_INTERFACE "link0"
#define SMSR_INTERFACE_OTHER "link0:1"

struct _SimLink
{
  char interface[IFNAMSIZ];
  char smsr_interface[IFNAMSIZ];
  guint32 network;
  char *host_address;
  char *smsr_address;
  char *other_address;
  int fds[SIM_LINK_LANES];
  SimLinkCounts *counts; /* shared with the process that carries packets */
  pid_t carrier;         /* 0: there is none */
};

static void
set_error (GError **error, const char *what)
{
  int code = errno;

  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (code), "%s: %s", what, g_strerror (code));
}

static char *
address_to_string (guint32 address)
{
  return g_strdup_printf ("%u.%u.%u.%u", address >> 24, address >> 16 & 0xFF, address >> 8 & 0xFF,
                          address & 0xFF);
}

static gboolean
make_host_end (SimLink *link, GError **error)
{
  guint64 number;

  g_strlcpy (link->interface, HOST_INTERFACE "%d", IFNAMSIZ);
  link->fds[0] = sim_link_tun_open (link->interface, error);
  if (link->fds[0] < 0)
    return FALSE;
  number = g_ascii_strtoull (link->interface + strlen (HOST_INTERFACE), NULL, 10);
  if (number >= NETWORKS_MAX)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "there are %d links already",
                   NETWORKS_MAX);
      return FALSE;
    }
  link->network = NETWORK + ((guint32) number << 8);
  link->host_address = address_to_string (link->network + HOST_NUMBER);
  link->smsr_address = address_to_string (link->network + SMSR_NUMBER);
  link->other_address = address_to_string (link->network + OTHER_NUMBER);
  return sim_link_tun_set_address (link->interface, link->network + HOST_NUMBER, error);
}

static gboolean
make_smsr_end (SimLink *link, GError **error)
{
  if (unshare (CLONE_NEWNET) < 0)
    {
      set_error (error, "network namespace");
      return FALSE;
    }
  g_strlcpy (link->smsr_interface, SMSR_INTERFACE, IFNAMSIZ);
  link->fds[1] = sim_link_tun_open (link->smsr_interface, error);
  return link->fds[1] >= 0
         && sim_link_tun_set_address (SMSR_INTERFACE, link->network + SMSR_NUMBER, error)
         && sim_link_tun_set_address (SMSR_INTERFACE_OTHER, link->network + OTHER_NUMBER, error);
}

/* In the process that carries: it hears nothing of what a terminal says to all, and dies with the other. */
static void
carry (const SimLink *link, const SimLinkOptions *options, pid_t parent)
{
  signal (SIGINT, SIG_IGN);
  signal (SIGTERM, SIG_IGN);
  signal (SIGHUP, SIG_IGN);
  prctl (PR_SET_NAME, "euicc-sim-link");
  prctl (PR_SET_PDEATHSIG, SIGKILL);
  if (getppid () == parent)
    sim_link_forward (link->fds, options, link->counts);
  _exit (EXIT_SUCCESS);
}

static void
close_ends (SimLink *link)
{
  for (guint i = 0; i < SIM_LINK_LANES; i++)
    if (link->fds[i] >= 0)
      close (link->fds[i]);
  link->fds[0] = link->fds[1] = -1;
}

static gboolean
start_carrier (SimLink *link, const SimLinkOptions *options, GError **error)
{
  pid_t parent = getpid ();
  pid_t carrier;

  link->counts = mmap (NULL, SIM_LINK_LANES * sizeof (SimLinkCounts), PROT_READ | PROT_WRITE,
                       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (link->counts == MAP_FAILED)
    {
      link->counts = NULL;
      set_error (error, "shared memory");
      return FALSE;
    }
  carrier = fork ();
  if (carrier < 0)
    {
      set_error (error, "process");
      return FALSE;
    }
  if (carrier == 0)
    carry (link, options, parent);
  link->carrier = carrier;
  close_ends (link);
  return TRUE;
}

SimLink *
sim_link_new (const SimLinkOptions *options, GError **error)
{
  g_autoptr (SimLink) link = g_new0 (SimLink, 1);

  link->fds[0] = link->fds[1] = -1;
  if (!make_host_end (link, error) || !make_smsr_end (link, error)
      || !start_carrier (link, options, error))
    {
      g_prefix_error (error, "The link cannot be made, which takes the right to make network "
                             "interfaces and namespaces: ");
      return NULL;
    }
  return g_steal_pointer (&link);
}

void
sim_link_free (SimLink *link)
{
  if (link == NULL)
    return;
  if (link->carrier > 0)
    {
      kill (link->carrier, SIGKILL);
      (void) waitpid (link->carrier, NULL, 0); /* its interfaces are gone then */
    }
  close_ends (link);
  if (link->counts != NULL)
    munmap (link->counts, SIM_LINK_LANES * sizeof (SimLinkCounts));
  g_free (link->host_address);
  g_free (link->smsr_address);
  g_free (link->other_address);
  g_free (link);
}

const char *
sim_link_get_smsr_address (const SimLink *link)
{
  return link->smsr_address;
}

static void
append_counts (GString *json, const char *name, const SimLinkCounts *counts)
{
  g_string_append_printf (json,
                          ",\"%s\":{\"packets\":%" G_GUINT64_FORMAT ",\"octets\":%" G_GUINT64_FORMAT
                          ",\"delivered\":%" G_GUINT64_FORMAT ",\"lost\":%" G_GUINT64_FORMAT
                          ",\"dropped\":%" G_GUINT64_FORMAT ",\"duplicated\":%" G_GUINT64_FORMAT
                          ",\"reordered\":%" G_GUINT64_FORMAT "}",
                          name, counts->packets, counts->octets, counts->delivered, counts->lost,
                          counts->dropped, counts->duplicated, counts->reordered);
}

void
sim_link_append_json (const SimLink *link, GString *json)
{
  g_string_append_printf (
      json, ",\"link\":{\"interface\":\"%s\",\"address\":\"%s\",\"smsr\":[\"%s\",\"%s\"]",
      link->interface, link->host_address, link->smsr_address, link->other_address);
  append_counts (json, "to_smsr", &link->counts[SIM_LINK_TO_SMSR]);
  append_counts (json, "to_host", &link->counts[SIM_LINK_TO_HOST]);
  g_string_append_c (json, '}');
}
