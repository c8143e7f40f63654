/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The record: its version, the channels that the card believes open (bit 0: channel 1), the number of events (two octets;
 * FFFF: no list is known) and the events, one octet each, the clocks (the boot, monotonic and real microseconds), and the
 * timers as core/cat-timer writes them.
 */

#include "session/card-memory.h"

#include "core/bip.h"
#include "core/bytes.h"
#include "host/clock.h"

#define RECORD_PREFIX "card-"
#define RECORD_VERSION 3
#define EVENTS_UNKNOWN 0xFFFF

struct _EaCardMemory
{
  EaStore *store;
  char *record_name;
  const EaLogContext *log;
  EaToolkit *toolkit; /* (nullable): whose changes are recorded */
  GBytes *record;     /* as it is on the disk; (nullable): not known */
};

static guint8
get_bit (guint8 channel)
{
  return (guint8) (1u << (channel - 1));
}

static guint8
get_channels (EaCardMemory *self)
{
  guint8 channels = 0;

  for (guint8 i = 1; i <= EA_BIP_CHANNELS_MAX; i++)
    if (ea_toolkit_is_believed_open (self->toolkit, i))
      channels |= get_bit (i);
  return channels;
}

static void
write_timers (EaCardMemory *self, EaWriter *writer)
{
  g_auto (EaWriter) timers = { 0 };
  EaClockReading now;

  ea_writer_init (&timers);
  ea_toolkit_write_timers (self->toolkit, &timers);
  if (ea_writer_span (&timers).size == 0)
    return; /* then it does not matter when it was */
  ea_clock_read (&now);
  ea_writer_bytes (writer, EA_SPAN_OF_ARRAY (now.boot));
  ea_writer_u64be (writer, (guint64) now.monotonic_us);
  ea_writer_u64be (writer, (guint64) now.real_us);
  ea_writer_bytes (writer, ea_writer_span (&timers));
}

static void
write_events (EaCardMemory *self, EaWriter *writer)
{
  EaSpan events = ea_span_from_bytes (ea_toolkit_get_events (self->toolkit));

  ea_writer_u16be (writer, ea_toolkit_knows_events (self->toolkit) ? (guint16) events.size
                                                                   : EVENTS_UNKNOWN);
  ea_writer_bytes (writer, events);
}

static void
save (EaCardMemory *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) record = NULL;
  g_auto (EaWriter) writer = { 0 };

  ea_writer_init (&writer);
  ea_writer_u8 (&writer, RECORD_VERSION);
  ea_writer_u8 (&writer, get_channels (self));
  write_events (self, &writer);
  write_timers (self, &writer);
  record = ea_writer_steal (&writer);
  if (self->record != NULL && g_bytes_equal (record, self->record))
    return;
  if (!ea_store_keep (self->store, self->record_name, record, &error))
    {
      ea_log_error (self->log, EA_MESSAGE_STORE_FAILED,
                    "What the card relies on can't be recorded: %s", error->message);
      return;
    }
  g_clear_pointer (&self->record, g_bytes_unref);
  self->record = g_steal_pointer (&record);
}

static void
on_changed (EaToolkit *toolkit, gpointer user_data)
{
  save (user_data);
}

static void
restore_timers (EaCardMemory *self, EaReader *reader)
{
  EaClockReading since = { 0 };
  EaClockReading now;

  for (guint i = 0; i < EA_CLOCK_BOOT_SIZE; i++)
    since.boot[i] = ea_reader_u8 (reader);
  since.monotonic_us = (gint64) ea_reader_u64be (reader);
  since.real_us = (gint64) ea_reader_u64be (reader);
  if (!ea_reader_is_ok (reader))
    return;
  ea_clock_read (&now);
  /* Timers that can't be read are none. */
  (void) ea_toolkit_restore_timers (self->toolkit, ea_reader_rest (reader),
                                    ea_clock_get_elapsed_us (&since, &now));
}

/* One that can't be read, or is of another version, is none. */
static void
restore (EaCardMemory *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) record = ea_store_read (self->store, self->record_name, &error);
  EaReader reader;
  guint8 version, channels;
  guint16 n_events;
  EaSpan events;

  if (record == NULL && !g_error_matches (error, EA_STORE_ERROR, EA_STORE_ERROR_NOT_FOUND))
    ea_log_error (self->log, EA_MESSAGE_STORE_FAILED, "What the card relies on is not known: %s",
                  error->message);
  ea_reader_init (&reader, record != NULL ? ea_span_from_bytes (record) : EA_SPAN_EMPTY);
  version = ea_reader_u8 (&reader);
  channels = ea_reader_u8 (&reader);
  n_events = ea_reader_u16be (&reader);
  events = ea_reader_bytes (&reader, n_events != EVENTS_UNKNOWN ? n_events : 0);
  if (!ea_reader_is_ok (&reader) || version != RECORD_VERSION)
    return;
  if (n_events != EVENTS_UNKNOWN)
    ea_toolkit_restore_events (self->toolkit, events);
  restore_timers (self, &reader);
  /* The response to a CLOSE CHANNEL may have been lost with that life, and then it comes again. */
  for (guint8 i = 1; i <= EA_BIP_CHANNELS_MAX; i++)
    ea_toolkit_lose_channel (self->toolkit, i, (channels & get_bit (i)) != 0);
}

void
ea_card_memory_attach (EaCardMemory *self, EaToolkit *toolkit)
{
  if (self->toolkit == toolkit)
    return;
  ea_card_memory_detach (self);
  self->toolkit = g_object_ref (toolkit);
  restore (self);
  save (self);
  g_signal_connect (toolkit, "events-changed", G_CALLBACK (on_changed), self);
  g_signal_connect (toolkit, "timers-changed", G_CALLBACK (on_changed), self);
  g_signal_connect (toolkit, "beliefs-changed", G_CALLBACK (on_changed), self);
}

void
ea_card_memory_detach (EaCardMemory *self)
{
  if (self->toolkit != NULL)
    g_signal_handlers_disconnect_by_data (self->toolkit, self);
  g_clear_object (&self->toolkit);
}

EaCardMemory *
ea_card_memory_new (EaStore *store, const char *name, const EaLogContext *log)
{
  EaCardMemory *self = g_new0 (EaCardMemory, 1);

  self->store = store;
  self->record_name = g_strconcat (RECORD_PREFIX, name, NULL);
  self->log = log;
  return self;
}

void
ea_card_memory_free (EaCardMemory *self)
{
  ea_card_memory_detach (self);
  g_clear_pointer (&self->record, g_bytes_unref);
  g_free (self->record_name);
  g_free (self);
}
