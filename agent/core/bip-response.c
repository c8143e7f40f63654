/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* TERMINAL RESPONSE to OPEN CHANNEL … GET CHANNEL STATUS, TS 102 223 §6.8, and the results of §8.12. */

#include "core/bip-response.h"

#include "core/cat-command.h"
#include "core/cat-event.h"
#include "core/cat-object.h"
#include "core/cat-response.h"

/* Command details, device identities and a result with its additional information; and a buffer size. */
#define RESPONSE_HEAD_MAX (5 + 4 + 4)
#define BUFFER_SIZE_OBJECT_SIZE 4

static const struct
{
  EaBipFailure failure;
  EaBipResult result;
} results[] = {
  { EA_BIP_FAILURE_UNABLE, { EA_CAT_RESULT_TERMINAL_UNABLE, TRUE, EA_CAT_TERMINAL_NO_CAUSE } },
  { EA_BIP_FAILURE_BUSY_ON_CALL,
    { EA_CAT_RESULT_TERMINAL_UNABLE, TRUE, EA_CAT_TERMINAL_BUSY_ON_CALL } },
  { EA_BIP_FAILURE_NO_SERVICE,
    { EA_CAT_RESULT_TERMINAL_UNABLE, TRUE, EA_CAT_TERMINAL_NO_SERVICE } },
  { EA_BIP_FAILURE_NETWORK, { EA_CAT_RESULT_NETWORK_UNABLE, TRUE, 0 } },
  { EA_BIP_FAILURE_NOT_REACHABLE,
    { EA_CAT_RESULT_BIP_ERROR, TRUE, EA_CAT_BIP_REMOTE_NOT_REACHABLE } },
  { EA_BIP_FAILURE_PORT_IN_USE, { EA_CAT_RESULT_BIP_ERROR, TRUE, EA_CAT_BIP_PORT_NOT_AVAILABLE } },
  { EA_BIP_FAILURE_TRANSPORT,
    { EA_CAT_RESULT_BIP_ERROR, TRUE, EA_CAT_BIP_TRANSPORT_NOT_AVAILABLE } },
};

EaBipResult
ea_bip_get_result (EaBipFailure failure, guint8 cause)
{
  for (gsize i = 0; i < G_N_ELEMENTS (results); i++)
    if (results[i].failure == failure)
      {
        EaBipResult result = results[i].result;

        if (failure == EA_BIP_FAILURE_NETWORK)
          result.additional = cause;
        return result;
      }
  return EA_BIP_RESULT_ERROR (EA_CAT_BIP_NO_CAUSE);
}

static GBytes *
build (const EaCatCommand *command, EaBipResult result, EaSpan objects)
{
  return ea_cat_answer_command (command, result.general,
                                ea_span_init (&result.additional, result.has_additional ? 1 : 0),
                                objects);
}

GBytes *
ea_bip_build_response (const EaCatCommand *command, EaBipResult result)
{
  return build (command, result, EA_SPAN_EMPTY);
}

/* TRUE when @command has an object with @tag that wants to be understood. */
static gboolean
get_style (const EaCatCommand *command, EaCatTag tag)
{
  EaTlv tlv;

  return ea_tlv_find_comprehension (command->objects, (guint32) tag, &tlv)
         && tlv.is_comprehension_required;
}

static void
write_status (EaWriter *objects, const EaCatChannelStatus *status, gboolean style)
{
  g_auto (EaWriter) value = { 0 };

  ea_writer_init (&value);
  ea_cat_write_channel_status (&value, status);
  ea_cat_write_object (objects, EA_CAT_TAG_CHANNEL_STATUS, style, ea_writer_span (&value));
}

static void
write_buffer_size (EaWriter *objects, guint16 buffer_size, gboolean style)
{
  g_auto (EaWriter) value = { 0 };

  ea_writer_init (&value);
  ea_writer_u16be (&value, buffer_size);
  ea_cat_write_object (objects, EA_CAT_TAG_BUFFER_SIZE, style, ea_writer_span (&value));
}

/* As long as it fits, with @n_reserved bytes after it: the parameters of a bearer can be as long as a
 * command. */
