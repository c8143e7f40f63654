/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * APDUs and logical channels of the slot. Every APDU that reaches the card goes through
 * sim_slot_transmit(), so that the record is complete.
 */
#include "slot.h"

#include "qmux.h"

#define INS_MANAGE_CHANNEL 0x70
#define INS_ENVELOPE 0xC2
#define SW1_MORE_DATA 0x61
#define SW1_WRONG_LENGTH 0x6C
#define SW1_PROACTIVE 0x91
#define SW_OK 0x9000
/* A card that answers 61XX or 6CXX for ever is broken. */
#define MAX_PROCEDURES 256
/* The highest channel that the class codes in its two low bits. */
#define CHANNEL_BASIC_MAX 3
#define DATA_MAX 256

/* What cards answer, and what they should not */
static const guint16 status_words[]
    = { 0x9000, 0x9108, 0x91FF, 0x6100, 0x6C00, 0x6283, 0x63C0, 0x6700, 0x6881,
        0x6985, 0x6A82, 0x6A88, 0x6D00, 0x6E00, 0x6F00, 0x9300, 0x0000, 0xFFFF };

static const guint8 usim_aid[] = { 0xA0, 0x00, 0x00, 0x00, 0x87, 0x10, 0x02, 0xFF,
                                   0xFF, 0xFF, 0xFF, 0x89, 0x07, 0x09, 0x00, 0x00 };

SimSlot *
sim_slot_new (const SimCardOptions *options, SimSlotFunc on_activity, gpointer user_data)
{
  SimSlot *slot = g_new0 (SimSlot, 1);

  slot->card = sim_card_new (options);
  slot->state = SIM_SLOT_READY;
  slot->on_activity = on_activity;
  slot->user_data = user_data;
  sim_record_init (&slot->apdus);
  sim_record_init (&slot->envelopes);
  return slot;
}

void
sim_slot_free (SimSlot *slot)
{
  if (slot == NULL)
    return;
  sim_card_free (slot->card);
  sim_record_clear (&slot->apdus);
  sim_record_clear (&slot->envelopes);
  g_free (slot);
}

EaSpan
sim_slot_get_usim_aid (void)
{
  return EA_SPAN_OF_ARRAY (usim_aid);
}

/* The status word, or the data before it */
static GBytes *
spoil_response (SimHostility *hostility, GBytes *response)
{
  SimHostileKind kind
      = sim_hostility_choose (hostility, SIM_HOSTILE_CARD_STATUS, SIM_HOSTILE_CARD_DATA);
  guint16 status_word = sim_apdu_status_word (response);
  g_auto (EaWriter) writer = { NULL };
  g_autoptr (GBytes) data = NULL;

  if (kind == SIM_HOSTILE_CARD_DATA)
    data = sim_hostility_spoil (hostility, sim_apdu_data (response));
  else
    status_word = status_words[sim_hostility_draw (hostility, G_N_ELEMENTS (status_words))];
  ea_writer_init (&writer);
  ea_writer_bytes (&writer, data == NULL ? sim_apdu_data (response)
                                         : ea_span_head (ea_span_from_bytes (data), DATA_MAX));
  ea_writer_u16be (&writer, status_word);
  return ea_writer_steal (&writer);
}

/* What is recorded is what the card has said, not what comes of it. */
static GBytes *
hand_on (SimSlot *slot, guint8 instruction, GBytes *response)
{
  g_autoptr (GBytes) right = response;

  if (instruction == INS_MANAGE_CHANNEL
      || !sim_hostility_strikes (slot->hostility, SIM_HOSTILE_CARD))
    return g_steal_pointer (&right);
  return spoil_response (slot->hostility, right);
}

GBytes *
sim_slot_transmit (SimSlot *slot, EaSpan command)
{
  GBytes *response;
  EaReader reader;
  guint8 instruction;

  sim_card_tick (slot->card, g_get_monotonic_time ());
  response = sim_card_transmit (slot->card, command);
  ea_reader_init (&reader, command);
  (void) ea_reader_u8 (&reader);
  instruction = ea_reader_u8 (&reader);
  if (instruction == INS_ENVELOPE)
    sim_record_add_pair (&slot->envelopes, command, ea_span_from_bytes (response));
  sim_record_add_pair (&slot->apdus, command, ea_span_from_bytes (response));
  slot->on_activity (slot->user_data);
  return hand_on (slot, instruction, response);
}

guint16
sim_apdu_status_word (GBytes *response)
{
  EaReader reader;
  gsize size = g_bytes_get_size (response);

  ea_reader_init (&reader, ea_span_from_bytes (response));
  if (size > 2)
    (void) ea_reader_bytes (&reader, size - 2);
  return ea_reader_u16be (&reader);
}

EaSpan
sim_apdu_data (GBytes *response)
{
  EaReader reader;
  gsize size = g_bytes_get_size (response);

  ea_reader_init (&reader, ea_span_from_bytes (response));
  return size > 2 ? ea_reader_bytes (&reader, size - 2) : EA_SPAN_EMPTY;
}

gboolean
sim_apdu_is_success (guint16 status_word)
{
  return status_word == SW_OK || status_word >> 8 == SW1_PROACTIVE;
}

