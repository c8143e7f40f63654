/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Kind envelope: TS 102 223 §7, TS 31.111 §7, with the short message or the cell broadcast page within. */

#include "core/cat-broadcast.h"
#include "core/cat-envelope.h"
#include "core/cat-name.h"
#include "core/error.h"
#include "ctl/decode-cat-object.h"
#include "ctl/decode.h"

#define CLAUSE_DEVICES "TS 102 223 §8.7"
#define CLAUSE_EVENTS "TS 102 223 §8.25"
#define CLAUSE_PAGE "TS 23.041 §9.4.1.2"

static const char *const scope_names[] = {
  [EA_CAT_SCOPE_CELL_IMMEDIATE] = "cell, immediate display",
  [EA_CAT_SCOPE_PLMN] = "PLMN, normal display",
  [EA_CAT_SCOPE_LOCATION_AREA] = "location area, normal display",
  [EA_CAT_SCOPE_CELL_NORMAL] = "cell, normal display",
};

/* What the object says that call control is asked for, TS 31.111 §7.3.1 */
static const struct
{
  guint32 tag;
  const char *name;
} controls[] = {
  { EA_CAT_TAG_ADDRESS, "call set-up" },
  { EA_CAT_TAG_SS_STRING, "supplementary service" },
  { EA_CAT_TAG_USSD_STRING, "USSD" },
  { EA_CAT_TAG_PDP_CONTEXT_ACTIVATION_PARAMETERS, "PDP context activation" },
  { EA_CAT_TAG_EPS_PDN_CONNECTION_ACTIVATION_PARAMETERS, "EPS PDN connection activation" },
  { EA_CAT_TAG_IMS_URI, "IMS communication" },
};

/* All objects of an envelope that was read before. The tag of every kind of envelope, as an octet, is one of
 * COMPREHENSION-TLV as well, so that no two forms of a tag matter. */
static EaSpan
get_body (EaSpan item)
{
  EaTlv frame = { 0 };
  EaReader reader;

  ea_reader_init (&reader, item);
  (void) ea_tlv_read_comprehension (&reader, &frame, NULL);
  return frame.value;
}

static void
add_device (EaView *view, const char *key, guint8 device, EaSpan place)
{
  ea_view_at (view, place);
  ea_view_cite (view, CLAUSE_DEVICES);
  ea_view_add_named (view, key, device, ea_cat_get_name (EA_CAT_NAMES_DEVICE, device));
}

/* Name, devices and event, which stand in front of the objects. */
static void
add_head (EaView *view, EaSpan item, const EaCatEnvelope *envelope)
{
  EaSpan body = get_body (item);
  EaTlv devices = { 0 };
  EaTlv events = { 0 };

  (void) ea_tlv_find_comprehension (body, EA_CAT_TAG_DEVICE_IDENTITIES, &devices);
  ea_view_at_offset (view, 0);
  ea_view_cite (view, ea_cat_envelope_get_layout (envelope)->clause);
  ea_view_add_string (view, "name", ea_cat_get_envelope_layout (envelope->type)->name);
  add_device (view, "source", envelope->source, ea_span_head (devices.value, 1));
  add_device (view, "destination", envelope->destination, ea_span_tail (devices.value, 1));
  if (envelope->type != EA_CAT_ENVELOPE_EVENT_DOWNLOAD)
    return;

  (void) ea_tlv_find_comprehension (body, EA_CAT_TAG_EVENT_LIST, &events);
  ea_view_at (view, events.value);
  ea_view_cite (view, CLAUSE_EVENTS);
  ea_view_add_named (view, "event", envelope->event,
                     ea_cat_get_name (EA_CAT_NAMES_EVENT, envelope->event));
}

static void
add_control (EaView *view, const EaCatEnvelope *envelope)
{
  EaTlv object;

  for (gsize i = 0; i < G_N_ELEMENTS (controls); i++)
    if (ea_tlv_find_comprehension (envelope->objects, controls[i].tag & EA_CAT_TAG_ON_WIRE,
                                   &object))
      {
        ea_view_cite (view, ea_cat_envelope_get_layout (envelope)->clause);
        ea_view_add_string (view, "control", controls[i].name);
        return;
      }
}

static void
add_message (EaView *view, EaSpan objects, EaDecodeFunc decode, const EaDecodeOptions *options)
{
  EaTlv tpdu;

  if (ea_tlv_find_comprehension (objects, EA_CAT_TAG_SMS_TPDU, &tpdu))
    ea_decode_add_nested (view, "message", decode, tpdu.value, options);
}

static void
add_page_numbers (EaView *view, const EaCatCellBroadcastPage *page, EaSpan value)
{
  EaSpan serial_number = ea_span_head (value, 2);
  EaSpan parameter = ea_span_head (ea_span_tail (value, 5), 1);

  ea_view_at (view, serial_number);
  ea_view_add_named (view, "scope", page->scope, scope_names[page->scope]);
  ea_view_at (view, serial_number);
  ea_view_add_number (view, "message_code", page->message_code);
  ea_view_at (view, serial_number);
  ea_view_add_number (view, "update_number", page->update_number);
  ea_view_at (view, ea_span_head (ea_span_tail (value, 2), 2));
  ea_view_add_number (view, "message_identifier", page->message_identifier);
  ea_view_at (view, ea_span_head (ea_span_tail (value, 4), 1));
  ea_view_add_number (view, "dcs", page->dcs);
  ea_view_at (view, parameter);
  ea_view_add_number (view, "page", page->page);
  ea_view_at (view, parameter);
  ea_view_add_number (view, "pages", page->n_pages);
}

static gboolean
add_cell_broadcast (EaView *view, EaSpan objects, GError **error)
{
  EaCatCellBroadcastPage page;
  g_autofree char *text = NULL;
  EaTlv object = { 0 };

  (void) ea_tlv_find_comprehension (objects, EA_CAT_TAG_CELL_BROADCAST_PAGE, &object);
  if (!ea_cat_parse_cell_broadcast_page (&page, object.value, error))
    return FALSE;

  ea_view_at (view, object.value);
  ea_view_cite (view, CLAUSE_PAGE);
  ea_view_begin_object (view, "cell_broadcast");
  add_page_numbers (view, &page, object.value);
  text = ea_cat_get_cell_broadcast_text (&page);
  if (text != NULL)
    {
      ea_view_at (view, page.content);
      ea_view_add_string (view, "text", text);
    }
  ea_view_add_bytes_here (view, "content", page.content);
  ea_view_end_object (view);
  return TRUE;
}

gboolean
ea_decode_envelope (EaView *view, EaSpan item, const EaDecodeOptions *options, GError **error)
{
  EaCatEnvelope envelope;

  if (!ea_cat_parse_envelope (&envelope, item, error))
    return FALSE;

  add_head (view, item, &envelope);
  if (envelope.type == EA_CAT_ENVELOPE_CALL_CONTROL)
    add_control (view, &envelope);
  if (!ea_decode_add_cat_objects (view, ea_cat_envelope_get_layout (&envelope), envelope.objects,
                                  error))
    return FALSE;
  if (envelope.type == EA_CAT_ENVELOPE_SMS_PP_DOWNLOAD)
    add_message (view, envelope.objects, ea_decode_sms_deliver, options);
  if (envelope.type == EA_CAT_ENVELOPE_MO_SHORT_MESSAGE_CONTROL)
    add_message (view, envelope.objects, ea_decode_sms_submit, options);
  if (envelope.type == EA_CAT_ENVELOPE_CELL_BROADCAST_DOWNLOAD)
    return add_cell_broadcast (view, envelope.objects, error);
  return TRUE;
}
