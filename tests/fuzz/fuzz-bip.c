/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Channels of the bearer independent protocol (agent/core/bip.h). The input is a list of steps: commands of
 * the card and happenings on the links. Each command is answered exactly once, with bytes that fit; what
 * a peer sends is fetched whole and in order; a drop is told at most once.
 */

#include <string.h>

#include "core/bip.h"
#include "core/cat-command.h"
#include "core/cat-envelope.h"
#include "core/cat-event.h"
#include "core/cat-response.h"
#include "fuzz.h"

#define N_STEPS_MAX 4096

/* High half of the first octet of a step; the low half is a channel, and a bit that leaves commands open. */
#define LEAVE_OPEN 0x08

typedef enum
{
  STEP_OPEN,
  STEP_CLOSE,
  STEP_SEND,
  STEP_RECEIVE,
  STEP_STATUS,
  STEP_RAW_COMMAND,
  STEP_LINK_UP,
  STEP_LINK_FAILED,
  STEP_LINK_DROPPED,
  STEP_LISTENING,
  STEP_PEER,
  STEP_HEAR,
  STEP_SENT,
  STEP_EVENTS,
  STEP_STOP,
  STEP_RESET,
} Step;

/* What went through a channel since it was opened. */
typedef struct
{
  gsize n_heard;
  gsize n_fetched;
} Traffic;

typedef struct
{
  EaBip bip;
  Traffic traffic[EA_BIP_CHANNELS_MAX];
  guint n_ends[EA_BIP_CHANNELS_MAX]; /* of links, that the card may be told of */
  guint64 n_commands;
  guint64 n_answered;
  guint64 n_forgotten;
  guint8 fetched_channel;
  gsize n_fetched_last;
  gboolean fails; /* the card does not get what it is told */
} Run;

static void
command (Run *run, guint8 type, guint8 qualifier, guint8 destination, EaSpan objects)
{
  const EaCatCommand frame = {
    .number = (guint8) run->n_commands,
    .type = type,
    .qualifier = qualifier,
    .source = EA_CAT_DEVICE_UICC,
    .destination = destination,
    .has_comprehension_tags = TRUE,
    .has_comprehension_devices = TRUE,
    .objects = objects,
  };

  ea_bip_set_command_open (&run->bip, TRUE);
  if (ea_bip_command (&run->bip, &frame, run->n_commands))
    run->n_commands++;
}

static void
open_channel (Run *run, EaReader *reader)
{
  static const guint8 address[] = { 0x3E, 0x05, 0x21, 192, 0, 2, 1 };
  guint8 qualifier = ea_reader_u8 (reader);
  guint8 transport = ea_reader_u8 (reader);
  g_auto (EaWriter) objects = { 0 };

  ea_writer_init (&objects);
  ea_writer_u24be (&objects, 0x350103);
  ea_writer_u16be (&objects, 0x3902);
  ea_writer_u16be (&objects, (guint16) (transport >> 3));
  ea_writer_u16be (&objects, 0x3C03);
  ea_writer_u24be (&objects, (guint32) (transport & 0x07) << 16 | 80);
  ea_writer_bytes (&objects, EA_SPAN_OF_ARRAY (address));
  command (run, EA_CAT_TYPE_OPEN_CHANNEL, qualifier, EA_CAT_DEVICE_TERMINAL,
           ea_writer_span (&objects));
}

static void
send_data (Run *run, guint8 destination, EaReader *reader)
{
  guint8 head = ea_reader_u8 (reader);
  g_auto (EaWriter) objects = { 0 };

  ea_writer_init (&objects);
  ea_cat_write_object (&objects, EA_CAT_TAG_CHANNEL_DATA, FALSE,
                       ea_reader_bytes (reader, MIN (head >> 1, ea_reader_remaining (reader))));
  command (run, EA_CAT_TYPE_SEND_DATA, head & 0x01, destination, ea_writer_span (&objects));
}

