/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "smsr-server.h"

#include "smsr-cattp.h"
#include "smsr-https.h"

struct _SimSmsrServer
{
  SimSmsrAddress address;
  GPtrArray *peers; /* of SimSmsrPeer */
  SimSmsrHttps *https;
  SimSmsrCattp *cattp;
};

static void
peer_free (gpointer data)
{
  sim_smsr_peer_free (data);
}

static gboolean
start (SimSmsrServer *self, GInetAddress *address, GError **error)
{
  self->https = sim_smsr_https_new (address, self->peers, error);
  if (self->https == NULL)
    return FALSE;
  self->cattp = sim_smsr_cattp_new (address, self->peers, error);
  if (self->cattp == NULL)
    return FALSE;
  self->address.host = g_inet_address_to_string (address);
  self->address.address
      = g_bytes_new (g_inet_address_to_bytes (address), g_inet_address_get_native_size (address));
  self->address.https = sim_smsr_https_get_port (self->https);
  self->address.cat_tp = sim_smsr_cattp_get_port (self->cattp);
  return TRUE;
}

SimSmsrServer *
sim_smsr_server_new (const char *address, GError **error)
{
  g_autoptr (GInetAddress) inet = g_inet_address_new_from_string (address);
  g_autoptr (SimSmsrServer) self = NULL;

  if (inet == NULL)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "'%s' is no IP address",
                   address);
      return NULL;
    }
  self = g_new0 (SimSmsrServer, 1);
  self->peers = g_ptr_array_new_with_free_func (peer_free);
  if (!start (self, inet, error))
    {
      g_prefix_error (error, "The SM-SR cannot listen at %s: ", address);
      return NULL;
    }
  return g_steal_pointer (&self);
}

void
sim_smsr_server_free (SimSmsrServer *self)
{
  if (self == NULL)
    return;
  sim_smsr_https_free (self->https);
  sim_smsr_cattp_free (self->cattp);
  g_ptr_array_unref (self->peers);
  sim_smsr_address_clear (&self->address);
  g_free (self);
}

void
sim_smsr_server_add (SimSmsrServer *self, const char *eid, SimSmsr *smsr, SimSmsrChanged changed,
                     gpointer user_data)
{
  g_ptr_array_add (self->peers, sim_smsr_peer_new (eid, smsr, changed, user_data));
  sim_smsr_set_address (smsr, &self->address);
}

void
sim_smsr_server_remove (SimSmsrServer *self, const SimSmsr *smsr)
{
  for (guint i = self->peers->len; i > 0; i--)
    {
      const SimSmsrPeer *peer = g_ptr_array_index (self->peers, i - 1);

      if (peer->smsr != smsr)
        continue;
      sim_smsr_https_forget (self->https, peer);
      sim_smsr_cattp_forget (self->cattp, peer);
      g_ptr_array_remove_index_fast (self->peers, i - 1);
    }
}

void
sim_smsr_server_settle (SimSmsrServer *self, const SimSmsr *smsr)
{
  sim_smsr_cattp_settle (self->cattp, smsr);
}

const SimSmsrAddress *
sim_smsr_server_get_address (const SimSmsrServer *self)
{
  return &self->address;
}

gboolean
sim_smsr_server_set_fault (SimSmsrServer *self, const SimSmsrFault *fault, GError **error)
{
  for (guint i = 0; i < self->peers->len; i++)
    {
      const SimSmsrPeer *peer = g_ptr_array_index (self->peers, i);

      sim_smsr_set_fault (peer->smsr, fault->kind != SIM_SMSR_FAULT_NONE);
    }
  return sim_smsr_https_set_fault (self->https, fault, error)
         && sim_smsr_cattp_set_fault (self->cattp, fault, error);
}
