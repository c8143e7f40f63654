/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The agent's CAT_TP alone over a UDP socket, with the sizes of its sessions, for either side of a measurement:
 *
 *   cattp-endpoint passive PORT OCTETS SDU
 *       the SM-SR's side: says "ready", sends so many octets in SDUs of at most so many as soon as there is a
 *       connection, and ends when it has an SDU
 *   cattp-endpoint active ADDRESS PORT OCTETS RESPONSE
 *       the agent's side: connects; when it has so many octets, it sends an SDU of RESPONSE octets and waits for
 *       the end; with 0 it ends at once
 *
 * Each moment is a line, NAME and microseconds of the monotonic clock: "start" (before anything is sent), "open" (for
 * the passive side), "first" (SDU), "command" (all octets have come), "response" (the passive side has it). The status
 * is 1 when the connection ends before.
 */

#include <arpa/inet.h>
#include <gio/gio.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/cattp.h"
#include "session/cattp-link.h"

#define CAT_TP_PORT 0x0929
#define IDENTIFICATION_SIZE 16
#define MS 1000

typedef struct
{
  EaCattp *machine;
  int fd;
  gboolean is_passive;
  gboolean has_peer;
  gsize n_octets; /* to send, or to get */
  gsize sdu;      /* octets of one */
  gsize response; /* octets; 0: none */
  gsize n_received;
  gboolean is_done;
} Endpoint;

static void
fail (const char *what)
{
  g_printerr ("cattp-endpoint: %s\n", what);
  exit (EXIT_FAILURE);
}

static void
note (const char *name)
{
  g_print ("%s %" G_GINT64_FORMAT "\n", name, g_get_monotonic_time ());
}

static void
send_sdu (Endpoint *endpoint, gsize size)
{
  g_autoptr (GBytes) sdu = g_bytes_new_take (g_malloc0 (size), size);

  if (!ea_cattp_send (endpoint->machine, sdu, g_get_monotonic_time (), NULL))
    fail ("an SDU is not taken");
}

static void
on_opened (Endpoint *endpoint)
{
  if (!endpoint->is_passive)
    return;
  note ("open");
  for (gsize sent = 0; sent < endpoint->n_octets; sent += endpoint->sdu)
    send_sdu (endpoint, MIN (endpoint->sdu, endpoint->n_octets - sent));
}

static void
on_sdu (Endpoint *endpoint, GBytes *sdu)
{
  if (endpoint->is_passive)
    {
      note ("response");
      endpoint->is_done = TRUE;
      return;
    }
  if (endpoint->n_received == 0)
    note ("first");
  endpoint->n_received += g_bytes_get_size (sdu);
  if (endpoint->n_received < endpoint->n_octets)
    return;
  note ("command");
  endpoint->is_done = endpoint->response == 0;
  if (!endpoint->is_done)
    send_sdu (endpoint, endpoint->response);
}

static void
drain (Endpoint *endpoint)
{
  EaCattpEvent event;
  GBytes *pdu;

  while (ea_cattp_pull_event (endpoint->machine, &event))
    {
      if (event.type == EA_CATTP_EVENT_OPENED)
        on_opened (endpoint);
      else if (event.type == EA_CATTP_EVENT_SDU)
        on_sdu (endpoint, event.bytes);
      else if (event.type == EA_CATTP_EVENT_CLOSED)
        fail (ea_cattp_cause_get_name (event.cause));
      ea_cattp_event_clear (&event);
    }
  while ((pdu = ea_cattp_pull_pdu (endpoint->machine, g_get_monotonic_time ())) != NULL)
    {
      (void) !send (endpoint->fd, g_bytes_get_data (pdu, NULL), g_bytes_get_size (pdu), 0);
      g_bytes_unref (pdu);
    }
}

