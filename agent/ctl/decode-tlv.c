/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * `euiccctl decode tlv`: data objects of TS 101 220 §7 by themselves. Both encodings take the same bytes, so
 * what they are is guessed: BER where the first tag is a template's, COMPREHENSION where all is as the
 * toolkit has it, else BER.
 */

#include "core/cat-object.h"
#include "core/error.h"
#include "core/script.h"
#include "core/sgp02-identity.h"
#include "core/tlv.h"
#include "ctl/decode-cat-object.h"
#include "ctl/decode-part.h"
#include "ctl/decode.h"

/* Proactive command to timer expiration, and further envelopes: TS 101 220 table 7.17 */
#define TAG_TOOLKIT_FIRST 0xD0
#define TAG_TOOLKIT_LAST 0xDF

typedef struct
{
  guint32 tag;
  const char *name;
} Name;

/* Templates that stand by themselves: TS 101 220 tables 7.17 and 7.18, SGP.02 §4.1.1.11, GlobalPlatform */
static const Name templates[] = {
  { 0xD0, "proactive command" },
  { 0xD1, "SMS-PP download" },
  { 0xD2, "cell broadcast download" },
  { 0xD3, "menu selection" },
  { 0xD4, "call control" },
  { 0xD5, "MO short message control" },
  { 0xD6, "event download" },
  { 0xD7, "timer expiration" },
  { EA_SCRIPT_TAG_COMMANDS, "command scripting template" },
  { EA_SCRIPT_TAG_COMMANDS_INDEFINITE, "command scripting template" },
  { EA_SCRIPT_TAG_RESPONSES, "response scripting template" },
  { EA_SCRIPT_TAG_RESPONSES_INDEFINITE, "response scripting template" },
  { 0xE1, "notification" },
  { 0xE3, "GlobalPlatform registry data" },
  { 0x7F21, "certificate" },
};

static const Name identity_parts[] = {
  { 0x80, "PSK identity type" }, { 0x81, "EID" },         { 0x4F, "AID" },
  { 0x82, "key identifier" },    { 0x83, "key version" },
};

static const char *
find_name (const Name *names, gsize n_names, guint32 tag)
{
  for (gsize i = 0; i < n_names; i++)
    if (names[i].tag == tag)
      return names[i].name;
  return NULL;
}

/* The key of an object's content where its own is taken by what each object has. */
static const char *
get_content_key (guint32 tag)
{
  switch (tag)
    {
    case EA_CAT_TAG_TIMER_VALUE:
      return "timer_value";
    case EA_CAT_TAG_CHANNEL_DATA_LENGTH:
      return "channel_data_length";
    default:
      return NULL;
    }
}

static gboolean
add_comprehension_object (EaView *view, const EaTlv *tlv, GError **error)
{
  const char *name = ea_cat_get_tag_name (tlv->tag);

  ea_view_at (view, tlv->object);
  ea_view_cite (view, "TS 101 220 §7.1.1");
  ea_view_begin_object (view, NULL);
  ea_decode_add_tag (view, tlv, TRUE);
  if (name != NULL)
    ea_view_add_string (view, "name", name);
  ea_view_add_number (view, "length", tlv->value.size);
  ea_view_add_boolean (view, "comprehension_required", tlv->is_comprehension_required);
  ea_view_add_bytes_here (view, "value", tlv->value);
  if (name != NULL && !ea_decode_add_cat_object (view, tlv, get_content_key (tlv->tag), error))
    return FALSE;
  ea_view_end_object (view);
  return TRUE;
}

static gboolean
is_sequence (EaSpan value)
{
  EaReader reader;
  EaTlv tlv;

  ea_reader_init (&reader, value);
  while (ea_reader_remaining (&reader) > 0)
    if (!ea_tlv_read_ber (&reader, &tlv, NULL))
      return FALSE;
  return TRUE;
}

static const char *
get_ber_name (const EaTlv *tlv, gboolean is_identity, guint depth)
{
  if (is_identity)
    return find_name (identity_parts, G_N_ELEMENTS (identity_parts), tlv->tag);
  return depth == 0 ? find_name (templates, G_N_ELEMENTS (templates), tlv->tag) : NULL;
}

/* The toolkit's templates are primitive to BER and have its objects in them, TS 101 220 table 7.17. */
static gboolean
add_toolkit_template (EaView *view, EaSpan objects)
{
  EaViewMark mark = ea_view_get_mark (view);
  EaReader reader;
  EaTlv tlv;

  ea_view_begin_list (view, "objects");
  ea_reader_init (&reader, objects);
  while (ea_reader_remaining (&reader) > 0)
    if (!ea_tlv_read_comprehension (&reader, &tlv, NULL)
        || !add_comprehension_object (view, &tlv, NULL))
      {
        ea_view_rewind (view, mark);
        return FALSE;
      }
  ea_view_end_list (view);
  return TRUE;
}

/* @is_open: what is in the object comes next, and its end */
static void
add_ber_object (EaView *view, const EaTlv *tlv, const char *name, gboolean is_open)
{
  ea_view_at (view, tlv->object);
  ea_view_cite (view, "TS 101 220 §7.1.2");
  ea_view_begin_object (view, NULL);
  ea_decode_add_tag (view, tlv, FALSE);
  if (name != NULL)
    ea_view_add_string (view, "name", name);
  ea_view_add_number (view, "length", tlv->value.size);
  if (tlv->is_indefinite)
    ea_view_add_boolean (view, "indefinite", TRUE);
  if (is_open)
    {
      ea_view_begin_list (view, "objects");
      return;
    }
  if (tlv->tag < TAG_TOOLKIT_FIRST || tlv->tag > TAG_TOOLKIT_LAST
      || !add_toolkit_template (view, tlv->value))
    ea_view_add_bytes_here (view, "value", tlv->value);
  ea_view_end_object (view);
}

