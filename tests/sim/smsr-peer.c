/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "smsr-peer.h"

#include <string.h>

SimSmsrPeer *
sim_smsr_peer_new (const char *eid, SimSmsr *smsr, SimSmsrChanged changed, gpointer user_data)
{
  SimSmsrPeer *peer = g_new0 (SimSmsrPeer, 1);

  peer->eid = g_strdup (eid);
  peer->smsr = smsr;
  peer->changed = changed;
  peer->user_data = user_data;
  return peer;
}

void
sim_smsr_peer_free (SimSmsrPeer *peer)
{
  g_free (peer->eid);
  g_free (peer);
}

const SimSmsrPeer *
sim_smsr_peers_find_identity (const GPtrArray *peers, EaSpan identity)
{
  for (guint i = 0; i < peers->len; i++)
    {
      const SimSmsrPeer *peer = g_ptr_array_index (peers, i);
      g_autoptr (GBytes) known = sim_smsr_build_psk_identity (peer->eid);
      g_autofree char *hex = ea_span_to_hex (ea_span_from_bytes (known));

      if (identity.size == strlen (hex)
          && g_ascii_strncasecmp ((const char *) identity.data, hex, identity.size) == 0)
        return peer;
    }
  return NULL;
}

static gboolean
is_identified (const SimSmsrPeer *peer, EaSpan identification)
{
  EaSpan wanted = sim_smsr_get_identification (peer->smsr);
  g_autofree char *hex = ea_span_to_hex (identification);

  return wanted.size > 0 ? ea_span_equal (wanted, identification) : g_str_equal (peer->eid, hex);
}

const SimSmsrPeer *
sim_smsr_peers_find_identification (const GPtrArray *peers, EaSpan identification)
{
  if (identification.size == 0)
    return sim_smsr_peers_find_waiting (peers, SIM_SMSR_PROTOCOL_CAT_TP);
  for (guint i = 0; i < peers->len; i++)
    {
      const SimSmsrPeer *peer = g_ptr_array_index (peers, i);

      if (is_identified (peer, identification))
        return peer;
    }
  return NULL;
}

const SimSmsrPeer *
sim_smsr_peers_find_waiting (const GPtrArray *peers, SimSmsrProtocol protocol)
{
  const SimSmsrPeer *found = NULL;

  for (guint i = 0; i < peers->len; i++)
    {
      const SimSmsrPeer *peer = g_ptr_array_index (peers, i);

      if (!sim_smsr_is_waiting (peer->smsr, protocol))
        continue;
      if (found != NULL)
        return NULL;
      found = peer;
    }
  return found;
}
