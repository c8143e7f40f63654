/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The frame of ENVELOPE, TS 102 223 §7 and TS 31.111 §7. Which objects stand in which envelope is in
 * cat-envelope-layout.c; events are built in cat-event.c. What an object says is left to its own parser.
 */

#include "core/cat-envelope.h"

#include "core/apdu.h"
#include "core/cat-broadcast.h"
#include "core/cat-value.h"
#include "core/error.h"
#include "core/tlv.h"

const EaCatLayout *
ea_cat_envelope_get_layout (const EaCatEnvelope *envelope)
{
  const EaCatLayout *layout = NULL;

  if (envelope->type == EA_CAT_ENVELOPE_EVENT_DOWNLOAD)
    layout = ea_cat_get_event_layout (envelope->event);
  return layout != NULL ? layout : ea_cat_get_envelope_layout (envelope->type);
}

/* Slots of @layout with @presence, one bit for each. */
static guint32
get_slots (const EaCatLayout *layout, EaCatPresence presence)
{
  guint32 slots = 0;

  for (gsize i = 0; i < layout->n_slots; i++)
    if (layout->slots[i].presence == presence)
      slots |= 1u << i;
  return slots;
}

/* @end: where an object that is missing could stand. What else is there is no matter: the UICC decides what
 * it understands. */
static gboolean
check_mandatory (const EaCatEnvelope *envelope, const void *end, GError **error)
{
  const EaCatLayout *layout = ea_cat_envelope_get_layout (envelope);
  guint32 one_of = get_slots (layout, EA_CAT_CONDITIONAL);
  EaCatObject object;
  EaCatWalk walk;
  guint32 missing;
  guint32 tag;

  ea_cat_walk_init (&walk, layout, envelope->objects);
  while (ea_cat_walk_next (&walk, &object))
    continue;

  missing = get_slots (layout, EA_CAT_MANDATORY) & ~walk.used;
  if (missing == 0 && (one_of == 0 || (walk.used & one_of) != 0))
    return TRUE;
  tag = (guint32) layout->slots[g_bit_nth_lsf (missing != 0 ? missing : one_of, -1)].tag;
  return ea_core_error_set (error, EA_CORE_ERROR_MISSING, end, "%s has no %s%s (tag %02X)",
                            layout->name, ea_cat_get_tag_name (tag),
                            missing != 0 ? "" : ", nor what may stand for it",
                            tag & EA_CAT_TAG_ON_WIRE);
}

static gboolean
take_identities (EaCatEnvelope *envelope, EaSpan value, GError **error)
{
  EaCatDeviceIdentities identities;

  if (!ea_cat_parse_device_identities (&identities, value, error))
    return FALSE;
  envelope->source = identities.source;
  envelope->destination = identities.destination;
  return TRUE;
}

/* The two objects that stand in front, in any order: who speaks to whom, and which event. */
static gboolean
read_head (EaCatEnvelope *envelope, EaReader *reader, const void *end, GError **error)
{
  gboolean needs_event = envelope->type == EA_CAT_ENVELOPE_EVENT_DOWNLOAD;
  gboolean needs_identities = TRUE;

  while (needs_event || needs_identities)
    {
      gboolean is_at_end = ea_reader_remaining (reader) == 0;
      const void *position = is_at_end ? end : ea_reader_position (reader);
      EaTlv object = { 0 };

      if (!is_at_end && !ea_tlv_read_comprehension (reader, &object, error))
        return FALSE;
      if (object.tag == EA_CAT_TAG_EVENT_LIST && needs_event)
        {
          if (!ea_cat_parse_octet (&envelope->event, EA_CAT_TAG_EVENT_LIST, object.value, error))
            return FALSE;
          needs_event = FALSE;
        }
      else if (object.tag == EA_CAT_TAG_DEVICE_IDENTITIES && needs_identities)
        {
          if (!take_identities (envelope, object.value, error))
            return FALSE;
          needs_identities = FALSE;
        }
      else
        return ea_core_error_set (error, EA_CORE_ERROR_MISSING, position,
                                  "%s has no %s before its other objects",
                                  ea_cat_get_envelope_layout (envelope->type)->name,
                                  needs_event ? "event list" : "device identities");
    }
  return TRUE;
}

