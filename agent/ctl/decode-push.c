/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * `euiccctl decode push` and `session-trigger`: PUSH of TS 102 226 §9, and the objects of GlobalPlatform
 * Amendment B table 3-3, which both kinds take, as one command or one object of any level.
 */

#include "core/cat-object.h"
#include "core/error.h"
#include "core/push-trigger.h"
#include "core/push.h"
#include "core/sgp02-identity.h"
#include "ctl/decode-cat-object.h"
#include "ctl/decode-part.h"
#include "ctl/decode.h"

#define CLASS_PUSH 0x80 /* how a PUSH begins, and no object of the amendment does */
#define PUSH_P2_OFFSET 3

static const char *
get_link_key (guint32 tag)
{
  switch (tag)
    {
    case EA_CAT_TAG_BUFFER_SIZE:
      return "max_sdu";
    case EA_CAT_TAG_CHANNEL_DATA:
      return "identification";
    default:
      return NULL;
    }
}

static void
add_unknown (EaView *view, const EaCatLayout *layout, EaSpan objects)
{
  gboolean is_open = FALSE;
  EaCatObject object;
  EaCatWalk walk;

  ea_cat_walk_init (&walk, layout, objects);
  while (ea_cat_walk_next (&walk, &object))
    {
      if (object.slot != NULL)
        continue;
      if (!is_open)
        ea_view_begin_list (view, "unknown");
      is_open = TRUE;
      ea_view_begin_object (view, NULL);
      ea_decode_add_tag (view, &object.tlv, TRUE);
      ea_view_add_bytes_here (view, "value", object.tlv.value);
      ea_view_end_object (view);
    }
  if (is_open)
    ea_view_end_list (view);
}

/* A CAT_TP link and an identification packet have other words for two objects than OPEN CHANNEL has. */
static gboolean
add_link_objects (EaView *view, const EaCatLayout *layout, EaSpan objects, GError **error)
{
  EaCatObject object;
  EaCatWalk walk;

  ea_cat_walk_init (&walk, layout, objects);
  while (ea_cat_walk_next (&walk, &object))
    {
      EaTlv tlv = object.tlv;

      tlv.tag = object.tag;
      if (object.slot != NULL
          && !ea_decode_add_cat_object (view, &tlv, get_link_key (object.tlv.tag), error))
        return FALSE;
    }
  add_unknown (view, layout, objects);
  return TRUE;
}

gboolean
ea_decode_add_push (EaView *view, const EaPush *push, EaSpan command, GError **error)
{
  const EaCatLayout *layout = ea_push_get_layout (push->request, push->objects);

  ea_view_cite (view, layout->clause);
  ea_view_add_string (view, "command", layout->name);
  ea_view_cite (view, layout->clause);
  ea_view_add_bytes_here (view, "p2", ea_span_head (ea_span_tail (command, PUSH_P2_OFFSET), 1));
  switch (push->request)
    {
    case EA_PUSH_BIP_CHANNEL:
    case EA_PUSH_TCP_CONNECTION:
      return ea_decode_add_cat_objects (view, layout, push->objects, error);
    case EA_PUSH_CAT_TP_LINK:
    case EA_PUSH_IDENTIFICATION_PACKET:
      break;
    }
  return add_link_objects (view, layout, push->objects, error);
}

static gboolean
add_connection (EaView *view, const char *name, EaSpan objects, GError **error)
{
  const EaCatLayout *layout = ea_push_get_layout (EA_PUSH_BIP_CHANNEL, objects);
  EaPushConnection connection;

  if (!ea_push_parse_connection (&connection, objects, error))
    return FALSE;
  ea_view_at (view, objects);
  ea_view_cite (view, "GlobalPlatform Amendment B §3.8.1");
  ea_view_begin_object (view, name);
  if (!ea_decode_add_cat_objects (view, layout, objects, error))
    return FALSE;
  ea_view_end_object (view);
  return TRUE;
}

