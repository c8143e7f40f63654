/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "test-terminal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "sim-tlv.h"
#include "test-support.h"

#define TAG_EVENT 0xD6
#define TYPE_REFRESH 0x01
#define TYPE_SET_UP_EVENT_LIST 0x05
#define TYPE_SEND_SHORT_MESSAGE 0x13
#define TYPE_TIMER_MANAGEMENT 0x27
#define TYPE_OPEN_CHANNEL 0x40
#define TYPE_CLOSE_CHANNEL 0x41
#define TYPE_RECEIVE_DATA 0x42
#define TYPE_SEND_DATA 0x43
#define LOCATION_NORMAL "80c2000017d615990103820282819b0100930962f220123400000001"
#define RECEIVE_MAX 237

typedef struct
{
  SimTlv details;
  guint8 type;
  guint8 qualifier;
  EaSpan objects;
} Command;

#define HTTPS "bip-https"
#define CAT_TP "bip-cat-tp"

const TestMischief test_mischiefs[] = {
  { "open: not established", HTTPS, 0x40, TEST_EDIT_REPLACE, 0x38, "0100", "channel-status=" },
  { "open: another number", HTTPS, 0x40, TEST_EDIT_REPLACE, 0x38, "8200", "wrong-channel=" },
  { "open: no status", HTTPS, 0x40, TEST_EDIT_DROP, 0x38, NULL, "missing-object=" },
  { "open: no bearer", HTTPS, 0x40, TEST_EDIT_DROP, 0x35, NULL, "missing-object=" },
  { "open: no buffer", HTTPS, 0x40, TEST_EDIT_DROP, 0x39, NULL, "missing-object=" },
  { "open: larger buffer", HTTPS, 0x40, TEST_EDIT_REPLACE, 0x39, "ffff", "buffer-size=" },
  { "open: tiny buffer", CAT_TP, 0x40, TEST_EDIT_REPLACE, 0x39, "0010", "result=" },
  { "open: no buffer at all", HTTPS, 0x40, TEST_EDIT_REPLACE, 0x39, "0000", "buffer-size=" },
  { "open: modified", HTTPS, 0x40, TEST_EDIT_REPLACE, 0x03, "07", "result=" },
  { "open: style of the bearer", HTTPS, 0x40, TEST_EDIT_STYLE, 0x35, NULL, "tag-style=" },
  { "open: style of the head", HTTPS, 0x40, TEST_EDIT_STYLE, 0x01, NULL, "tag-style=" },
  { "open: devices swapped", HTTPS, 0x40, TEST_EDIT_REPLACE, 0x02, "8182", "devices=" },
  { "open: no devices", HTTPS, 0x40, TEST_EDIT_DROP, 0x02, NULL, "devices=" },
  { "open: long length", HTTPS, 0x40, TEST_EDIT_LONG_LENGTH, 0x01, NULL, "length-form=" },
  { "send: modified", HTTPS, 0x43, TEST_EDIT_REPLACE, 0x03, "07", "result=" },
  { "send: no length", HTTPS, 0x43, TEST_EDIT_DROP, 0x37, NULL, "missing-object=" },
  { "send: buffer full", HTTPS, 0x43, TEST_EDIT_REPLACE, 0x03, "3a04", "free-space=" },
  { "send: style", CAT_TP, 0x43, TEST_EDIT_STYLE, 0x37, NULL, "tag-style=" },
  { "receive: modified", HTTPS, 0x42, TEST_EDIT_REPLACE, 0x03, "07", "result=" },
  { "receive: raw length", HTTPS, 0x42, TEST_EDIT_RAW_LENGTH, 0x36, NULL, "length-form=" },
  { "receive: long length", HTTPS, 0x42, TEST_EDIT_LONG_LENGTH, 0x37, NULL, "length-form=" },
  { "receive: something left", HTTPS, 0x42, TEST_EDIT_REPLACE, 0x37, "11", "data-left=" },
  { "receive: nothing left", HTTPS, 0x42, TEST_EDIT_REPLACE, 0x37, "00", "data-left=" },
  { "receive: style", HTTPS, 0x42, TEST_EDIT_STYLE, 0x36, NULL, "tag-style=" },
  { "receive: no new event", HTTPS, 0xD6, TEST_EDIT_NO_EVENT_AGAIN, 0, NULL, "timeout" },
  { "close: fails", CAT_TP, 0x41, TEST_EDIT_REPLACE, 0x03, "31", "result=" },
  { "event list: fails", HTTPS, 0x05, TEST_EDIT_REPLACE, 0x03, "30", "result=" },
  { "event: devices", HTTPS, 0xD6, TEST_EDIT_REPLACE, 0x02, "8121", "devices=" },
  { "event: long length", HTTPS, 0xD6, TEST_EDIT_LONG_LENGTH, 0x37, NULL, "length-form=" },
  { "event: status", HTTPS, 0xD6, TEST_EDIT_REPLACE, 0x38, "0105", "channel-status=" },
  { "event: nothing there", HTTPS, 0xD6, TEST_EDIT_REPLACE, 0x37, "00", "data-left=" },
  { "event: doubled", HTTPS, 0xD6, TEST_EDIT_DOUBLE_EVENT, 0, NULL, "doubled-event=" },
  { "event: dropped before drained", HTTPS, 0xD6, TEST_EDIT_EARLY_DROP, 0, NULL,
    "status-before-drained=" },
  { "message: not sent", HTTPS, 0x13, TEST_EDIT_NO_MESSAGE, 0, NULL, "proof" },
  { "datagram: lost up", CAT_TP, 0x43, TEST_EDIT_LOSE_SENT, 0, NULL, "lost and tried again" },
  { "datagram: doubled up", CAT_TP, 0x43, TEST_EDIT_DOUBLE_SENT, 0, NULL, "duplicated=" },
  { "datagram: lost down", CAT_TP, 0x42, TEST_EDIT_LOSE_RECEIVED, 0, NULL, "lost and tried again" },
  { "datagram: doubled down", CAT_TP, 0x42, TEST_EDIT_DOUBLE_RECEIVED, 0, NULL, "duplicated=" },
  { "datagram: merged", CAT_TP, 0x42, TEST_EDIT_MERGE_RECEIVED, 0, NULL, "datagram=" },
};
const gsize test_n_mischiefs = G_N_ELEMENTS (test_mischiefs);