/* Toolkit tags with bit 6 look constructed to BER, and are not: then the value is shown as it stands. */
static void
enter_ber_object (EaView *view, EaTlvWalker *walker, const EaTlv *tlv, gboolean is_identity,
                  guint *depth)
{
  const char *name = get_ber_name (tlv, is_identity, *depth);
  gboolean is_template = find_name (templates, G_N_ELEMENTS (templates), tlv->tag) != NULL;
  gboolean is_constructed = ea_tlv_is_constructed (tlv->tag);
  gboolean is_open = is_constructed && (is_template || is_sequence (tlv->value));

  if (is_constructed && !is_open)
    ea_tlv_walker_skip (walker);
  *depth += is_open ? 1 : 0;
  add_ber_object (view, tlv, name, is_open);
}

static gboolean
add_ber (EaView *view, EaSpan item, GError **error)
{
  EaSgp02PskIdentity identity;
  gboolean is_identity = ea_sgp02_parse_psk_identity (&identity, item, NULL);
  EaTlvStep step = EA_TLV_STEP_OBJECT;
  EaTlvWalker walker;
  guint depth = 0;
  EaTlv tlv;

  ea_view_add_string (view, "encoding", "ber");
  ea_view_begin_list (view, "objects");
  ea_tlv_walker_init (&walker, item);
  while (step != EA_TLV_STEP_END)
    {
      if (!ea_tlv_walker_next (&walker, &step, &tlv, error))
        return FALSE;
      switch (step)
        {
        case EA_TLV_STEP_OBJECT:
          enter_ber_object (view, &walker, &tlv, is_identity, &depth);
          break;
        case EA_TLV_STEP_LEAVE:
          ea_view_end_list (view);
          ea_view_end_object (view);
          depth--;
          break;
        case EA_TLV_STEP_END:
          ea_view_end_list (view);
          break;
        }
    }
  return TRUE;
}

/* @is_strict: only objects whose tags are known, for a guess that has to be right. */
static gboolean
add_comprehension (EaView *view, EaSpan item, gboolean is_strict, GError **error)
{
  EaReader reader;
  EaTlv tlv;

  ea_view_add_string (view, "encoding", "comprehension");
  ea_view_begin_list (view, "objects");
  ea_reader_init (&reader, item);
  while (ea_reader_remaining (&reader) > 0)
    {
      if (!ea_tlv_read_comprehension (&reader, &tlv, error))
        return FALSE;
      if (is_strict && ea_cat_get_tag_name (tlv.tag) == NULL)
        return ea_core_error_set (error, EA_CORE_ERROR_UNSUPPORTED, tlv.object.data,
                                  "Tag %02X is none of the toolkit's", tlv.tag);
      if (!add_comprehension_object (view, &tlv, error))
        return FALSE;
    }
  ea_view_end_list (view);
  return TRUE;
}

/* The template need not be whole. */
static gboolean
begins_with_template (EaSpan item)
{
  for (gsize i = 0; i < G_N_ELEMENTS (templates); i++)
    {
      g_auto (EaWriter) tag = { 0 };

      ea_writer_init (&tag);
      ea_tlv_write_ber_tag (&tag, templates[i].tag);
      if (ea_span_has_prefix (item, ea_writer_span (&tag)))
        return TRUE;
    }
  return FALSE;
}

static gboolean
begins_with_toolkit_object (EaSpan item)
{
  EaReader reader;
  guint8 first;

  ea_reader_init (&reader, item);
  first = ea_reader_u8 (&reader);
  return ea_cat_get_tag_name (first & 0x7F) != NULL;
}

static gboolean
add_guess (EaView *view, EaSpan item, GError **error)
{
  EaViewMark mark = ea_view_get_mark (view);
  g_autoptr (GError) comprehension = NULL;
  g_autoptr (GError) ber = NULL;

  if (begins_with_template (item))
    return add_ber (view, item, error);
  if (add_comprehension (view, item, TRUE, &comprehension))
    return TRUE;
  ea_view_rewind (view, mark);
  if (add_ber (view, item, &ber))
    return TRUE;
  g_propagate_error (error, begins_with_toolkit_object (item) && ber->code != EA_CORE_ERROR_LIMIT
                                ? g_steal_pointer (&comprehension)
                                : g_steal_pointer (&ber));
  return FALSE;
}

gboolean
ea_decode_tlv (EaView *view, EaSpan item, const EaDecodeOptions *options, GError **error)
{
  if (item.size == 0)
    return ea_core_error_set (error, EA_CORE_ERROR_TRUNCATED, item.data, "There is no data object");
  switch (options->form)
    {
    case EA_DECODE_FORM_BER:
      return add_ber (view, item, error);
    case EA_DECODE_FORM_COMPREHENSION:
      return add_comprehension (view, item, FALSE, error);
    case EA_DECODE_FORM_AUTO:
    case EA_DECODE_FORM_SMS:
    case EA_DECODE_FORM_CAT_TP:
      break;
    }
  return add_guess (view, item, error);
}