/* The tag DF has one octet, as the others have: TS 101 220 §7.2 leaves BER here, where more would follow. */
static gboolean
read_frame (EaReader *reader, EaTlv *frame, GError **error)
{
  gboolean is_read;

  if (ea_reader_peek_u8 (reader) != EA_CAT_ENVELOPE_PROSE_REPORT)
    return ea_tlv_read_ber (reader, frame, error);
  is_read = ea_tlv_read_comprehension (reader, frame, error);
  frame->tag = EA_CAT_ENVELOPE_PROSE_REPORT;
  return is_read;
}

gboolean
ea_cat_parse_envelope (EaCatEnvelope *out, EaSpan bytes, GError **error)
{
  EaCatEnvelope envelope = { 0 };
  EaReader reader;
  EaTlv frame;

  ea_reader_init (&reader, bytes);
  if (!read_frame (&reader, &frame, error))
    return FALSE;
  if (ea_cat_get_envelope_layout (frame.tag) == NULL)
    return ea_core_error_set (error, EA_CORE_ERROR_UNSUPPORTED, bytes.data,
                              "Tag %02X is not that of an envelope (D1 to DF)", frame.tag);
  if (ea_reader_remaining (&reader) > 0)
    return ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, ea_reader_position (&reader),
                              "Envelope ends after %" G_GSIZE_FORMAT " of %" G_GSIZE_FORMAT
                              " bytes",
                              ea_reader_offset (&reader), bytes.size);

  envelope.type = (EaCatEnvelopeType) frame.tag;
  ea_reader_init (&reader, frame.value);
  if (!read_head (&envelope, &reader, ea_span_end (bytes), error))
    return FALSE;
  envelope.objects = ea_reader_rest (&reader);
  if (!ea_cat_check_sequence (envelope.objects, error)
      || !check_mandatory (&envelope, ea_span_end (bytes), error))
    return FALSE;

  *out = envelope;
  return TRUE;
}

GBytes *
ea_cat_build_envelope (const EaCatEnvelope *envelope, GError **error)
{
  const EaCatDeviceIdentities identities = { envelope->source, envelope->destination };
  g_auto (EaWriter) value = { 0 };
  g_auto (EaWriter) body = { 0 };
  g_auto (EaWriter) writer = { 0 };

  if (ea_cat_get_envelope_layout (envelope->type) == NULL)
    {
      ea_core_error_set (error, EA_CORE_ERROR_UNSUPPORTED, NULL,
                         "Tag %02X is not that of an envelope (D1 to DF)", envelope->type);
      return NULL;
    }
  if (!ea_cat_check_sequence (envelope->objects, error)
      || !check_mandatory (envelope, ea_span_end (envelope->objects), error))
    return NULL;

  ea_writer_init (&body);
  if (envelope->type == EA_CAT_ENVELOPE_EVENT_DOWNLOAD)
    ea_cat_write_object (&body, EA_CAT_TAG_EVENT_LIST, TRUE, ea_span_init (&envelope->event, 1));
  ea_writer_init (&value);
  ea_cat_write_device_identities (&value, &identities);
  ea_cat_write_object (&body, EA_CAT_TAG_DEVICE_IDENTITIES, TRUE, ea_writer_span (&value));
  ea_writer_bytes (&body, envelope->objects);

  ea_writer_init (&writer);
  ea_tlv_write_ber (&writer, envelope->type, ea_writer_span (&body));
  if (ea_writer_span (&writer).size > EA_APDU_DATA_MAX)
    {
      ea_core_error_set (error, EA_CORE_ERROR_LIMIT, envelope->objects.data,
                         "%s has %" G_GSIZE_FORMAT " bytes, at most %d fit an ENVELOPE",
                         ea_cat_get_envelope_layout (envelope->type)->name,
                         ea_writer_span (&writer).size, EA_APDU_DATA_MAX);
      return NULL;
    }
  return ea_writer_steal (&writer);
}

