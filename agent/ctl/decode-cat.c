/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Kinds proactive and terminal-response: TS 102 223 §6.6 and §6.8, TS 31.111 §6.6 and §6.8. */

#include "core/cat-channel.h"
#include "core/cat-command.h"
#include "core/cat-name.h"
#include "core/cat-response.h"
#include "core/cat-task.h"
#include "core/error.h"
#include "ctl/decode-cat-object.h"
#include "ctl/decode.h"

#define CLAUSE_DETAILS "TS 102 223 §8.6"
#define CLAUSE_DEVICES "TS 102 223 §8.7"
#define CLAUSE_RESULT "TS 102 223 §8.12"

/* Bits of the qualifier of OPEN CHANNEL, TS 102 223 §8.6 */
static const struct
{
  guint8 bit;
  const char *key;
} open_channel_bits[] = {
  { 0x01, "immediate" },
  { 0x02, "automatic_reconnection" },
  { 0x04, "background" },
  { 0x08, "dns_requested" },
};

static void
add_qualifier (EaView *view, guint8 type, guint8 qualifier, EaSpan place)
{
  const char *name = ea_cat_get_qualifier_name (type, qualifier);

  ea_view_at (view, place);
  ea_view_cite (view, CLAUSE_DETAILS);
  ea_view_add_number (view, "qualifier", qualifier);
  if (name != NULL)
    ea_view_add_string (view, "qualifier_name", name);
  if (type != EA_CAT_TYPE_OPEN_CHANNEL)
    return;
  ea_view_begin_object (view, "qualifier_bits");
  for (gsize i = 0; i < G_N_ELEMENTS (open_channel_bits); i++)
    ea_view_add_boolean (view, open_channel_bits[i].key,
                         (qualifier & open_channel_bits[i].bit) != 0);
  ea_view_end_object (view);
}

/* @details: the value of the command details */
static void
add_details (EaView *view, EaSpan details, guint8 number, guint8 type, guint8 qualifier)
{
  const EaCatLayout *layout = ea_cat_get_command_layout (type);

  ea_view_at (view, ea_span_head (ea_span_tail (details, 1), 1));
  ea_view_cite (view, layout != NULL ? layout->clause : CLAUSE_DETAILS);
  ea_view_add_string (view, "command", ea_cat_get_command_name (type));
  ea_view_at (view, ea_span_head (ea_span_tail (details, 1), 1));
  ea_view_cite (view, CLAUSE_DETAILS);
  ea_view_add_number (view, "type", type);
  ea_view_at (view, ea_span_head (details, 1));
  ea_view_cite (view, CLAUSE_DETAILS);
  ea_view_add_number (view, "number", number);
  add_qualifier (view, type, qualifier, ea_span_tail (details, 2));
}

static void
add_device (EaView *view, const char *key, guint8 device, EaSpan place)
{
  ea_view_at (view, place);
  ea_view_cite (view, CLAUSE_DEVICES);
  ea_view_add_named (view, key, device, ea_cat_get_name (EA_CAT_NAMES_DEVICE, device));
}

static void
add_devices (EaView *view, EaSpan devices, guint8 source, guint8 destination)
{
  add_device (view, "source", source, ea_span_head (devices, 1));
  add_device (view, "destination", destination, ea_span_tail (devices, 1));
}

/* The channel that a command is for is one of its devices, TS 102 223 §6.6.28 to §6.6.30. */
static void
add_channel (EaView *view, guint8 destination, EaSpan devices)
{
  if (destination < EA_CAT_DEVICE_CHANNEL_1 || destination > EA_CAT_DEVICE_CHANNEL_7)
    return;
  ea_view_at (view, ea_span_tail (devices, 1));
  ea_view_cite (view, CLAUSE_DEVICES);
  ea_view_add_number (view, "channel", destination - EA_CAT_DEVICE_CHANNEL_1 + 1u);
}

/* Commands whose values have rules of their own are read as a terminal would. */
static gboolean
is_understood (const EaCatCommand *command, gboolean *is_partial, GError **error)
{
  EaCatTimerManagement timer;
  EaCatOpenChannel open;
  EaCatRefresh refresh;

  if (!ea_cat_check_command (command, is_partial, error))
    return FALSE;
  switch (command->type)
    {
    case EA_CAT_TYPE_OPEN_CHANNEL:
      return ea_cat_parse_open_channel (&open, command, error);
    case EA_CAT_TYPE_REFRESH:
      return ea_cat_parse_refresh (&refresh, command, error);
    case EA_CAT_TYPE_TIMER_MANAGEMENT:
      return ea_cat_parse_timer_management (&timer, command, error);
    default:
      return TRUE;
    }
}

