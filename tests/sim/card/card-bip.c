/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * One command at a time: what is to be done next is decided when the last one was answered, or when
 * the user or an event changes something while none is under way.
 */

#include "card-bip.h"

#include "card-bip-parameters.h"
#include "card-bip-response.h"
#include "sim-tlv.h"

#define TAG_PROACTIVE_COMMAND 0xD0
#define TAG_COMMAND_DETAILS 0x01
#define TAG_DEVICE_IDENTITIES 0x02
#define TAG_EVENT_LIST 0x19
#define TAG_CHANNEL_DATA 0x36
#define TAG_CHANNEL_DATA_LENGTH 0x37
#define TAG_CHANNEL_STATUS 0x38
#define COMPREHENSION_REQUIRED 0x80

#define TYPE_SET_UP_EVENT_LIST 0x05
#define TYPE_OPEN_CHANNEL 0x40
#define TYPE_CLOSE_CHANNEL 0x41
#define TYPE_RECEIVE_DATA 0x42
#define TYPE_SEND_DATA 0x43
#define QUALIFIER_IMMEDIATE 0x01

#define DEVICE_CHANNEL 0x20
#define DEVICE_UICC 0x81
#define DEVICE_TERMINAL 0x82
#define EVENT_LOCATION_STATUS 0x03
#define EVENT_DATA_AVAILABLE 0x09
#define EVENT_CHANNEL_STATUS 0x0A
#define EVENT_NETWORK_REJECTION 0x12
#define CHANNEL_MASK 0x07
#define STATUS_LINK_DROPPED 0x05

/* What fits a TERMINAL RESPONSE, and for symmetry what the card sends at once */
#define PIECE_MAX 237

/* "or more" in a channel data length */
#define LENGTH_OR_MORE 0xFF

/* RECEIVE DATA by turns: what was announced, all, what was announced, and so much more than that */
#define RECEIVE_TURNS 4
#define RECEIVE_TURN_ALL 1
#define RECEIVE_TURN_MORE 3
#define RECEIVE_MORE 16

#define TRIES_RECEIVE 17
#define TRIES_UNABLE 100
#define POLLS_MAX 100
#define WAIT_UNABLE_US 100000

void
sim_bip_init (SimBip *bip, SimToolkit *toolkit)
{
  *bip = (SimBip){
    .toolkit = toolkit, .outgoing = G_QUEUE_INIT, .datagrams = G_QUEUE_INIT, .again_us = -1
  };
  bip->received = g_byte_array_new ();
}

static void
drop_outgoing (SimBip *bip)
{
  g_queue_clear_full (&bip->outgoing, (GDestroyNotify) g_bytes_unref);
  bip->n_sent = 0;
}

/* The command under way is none of the card's business any more. */
static void
forget_command (SimBip *bip)
{
  sim_toolkit_withdraw_channel (bip->toolkit);
  g_clear_pointer (&bip->command, g_bytes_unref);
  bip->type = 0;
  bip->again_us = -1;
}

static gboolean
is_datagram (const SimBip *bip)
{
  return bip->parameters != NULL && sim_bip_is_datagram (ea_span_from_bytes (bip->parameters));
}

static void
drop_received (SimBip *bip)
{
  g_byte_array_set_size (bip->received, 0);
  g_queue_clear_full (&bip->datagrams, (GDestroyNotify) g_bytes_unref);
}

void
sim_bip_clear (SimBip *bip)
{
  drop_outgoing (bip);
  drop_received (bip);
  g_clear_pointer (&bip->parameters, g_bytes_unref);
  g_clear_pointer (&bip->command, g_bytes_unref);
  g_clear_pointer (&bip->received, g_byte_array_unref);
}

static void
forget_channel (SimBip *bip)
{
  drop_outgoing (bip);
  bip->state = SIM_BIP_CLOSED;
  bip->channel = 0;
  bip->n_announced = 0;
  bip->n_polls = 0;
}

void
sim_bip_reset (SimBip *bip)
{
  forget_command (bip);
  forget_channel (bip);
  drop_received (bip);
  sim_bip_judge_reset (&bip->judge);
  bip->wants_events = FALSE;
  bip->has_events = FALSE;
  bip->n_commands = 0;
  bip->n_receives = 0;
}

/* Objects of one command, whose tags have the comprehension bit by turns, and beginning with the
 * other one in the next command */
static void
write_object (EaWriter *writer, guint *turn, guint tag, EaSpan value)
{
  gboolean is_required = (*turn)++ % 2 == 0;

  sim_tlv_write (writer, is_required ? tag | COMPREHENSION_REQUIRED : tag, value);
}