/* The first one that comes is the peer. */
static void
receive (Endpoint *endpoint)
{
  guint8 buffer[EA_CATTP_LINK_PDU_MAX];
  struct sockaddr_in peer;
  socklen_t size = sizeof (peer);
  gssize n_octets
      = recvfrom (endpoint->fd, buffer, sizeof (buffer), 0, (struct sockaddr *) &peer, &size);

  if (n_octets < 0)
    return;
  if (!endpoint->has_peer && connect (endpoint->fd, (struct sockaddr *) &peer, size) != 0)
    fail ("connect");
  endpoint->has_peer = TRUE;
  ea_cattp_receive (endpoint->machine, ea_span_init (buffer, (gsize) n_octets),
                    g_get_monotonic_time ());
}

static int
get_timeout_ms (const Endpoint *endpoint)
{
  gint64 deadline_us = ea_cattp_deadline (endpoint->machine);

  if (deadline_us == EA_CATTP_NEVER)
    return -1;
  return (int) (MAX (deadline_us - g_get_monotonic_time () + MS - 1, 0) / MS);
}

static void
pump (Endpoint *endpoint)
{
  struct pollfd polled = { endpoint->fd, POLLIN, 0 };

  drain (endpoint);
  while (!endpoint->is_done)
    {
      if (poll (&polled, 1, get_timeout_ms (endpoint)) > 0)
        receive (endpoint);
      ea_cattp_tick (endpoint->machine, g_get_monotonic_time ());
      drain (endpoint);
    }
  drain (endpoint);
}

static struct sockaddr_in
make_address (const char *address, const char *port)
{
  struct sockaddr_in inet = { .sin_family = AF_INET, .sin_port = htons ((guint16) atoi (port)) };

  if (inet_pton (AF_INET, address, &inet.sin_addr) != 1)
    fail ("no address");
  return inet;
}

static EaCattpParameters
make_parameters (guint16 source_port, guint16 destination_port)
{
  static const guint8 identification[IDENTIFICATION_SIZE] = { 0x89 };

  return (EaCattpParameters){ .source_port = source_port,
                              .destination_port = destination_port,
                              .initial_sequence = 1,
                              .max_pdu = EA_CATTP_LINK_PDU_MAX,
                              .max_sdu = EA_CATTP_SDU_MAX,
                              .window = EA_CATTP_LINK_WINDOW,
                              .identification = destination_port == 0
                                                    ? EA_SPAN_EMPTY
                                                    : EA_SPAN_OF_ARRAY (identification) };
}

static void
run_passive (Endpoint *endpoint, const char *port)
{
  const EaCattpParameters parameters = make_parameters (CAT_TP_PORT, 0);
  const struct sockaddr_in address = make_address ("0.0.0.0", port);

  if (bind (endpoint->fd, (const struct sockaddr *) &address, sizeof (address)) != 0)
    fail ("bind");
  endpoint->is_passive = TRUE;
  endpoint->machine = ea_cattp_new_passive (&parameters);
  g_print ("ready\n");
  pump (endpoint);
}

static void
run_active (Endpoint *endpoint, const struct sockaddr_in *address)
{
  const EaCattpParameters parameters = make_parameters (0xC001, CAT_TP_PORT);

  if (connect (endpoint->fd, (const struct sockaddr *) address, sizeof (*address)) != 0)
    fail ("connect");
  endpoint->has_peer = TRUE;
  note ("start");
  endpoint->machine = ea_cattp_new_active (&parameters, g_get_monotonic_time ());
  pump (endpoint);
}

int
main (int argc, char **argv)
{
  Endpoint endpoint = { .fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0) };

  if (argc == 5 && g_str_equal (argv[1], "passive"))
    {
      endpoint.n_octets = (gsize) atoi (argv[3]);
      endpoint.sdu = (gsize) MAX (atoi (argv[4]), 1);
      run_passive (&endpoint, argv[2]);
    }
  else if (argc == 6 && g_str_equal (argv[1], "active"))
    {
      const struct sockaddr_in address = make_address (argv[2], argv[3]);

      endpoint.n_octets = (gsize) atoi (argv[4]);
      endpoint.response = (gsize) atoi (argv[5]);
      run_active (&endpoint, &address);
    }
  else
    fail ("usage: cattp-endpoint passive PORT OCTETS SDU | active ADDRESS PORT OCTETS RESPONSE");
  ea_cattp_free (endpoint.machine);
  close (endpoint.fd);
  return EXIT_SUCCESS;
}