static void
write_if_it_fits (EaWriter *objects, EaCatTag tag, gboolean style, const EaWriter *value,
                  gsize n_reserved)
{
  g_auto (EaWriter) object = { 0 };
  gsize n_objects;

  ea_writer_init (&object);
  ea_cat_write_object (&object, tag, style, ea_writer_span (value));
  n_objects = ea_writer_span (objects).size + ea_writer_span (&object).size;
  if (RESPONSE_HEAD_MAX + n_objects + n_reserved <= EA_CAT_RESPONSE_MAX)
    ea_writer_bytes (objects, ea_writer_span (&object));
}

static void
write_bearer (EaWriter *objects, const EaCatBearerDescription *bearer, gboolean style)
{
  g_auto (EaWriter) value = { 0 };

  ea_writer_init (&value);
  ea_cat_write_bearer_description (&value, bearer);
  write_if_it_fits (objects, EA_CAT_TAG_BEARER_DESCRIPTION, style, &value, BUFFER_SIZE_OBJECT_SIZE);
}

static void
write_server (EaWriter *objects, const EaCatOtherAddress *server, gboolean style)
{
  g_auto (EaWriter) value = { 0 };

  ea_writer_init (&value);
  ea_cat_write_other_address (&value, server);
  write_if_it_fits (objects, EA_CAT_TAG_DNS_SERVER_ADDRESS, style, &value, 0);
}

GBytes *
ea_bip_build_open_response (const EaCatCommand *command, const EaBipRequest *request,
                            EaBipResult result, const EaCatChannelStatus *status,
                            const EaCatOtherAddress *servers, gsize n_servers)
{
  gboolean style = get_style (command, EA_CAT_TAG_BUFFER_SIZE);
  g_auto (EaWriter) objects = { 0 };

  if (result.general == EA_CAT_RESULT_OK && request->buffer_size != request->open.buffer_size)
    result.general = EA_CAT_RESULT_MODIFIED;
  ea_writer_init (&objects);
  if (status != NULL)
    write_status (&objects, status, style);
  if (request->open.has_bearer)
    write_bearer (&objects, &request->open.bearer,
                  get_style (command, EA_CAT_TAG_BEARER_DESCRIPTION));
  write_buffer_size (&objects, request->buffer_size, style);
  for (gsize i = 0; status != NULL && request->open.is_dns_requested && i < n_servers; i++)
    write_server (&objects, &servers[i], style);
  return build (command, result, ea_writer_span (&objects));
}

static void
write_length (EaWriter *objects, gsize length, gboolean style)
{
  guint8 octet = (guint8) MIN (length, EA_CAT_CHANNEL_DATA_LENGTH_MAX);

  ea_cat_write_object (objects, EA_CAT_TAG_CHANNEL_DATA_LENGTH, style, ea_span_init (&octet, 1));
}

GBytes *
ea_bip_build_send_response (const EaCatCommand *command, gsize n_free)
{
  g_auto (EaWriter) objects = { 0 };

  ea_writer_init (&objects);
  write_length (&objects, n_free, get_style (command, EA_CAT_TAG_CHANNEL_DATA));
  return build (command, EA_BIP_RESULT (EA_CAT_RESULT_OK), ea_writer_span (&objects));
}

GBytes *
ea_bip_build_receive_response (const EaCatCommand *command, EaBipResult result, EaSpan data,
                               gsize n_left)
{
  gboolean style = get_style (command, EA_CAT_TAG_CHANNEL_DATA_LENGTH);
  g_auto (EaWriter) objects = { 0 };

  ea_writer_init (&objects);
  ea_cat_write_object (&objects, EA_CAT_TAG_CHANNEL_DATA, style, data);
  write_length (&objects, n_left, style);
  return build (command, result, ea_writer_span (&objects));
}

GBytes *
ea_bip_build_status_response (const EaCatCommand *command, const EaCatChannelStatus *statuses,
                              gsize n_statuses)
{
  static const EaCatChannelStatus none = { 0 };
  g_auto (EaWriter) objects = { 0 };

  ea_writer_init (&objects);
  if (n_statuses == 0)
    write_status (&objects, &none, FALSE);
  for (gsize i = 0; i < n_statuses; i++)
    write_status (&objects, &statuses[i], FALSE);
  return build (command, EA_BIP_RESULT (EA_CAT_RESULT_OK), ea_writer_span (&objects));
}