static void
queue_command (SimBip *bip)
{
  bip->again_us = -1;
  sim_toolkit_queue_channel (bip->toolkit, bip->command);
}

static void
build (SimBip *bip, guint8 type, guint8 qualifier, EaSpan objects)
{
  const guint8 details[] = { 0x01, type, qualifier };
  const guint8 devices[]
      = { DEVICE_UICC,
          bip->channel == 0 ? DEVICE_TERMINAL : (guint8) (DEVICE_CHANNEL | bip->channel) };
  guint turn = bip->n_commands++;
  g_auto (EaWriter) body = { 0 };
  g_auto (EaWriter) writer = { 0 };
  EaReader reader;

  ea_writer_init (&body);
  ea_writer_init (&writer);
  write_object (&body, &turn, TAG_COMMAND_DETAILS, EA_SPAN_OF_ARRAY (details));
  write_object (&body, &turn, TAG_DEVICE_IDENTITIES, EA_SPAN_OF_ARRAY (devices));
  ea_reader_init (&reader, objects);
  while (ea_reader_remaining (&reader) > 0)
    {
      SimTlv tlv = sim_tlv_read_comprehension (&reader);

      write_object (&body, &turn, tlv.tag, tlv.value);
    }
  sim_tlv_write (&writer, TAG_PROACTIVE_COMMAND, ea_writer_span (&body));
  bip->type = type;
  bip->tries = 0;
  g_clear_pointer (&bip->command, g_bytes_unref);
  bip->command = ea_writer_steal (&writer);
}

static void
build_with_object (SimBip *bip, guint8 type, guint8 qualifier, guint tag, EaSpan value)
{
  g_auto (EaWriter) object = { 0 };

  ea_writer_init (&object);
  sim_tlv_write (&object, tag, value);
  build (bip, type, qualifier, ea_writer_span (&object));
}

static void
build_event_list (SimBip *bip)
{
  static const guint8 events[] = { EVENT_LOCATION_STATUS, EVENT_DATA_AVAILABLE,
                                   EVENT_CHANNEL_STATUS, EVENT_NETWORK_REJECTION };
  gsize n_events = bip->hears_rejections ? sizeof (events) : sizeof (events) - 1;

  build_with_object (bip, TYPE_SET_UP_EVENT_LIST, 0, TAG_EVENT_LIST,
                     ea_span_init (events, n_events));
}

static guint8
choose_length (SimBip *bip)
{
  guint turn = bip->n_receives++ % RECEIVE_TURNS;
  gsize n_more = turn == RECEIVE_TURN_MORE ? RECEIVE_MORE : 0;

  if (turn == RECEIVE_TURN_ALL)
    return LENGTH_OR_MORE;
  return (guint8) MIN (bip->n_announced + n_more, PIECE_MAX);
}

static void
build_receive (SimBip *bip)
{
  const guint8 length[] = { choose_length (bip) };

  bip->n_asked = length[0];
  bip->n_announced = 0;
  build_with_object (bip, TYPE_RECEIVE_DATA, 0, TAG_CHANNEL_DATA_LENGTH, EA_SPAN_OF_ARRAY (length));
}

/* A stream may be flushed in the middle when the terminal's buffer is full; a datagram waits until there is
 * room for all of it, and nothing flushes what is stored of it before. With too little room the terminal is
 * asked again, later and with no data. */
static void
build_send (SimBip *bip)
{
  gboolean is_whole = is_datagram (bip); /* may not be flushed in parts */
  EaSpan data = ea_span_tail (ea_span_from_bytes (bip->outgoing.head->data), bip->n_sent);
  gsize n_needed = is_whole && bip->n_sent == 0 ? MIN (data.size, LENGTH_OR_MORE) : 1;
  gboolean has_room = bip->n_free >= n_needed;
  gboolean is_flush;

  bip->n_piece = has_room ? MIN (MIN (data.size, PIECE_MAX), bip->n_free) : 0;
  is_flush
      = bip->n_piece == data.size || (!is_whole && bip->n_piece == (has_room ? bip->n_free : 0));
  build_with_object (bip, TYPE_SEND_DATA, is_flush ? QUALIFIER_IMMEDIATE : 0, TAG_CHANNEL_DATA,
                     ea_span_head (data, bip->n_piece));
  bip->n_polls = has_room ? 0 : bip->n_polls + 1;
  if (!has_room)
    bip->again_us = bip->now_us + WAIT_UNABLE_US;
}

/* Nothing is sent or fetched any more. */
static void
lose (SimBip *bip)
{
  drop_outgoing (bip);
  bip->n_announced = 0;
  bip->state = SIM_BIP_CLOSING;
}