static void
receive_data (Run *run, guint8 destination, guint8 length)
{
  const guint8 object[] = { 0x37, 0x01, length };

  run->fetched_channel = destination - EA_CAT_DEVICE_CHANNEL_1 + 1;
  command (run, EA_CAT_TYPE_RECEIVE_DATA, 0, destination, EA_SPAN_OF_ARRAY (object));
}

static void
raw_command (Run *run, EaReader *reader)
{
  EaSpan bytes
      = ea_reader_bytes (reader, MIN (ea_reader_u8 (reader), ea_reader_remaining (reader)));
  EaCatCommand parsed;

  if (!ea_cat_parse_command (&parsed, bytes, NULL))
    return;
  run->fetched_channel = ea_cat_command_get_channel (&parsed);
  ea_bip_set_command_open (&run->bip, TRUE);
  if (ea_bip_command (&run->bip, &parsed, run->n_commands))
    run->n_commands++;
}

static void
hear (Run *run, guint8 channel, guint8 size)
{
  gsize room = ea_bip_get_room (&run->bip, channel);
  Traffic *traffic = &run->traffic[channel - 1];
  g_auto (EaWriter) data = { 0 };

  ea_writer_init (&data);
  for (gsize i = 0; i < MIN (size, room); i++)
    ea_writer_u8 (&data, (guint8) (traffic->n_heard + i));
  traffic->n_heard += ea_writer_span (&data).size;
  ea_bip_receive (&run->bip, channel, ea_writer_span (&data));
}

static void
check_fetched (Run *run, const EaCatResponse *response)
{
  Traffic *traffic;
  EaReader reader;
  EaTlv tlv;

  run->n_fetched_last = 0;
  if (!ea_tlv_find_comprehension (response->objects, EA_CAT_TAG_CHANNEL_DATA, &tlv)
      || run->fetched_channel == 0 || run->fetched_channel > EA_BIP_CHANNELS_MAX)
    return;
  traffic = &run->traffic[run->fetched_channel - 1];
  run->n_fetched_last = tlv.value.size;
  ea_reader_init (&reader, tlv.value);
  while (ea_reader_remaining (&reader) > 0)
    FUZZ_CLAIM (ea_reader_u8 (&reader) == (guint8) traffic->n_fetched++);
  FUZZ_CLAIM (traffic->n_fetched <= traffic->n_heard);
}

static gboolean
has_cause (guint8 general)
{
  return general == EA_CAT_RESULT_TERMINAL_UNABLE || general == EA_CAT_RESULT_NETWORK_UNABLE
         || general == EA_CAT_RESULT_BIP_ERROR;
}

/* What happens next may end the link of @channel. */
static void
expect_end (Run *run, guint8 channel)
{
  if (ea_bip_get_state (&run->bip, channel) != EA_BIP_CLOSED)
    run->n_ends[channel - 1]++;
}

/* Half of what fails fails in a way that nobody knows of. */
static void
finish_response (Run *run, guint64 name, guint8 type)
{
  gboolean is_unknown = (name & 1) != 0;

  if (!run->fails)
    {
      ea_bip_response_done (&run->bip, name, EA_BIP_DELIVERED);
      return;
    }
  if (type == EA_CAT_TYPE_RECEIVE_DATA && !is_unknown && run->fetched_channel != 0)
    run->traffic[run->fetched_channel - 1].n_fetched -= run->n_fetched_last;
  for (guint8 i = 1; i <= EA_BIP_CHANNELS_MAX && is_unknown; i++)
    expect_end (run, i);
  ea_bip_response_done (&run->bip, name,
                        is_unknown ? EA_BIP_DELIVERY_UNKNOWN : EA_BIP_NOT_DELIVERED);
}