static void
add_security (EaView *view, const EaPushTrigger *trigger)
{
  ea_view_cite (view, "GlobalPlatform Amendment B §3.8.2");
  ea_view_begin_object (view, "security_parameters");
  ea_decode_add_psk_identity_value (view, trigger->psk_identity);
  ea_view_add_number (view, "key_version", trigger->key_version);
  ea_view_add_number (view, "key_identifier", trigger->key_identifier);
  if ((trigger->present & EA_PUSH_TRIGGER_HAS_HASH) != 0)
    ea_view_add_number (view, "hash", trigger->hash);
  ea_view_end_object (view);
}

/* Servers do not agree on how the digits stand, so both readings are shown. */
static void
add_delay (EaView *view, EaSpan timer)
{
  guint seconds;

  ea_view_cite (view, "GlobalPlatform Amendment B §3.8.3, TS 102 223 §8.38");
  ea_view_begin_object (view, "waiting_delay");
  ea_view_add_bytes_here (view, "octets", timer);
  if (ea_push_timer_get_swapped (timer, &seconds))
    ea_view_add_number (view, "seconds", seconds);
  if (ea_push_timer_get_plain (timer, &seconds))
    ea_view_add_number (view, "seconds_unless_swapped", seconds);
  ea_view_end_object (view);
}

static void
add_retry (EaView *view, const EaPushTrigger *trigger)
{
  ea_view_cite (view, "GlobalPlatform Amendment B §3.8.3");
  ea_view_begin_object (view, "retry_policy_parameters");
  ea_view_add_number (view, "counter", trigger->retry_counter);
  if ((trigger->present & EA_PUSH_TRIGGER_HAS_RETRY_TIMER) != 0)
    add_delay (view, trigger->retry_timer);
  if ((trigger->present & EA_PUSH_TRIGGER_HAS_FAILURE_REPORT) != 0)
    ea_view_add_bytes_here (view, "failure_report", trigger->failure_report);
  ea_decode_add_unexpected (view, trigger->retry_objects, EA_PUSH_TAG_RETRY, ea_push_has_place);
  ea_view_end_object (view);
}

static void
add_agent (EaView *view, EaSpan agent)
{
  g_auto (EaSgp02AgentId) id = { 0 };

  ea_view_cite (view, "GlobalPlatform Amendment B §3.8.5");
  ea_decode_add_text (view, "agent_identifier", agent);
  if (!ea_sgp02_parse_agent_id (&id, agent, NULL))
    return;
  ea_view_begin_object (view, "agent");
  ea_view_add_string (view, "eid", id.eid);
  ea_decode_add_aid (view, "aid", ea_span_from_bytes (id.aid));
  ea_view_end_object (view);
}

static void
add_http_members (EaView *view, const EaPushTrigger *trigger)
{
  if ((trigger->present & EA_PUSH_TRIGGER_HAS_HOST) != 0)
    {
      ea_view_cite (view, "GlobalPlatform Amendment B §3.8.4");
      ea_decode_add_text (view, "administration_host", trigger->host);
    }
  if ((trigger->present & EA_PUSH_TRIGGER_HAS_AGENT) != 0)
    add_agent (view, trigger->agent);
  if ((trigger->present & EA_PUSH_TRIGGER_HAS_URI) != 0)
    {
      ea_view_cite (view, "GlobalPlatform Amendment B §3.8.6");
      ea_decode_add_text (view, "administration_uri", trigger->uri);
    }
  ea_decode_add_unexpected (view, trigger->http_objects, EA_PUSH_TAG_HTTP, ea_push_has_place);
}

static gboolean
add_session_members (EaView *view, const EaPushTrigger *trigger, GError **error)
{
  if ((trigger->present & EA_PUSH_TRIGGER_HAS_CONNECTION) != 0
      && !add_connection (view, "connection_parameters", trigger->connection, error))
    return FALSE;
  if ((trigger->present & EA_PUSH_TRIGGER_HAS_SECURITY) != 0)
    add_security (view, trigger);
  if ((trigger->present & EA_PUSH_TRIGGER_HAS_EXTENDED_SECURITY) != 0)
    ea_view_add_bytes_here (view, "extended_security_parameters", trigger->extended_security);
  if ((trigger->present & EA_PUSH_TRIGGER_HAS_RETRY) != 0)
    add_retry (view, trigger);
  if ((trigger->present & EA_PUSH_TRIGGER_HAS_HTTP) != 0)
    ea_view_begin_object (view, "http_post_parameters");
  add_http_members (view, trigger);
  if ((trigger->present & EA_PUSH_TRIGGER_HAS_HTTP) != 0)
    ea_view_end_object (view);
  ea_decode_add_unexpected (view, trigger->session_objects, EA_PUSH_TAG_SESSION, ea_push_has_place);
  return TRUE;
}