/* @command with its last byte, Le, replaced */
static GBytes *
set_expected_length (EaSpan command, guint8 length)
{
  g_auto (EaWriter) writer = { NULL };
  EaReader reader;

  ea_reader_init (&reader, command);
  ea_writer_init (&writer);
  ea_writer_bytes (&writer, ea_reader_bytes (&reader, command.size - 1));
  ea_writer_u8 (&writer, length);
  return ea_writer_steal (&writer);
}

static GBytes *
build_get_response (EaSpan command, guint8 length)
{
  g_auto (EaWriter) writer = { NULL };
  EaReader reader;

  ea_reader_init (&reader, command);
  ea_writer_init (&writer);
  /* The channel is that of the command; GET RESPONSE is an interindustry command. */
  ea_writer_u8 (&writer, ea_reader_u8 (&reader) & 0x7F);
  ea_writer_u8 (&writer, 0xC0);
  ea_writer_u16be (&writer, 0);
  ea_writer_u8 (&writer, length);
  return ea_writer_steal (&writer);
}

GBytes *
sim_slot_exchange (SimSlot *slot, EaSpan command)
{
  g_auto (EaWriter) writer = { NULL };
  g_autoptr (GBytes) next = ea_span_to_bytes (command);
  guint16 status_word = 0;

  ea_writer_init (&writer);
  for (guint i = 0; i < MAX_PROCEDURES && next != NULL; i++)
    {
      g_autoptr (GBytes) sent = g_steal_pointer (&next);
      g_autoptr (GBytes) response = sim_slot_transmit (slot, ea_span_from_bytes (sent));

      status_word = sim_apdu_status_word (response);
      ea_writer_bytes (&writer, sim_apdu_data (response));
      if (status_word >> 8 == SW1_MORE_DATA)
        next = build_get_response (command, (guint8) status_word);
      else if (status_word >> 8 == SW1_WRONG_LENGTH && g_bytes_get_size (sent) >= 5)
        next = set_expected_length (ea_span_from_bytes (sent), (guint8) status_word);
    }
  ea_writer_u16be (&writer, status_word);
  return ea_writer_steal (&writer);
}

static guint8
code_channel (guint8 cla, guint8 channel)
{
  /* 0100 nnnn for channels from 4 on; the coding of secure messaging is of no use here. */
  if (channel > CHANNEL_BASIC_MAX)
    return (guint8) ((cla & 0x80) | 0x40 | ((channel - CHANNEL_BASIC_MAX - 1) & 0x0F));
  return (guint8) ((cla & 0x40 ? cla & 0x80 : cla & 0xFC) | channel);
}

GBytes *
sim_apdu_set_channel (EaSpan command, guint8 channel)
{
  g_auto (EaWriter) writer = { NULL };
  EaReader reader;

  ea_reader_init (&reader, command);
  ea_writer_init (&writer);
  ea_writer_u8 (&writer, code_channel (ea_reader_u8 (&reader), channel));
  ea_writer_bytes (&writer, ea_reader_rest (&reader));
  return ea_writer_steal (&writer);
}

static GBytes *
build_select_application (EaSpan aid, guint8 p2)
{
  g_auto (EaWriter) writer = { NULL };

  ea_writer_init (&writer);
  ea_writer_u16be (&writer, 0x00A4);
  ea_writer_u8 (&writer, 0x04);
  ea_writer_u8 (&writer, p2);
  sim_write_lv8 (&writer, aid);
  return ea_writer_steal (&writer);
}

static guint16
select_on_channel (SimSlot *slot, EaSpan aid, guint8 p2, guint8 channel, GBytes **response)
{
  g_autoptr (GBytes) command = build_select_application (aid, p2);
  g_autoptr (GBytes) sent = sim_apdu_set_channel (ea_span_from_bytes (command), channel);

  *response = sim_slot_exchange (slot, ea_span_from_bytes (sent));
  return sim_apdu_status_word (*response);
}

guint16
sim_slot_open_channel (SimSlot *slot, EaSpan aid, guint8 select_p2, guint8 *channel,
                       GBytes **response)
{
  static const guint8 open[] = { 0x00, INS_MANAGE_CHANNEL, 0x00, 0x00, 0x01 };
  g_autoptr (GBytes) opened = sim_slot_exchange (slot, EA_SPAN_OF_ARRAY (open));
  g_autoptr (GBytes) selected = NULL;
  guint16 status_word = sim_apdu_status_word (opened);
  EaReader reader;
  guint8 number;

  if (!sim_apdu_is_success (status_word))
    return status_word;
  ea_reader_init (&reader, sim_apdu_data (opened));
  number = ea_reader_u8 (&reader);
  if (aid.size > 0)
    status_word = select_on_channel (slot, aid, select_p2, number, &selected);
  if (!sim_apdu_is_success (status_word))
    {
      (void) sim_slot_close_channel (slot, number); /* the status word of SELECT is what matters */
      return status_word;
    }
  *channel = number;
  *response = g_steal_pointer (&selected);
  return status_word;
}

guint16
sim_slot_close_channel (SimSlot *slot, guint8 channel)
{
  const guint8 close[] = { 0x00, INS_MANAGE_CHANNEL, 0x80, channel };
  g_autoptr (GBytes) response = sim_slot_transmit (slot, EA_SPAN_OF_ARRAY (close));

  return sim_apdu_status_word (response);
}