static void
pull_responses (Run *run)
{
  GBytes *bytes;
  guint64 name;

  while ((bytes = ea_bip_pull_response (&run->bip, &name)) != NULL)
    {
      EaCatResponse response;

      FUZZ_CLAIM (ea_cat_parse_response (&response, ea_span_from_bytes (bytes), NULL));
      FUZZ_CLAIM (name < run->n_commands);
      FUZZ_CLAIM (has_cause (response.result.general) == (response.result.additional.size == 1));
      if (response.details.type == EA_CAT_TYPE_RECEIVE_DATA)
        check_fetched (run, &response);
      run->n_answered++;
      finish_response (run, name, response.details.type);
      g_bytes_unref (bytes);
    }
  FUZZ_CLAIM (run->n_commands - run->n_answered - run->n_forgotten <= 1);
}

static void
pull_events (Run *run)
{
  EaBipEvent event;

  while (ea_bip_pull_event (&run->bip, &event))
    {
      gboolean is_send = event.type == EA_BIP_EVENT_SEND;

      FUZZ_CLAIM (event.channel >= 1 && event.channel <= EA_BIP_CHANNELS_MAX);
      FUZZ_CLAIM (event.request != NULL && (event.data != NULL) == is_send);
      FUZZ_CLAIM (!is_send || g_bytes_get_size (event.data) > 0);
      FUZZ_CLAIM (!is_send || g_bytes_get_size (event.data) <= event.request->buffer_size);
      if (!is_send)
        run->traffic[event.channel - 1] = (Traffic){ 0 };
      ea_bip_event_clear (&event);
    }
}

/* Each end of a link is told at most once. */
static void
check_end (Run *run, EaSpan value)
{
  EaCatChannelStatus status;

  FUZZ_CLAIM (ea_cat_parse_channel_status (&status, value, NULL));
  FUZZ_CLAIM (status.channel >= 1);
  if (status.information == EA_CAT_CHANNEL_LINK_DROPPED)
    FUZZ_CLAIM (run->n_ends[status.channel - 1] > 0);
  if (status.information == EA_CAT_CHANNEL_LINK_DROPPED && !run->fails)
    run->n_ends[status.channel - 1]--;
}

static void
check_envelope (Run *run, EaSpan bytes)
{
  EaCatEnvelope envelope;
  EaTlv tlv;

  FUZZ_CLAIM (ea_cat_parse_envelope (&envelope, bytes, NULL));
  FUZZ_CLAIM (ea_tlv_find_comprehension (envelope.objects, EA_CAT_TAG_CHANNEL_STATUS, &tlv));
  check_end (run, tlv.value);
  if (envelope.event != EA_CAT_EVENT_DATA_AVAILABLE)
    return;
  FUZZ_CLAIM (ea_tlv_find_comprehension (envelope.objects, EA_CAT_TAG_CHANNEL_DATA_LENGTH, &tlv));
  FUZZ_CLAIM (!ea_span_equal (tlv.value, ea_span_init ("\0", 1)));
}

static void
pull_envelopes (Run *run)
{
  GBytes *bytes;
  guint n_envelopes = 0;

  while ((bytes = ea_bip_pull_envelope (&run->bip)) != NULL)
    {
      check_envelope (run, ea_span_from_bytes (bytes));
      g_bytes_unref (bytes);
      ea_bip_envelope_done (&run->bip, !run->fails);
      if (run->fails)
        return;
      /* the end of a peer, the next one, and data; for each channel */
      FUZZ_CLAIM (++n_envelopes <= 3 * EA_BIP_CHANNELS_MAX);
    }
}

static void
stop (Run *run)
{
  for (guint8 i = 1; i <= EA_BIP_CHANNELS_MAX; i++)
    expect_end (run, i);
  ea_bip_stop (&run->bip);
}

static void
reset (Run *run)
{
  ea_bip_reset (&run->bip);
  run->n_forgotten = run->n_commands - run->n_answered;
  FUZZ_CLAIM (ea_bip_pull_envelope (&run->bip) == NULL);
}

