/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Left out: all events but Location status (§7.5.4). */
#include "firmware-envelope.h"

#include "card/sim-tlv.h"

#define ENVELOPE 0x80C2
#define SW_TOOLKIT_BUSY 0x9300
#define RETRY_MS 100
#define TAG_EVENT_DOWNLOAD 0xD6
#define TAG_LOCATION_STATUS 0x9B
#define TAG_LOCATION 0x93
#define EVENT_LOCATION_STATUS 0x03
#define STATUS_NORMAL 0x00
#define STATUS_LIMITED 0x01
#define STATUS_NONE 0x02
#define STATUS_UNTOLD 0xFF

struct _SimFirmwareEnvelope
{
  SimModem *modem;
  GQueue waiting; /* of GBytes: whole commands */
  guint source;
  gboolean wants_location;
  guint8 told; /* location status */
};

SimFirmwareEnvelope *
sim_firmware_envelope_new (SimModem *modem)
{
  SimFirmwareEnvelope *envelope = g_new0 (SimFirmwareEnvelope, 1);

  envelope->modem = modem;
  envelope->told = STATUS_UNTOLD;
  g_queue_init (&envelope->waiting);
  return envelope;
}

void
sim_firmware_envelope_reset (SimFirmwareEnvelope *envelope)
{
  g_clear_handle_id (&envelope->source, g_source_remove);
  g_queue_clear_full (&envelope->waiting, (GDestroyNotify) g_bytes_unref);
  envelope->wants_location = FALSE;
  envelope->told = STATUS_UNTOLD;
}

void
sim_firmware_envelope_free (SimFirmwareEnvelope *envelope)
{
  sim_firmware_envelope_reset (envelope);
  g_free (envelope);
}

static gboolean
on_send (gpointer user_data)
{
  SimFirmwareEnvelope *envelope = user_data;
  g_autoptr (GBytes) command = g_queue_pop_head (&envelope->waiting);
  g_autoptr (GBytes) response = NULL;

  envelope->source = 0;
  response = sim_slot_exchange (envelope->modem->slot, ea_span_from_bytes (command));
  if (sim_apdu_status_word (response) == SW_TOOLKIT_BUSY)
    g_queue_push_head (&envelope->waiting, g_steal_pointer (&command));
  if (!g_queue_is_empty (&envelope->waiting))
    envelope->source = g_timeout_add (RETRY_MS, on_send, envelope);
  return G_SOURCE_REMOVE;
}

void
sim_firmware_envelope_send (SimFirmwareEnvelope *envelope, guint8 tag, EaSpan body)
{
  g_auto (EaWriter) data = { NULL };
  g_auto (EaWriter) command = { NULL };

  ea_writer_init (&data);
  ea_writer_init (&command);
  ea_writer_u8 (&data, tag);
  sim_tlv_write_length (&data, body.size);
  ea_writer_bytes (&data, body);
  ea_writer_u16be (&command, ENVELOPE);
  ea_writer_u16be (&command, 0);
  sim_write_lv8 (&command, ea_writer_span (&data));
  g_queue_push_tail (&envelope->waiting, ea_writer_steal (&command));
  if (envelope->source == 0)
    envelope->source = g_idle_add (on_send, envelope);
}

static guint8
get_status (const SimModem *modem)
{
  switch (sim_modem_get_level (modem))
    {
    case SIM_COVERAGE_NORMAL:
      return STATUS_NORMAL;
    case SIM_COVERAGE_LIMITED:
      return STATUS_LIMITED;
    case SIM_COVERAGE_NONE:
      return STATUS_NONE;
    }
  g_assert_not_reached ();
}

/* Where the terminal is belongs to normal service only. */
static void
write_location (const SimCoverage *coverage, EaWriter *body)
{
  g_auto (EaWriter) value = { NULL };

  ea_writer_init (&value);
  sim_coverage_write_location (coverage, &value);
  ea_writer_u8 (body, TAG_LOCATION);
  sim_write_lv8 (body, ea_writer_span (&value));
}

void
sim_firmware_envelope_take_network (SimFirmwareEnvelope *envelope)
{
  static const guint8 head[]
      = { 0x99, 0x01, EVENT_LOCATION_STATUS, 0x82, 0x02, 0x82, 0x81, TAG_LOCATION_STATUS, 0x01 };
  guint8 status = get_status (envelope->modem);
  g_auto (EaWriter) body = { NULL };

  if (!envelope->wants_location || status == envelope->told
      || envelope->modem->slot->state != SIM_SLOT_READY)
    return;
  envelope->told = status;
  ea_writer_init (&body);
  ea_writer_bytes (&body, EA_SPAN_OF_ARRAY (head));
  ea_writer_u8 (&body, status);
  if (status == STATUS_NORMAL)
    write_location (&envelope->modem->coverage, &body);
  sim_firmware_envelope_send (envelope, TAG_EVENT_DOWNLOAD, ea_writer_span (&body));
}

void
sim_firmware_envelope_set_events (SimFirmwareEnvelope *envelope, EaSpan events)
{
  EaReader reader;

  ea_reader_init (&reader, events);
  envelope->wants_location = FALSE;
  while (ea_reader_remaining (&reader) > 0)
    envelope->wants_location |= ea_reader_u8 (&reader) == EVENT_LOCATION_STATUS;
  sim_firmware_envelope_take_network (envelope);
}