/* FALSE: there is nothing to do. */
static gboolean
build_next (SimBip *bip)
{
  if (bip->n_polls == POLLS_MAX)
    {
      sim_bip_judge_complain (&bip->judge, SIM_BIP_FAULT_NO_ROOM);
      bip->n_polls = 0;
      lose (bip);
    }
  if (bip->wants_events && !bip->has_events)
    build_event_list (bip);
  else if (bip->state == SIM_BIP_OPENING)
    build (bip, TYPE_OPEN_CHANNEL, QUALIFIER_IMMEDIATE, ea_span_from_bytes (bip->parameters));
  else if (bip->channel != 0 && bip->outgoing.length > 0)
    build_send (bip);
  else if (bip->state == SIM_BIP_CLOSING)
    build (bip, TYPE_CLOSE_CHANNEL, 0, EA_SPAN_EMPTY);
  else if (bip->state == SIM_BIP_OPEN && bip->n_announced > 0)
    build_receive (bip);
  else
    return FALSE;
  return TRUE;
}

static void
pump (SimBip *bip)
{
  if (bip->type == 0 && build_next (bip) && bip->again_us < 0)
    queue_command (bip);
}

void
sim_bip_set_up_events (SimBip *bip)
{
  bip->wants_events = TRUE;
  pump (bip);
}

void
sim_bip_hear_rejections (SimBip *bip)
{
  bip->hears_rejections = TRUE;
  bip->has_events = FALSE;
  sim_bip_set_up_events (bip);
}

void
sim_bip_open (SimBip *bip, GBytes *parameters)
{
  g_assert (bip->state == SIM_BIP_CLOSED);

  g_clear_pointer (&bip->parameters, g_bytes_unref);
  bip->parameters = g_bytes_ref (parameters);
  drop_received (bip);
  bip->state = SIM_BIP_OPENING;
  pump (bip);
}

void
sim_bip_send (SimBip *bip, EaSpan data)
{
  if (bip->state != SIM_BIP_OPENING && bip->state != SIM_BIP_OPEN)
    return; /* lost; the user will see it */
  g_queue_push_tail (&bip->outgoing, ea_span_to_bytes (data));
  pump (bip);
}

void
sim_bip_close (SimBip *bip)
{
  if (bip->state == SIM_BIP_OPENING && bip->type != TYPE_OPEN_CHANNEL)
    forget_channel (bip);
  if (bip->state == SIM_BIP_CLOSED)
    return;
  bip->state = SIM_BIP_CLOSING;
  pump (bip);
}

static void
take_open (SimBip *bip, EaSpan response)
{
  guint8 channel = sim_bip_response_get_channel (response);

  if (sim_bip_response_get_result (response) >= SIM_BIP_RESULT_FIRST_FAILURE || channel == 0)
    {
      forget_channel (bip);
      return;
    }
  bip->channel = channel;
  bip->buffer_size = sim_bip_response_get_buffer_size (
      response, sim_bip_get_buffer_size (ea_span_from_bytes (bip->parameters)));
  bip->n_free = bip->buffer_size;
  if (bip->state == SIM_BIP_OPENING)
    bip->state = SIM_BIP_OPEN;
}

static void
take_send (SimBip *bip, EaSpan response)
{
  GBytes *first = g_queue_peek_head (&bip->outgoing);

  if (sim_bip_response_get_result (response) >= SIM_BIP_RESULT_FIRST_FAILURE)
    {
      lose (bip);
      return;
    }
  if (first == NULL)
    return; /* the link has dropped meanwhile */
  bip->n_free = sim_bip_response_get_length (response);
  bip->n_sent += bip->n_piece;
  bip->n_bytes += bip->n_piece;
  if (bip->n_sent < g_bytes_get_size (first))
    return;
  g_bytes_unref (g_queue_pop_head (&bip->outgoing));
  bip->n_sent = 0;
}

/* (transfer full) (nullable): all that was received */
static GBytes *
take_received (SimBip *bip)
{
  GBytes *received;

  if (bip->received->len == 0)
    return NULL;
  received = ea_span_to_bytes (ea_span_from_array (bip->received));
  g_byte_array_set_size (bip->received, 0);
  return received;
}

/* FALSE: the response is as good as none. A datagram ends where nothing is left of it. */
static gboolean
take_receive (SimBip *bip, EaSpan response)
{
  EaSpan data = EA_SPAN_EMPTY;

  if (sim_bip_response_get_result (response) >= SIM_BIP_RESULT_FIRST_FAILURE)
    {
      lose (bip);
      return TRUE;
    }
  if (!sim_bip_response_read_data (response, bip->n_asked, &data))
    return FALSE;
  g_byte_array_append (bip->received, data.data, (guint) data.size);
  bip->n_bytes += data.size;
  if (is_datagram (bip) && sim_bip_response_get_length (response) == 0 && bip->received->len > 0)
    g_queue_push_tail (&bip->datagrams, take_received (bip));
  return TRUE;
}