void
test_terminal_init (TestTerminal *terminal, SimCard *card)
{
  *terminal = (TestTerminal){ .card = card,
                              .stored = g_byte_array_new (),
                              .received = g_byte_array_new (),
                              .commands = g_string_new (NULL) };
  g_queue_init (&terminal->sent);
  g_queue_init (&terminal->datagrams);
  g_queue_init (&terminal->messages);
  test_terminal_command (terminal, TEST_TERMINAL_PROFILE);
}

void
test_terminal_clear (TestTerminal *terminal)
{
  g_byte_array_unref (terminal->stored);
  g_byte_array_unref (terminal->received);
  g_queue_clear_full (&terminal->sent, (GDestroyNotify) g_bytes_unref);
  g_queue_clear_full (&terminal->datagrams, (GDestroyNotify) g_bytes_unref);
  g_queue_clear_full (&terminal->messages, (GDestroyNotify) g_bytes_unref);
  g_string_free (terminal->commands, TRUE);
}

static guint16
get_status (GBytes *response)
{
  EaReader reader;

  ea_reader_init (&reader, ea_span_from_bytes (response));
  (void) ea_reader_bytes (&reader, g_bytes_get_size (response) - 2);
  return ea_reader_u16be (&reader);
}

static void
transmit_span (TestTerminal *terminal, EaSpan command)
{
  g_autoptr (GBytes) response = NULL;

  sim_card_tick (terminal->card, terminal->now_us);
  response = sim_card_transmit (terminal->card, command);
  if (get_status (response) != 0x9000 && get_status (response) >> 8 != 0x91)
    fail_msg ("The card answers %04X", get_status (response));
}

void
test_terminal_command (TestTerminal *terminal, const char *command)
{
  g_autoptr (GBytes) bytes = from_hex (command);

  transmit_span (terminal, ea_span_from_bytes (bytes));
}

static void
transmit_data (TestTerminal *terminal, guint8 ins, EaSpan data)
{
  g_auto (EaWriter) writer = { 0 };

  assert_in_range (data.size, 1, 255);
  ea_writer_init (&writer);
  ea_writer_u8 (&writer, 0x80);
  ea_writer_u8 (&writer, ins);
  ea_writer_u16be (&writer, 0);
  ea_writer_u8 (&writer, (guint8) data.size);
  ea_writer_bytes (&writer, data);
  transmit_span (terminal, ea_writer_span (&writer));
}

