/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* User identity module, APDUs and logical channels. */
#include "service-uim.h"

#define UIM_SEND_APDU_INDICATION 0x003B
/* A longer R-APDU comes in indications. */
#define RESPONSE_MAX 1024
#define RETURN_FINAL_RESULT 1
#define SLOT_1 1
#define CHANNEL_LAST 19

#define SW_FILE_NOT_FOUND 0x6A82
#define SW_FUNCTION_NOT_SUPPORTED 0x6A81

/* P2 of SELECT for each value of "file control information"; FCI first, which is the default. */
#define SELECT_NOTHING 0x0C
#define SELECT_FCP 0x04
#define SELECT_FCI 0x00
#define SELECT_FMD 0x08

static SimQmiError
check_slot (const SimRequest *request)
{
  SimSlotState state = request->modem->slot->state;
  EaReader reader;
  guint8 slot;

  if (!sim_request_get (request, 0x01, &reader))
    return SIM_QMI_MISSING_ARGUMENT;
  slot = ea_reader_u8 (&reader);
  if (!ea_reader_done (&reader))
    return SIM_QMI_MALFORMED_MESSAGE;
  if (slot != SLOT_1)
    return SIM_QMI_INVALID_ARGUMENT;
  return state == SIM_SLOT_READY || state == SIM_SLOT_STARTING ? SIM_QMI_OK
                                                               : SIM_QMI_DEVICE_NOT_READY;
}

static gboolean
get_u8 (const SimRequest *request, guint8 type, guint8 *value)
{
  EaReader reader;
  guint8 found;

  if (!sim_request_get (request, type, &reader))
    return FALSE;
  found = ea_reader_u8 (&reader);
  if (!ea_reader_done (&reader))
    return FALSE;
  *value = found;
  return TRUE;
}

static void
indicate_chunks (SimRequest *request, EaSpan response, guint32 token)
{
  EaReader reader;

  ea_reader_init (&reader, response);
  while (ea_reader_remaining (&reader) > 0)
    {
      g_auto (EaWriter) value = { NULL };
      g_auto (EaWriter) tlvs = { NULL };

      ea_writer_init (&value);
      ea_writer_init (&tlvs);
      ea_writer_u32le (&value, token);
      ea_writer_u16le (&value, (guint16) response.size);
      ea_writer_u16le (&value, (guint16) ea_reader_offset (&reader));
      sim_write_lv16 (&value,
                      ea_reader_bytes (&reader, MIN (ea_reader_remaining (&reader), RESPONSE_MAX)));
      sim_qmi_add (&tlvs, 0x01, ea_writer_span (&value));
      sim_modem_indicate (request->modem, request->client, UIM_SEND_APDU_INDICATION,
                          ea_writer_span (&tlvs));
    }
}

static void
add_response (SimRequest *request, EaSpan response)
{
  g_auto (EaWriter) value = { NULL };
  guint32 token;

  ea_writer_init (&value);
  if (response.size <= RESPONSE_MAX)
    {
      sim_write_lv16 (&value, response);
      sim_qmi_add (&request->reply, 0x10, ea_writer_span (&value));
      return;
    }
  token = ++request->modem->last_token;
  ea_writer_u16le (&value, (guint16) response.size);
  ea_writer_u32le (&value, token);
  sim_qmi_add (&request->reply, 0x11, ea_writer_span (&value));
  indicate_chunks (request, response, token);
}

SimQmiError
sim_uim_send_apdu (SimRequest *request)
{
  SimSlot *slot = request->modem->slot;
  SimQmiError error = check_slot (request);
  g_autoptr (GBytes) command = NULL;
  g_autoptr (GBytes) response = NULL;
  guint8 procedure = 0;
  guint8 channel = 0;
  EaReader reader;
  EaSpan apdu;

  if (error != SIM_QMI_OK)
    return error;
  if (!sim_request_get (request, 0x02, &reader))
    return SIM_QMI_MISSING_ARGUMENT;
  apdu = sim_read_lv16 (&reader);
  if (!ea_reader_done (&reader) || apdu.size == 0)
    return SIM_QMI_MALFORMED_MESSAGE;
  (void) get_u8 (request, 0x11, &procedure); /* intermediate results unless told otherwise */
  command = ea_span_to_bytes (apdu);
  if (get_u8 (request, 0x10, &channel))
    {
      if (channel > CHANNEL_LAST)
        return SIM_QMI_INVALID_ARGUMENT;
      g_clear_pointer (&command, g_bytes_unref);
      command = sim_apdu_set_channel (apdu, channel);
    }
  response = procedure == RETURN_FINAL_RESULT
                 ? sim_slot_exchange (slot, ea_span_from_bytes (command))
                 : sim_slot_transmit (slot, ea_span_from_bytes (command));
  add_response (request, ea_span_from_bytes (response));
  if (channel > 0)
    request->fate = sim_apdu_fault_take (&request->modem->apdu_fault);
  return SIM_QMI_OK;
}