/* What a terminal would answer to a command that it can read but not understand, TS 102 223 §6.10. */
static void
add_problem (EaView *view, const EaCatCommand *command)
{
  g_autoptr (GError) error = NULL;
  gboolean is_partial = FALSE;
  guint8 result = EA_CAT_RESULT_PARTIAL_COMPREHENSION;

  if (!ea_cat_is_known_command (command->type))
    result = EA_CAT_RESULT_TYPE_NOT_UNDERSTOOD;
  else if (!is_understood (command, &is_partial, &error))
    result = (guint8) ea_cat_get_result (error->code);
  else if (!is_partial)
    return;

  ea_view_begin_object (view, "problem");
  ea_view_add_named (view, "result", result, ea_cat_get_name (EA_CAT_NAMES_RESULT, result));
  if (error != NULL)
    ea_view_add_string (view, "message", error->message);
  ea_view_end_object (view);
}

/* The message that SEND SHORT MESSAGE carries. */
static void
add_message (EaView *view, const EaCatCommand *command, const EaDecodeOptions *options)
{
  gboolean is_unpacked = (command->qualifier & EA_CAT_QUALIFIER_PACKING_REQUIRED) != 0;
  EaSpan tpdu;

  if (ea_cat_command_find (command, EA_CAT_TAG_SMS_TPDU, EA_CAT_ROLE_ONLY, &tpdu))
    ea_decode_add_nested (view, "message",
                          is_unpacked ? ea_decode_unpacked_submit : ea_decode_sms_submit, tpdu,
                          options);
}

/* The value of the next object, which was read before. */
static EaSpan
read_value (EaReader *reader)
{
  EaTlv tlv = { 0 };

  (void) ea_tlv_read_comprehension (reader, &tlv, NULL);
  return tlv.value;
}

gboolean
ea_decode_proactive (EaView *view, EaSpan item, const EaDecodeOptions *options, GError **error)
{
  EaCatCommand command;
  EaTlv frame = { 0 };
  EaSpan details;
  EaSpan devices;
  EaReader reader;

  if (!ea_cat_parse_command (&command, item, error))
    return FALSE;
  ea_reader_init (&reader, item);
  (void) ea_tlv_read_ber (&reader, &frame, NULL); /* it was read before */
  if (ea_reader_remaining (&reader) > 0)
    return ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, ea_reader_position (&reader),
                              "Proactive command of %" G_GSIZE_FORMAT " bytes has %" G_GSIZE_FORMAT
                              " more behind it",
                              ea_reader_offset (&reader), ea_reader_remaining (&reader));

  ea_reader_init (&reader, frame.value);
  details = read_value (&reader);
  devices = read_value (&reader);
  add_details (view, details, command.number, command.type, command.qualifier);
  add_devices (view, devices, command.source, command.destination);
  add_channel (view, command.destination, devices);
  if (!ea_decode_add_cat_objects (view, ea_cat_get_command_layout (command.type), command.objects,
                                  error))
    return FALSE;
  if (command.type == EA_CAT_TYPE_SEND_SHORT_MESSAGE)
    add_message (view, &command, options);
  add_problem (view, &command);
  return TRUE;
}

static void
add_result (EaView *view, guint8 type, const EaCatResultValue *result, EaSpan place)
{
  const char *name = ea_cat_get_name (EA_CAT_NAMES_RESULT, result->general);
  EaReader reader;
  guint8 cause;

  ea_view_at (view, place);
  ea_view_cite (view, CLAUSE_RESULT);
  ea_view_begin_object (view, "result");
  ea_view_add_number (view, "code", result->general);
  if (name != NULL)
    ea_view_add_string (view, "name", name);
  if (result->additional.size > 0)
    {
      ea_view_add_bytes_here (view, "additional", result->additional);
      ea_reader_init (&reader, result->additional);
      cause = ea_reader_u8 (&reader);
      name = ea_cat_get_result_cause_name (type, result->general, cause);
      if (name != NULL)
        ea_view_add_named (view, "cause", cause, name);
    }
  ea_view_end_object (view);
}

/* §8.12: results that need a cause. */
static void
add_response_problem (EaView *view, const EaCatResponse *response)
{
  g_autofree char *message = NULL;

  if (response->result.additional.size > 0
      || !ea_cat_result_needs_additional (response->result.general))
    return;
  message = g_strdup_printf ("Result %02X has no additional information", response->result.general);
  ea_view_cite (view, CLAUSE_RESULT);
  ea_view_begin_object (view, "problem");
  ea_view_add_string (view, "message", message);
  ea_view_end_object (view);
}

gboolean
ea_decode_terminal_response (EaView *view, EaSpan item, const EaDecodeOptions *options,
                             GError **error)
{
  EaCatResponse response;
  EaReader reader;
  EaSpan details;
  EaSpan devices;

  if (!ea_cat_parse_response (&response, item, error))
    return FALSE;
  ea_reader_init (&reader, item);
  details = read_value (&reader);
  devices = read_value (&reader);
  add_details (view, details, response.details.number, response.details.type,
               response.details.qualifier);
  add_devices (view, devices, response.devices.source, response.devices.destination);
  add_result (view, response.details.type, &response.result, read_value (&reader));
  if (!ea_decode_add_cat_objects (view, ea_cat_response_get_layout (&response), response.objects,
                                  error))
    return FALSE;
  add_response_problem (view, &response);
  return TRUE;
}
