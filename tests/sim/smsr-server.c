/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "smsr-server.h"

#include "smsr-cattp.h"
#include "smsr-https.h"

struct _SimSmsrServer
{
  GInetAddress *inet; /* that of @address */
  SimSmsrAddress address;
  GPtrArray *peers; /* of SimSmsrPeer */
  SimSmsrHttps *https;
  SimSmsrCattp *cattp;
  SimDnsServer *dns;
  SimSmsrFault fault;
  SimHttpStyle style;
  SimHostility hostility;
};

static void
peer_free (gpointer data)
{
  sim_smsr_peer_free (data);
}

static GBytes *
copy_octets (GInetAddress *address)
{
  return g_bytes_new (g_inet_address_to_bytes (address), g_inet_address_get_native_size (address));
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
  self->dns = sim_dns_server_new (address, error);
  if (self->dns == NULL)
    return FALSE;
  self->inet = g_object_ref (address);
  sim_smsr_https_set_hostility (self->https, &self->hostility);
  sim_smsr_cattp_set_hostility (self->cattp, &self->hostility);
  sim_dns_server_set_hostility (self->dns, &self->hostility);
  self->address.host = g_inet_address_to_string (address);
  self->address.address = copy_octets (address);
  self->address.https = sim_smsr_https_get_port (self->https);
  self->address.cat_tp = sim_smsr_cattp_get_port (self->cattp);
  self->address.dns = copy_octets (address);
  self->address.dns_port = sim_dns_server_get_port (self->dns);
  return TRUE;
}

/* (transfer full) (nullable) */
static GInetAddress *
parse_address (const char *text, GError **error)
{
  GInetAddress *address = g_inet_address_new_from_string (text);

  if (address == NULL)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "'%s' is no IP address", text);
  return address;
}

SimSmsrServer *
sim_smsr_server_new (const char *address, GError **error)
{
  g_autoptr (GInetAddress) inet = parse_address (address, error);
  g_autoptr (SimSmsrServer) self = NULL;

  if (inet == NULL)
    return NULL;
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
  sim_dns_server_free (self->dns);
  g_clear_object (&self->inet);
  g_ptr_array_unref (self->peers);
  sim_smsr_address_clear (&self->address);
  sim_hostility_end (&self->hostility);
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

/* A server that closes after each response makes an eUICC come twice, too. */
static void
tell_faults (SimSmsrServer *self)
{
  gboolean is_on = self->fault.kind != SIM_SMSR_FAULT_NONE || self->style.closes
                   || self->hostility.random != NULL;

  for (guint i = 0; i < self->peers->len; i++)
    {
      const SimSmsrPeer *peer = g_ptr_array_index (self->peers, i);

      sim_smsr_set_fault (peer->smsr, is_on);
    }
}

void
sim_smsr_server_set_style (SimSmsrServer *self, const SimHttpStyle *style)
{
  self->style = *style;
  sim_smsr_https_set_style (self->https, style);
  tell_faults (self);
}

SimHostility *
sim_smsr_server_get_hostility (SimSmsrServer *self)
{
  return &self->hostility;
}

void
sim_smsr_server_change_hostility (SimSmsrServer *self)
{
  tell_faults (self);
}

gboolean
sim_smsr_server_set_fault (SimSmsrServer *self, const SimSmsrFault *fault, GError **error)
{
  const SimSmsrFault none = { 0 };
  gboolean is_of_links = sim_smsr_fault_is_of_links (fault->kind);
  gboolean is_of_connections = !is_of_links && fault->count > 0;

  self->fault = *fault;
  tell_faults (self);
  return sim_smsr_https_set_fault (self->https, is_of_links ? &none : fault, error)
         && sim_smsr_cattp_set_fault (self->cattp, is_of_connections ? &none : fault, error);
}

const char *
sim_smsr_server_get_last_suite (const SimSmsrServer *self, SimTlsOffer *offer)
{
  return sim_smsr_https_get_last_suite (self->https, offer);
}

void
sim_smsr_server_describe_links (const SimSmsrServer *self, GString *json)
{
  sim_smsr_cattp_describe (self->cattp, json);
}

SimDnsServer *
sim_smsr_server_get_dns (const SimSmsrServer *self)
{
  return self->dns;
}

static void
tell_address (SimSmsrServer *self, GInetAddress *inet)
{
  g_set_object (&self->inet, inet);
  g_free (self->address.host);
  g_bytes_unref (self->address.address);
  self->address.host = g_inet_address_to_string (inet);
  self->address.address = copy_octets (inet);
  for (guint i = 0; i < self->peers->len; i++)
    {
      const SimSmsrPeer *peer = g_ptr_array_index (self->peers, i);

      sim_smsr_set_address (peer->smsr, &self->address);
    }
}

gboolean
sim_smsr_server_move (SimSmsrServer *self, const char *address, GError **error)
{
  g_autoptr (GInetAddress) inet = parse_address (address, error);

  if (inet == NULL || !sim_smsr_https_move (self->https, inet, error))
    return FALSE;
  if (!sim_smsr_cattp_move (self->cattp, inet, error))
    {
      (void) sim_smsr_https_move (self->https, self->inet, NULL); /* where it was a moment ago */
      return FALSE;
    }
  tell_address (self, inet);
  return TRUE;
}