static guint8
select_p2 (guint8 file_control_information)
{
  switch (file_control_information)
    {
    case 0:
      return SELECT_NOTHING;
    case 1:
      return SELECT_FCP;
    case 4:
      return SELECT_FMD;
    default:
      return SELECT_FCI;
    }
}

static void
add_card_result (SimRequest *request, guint16 status_word)
{
  g_auto (EaWriter) value = { NULL };

  ea_writer_init (&value);
  ea_writer_u16be (&value, status_word);
  sim_qmi_add (&request->reply, 0x11, ea_writer_span (&value));
}

/* The answer to SELECT; its status word has a TLV of its own. */
static void
add_select_response (SimRequest *request, GBytes *response)
{
  g_auto (EaWriter) value = { NULL };
  EaSpan span = sim_apdu_data (response);

  if (span.size > G_MAXUINT8)
    return;
  ea_writer_init (&value);
  sim_write_lv8 (&value, span);
  sim_qmi_add (&request->reply, 0x12, ea_writer_span (&value));
}

static SimQmiError
map_status_word (guint16 status_word)
{
  switch (status_word)
    {
    case SW_FILE_NOT_FOUND:
      return SIM_QMI_SIM_FILE_NOT_FOUND;
    case SW_FUNCTION_NOT_SUPPORTED:
      return SIM_QMI_INSUFFICIENT_RESOURCES;
    default:
      return SIM_QMI_INTERNAL;
    }
}

static SimQmiError
open_channel (SimRequest *request, EaSpan aid, guint8 p2)
{
  g_autoptr (GBytes) response = NULL;
  guint8 channel = 0;
  guint16 status_word = sim_slot_open_channel (request->modem->slot, aid, p2, &channel, &response);

  add_card_result (request, status_word);
  if (!sim_apdu_is_success (status_word))
    return map_status_word (status_word);
  if (request->modem->n_wrong_channels > 0)
    {
      request->modem->n_wrong_channels--;
      channel = CHANNEL_LAST + 1;
    }
  sim_qmi_add_u8 (&request->reply, 0x10, channel);
  if (response != NULL)
    add_select_response (request, response);
  return SIM_QMI_OK;
}

static SimQmiError
read_aid (const SimRequest *request, EaSpan *aid)
{
  EaReader reader;

  if (!sim_request_get (request, 0x10, &reader))
    return SIM_QMI_OK;
  *aid = sim_read_lv8 (&reader);
  return ea_reader_done (&reader) ? SIM_QMI_OK : SIM_QMI_MALFORMED_MESSAGE;
}

SimQmiError
sim_uim_open_logical_channel (SimRequest *request)
{
  SimQmiError error = check_slot (request);
  EaSpan aid = EA_SPAN_EMPTY;
  guint8 information = 2;

  if (error == SIM_QMI_OK)
    error = read_aid (request, &aid);
  if (error != SIM_QMI_OK)
    return error;
  (void) get_u8 (request, 0x11, &information); /* FCI unless told otherwise */
  return open_channel (request, aid, select_p2 (information));
}

static SimQmiError
close_channel (SimRequest *request, guint8 channel)
{
  guint16 status_word;

  if (channel == 0 || channel > CHANNEL_LAST)
    return SIM_QMI_INVALID_ARGUMENT;
  status_word = sim_slot_close_channel (request->modem->slot, channel);
  add_card_result (request, status_word);
  return sim_apdu_is_success (status_word) ? SIM_QMI_OK : SIM_QMI_INVALID_ARGUMENT;
}

SimQmiError
sim_uim_logical_channel (SimRequest *request)
{
  SimQmiError error = check_slot (request);
  EaSpan aid = EA_SPAN_EMPTY;
  guint8 information = 2;
  guint8 channel;
  EaReader reader;

  if (error == SIM_QMI_OK)
    error = read_aid (request, &aid);
  if (error != SIM_QMI_OK)
    return error;
  if (get_u8 (request, 0x11, &channel))
    return close_channel (request, channel);
  if (!sim_request_get (request, 0x10, &reader))
    return SIM_QMI_MISSING_ARGUMENT;
  (void) get_u8 (request, 0x12, &information); /* FCI unless told otherwise */
  return open_channel (request, aid, select_p2 (information));
}