static EaSpan
find (const Command *command, guint tag)
{
  EaSpan value = EA_SPAN_EMPTY;

  assert_true (sim_tlv_find_comprehension (command->objects, tag, &value));
  return value;
}

/* Responses have the comprehension bits of the command: its details' for their head, and of the object
 * with the same tag or else the first one for what follows. */
static guint
get_style (const Command *command, guint tag)
{
  EaReader reader;

  if (tag <= 0x03)
    return command->details.tag & 0x80;
  ea_reader_init (&reader, command->objects);
  while (ea_reader_remaining (&reader) > 0)
    {
      EaReader first = reader;
      SimTlv tlv = sim_tlv_read_comprehension (&reader);

      if (tlv.tag == tag)
        return ea_reader_u8 (&first) & 0x80;
    }
  ea_reader_init (&reader, command->objects);
  (void) sim_tlv_read_comprehension (&reader); /* device identities */
  return ea_reader_u8 (&reader) & 0x80;
}

static void
write_object (EaWriter *response, const Command *command, guint tag, EaSpan value)
{
  sim_tlv_write (response, tag | get_style (command, tag), value);
}

static void
write_octet (EaWriter *response, const Command *command, guint tag, gsize value)
{
  const guint8 octet[] = { (guint8) MIN (value, 0xFF) };

  write_object (response, command, tag, EA_SPAN_OF_ARRAY (octet));
}

static void
write_result (EaWriter *response, const Command *command, guint8 result)
{
  write_octet (response, command, 0x03, result);
}

static void
load_datagram (TestTerminal *terminal)
{
  GBytes *next;

  if (terminal->received->len > 0 || (next = g_queue_pop_head (&terminal->datagrams)) == NULL)
    return;
  g_byte_array_append (terminal->received, g_bytes_get_data (next, NULL),
                       (guint) g_bytes_get_size (next));
  g_bytes_unref (next);
  terminal->is_data_due = TRUE;
}

static void
open_channel (TestTerminal *terminal, const Command *command, EaWriter *response)
{
  static const guint8 unreachable[] = { 0x3A, 0x07 };
  static const guint8 established[] = { 0x81, 0x00 };
  EaReader reader;
  guint16 n_asked;
  gboolean is_reduced;
  g_auto (EaWriter) granted = { 0 };

  assert_true (!terminal->has_channel || terminal->mischief != NULL);
  ea_reader_init (&reader, find (command, 0x39));
  n_asked = ea_reader_u16be (&reader);
  is_reduced = terminal->buffer_max > 0 && terminal->buffer_max < n_asked;
  terminal->buffer_size = is_reduced ? terminal->buffer_max : n_asked;
  ea_writer_init (&granted);
  ea_writer_u16be (&granted, terminal->buffer_size);
  if (terminal->n_refused > 0)
    {
      terminal->n_refused--;
      write_object (response, command, 0x03, EA_SPAN_OF_ARRAY (unreachable));
    }
  else
    {
      ea_reader_init (&reader, find (command, 0x3C));
      terminal->has_channel = TRUE;
      terminal->is_datagram = ea_reader_u8 (&reader) == 0x01;
      terminal->n_opened++;
      write_result (response, command, is_reduced ? 0x07 : 0x00);
      write_object (response, command, 0x38, EA_SPAN_OF_ARRAY (established));
    }
  write_object (response, command, 0x35, find (command, 0x35));
  write_object (response, command, 0x39, ea_writer_span (&granted));
}

/* Whether something is to be done wrong now; it is counted. */
static gboolean
misbehaves (TestTerminal *terminal, TestEdit edit)
{
  if (terminal->mischief == NULL || terminal->mischief->edit != edit)
    return FALSE;
  terminal->n_mischiefs++;
  return TRUE;
}

/* The same, but only the first time */
static gboolean
misbehaves_once (TestTerminal *terminal, TestEdit edit)
{
  return terminal->n_mischiefs == 0 && misbehaves (terminal, edit);
}