static gboolean
is_still_wanted (const SimBip *bip)
{
  switch (bip->type)
    {
    case TYPE_SEND_DATA:
      return bip->outgoing.length > 0;
    case TYPE_RECEIVE_DATA:
      return bip->state == SIM_BIP_OPEN;
    default:
      return TRUE;
    }
}

/* What the terminal was not able to do now is asked for again a little later. No more is sent than it had room
 * for: then it has told too much. */
static gboolean
repeats_later (SimBip *bip, EaSpan response)
{
  gboolean is_full = bip->type == TYPE_SEND_DATA && sim_bip_response_is_buffer_full (response);

  if (is_full)
    sim_bip_judge_complain (&bip->judge, SIM_BIP_FAULT_FREE_SPACE);
  if (!is_full && sim_bip_response_get_result (response) != SIM_BIP_RESULT_TERMINAL_UNABLE)
    return FALSE;
  if (!is_still_wanted (bip) || ++bip->tries == TRIES_UNABLE)
    return FALSE;
  bip->again_us = bip->now_us + WAIT_UNABLE_US;
  return TRUE;
}

static gboolean
repeats_now (SimBip *bip, EaSpan response)
{
  if (bip->type != TYPE_RECEIVE_DATA || take_receive (bip, response))
    return FALSE;
  if (++bip->tries < TRIES_RECEIVE)
    return TRUE;
  lose (bip);
  return FALSE;
}

void
sim_bip_answer (SimBip *bip, EaSpan response, gint64 now_us)
{
  guint8 type = bip->type;

  bip->now_us = now_us;
  if (bip->command != NULL)
    sim_bip_judge_response (&bip->judge, ea_span_from_bytes (bip->command), response);
  if (repeats_later (bip, response))
    return;
  if (repeats_now (bip, response))
    {
      queue_command (bip);
      return;
    }
  bip->type = 0;
  if (type == TYPE_SET_UP_EVENT_LIST)
    bip->has_events = TRUE; /* or it will not do without either */
  else if (type == TYPE_OPEN_CHANNEL)
    take_open (bip, response);
  else if (type == TYPE_SEND_DATA)
    take_send (bip, response);
  else if (type == TYPE_CLOSE_CHANNEL)
    forget_channel (bip);
  pump (bip);
}

static void
take_channel_status (SimBip *bip, guint8 information)
{
  if (information != STATUS_LINK_DROPPED || bip->state != SIM_BIP_OPEN)
    return;
  forget_command (bip);
  lose (bip);
}

void
sim_bip_take_event (SimBip *bip, EaSpan body)
{
  EaSpan events = EA_SPAN_EMPTY;
  EaSpan status = EA_SPAN_EMPTY;
  EaReader reader;
  guint8 channel;
  guint8 event;

  if (!sim_tlv_find_comprehension (body, TAG_EVENT_LIST, &events)
      || !sim_tlv_find_comprehension (body, TAG_CHANNEL_STATUS, &status))
    return;
  ea_reader_init (&reader, events);
  event = ea_reader_u8 (&reader);
  ea_reader_init (&reader, status);
  channel = ea_reader_u8 (&reader) & CHANNEL_MASK;
  if (channel == 0 || channel != bip->channel)
    return;
  if (event == EVENT_DATA_AVAILABLE)
    bip->n_announced = sim_bip_response_get_length (body);
  else if (event == EVENT_CHANNEL_STATUS)
    take_channel_status (bip, ea_reader_u8 (&reader));
  pump (bip);
}

GBytes *
sim_bip_pull (SimBip *bip)
{
  return is_datagram (bip) ? g_queue_pop_head (&bip->datagrams) : take_received (bip);
}

SimBipState
sim_bip_get_state (const SimBip *bip)
{
  return bip->state;
}

guint8
sim_bip_get_channel (const SimBip *bip)
{
  return bip->channel;
}

guint16
sim_bip_get_granted_size (const SimBip *bip)
{
  return bip->buffer_size;
}

guint64
sim_bip_get_n_bytes (const SimBip *bip)
{
  return bip->n_bytes;
}

gint64
sim_bip_get_deadline (const SimBip *bip)
{
  return bip->again_us;
}

void
sim_bip_tick (SimBip *bip, gint64 now_us)
{
  bip->now_us = now_us;
  if (bip->again_us >= 0 && now_us >= bip->again_us)
    queue_command (bip);
}
