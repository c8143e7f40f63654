/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The parameters of an OPEN CHANNEL (TS 102 223 §6.6.27), kept for as long as the channel is open. */

#include "core/bip-request.h"

#include "core/text.h"

static void
clear_request (gpointer data)
{
  EaBipRequest *request = data;

  g_free (request->access_name);
  g_free (request->login);
  g_free (request->password);
  g_clear_pointer (&request->objects, g_bytes_unref);
}

EaBipRequest *
ea_bip_request_ref (EaBipRequest *request)
{
  return g_rc_box_acquire (request);
}

void
ea_bip_request_unref (EaBipRequest *request)
{
  g_rc_box_release_full (request, clear_request);
}

static gboolean
read_texts (EaBipRequest *request, GError **error)
{
  request->access_name = ea_cat_parse_network_access_name (request->open.access_name, error);
  if (request->access_name == NULL)
    return FALSE;
  request->login = ea_text_decode_text_string (request->open.login, NULL, error);
  if (request->login == NULL)
    return FALSE;
  request->password = ea_text_decode_text_string (request->open.password, NULL, error);
  return request->password != NULL;
}

EaBipRequest *
ea_bip_request_new (const EaCatCommand *command, guint16 buffer_size_max, GError **error)
{
  g_autoptr (EaBipRequest) request = g_rc_box_new0 (EaBipRequest);
  EaCatCommand copy = *command;

  request->objects = ea_span_to_bytes (command->objects);
  copy.objects = ea_span_from_bytes (request->objects);
  if (!ea_cat_parse_open_channel (&request->open, &copy, error) || !read_texts (request, error))
    return NULL;
  request->buffer_size = MIN (request->open.buffer_size, buffer_size_max);
  if (request->buffer_size == 0)
    request->buffer_size = buffer_size_max;
  return g_steal_pointer (&request);
}

gboolean
ea_bip_request_is_server (const EaBipRequest *request)
{
  return request->open.has_transport
         && request->open.transport.protocol == EA_CAT_TRANSPORT_TCP_SERVER;
}

gboolean
ea_bip_request_is_datagram (const EaBipRequest *request)
{
  return request->open.has_transport
         && request->open.transport.protocol == EA_CAT_TRANSPORT_UDP_CLIENT;
}