static void
write_edited (EaWriter *writer, const TestMischief *mischief, const SimTlv *tlv)
{
  g_autoptr (GBytes) value = NULL;

  switch (mischief->edit)
    {
    case TEST_EDIT_DROP:
      return;
    case TEST_EDIT_REPLACE:
      value = from_hex (mischief->value);
      sim_tlv_write (writer, tlv->tag, ea_span_from_bytes (value));
      return;
    case TEST_EDIT_LONG_LENGTH:
      ea_writer_u8 (writer, (guint8) tlv->tag);
      ea_writer_u8 (writer, 0x81);
      break;
    case TEST_EDIT_RAW_LENGTH:
      ea_writer_u8 (writer, (guint8) tlv->tag);
      break;
    case TEST_EDIT_STYLE:
      sim_tlv_write (writer, tlv->tag ^ 0x80, tlv->value);
      return;
    case TEST_EDIT_DOUBLE_EVENT:
    case TEST_EDIT_NO_EVENT_AGAIN:
    case TEST_EDIT_EARLY_DROP:
    case TEST_EDIT_NO_MESSAGE:
    case TEST_EDIT_LOSE_SENT:
    case TEST_EDIT_DOUBLE_SENT:
    case TEST_EDIT_LOSE_RECEIVED:
    case TEST_EDIT_DOUBLE_RECEIVED:
    case TEST_EDIT_MERGE_RECEIVED:
      sim_tlv_write (writer, tlv->tag, tlv->value);
      return;
    }
  ea_writer_u8 (writer, (guint8) tlv->value.size);
  ea_writer_bytes (writer, tlv->value);
}

/* Objects of a response or an event, as the mischief of this terminal has them */
static void
write_with_mischief (TestTerminal *terminal, guint8 type, EaSpan objects, EaWriter *writer)
{
  const TestMischief *mischief = terminal->mischief;
  EaReader reader;

  ea_reader_init (&reader, objects);
  while (ea_reader_remaining (&reader) > 0)
    {
      SimTlv tlv = { .tag = ea_reader_u8 (&reader) };

      tlv.value = ea_reader_bytes (&reader, sim_tlv_read_length (&reader));
      if (mischief == NULL || mischief->type != type || mischief->tag != (tlv.tag & 0x7F))
        {
          sim_tlv_write (writer, tlv.tag, tlv.value);
          continue;
        }
      terminal->n_mischiefs++;
      write_edited (writer, mischief, &tlv);
    }
}

static void
forget_channel (TestTerminal *terminal)
{
  terminal->has_channel = FALSE;
  terminal->has_dropped = FALSE;
  terminal->is_data_due = FALSE;
  g_byte_array_set_size (terminal->stored, 0);
  g_byte_array_set_size (terminal->received, 0);
  g_queue_clear_full (&terminal->datagrams, (GDestroyNotify) g_bytes_unref);
}

static void
send_data (TestTerminal *terminal, const Command *command, EaWriter *response)
{
  EaSpan data = find (command, 0x36);

  assert_true (terminal->has_channel);
  assert_true (terminal->stored->len + data.size <= terminal->buffer_size);
  g_byte_array_append (terminal->stored, data.data, (guint) data.size);
  if ((command->qualifier & 0x01) != 0 && terminal->stored->len > 0)
    {
      if (misbehaves_once (terminal, TEST_EDIT_DOUBLE_SENT))
        g_queue_push_tail (&terminal->sent,
                           ea_span_to_bytes (ea_span_from_array (terminal->stored)));
      if (!misbehaves_once (terminal, TEST_EDIT_LOSE_SENT))
        g_queue_push_tail (&terminal->sent,
                           ea_span_to_bytes (ea_span_from_array (terminal->stored)));
      g_byte_array_set_size (terminal->stored, 0);
    }
  write_result (response, command, 0x00);
  write_octet (response, command, 0x37, terminal->buffer_size - terminal->stored->len);
}

static void
receive_data (TestTerminal *terminal, const Command *command, EaWriter *response)
{
  EaReader reader;
  gsize n_asked;
  gsize size;

  assert_true (terminal->has_channel);
  ea_reader_init (&reader, find (command, 0x37));
  n_asked = ea_reader_u8 (&reader);
  size = MIN (MIN (n_asked, RECEIVE_MAX), terminal->received->len);
  write_result (response, command, size < MIN (n_asked, RECEIVE_MAX) ? 0x02 : 0x00);
  write_object (response, command, 0x36,
                ea_span_head (ea_span_from_array (terminal->received), size));
  write_octet (response, command, 0x37, terminal->received->len - size);
  g_byte_array_remove_range (terminal->received, 0, (guint) size);
  terminal->is_data_due
      = terminal->received->len > 0 && !misbehaves (terminal, TEST_EDIT_NO_EVENT_AGAIN);
  load_datagram (terminal);
}