static gboolean
add_dns_members (EaView *view, const EaPushTrigger *trigger, GError **error)
{
  if ((trigger->present & EA_PUSH_TRIGGER_HAS_FQDN) != 0)
    {
      ea_view_cite (view, "GlobalPlatform Amendment B §3.11.4");
      ea_decode_add_text (view, "fqdn", trigger->fqdn);
    }
  if ((trigger->present & EA_PUSH_TRIGGER_HAS_DNS_CONNECTION) != 0
      && !add_connection (view, "dns_connection_parameters", trigger->dns_connection, error))
    return FALSE;
  ea_decode_add_unexpected (view, trigger->dns_objects, EA_PUSH_TAG_DNS, ea_push_has_place);
  return TRUE;
}

/* Objects that are there have their own object around their members; bare ones stand by themselves. */
static gboolean
add_trigger (EaView *view, const EaPushTrigger *trigger, GError **error)
{
  gboolean has_session = (trigger->present & EA_PUSH_TRIGGER_HAS_SESSION) != 0;
  gboolean has_dns = (trigger->present & EA_PUSH_TRIGGER_HAS_DNS) != 0;

  if (has_session)
    ea_view_begin_object (view, "administration_session_parameters");
  if (!add_session_members (view, trigger, error))
    return FALSE;
  if (has_session)
    ea_view_end_object (view);

  if (has_dns)
    ea_view_begin_object (view, "dns_resolution_parameters");
  if (!add_dns_members (view, trigger, error))
    return FALSE;
  if (has_dns)
    ea_view_end_object (view);
  ea_decode_add_unexpected (view, trigger->objects, EA_PUSH_TAG_TRIGGER, ea_push_has_place);
  return TRUE;
}

/* The stored session parameters share their tag with the security parameters. */
static const char *
get_outer_name (const EaPushTrigger *trigger, guint32 tag)
{
  gboolean is_stored
      = tag == EA_PUSH_TAG_STORED_SESSION && (trigger->present & EA_PUSH_TRIGGER_HAS_SESSION) != 0;

  return ea_push_get_trigger_name (is_stored ? EA_PUSH_TAG_SESSION : tag);
}

gboolean
ea_decode_session_trigger (EaView *view, EaSpan item, const EaDecodeOptions *options,
                           GError **error)
{
  EaPushTrigger trigger;
  EaReader reader;
  EaTlv tlv;

  if (!ea_push_parse_trigger_object (&trigger, item, error))
    return FALSE;

  ea_reader_init (&reader, item);
  (void) ea_tlv_read_ber (&reader, &tlv, NULL); /* it was read before */
  ea_view_cite (view, "GlobalPlatform Amendment B table 3-3");
  ea_decode_add_tag (view, &tlv, FALSE);
  ea_view_add_string (view, "name", get_outer_name (&trigger, tlv.tag));
  if (tlv.tag == EA_PUSH_TAG_TRIGGER)
    ea_view_add_boolean (view, "all_stored", trigger.objects.size == 0);
  return add_trigger (view, &trigger, error);
}

gboolean
ea_decode_push (EaView *view, EaSpan item, const EaDecodeOptions *options, GError **error)
{
  EaReader reader;
  EaPush push;

  ea_reader_init (&reader, item);
  if (item.size > 0 && ea_reader_peek_u8 (&reader) != CLASS_PUSH)
    return ea_decode_session_trigger (view, item, options, error);
  return ea_push_parse (&push, item, error) && ea_decode_add_push (view, &push, item, error);
}