static GBytes *
build (EaCatEnvelopeType type, guint8 source, const EaWriter *objects, GError **error)
{
  const EaCatEnvelope envelope = {
    .type = type,
    .source = source,
    .destination = EA_CAT_DEVICE_UICC,
    .objects = ea_writer_span (objects),
  };

  return ea_cat_build_envelope (&envelope, error);
}

GBytes *
ea_cat_build_sms_pp_download (EaSpan smsc, EaSpan tpdu, GError **error)
{
  g_auto (EaWriter) objects = { 0 };

  ea_writer_init (&objects);
  if (smsc.size > 0)
    ea_cat_write_object (&objects, EA_CAT_TAG_ADDRESS, TRUE, smsc);
  ea_cat_write_object (&objects, EA_CAT_TAG_SMS_TPDU, TRUE, tpdu);
  return build (EA_CAT_ENVELOPE_SMS_PP_DOWNLOAD, EA_CAT_DEVICE_NETWORK, &objects, error);
}

GBytes *
ea_cat_build_cell_broadcast_download (EaSpan page, GError **error)
{
  g_auto (EaWriter) objects = { 0 };

  if (!ea_cat_check_size (EA_CAT_TAG_CELL_BROADCAST_PAGE, page, EA_CAT_CELL_BROADCAST_PAGE_SIZE,
                          EA_CAT_CELL_BROADCAST_PAGE_SIZE, error))
    return NULL;
  ea_writer_init (&objects);
  ea_cat_write_object (&objects, EA_CAT_TAG_CELL_BROADCAST_PAGE, TRUE, page);
  return build (EA_CAT_ENVELOPE_CELL_BROADCAST_DOWNLOAD, EA_CAT_DEVICE_NETWORK, &objects, error);
}

GBytes *
ea_cat_build_menu_selection (guint8 item, gboolean is_help_requested)
{
  g_auto (EaWriter) objects = { 0 };

  ea_writer_init (&objects);
  ea_cat_write_object (&objects, EA_CAT_TAG_ITEM_IDENTIFIER, TRUE, ea_span_init (&item, 1));
  if (is_help_requested)
    ea_cat_write_object (&objects, EA_CAT_TAG_HELP_REQUEST, FALSE, EA_SPAN_EMPTY);
  return build (EA_CAT_ENVELOPE_MENU_SELECTION, EA_CAT_DEVICE_KEYPAD, &objects, NULL);
}

GBytes *
ea_cat_build_timer_expiration (guint8 timer, const EaCatTimerValue *elapsed)
{
  g_auto (EaWriter) objects = { 0 };
  g_auto (EaWriter) value = { 0 };

  ea_writer_init (&value);
  ea_cat_write_timer_value (&value, elapsed);
  ea_writer_init (&objects);
  ea_cat_write_object (&objects, EA_CAT_TAG_TIMER_IDENTIFIER, TRUE, ea_span_init (&timer, 1));
  ea_cat_write_object (&objects, EA_CAT_TAG_TIMER_VALUE, TRUE, ea_writer_span (&value));
  return build (EA_CAT_ENVELOPE_TIMER_EXPIRATION, EA_CAT_DEVICE_TERMINAL, &objects, NULL);
}

GBytes *
ea_cat_build_mo_short_message_control (EaSpan smsc, EaSpan destination, EaSpan location,
                                       GError **error)
{
  g_auto (EaWriter) objects = { 0 };

  ea_writer_init (&objects);
  ea_cat_write_object (&objects, EA_CAT_TAG_ADDRESS, TRUE, smsc);
  ea_cat_write_object (&objects, EA_CAT_TAG_ADDRESS, TRUE, destination);
  ea_cat_write_object (&objects, EA_CAT_TAG_LOCATION_INFORMATION, FALSE, location);
  return build (EA_CAT_ENVELOPE_MO_SHORT_MESSAGE_CONTROL, EA_CAT_DEVICE_TERMINAL, &objects, error);
}
