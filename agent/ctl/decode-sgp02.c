/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* `euiccctl decode psk-identity` and `notification`: SGP.02 §2.4.4.1 table 4, §3.15 and §4.1.1.11. */

#include <string.h>

#include "core/error.h"
#include "core/sgp02-identity.h"
#include "core/sgp02-notification.h"
#include "core/sgp02.h"
#include "core/tlv.h"
#include "ctl/decode-part.h"
#include "ctl/decode.h"

#define CLASS_STORE_DATA 0x80 /* how a confirmation begins, and no notification does */

static gboolean
is_hexadecimal (EaSpan item)
{
  EaReader reader;

  ea_reader_init (&reader, item);
  while (ea_reader_remaining (&reader) > 0)
    if (!g_ascii_isxdigit ((char) ea_reader_u8 (&reader)))
      return FALSE;
  return item.size > 0;
}

/* An error in the bytes that a text stands for is shown at the two digits in the text. */
static gboolean
fail_in_text (EaSpan text, EaSpan binary, GError *inner, GError **error)
{
  gsize offset = 0;

  (void) ea_core_error_get_offset (inner, binary.data, binary.size, &offset); /* or at its start */
  ea_core_error_set (error, (EaCoreError) inner->code,
                     ea_span_end (ea_span_head (text, 2 * offset)), "%s", inner->message);
  g_error_free (inner);
  return FALSE;
}

static void
add_identity (EaView *view, const char *form, const EaSgp02PskIdentity *identity)
{
  g_autoptr (GBytes) binary = ea_sgp02_build_psk_identity (identity);

  ea_view_add_string (view, "form", form);
  ea_decode_add_psk_identity (view, identity);
  ea_view_add_bytes (view, "text", ea_span_from_bytes (binary));
}

gboolean
ea_decode_psk_identity (EaView *view, EaSpan item, const EaDecodeOptions *options, GError **error)
{
  g_autoptr (GBytes) binary = NULL;
  EaSgp02PskIdentity identity;
  GError *inner = NULL;

  if (!is_hexadecimal (item))
    {
      if (!ea_sgp02_parse_psk_identity (&identity, item, error))
        return FALSE;
      add_identity (view, "binary", &identity);
      return TRUE;
    }

  binary = ea_sgp02_decode_psk_identity (item, error);
  if (binary == NULL)
    return FALSE;
  if (!ea_sgp02_parse_psk_identity (&identity, ea_span_from_bytes (binary), &inner))
    return fail_in_text (item, ea_span_from_bytes (binary), inner, error);
  add_identity (view, "text", &identity);
  return TRUE;
}

static gboolean
add_confirmation (EaView *view, EaSpan item, GError **error)
{
  guint16 sequence;

  if (!ea_sgp02_parse_confirmation (&sequence, item, error))
    return FALSE;
  ea_view_cite (view, "SGP.02 §4.1.1.12");
  ea_view_add_string (view, "function", "HandleNotificationConfirmation");
  ea_view_add_number (view, "sequence", sequence);
  return TRUE;
}

static void
add_device (EaView *view, const EaSgp02Notification *notification)
{
  g_autofree char *imei = ea_sgp02_get_imei_digits (notification->imei);

  ea_view_at (view, notification->imei);
  ea_view_cite (view, "TS 102 223 §8.20");
  if (imei != NULL)
    ea_view_add_string (view, "imei", imei);
  else if (notification->imei.size > 0)
    ea_view_add_bytes (view, "imei", notification->imei);
  if (notification->meid.size > 0)
    ea_view_add_bytes_here (view, "meid", notification->meid);
}

static gboolean
has_place (guint32 parent, guint32 tag)
{
  return ea_sgp02_is_notification_tag (tag);
}

gboolean
ea_decode_notification (EaView *view, EaSpan item, const EaDecodeOptions *options, GError **error)
{
  EaSgp02Notification notification;
  g_autofree char *eid = NULL;
  EaReader reader;

  ea_reader_init (&reader, item);
  if (ea_reader_peek_u8 (&reader) == CLASS_STORE_DATA)
    return add_confirmation (view, item, error);
  if (!ea_sgp02_parse_notification (&notification, item, error))
    return FALSE;

  eid = ea_span_to_hex (notification.eid);
  ea_view_at (view, notification.eid);
  ea_view_cite (view, "SGP.02 §2.2.2");
  ea_view_add_string (view, "eid", eid);
  ea_view_cite (view, "SGP.02 §2.2.2");
  ea_view_add_boolean (view, "eid_check_digits_valid", ea_sgp02_has_check_digits (eid));
  ea_view_cite (view, "SGP.02 §4.1.1.11");
  ea_view_add_named (view, "type", notification.type,
                     ea_sgp02_get_notification_name (notification.type));
  ea_view_add_number (view, "sequence", notification.sequence);
  ea_decode_add_aid (view, "aid", notification.aid);
  add_device (view, &notification);
  ea_decode_add_unexpected (view, notification.objects, 0, has_place);
  return TRUE;
}
