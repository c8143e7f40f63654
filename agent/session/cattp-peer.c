/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The peer of a CAT_TP session in a text, and in the records that outlive the session. */

#include "session/cattp-peer.h"

#include <string.h>

#include "host/config-value.h"

#define SEPARATOR " "
#define N_WORDS 3

char *
ea_cattp_peer_build (const char *name, guint16 port, guint16 cattp_port)
{
  return g_strdup_printf ("%s" SEPARATOR "%u" SEPARATOR "%u", name, port, cattp_port);
}

static gboolean
read_port (const char *word, guint16 *port)
{
  guint64 number;

  if (!g_ascii_string_to_unsigned (word, 10, 1, G_MAXUINT16, &number, NULL))
    return FALSE;
  *port = (guint16) number;
  return TRUE;
}

/* Ports with zeros before them would be another text for the same peer. */
gboolean
ea_cattp_peer_split (const char *peer, char **name, guint16 *port, guint16 *cattp_port)
{
  g_auto (GStrv) words = g_strsplit (peer, SEPARATOR, N_WORDS);
  g_autofree char *again = NULL;
  guint16 udp, cattp;

  if (g_strv_length (words) != N_WORDS || !ea_config_value_is_host (words[0])
      || !read_port (words[1], &udp) || !read_port (words[2], &cattp))
    return FALSE;
  again = ea_cattp_peer_build (words[0], udp, cattp);
  if (!g_str_equal (again, peer))
    return FALSE;
  *name = g_strdup (words[0]);
  *port = udp;
  *cattp_port = cattp;
  return TRUE;
}

void
ea_cattp_peer_write (EaWriter *writer, const char *peer)
{
  gsize size = strlen (peer);

  ea_writer_u16be (writer, (guint16) size);
  ea_writer_bytes (writer, ea_span_init (peer, size));
}

gboolean
ea_cattp_peer_read (EaReader *reader, char peer[EA_CATTP_PEER_MAX + 1])
{
  EaSpan span = ea_reader_bytes (reader, ea_reader_u16be (reader));
  g_autofree char *text = NULL;
  g_autofree char *name = NULL;
  guint16 port, cattp_port;

  if (!ea_reader_is_ok (reader) || span.size > EA_CATTP_PEER_MAX)
    return FALSE;
  text = g_strndup ((const char *) span.data, span.size);
  if (strlen (text) != span.size || !ea_cattp_peer_split (text, &name, &port, &cattp_port))
    return FALSE;
  (void) g_strlcpy (peer, text, EA_CATTP_PEER_MAX + 1); /* it is no longer */
  return TRUE;
}