/* §6.4.21 and §6.8: start or deactivate */
static void
manage_timer (TestTerminal *terminal, const Command *command, EaWriter *response)
{
  guint seconds = 0;
  EaReader reader;
  guint8 identifier;

  ea_reader_init (&reader, find (command, 0x24));
  identifier = ea_reader_u8 (&reader);
  assert_true (ea_reader_done (&reader) && identifier >= 1 && identifier <= TEST_TERMINAL_TIMERS);
  ea_reader_init (&reader, command->qualifier == 0 ? find (command, 0x25) : EA_SPAN_EMPTY);
  for (guint i = 0; command->qualifier == 0 && i < 3; i++)
    {
      guint8 digits = ea_reader_u8 (&reader);

      seconds = seconds * 60 + (digits & 0x0F) * 10 + (digits >> 4);
    }
  assert_true (ea_reader_done (&reader));
  assert_true (command->qualifier == 0 || terminal->timers_s[identifier] > 0);
  terminal->timers_s[identifier] = seconds;
  write_result (response, command, 0x00);
}

static void
execute (TestTerminal *terminal, const Command *command, EaWriter *response)
{
  switch (command->type)
    {
    case TYPE_OPEN_CHANNEL:
      open_channel (terminal, command, response);
      return;
    case TYPE_SEND_DATA:
      send_data (terminal, command, response);
      return;
    case TYPE_RECEIVE_DATA:
      receive_data (terminal, command, response);
      return;
    case TYPE_CLOSE_CHANNEL:
      assert_true (terminal->has_channel);
      forget_channel (terminal);
      break;
    case TYPE_SEND_SHORT_MESSAGE:
      terminal->n_messages++;
      if (misbehaves (terminal, TEST_EDIT_NO_MESSAGE))
        break;
      g_queue_push_tail (&terminal->messages, ea_span_to_bytes (find (command, 0x0B)));
      break;
    case TYPE_SET_UP_EVENT_LIST:
      terminal->is_location_due = terminal->tells_location && terminal->is_fresh;
      terminal->is_fresh = FALSE;
      break;
    case TYPE_TIMER_MANAGEMENT:
      manage_timer (terminal, command, response);
      return;
    case TYPE_REFRESH:
      break;
    default:
      fail_msg ("The card has a command of type %02X", command->type);
    }
  write_result (response, command, 0x00);
}

static Command
parse (EaSpan bytes)
{
  Command command = { 0 };
  EaReader reader;
  EaReader value;
  SimTlv outer;

  ea_reader_init (&reader, bytes);
  outer = sim_tlv_read (&reader);
  assert_true (ea_reader_done (&reader));
  assert_int_equal (outer.tag, 0xD0);
  ea_reader_init (&reader, outer.value);
  command.details = sim_tlv_read (&reader);
  ea_reader_init (&value, command.details.value);
  (void) ea_reader_u8 (&value);
  command.type = ea_reader_u8 (&value);
  command.qualifier = ea_reader_u8 (&value);
  assert_true (ea_reader_done (&value));
  command.objects = ea_reader_rest (&reader);
  return command;
}

static void
reset_card (TestTerminal *terminal)
{
  terminal->n_refreshes++;
  terminal->is_fresh = TRUE;
  forget_channel (terminal);
  memset (terminal->timers_s, 0, sizeof (terminal->timers_s));
  sim_card_reset (terminal->card);
  test_terminal_command (terminal, TEST_TERMINAL_PROFILE);
}

static void
fetch (TestTerminal *terminal)
{
  static const guint8 devices[] = { 0x82, 0x81 };
  const guint8 apdu[]
      = { 0x80, 0x12, 0x00, 0x00, (guint8) sim_card_get_pending_proactive (terminal->card) };
  g_autoptr (GBytes) fetched = sim_card_transmit (terminal->card, EA_SPAN_OF_ARRAY (apdu));
  Command command
      = parse (ea_span_head (ea_span_from_bytes (fetched), g_bytes_get_size (fetched) - 2));
  g_auto (EaWriter) response = { 0 };
  g_auto (EaWriter) edited = { 0 };

  ea_writer_init (&response);
  g_string_append_printf (terminal->commands, "%02x ", command.type);
  write_object (&response, &command, 0x01, command.details.value);
  write_object (&response, &command, 0x02, EA_SPAN_OF_ARRAY (devices));
  execute (terminal, &command, &response);
  ea_writer_init (&edited);
  write_with_mischief (terminal, command.type, ea_writer_span (&response), &edited);
  transmit_data (terminal, 0x14, ea_writer_span (&edited));
  if (command.type == TYPE_REFRESH)
    reset_card (terminal);
}