static void
happen (Run *run, Step step, guint8 channel, EaReader *reader)
{
  switch (step)
    {
    case STEP_LINK_UP:
      ea_bip_link_up (&run->bip, channel, NULL, 0);
      break;
    case STEP_LINK_FAILED:
      expect_end (run, channel);
      ea_bip_link_failed (&run->bip, channel, ea_reader_u8 (reader) & 0x07, 0x21);
      break;
    case STEP_LINK_DROPPED:
      expect_end (run, channel);
      ea_bip_link_dropped (&run->bip, channel);
      break;
    case STEP_LISTENING:
      ea_bip_listening (&run->bip, channel);
      break;
    case STEP_PEER:
      ea_bip_peer_connected (&run->bip, channel);
      break;
    case STEP_HEAR:
      hear (run, channel, ea_reader_u8 (reader));
      break;
    case STEP_SENT:
      ea_bip_sent (&run->bip, channel, ea_reader_u8 (reader));
      break;
    case STEP_EVENTS:
      ea_bip_set_events (&run->bip, ea_reader_bytes (reader, channel & 0x03));
      break;
    case STEP_STOP:
      stop (run);
      break;
    case STEP_RESET:
      reset (run);
      break;
    case STEP_OPEN:
    case STEP_CLOSE:
    case STEP_SEND:
    case STEP_RECEIVE:
    case STEP_STATUS:
    case STEP_RAW_COMMAND:
      break;
    }
}

static void
order (Run *run, Step step, guint8 channel, EaReader *reader)
{
  guint8 destination = EA_CAT_DEVICE_CHANNEL_1 + channel - 1;

  if (step == STEP_OPEN)
    open_channel (run, reader);
  else if (step == STEP_CLOSE)
    command (run, EA_CAT_TYPE_CLOSE_CHANNEL, ea_reader_u8 (reader), destination, EA_SPAN_EMPTY);
  else if (step == STEP_SEND)
    send_data (run, destination, reader);
  else if (step == STEP_RECEIVE)
    receive_data (run, destination, ea_reader_u8 (reader));
  else if (step == STEP_STATUS)
    command (run, EA_CAT_TYPE_GET_CHANNEL_STATUS, 0, EA_CAT_DEVICE_TERMINAL, EA_SPAN_EMPTY);
  else
    raw_command (run, reader);
}

/* Whatever was going on: a stop ends it. */
static void
finish (Run *run)
{
  static const guint8 events[] = { EA_CAT_EVENT_DATA_AVAILABLE, EA_CAT_EVENT_CHANNEL_STATUS };

  run->fails = FALSE;
  stop (run);
  pull_responses (run);
  pull_events (run);
  FUZZ_CLAIM (run->n_answered + run->n_forgotten == run->n_commands);
  ea_bip_set_command_open (&run->bip, FALSE);
  ea_bip_set_events (&run->bip, EA_SPAN_OF_ARRAY (events));
  for (guint8 i = 1; i <= EA_BIP_CHANNELS_MAX; i++)
    FUZZ_CLAIM (ea_bip_get_state (&run->bip, i) == EA_BIP_CLOSED);
  pull_envelopes (run);
  FUZZ_CLAIM (ea_bip_pull_envelope (&run->bip) == NULL);
  ea_bip_clear (&run->bip);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  Run run;
  EaReader reader;

  memset (&run, 0, sizeof run);
  ea_bip_init (&run.bip);
  ea_reader_init (&reader, ea_span_init (data, size));
  for (guint i = 0; i < N_STEPS_MAX && ea_reader_remaining (&reader) > 0; i++)
    {
      guint8 octet = ea_reader_u8 (&reader);
      Step step = (Step) (octet >> 4);
      guint8 channel = MAX (octet & 0x07, 1);

      run.fails = (octet & 0x07) == 0;

      if (step <= STEP_RAW_COMMAND)
        order (&run, step, channel, &reader);
      else
        happen (&run, step, channel, &reader);
      pull_responses (&run);
      pull_events (&run);
      if (run.bip.is_command_open)
        FUZZ_CLAIM (ea_bip_pull_envelope (&run.bip) == NULL);
      if ((octet & LEAVE_OPEN) == 0)
        {
          ea_bip_set_command_open (&run.bip, FALSE);
          pull_envelopes (&run);
        }
    }
  finish (&run);
  return 0;
}
