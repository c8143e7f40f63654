/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Secured packets in short messages of either direction, TS 31.115 §4. */

#include "core/sms.h"

/* (transfer full) (nullable): the TPDU of @message, an EaSmsDeliver or EaSmsSubmit, with other user data */
typedef GBytes *(*BuildFunc) (gconstpointer message, const EaSmsUserData *user_data,
                              GError **error);

static GBytes *
build_submit (gconstpointer message, const EaSmsUserData *user_data, GError **error)
{
  EaSmsSubmit submit = *(const EaSmsSubmit *) message;

  submit.user_data = *user_data;
  return ea_sms_build_submit (&submit, error);
}

static GBytes *
build_deliver (gconstpointer message, const EaSmsUserData *user_data, GError **error)
{
  EaSmsDeliver deliver = *(const EaSmsDeliver *) message;

  deliver.user_data = *user_data;
  return ea_sms_build_deliver (&deliver, error);
}

static GPtrArray *
build_segments (gconstpointer message, BuildFunc build, EaSpan packet, EaSmsSecured secured,
                guint8 reference, GError **error)
{
  g_autoptr (GPtrArray) segments = ea_sms_segment_packet (packet, secured, reference, FALSE, error);
  g_autoptr (GPtrArray) tpdus = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);

  if (segments == NULL)
    return NULL;
  for (guint i = 0; i < segments->len; i++)
    {
      EaSpan octets = ea_span_from_bytes (g_ptr_array_index (segments, i));
      EaSmsUserData user_data;
      GBytes *tpdu;

      if (!ea_sms_parse_user_data (&user_data, octets, error))
        return NULL;
      tpdu = build (message, &user_data, error);
      if (tpdu == NULL)
        return NULL;
      g_ptr_array_add (tpdus, tpdu);
    }
  return g_steal_pointer (&tpdus);
}

GPtrArray *
ea_sms_submit_packet (const EaSmsAddress *destination, EaSpan packet, EaSmsSecured secured,
                      guint8 reference, GError **error)
{
  const EaSmsSubmit submit = { .destination = *destination,
                               .pid = EA_SMS_PID_USIM_DOWNLOAD,
                               .dcs = EA_SMS_DCS_CLASS_2_8BIT };

  return build_segments (&submit, build_submit, packet, secured, reference, error);
}

GPtrArray *
ea_sms_deliver_packet (const EaSmsAddress *originator, const EaSmsTime *time, EaSpan packet,
                       EaSmsSecured secured, guint8 reference, GError **error)
{
  EaSmsDeliver deliver = { .originator = *originator,
                           .pid = EA_SMS_PID_USIM_DOWNLOAD,
                           .dcs = EA_SMS_DCS_CLASS_2_8BIT };
  g_auto (EaWriter) timestamp = { 0 };

  ea_writer_init (&timestamp);
  if (!ea_sms_write_time (&timestamp, time, error))
    return NULL;
  deliver.timestamp = ea_writer_span (&timestamp);
  return build_segments (&deliver, build_deliver, packet, secured, reference, error);
}