static void
send_event (TestTerminal *terminal, EaSpan body)
{
  g_auto (EaWriter) edited = { 0 };
  g_auto (EaWriter) envelope = { 0 };

  ea_writer_init (&edited);
  ea_writer_init (&envelope);
  write_with_mischief (terminal, TAG_EVENT, body, &edited);
  sim_tlv_write (&envelope, TAG_EVENT, ea_writer_span (&edited));
  transmit_data (terminal, 0xC2, ea_writer_span (&envelope));
}

/* FALSE: there is none. */
static gboolean
tell_event (TestTerminal *terminal)
{
  const guint8 available[]
      = { 0x99, 0x01, 0x09, 0x82, 0x02, 0x82, 0x81,
          0xB8, 0x02, 0x81, 0x00, 0xB7, 0x01, (guint8) MIN (terminal->received->len, 0xFF) };
  static const guint8 dropped[]
      = { 0x99, 0x01, 0x0A, 0x82, 0x02, 0x82, 0x81, 0xB8, 0x02, 0x01, 0x05 };

  if (terminal->is_location_due)
    {
      terminal->is_location_due = FALSE;
      test_terminal_command (terminal, LOCATION_NORMAL);
      return TRUE;
    }
  if (terminal->is_data_due)
    {
      terminal->is_data_due = FALSE;
      send_event (terminal, EA_SPAN_OF_ARRAY (available));
      if (misbehaves (terminal, TEST_EDIT_DOUBLE_EVENT))
        send_event (terminal, EA_SPAN_OF_ARRAY (available));
      if (misbehaves (terminal, TEST_EDIT_EARLY_DROP))
        send_event (terminal, EA_SPAN_OF_ARRAY (dropped));
      return TRUE;
    }
  if (!terminal->has_dropped || terminal->received->len > 0)
    return FALSE;
  terminal->has_dropped = FALSE;
  send_event (terminal, EA_SPAN_OF_ARRAY (dropped));
  return TRUE;
}

void
test_terminal_run (TestTerminal *terminal)
{
  gboolean goes_on = TRUE;

  while (goes_on && terminal->sent.length == 0)
    {
      if (sim_card_get_pending_proactive (terminal->card) > 0)
        fetch (terminal);
      else
        goes_on = tell_event (terminal);
    }
}

void
test_terminal_expire (TestTerminal *terminal, guint8 identifier)
{
  g_autofree char *command
      = g_strdup_printf ("80c200000ed70c82028281a401%02xa503000000", identifier);

  assert_true (terminal->timers_s[identifier] > 0);
  terminal->timers_s[identifier] = 0;
  test_terminal_command (terminal, command);
}

void
test_terminal_tick (TestTerminal *terminal, gint64 now_us)
{
  terminal->now_us = now_us;
  sim_card_tick (terminal->card, now_us);
}

GBytes *
test_terminal_pull (TestTerminal *terminal)
{
  return g_queue_pop_head (&terminal->sent);
}

static void
push_datagram (TestTerminal *terminal, EaSpan data)
{
  gboolean is_merged = misbehaves_once (terminal, TEST_EDIT_MERGE_RECEIVED);
  g_auto (EaWriter) merged = { 0 };

  if (misbehaves_once (terminal, TEST_EDIT_LOSE_RECEIVED))
    return;
  ea_writer_init (&merged);
  ea_writer_bytes (&merged, data);
  if (is_merged)
    ea_writer_bytes (&merged, data);
  if (misbehaves_once (terminal, TEST_EDIT_DOUBLE_RECEIVED))
    g_queue_push_tail (&terminal->datagrams, ea_span_to_bytes (data));
  g_queue_push_tail (&terminal->datagrams, ea_writer_steal (&merged));
  load_datagram (terminal);
}

void
test_terminal_push (TestTerminal *terminal, EaSpan data)
{
  if (!terminal->has_channel)
    return;
  if (terminal->is_datagram)
    {
      push_datagram (terminal, data);
      return;
    }
  terminal->is_data_due |= terminal->received->len == 0 && data.size > 0;
  g_byte_array_append (terminal->received, data.data, (guint) data.size);
}

void
test_terminal_drop (TestTerminal *terminal)
{
  terminal->has_dropped = terminal->has_channel;
}
