/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* One sealed packet as the card gets it (TS 31.115 §4.2, TS 31.111 §7.1.1), and its answer put together (§4.4). */

#include "session/sealed-exchange.h"

#include "core/cat-envelope.h"
#include "core/error.h"
#include "core/sms.h"
#include "session/sealed.h"

gboolean
ea_sealed_exchange_check (EaSpan sdu, GError **error)
{
  EaSpan header = ea_scp80_get_user_data_header (EA_SCP80_COMMAND);
  EaSpan packet = ea_span_tail (sdu, header.size);
  EaScp80Target target;
  EaReader reader;
  guint16 length;

  if (!ea_span_has_prefix (sdu, header))
    return ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, sdu.data,
                              "Packet does not begin with the user data header 027000");
  ea_reader_init (&reader, packet);
  length = ea_reader_u16be (&reader);
  if (!ea_reader_is_ok (&reader) || length != ea_reader_remaining (&reader)
      || !ea_scp80_read_target (packet, &target))
    return ea_core_error_set (error, EA_CORE_ERROR_MALFORMED, packet.data,
                              "Packet of %" G_GSIZE_FORMAT
                              " bytes is not as long as its length field says, or ends before TAR",
                              packet.size);
  return TRUE;
}

static EaSmsTime
get_time (void)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();

  return (EaSmsTime){
    .year = (guint16) g_date_time_get_year (now),
    .month = (guint8) g_date_time_get_month (now),
    .day = (guint8) g_date_time_get_day_of_month (now),
    .hour = (guint8) g_date_time_get_hour (now),
    .minute = (guint8) g_date_time_get_minute (now),
    .second = (guint8) g_date_time_get_second (now),
  };
}

static gboolean
build_envelopes (EaSealedExchange *exchange, EaSpan packet, guint8 reference, GError **error)
{
  const EaSmsTime time = get_time ();
  g_autoptr (GPtrArray) tpdus = ea_sms_deliver_packet (&exchange->originator, &time, packet,
                                                       EA_SMS_SECURED_COMMAND, reference, error);

  if (tpdus == NULL)
    return FALSE;
  for (guint i = 0; i < tpdus->len; i++)
    {
      GBytes *envelope = ea_cat_build_sms_pp_download (EA_SPAN_EMPTY,
                                                       ea_span_from_bytes (tpdus->pdata[i]), error);

      if (envelope == NULL)
        return FALSE;
      g_ptr_array_add (exchange->envelopes, envelope);
    }
  return TRUE;
}

EaSealedExchange *
ea_sealed_exchange_new (EaSpan sdu, const char *number, guint8 reference, GError **error)
{
  g_autoptr (EaSealedExchange) exchange = NULL;
  EaScp80Target target;
  EaSmsAddress originator;
  EaSpan packet;

  if (!ea_sealed_exchange_check (sdu, error) || !ea_sms_parse_number (&originator, number, error))
    return NULL;
  packet = ea_scp80_skip_user_data_header (sdu, EA_SCP80_COMMAND);
  (void) ea_scp80_read_target (packet, &target); /* was checked */

  exchange = g_new0 (EaSealedExchange, 1);
  exchange->originator = originator;
  exchange->spi = ea_scp80_read_spi (target.spi);
  exchange->envelopes = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  ea_sms_reassembly_init (&exchange->messages, EA_SEALED_ANSWER_LIMIT_S * G_USEC_PER_SEC);
  if (!build_envelopes (exchange, packet, reference, error))
    return NULL;
  return g_steal_pointer (&exchange);
}

void
ea_sealed_exchange_free (EaSealedExchange *exchange)
{
  g_assert (exchange->task == NULL);

  if (exchange->cancelled != NULL)
    g_source_destroy (exchange->cancelled);
  g_clear_pointer (&exchange->cancelled, g_source_unref);
  g_clear_pointer (&exchange->first_answer, g_bytes_unref);
  ea_sms_reassembly_clear (&exchange->messages);
  g_ptr_array_unref (exchange->envelopes);
  g_free (exchange);
}

gboolean
ea_sealed_exchange_is_sent (const EaSealedExchange *exchange)
{
  return exchange->n_begun == exchange->envelopes->len;
}

/* (transfer full): with the header of a message that stands alone */
static GBytes *
build_answer (EaSpan packet)
{
  EaWriter writer;

  ea_writer_init (&writer);
  ea_writer_bytes (&writer, ea_scp80_get_user_data_header (EA_SCP80_RESPONSE));
  ea_writer_bytes (&writer, packet);
  return ea_writer_steal (&writer);
}

gboolean
ea_sealed_exchange_gather (EaSealedExchange *exchange, const EaSmsUserData *data, gint64 now_us,
                           GBytes **answer)
{
  gboolean is_answer = TRUE;

  *answer = NULL;
  if (!ea_sealed_exchange_is_sent (exchange))
    return FALSE;
  ea_sms_reassembly_receive (&exchange->messages, &exchange->originator, data, 0, now_us);
  while (*answer == NULL)
    {
      g_auto (EaSmsReassemblyEvent) event = { 0 };

      if (!ea_sms_reassembly_pull_event (&exchange->messages, &event))
        break;
      if (event.news == EA_SMS_REASSEMBLY_COMPLETE && event.secured == EA_SMS_SECURED_RESPONSE)
        *answer = build_answer (ea_span_from_bytes (event.payload));
      else if (event.news != EA_SMS_REASSEMBLY_DUPLICATE)
        is_answer = FALSE;
    }
  return *answer != NULL || is_answer;
}
