/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Short messages, reports and commands with and without a service centre in front (agent/core/sms.h and
 * sms-report.h). What was read is built, and what was built is read as the same.
 */

#include <string.h>

#include "core/sms-report.h"
#include "core/sms.h"
#include "fuzz.h"

static void
check_address (const EaSmsAddress *address)
{
  FUZZ_CLAIM (address->ton <= 7 && address->npi <= 15);
  FUZZ_CLAIM (memchr (address->digits, '\0', sizeof address->digits) != NULL);
  FUZZ_CLAIM (g_utf8_validate (address->digits, -1, NULL));
}

static void
check_user_data (const EaSmsUserData *data, EaSpan input)
{
  const EaSmsConcatenation *concatenation = &data->concatenation;

  FUZZ_CLAIM (fuzz_is_inside (data->header, input));
  FUZZ_CLAIM (fuzz_is_inside (data->payload, input));
  FUZZ_CLAIM (data->header.size + data->payload.size <= EA_SMS_USER_DATA_MAX);
  FUZZ_CLAIM (concatenation->total == 0
              || (concatenation->index >= 1 && concatenation->index <= concatenation->total));
}

/* Text of any user data is valid UTF-8 or an error. */
static void
check_text (const EaSmsUserData *data, guint8 dcs)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = ea_sms_decode_text (data, dcs, &error);

  FUZZ_CLAIM ((text == NULL) == (error != NULL));
  FUZZ_CLAIM (text == NULL || g_utf8_validate (text, -1, NULL));
}

static gboolean
is_same_data (const EaSmsUserData *a, const EaSmsUserData *b, guint8 dcs)
{
  return a->has_header == b->has_header && ea_span_equal (a->header, b->header)
         && ea_span_equal (a->payload, b->payload) && a->secured == b->secured
         && a->concatenation.total == b->concatenation.total
         && a->concatenation.index == b->concatenation.index
         && ea_sms_length_agrees (a, dcs) >= ea_sms_length_agrees (b, dcs)
         && (a->length == b->length || ea_text_get_alphabet (dcs) != EA_TEXT_ALPHABET_7BIT
             || ea_text_is_compressed (dcs));
}

static void
check_deliver_built (const EaSmsDeliver *deliver)
{
  g_autoptr (GBytes) built = ea_sms_build_deliver (deliver, NULL);
  EaSmsDeliver again;

  FUZZ_CLAIM (built != NULL);
  FUZZ_CLAIM (ea_sms_parse_deliver (&again, ea_span_from_bytes (built), NULL));
  FUZZ_CLAIM (again.has_more_messages == deliver->has_more_messages
              && again.is_loop_prevented == deliver->is_loop_prevented
              && again.has_reply_path == deliver->has_reply_path
              && again.wants_status_report == deliver->wants_status_report);
  FUZZ_CLAIM (ea_sms_address_equal (&again.originator, &deliver->originator));
  FUZZ_CLAIM (again.pid == deliver->pid && again.dcs == deliver->dcs);
  FUZZ_CLAIM (ea_span_equal (again.timestamp, deliver->timestamp));
  FUZZ_CLAIM (is_same_data (&again.user_data, &deliver->user_data, deliver->dcs));
}

static void
check_submit_built (const EaSmsSubmit *submit)
{
  g_autoptr (GBytes) built = ea_sms_build_submit (submit, NULL);
  EaSmsSubmit again;

  FUZZ_CLAIM (built != NULL);
  FUZZ_CLAIM (ea_sms_parse_submit (&again, ea_span_from_bytes (built), NULL));
  FUZZ_CLAIM (again.reference == submit->reference && again.pid == submit->pid
              && again.dcs == submit->dcs && again.validity_format == submit->validity_format
              && again.has_reply_path == submit->has_reply_path
              && again.rejects_duplicates == submit->rejects_duplicates
              && again.wants_status_report == submit->wants_status_report);
  FUZZ_CLAIM (ea_sms_address_equal (&again.destination, &submit->destination));
  FUZZ_CLAIM (ea_span_equal (again.validity, submit->validity));
  FUZZ_CLAIM (is_same_data (&again.user_data, &submit->user_data, submit->dcs));
}

/* What is a time or a validity period is written and read as the same. */
static void
check_time (EaSpan timestamp)
{
  g_auto (EaWriter) writer = { 0 };
  EaSmsTime time;

  fuzz_poison (&time, sizeof time);
  if (!ea_sms_parse_time (&time, timestamp, NULL))
    {
      FUZZ_CLAIM (fuzz_is_poisoned (&time, sizeof time));
      return;
    }
  ea_writer_init (&writer);
  FUZZ_CLAIM (ea_sms_write_time (&writer, &time, NULL));
  FUZZ_CLAIM (ea_span_equal (ea_writer_span (&writer), timestamp)
              || time.quarters == 0); /* which may have a sign */
}

static void
check_validity (const EaSmsSubmit *submit)
{
  g_auto (EaWriter) writer = { 0 };
  EaSmsValidity validity;
  EaSmsValidity again;

  fuzz_poison (&validity, sizeof validity);
  if (!ea_sms_parse_validity (&validity, submit->validity, submit->validity_format, NULL))
    {
      FUZZ_CLAIM (fuzz_is_poisoned (&validity, sizeof validity));
      return;
    }
  ea_writer_init (&writer);
  FUZZ_CLAIM (ea_sms_write_validity (&writer, &validity, NULL));
  FUZZ_CLAIM (ea_sms_parse_validity (&again, ea_writer_span (&writer), validity.format, NULL));
  FUZZ_CLAIM (again.seconds == validity.seconds && again.has_period == validity.has_period
              && again.is_single_shot == validity.is_single_shot);
}

static void
check_deliver (EaSpan input)
{
  g_autoptr (GError) error = NULL;
  EaSmsDeliver deliver;

  fuzz_poison (&deliver, sizeof deliver);
  if (!ea_sms_parse_deliver (&deliver, input, &error))
    {
      FUZZ_CLAIM (error != NULL);
      FUZZ_CLAIM (fuzz_is_poisoned (&deliver, sizeof deliver));
      return;
    }

  FUZZ_CLAIM (error == NULL);
  FUZZ_CLAIM (ea_sms_get_type (input) == EA_SMS_TYPE_DELIVER);
  FUZZ_CLAIM (deliver.timestamp.size == EA_SMS_TIMESTAMP_SIZE);
  FUZZ_CLAIM (fuzz_is_inside (deliver.timestamp, input));
  FUZZ_CLAIM (!ea_sms_is_data_download (&deliver)
              || (deliver.pid == EA_SMS_PID_USIM_DOWNLOAD
                  && ea_sms_get_class (deliver.dcs) == EA_SMS_CLASS_2));
  check_address (&deliver.originator);
  check_user_data (&deliver.user_data, input);
  check_text (&deliver.user_data, deliver.dcs);
  check_time (deliver.timestamp);
  check_deliver_built (&deliver);
}

static void
check_submit (EaSpan input)
{
  g_autoptr (GError) error = NULL;
  EaSmsSubmit submit;

  fuzz_poison (&submit, sizeof submit);
  if (!ea_sms_parse_submit (&submit, input, &error))
    {
      FUZZ_CLAIM (error != NULL);
      FUZZ_CLAIM (fuzz_is_poisoned (&submit, sizeof submit));
      return;
    }

  FUZZ_CLAIM (error == NULL);
  FUZZ_CLAIM (ea_sms_get_type (input) == EA_SMS_TYPE_SUBMIT);
  FUZZ_CLAIM (submit.validity.size == 0 || submit.validity.size == 1 || submit.validity.size == 7);
  FUZZ_CLAIM (fuzz_is_inside (submit.validity, input));
  check_address (&submit.destination);
  check_user_data (&submit.user_data, input);
  check_text (&submit.user_data, submit.dcs);
  check_validity (&submit);
  check_submit_built (&submit);
}

/* Eight bits of a character or seven of them are the same text. */
static gboolean
is_same_text (const EaSmsSubmit *before, const EaSmsSubmit *after)
{
  g_autofree char *unpacked = ea_text_decode_8bit (before->user_data.payload, NULL);
  g_autofree char *packed = ea_sms_decode_text (&after->user_data, after->dcs, NULL);

  return g_strcmp0 (unpacked, packed) == 0;
}

/* Packing text changes the user data only; what was packed once stays as it is. */
static void
check_packing (EaSpan input)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) packed = ea_sms_pack_submit (input, &error);
  g_autoptr (GBytes) again = NULL;
  EaSmsSubmit before;
  EaSmsSubmit after;

  FUZZ_CLAIM ((packed == NULL) == (error != NULL));
  if (packed == NULL)
    return;
  if (!ea_sms_parse_submit (&before, input, NULL))
    return; /* more octets of text than a message has: they fit when they are packed */
  FUZZ_CLAIM (ea_sms_parse_submit (&after, ea_span_from_bytes (packed), NULL));
  FUZZ_CLAIM (before.reference == after.reference && before.pid == after.pid);
  FUZZ_CLAIM (strcmp (before.destination.digits, after.destination.digits) == 0);
  FUZZ_CLAIM (ea_span_equal (before.validity, after.validity));
  FUZZ_CLAIM (ea_sms_get_class (before.dcs) == ea_sms_get_class (after.dcs));
  FUZZ_CLAIM (ea_text_get_alphabet (after.dcs) != EA_TEXT_ALPHABET_8BIT);
  FUZZ_CLAIM (ea_text_get_alphabet (before.dcs) != EA_TEXT_ALPHABET_8BIT
              || is_same_text (&before, &after));

  again = ea_sms_pack_submit (ea_span_from_bytes (packed), NULL);
  FUZZ_CLAIM (again != NULL && g_bytes_equal (again, packed));
}

static gboolean
are_same_parameters (const EaSmsParameters *a, const EaSmsParameters *b)
{
  return a->has_pid == b->has_pid && a->has_dcs == b->has_dcs && a->pid == b->pid
         && a->dcs == b->dcs && a->has_user_data == b->has_user_data
         && is_same_data (&a->user_data, &b->user_data, a->dcs);
}

static void
check_deliver_report (EaSpan input)
{
  EaSmsDeliverReport report;
  EaSmsDeliverReport again;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) built = NULL;

  fuzz_poison (&report, sizeof report);
  if (!ea_sms_parse_deliver_report (&report, input, &error))
    {
      FUZZ_CLAIM (error != NULL && fuzz_is_poisoned (&report, sizeof report));
      return;
    }
  FUZZ_CLAIM (fuzz_is_inside (report.parameters.user_data.payload, input));
  check_text (&report.parameters.user_data, report.parameters.dcs);
  built = ea_sms_build_deliver_report (&report, NULL);
  FUZZ_CLAIM (built != NULL);
  FUZZ_CLAIM (ea_sms_parse_deliver_report (&again, ea_span_from_bytes (built), NULL));
  FUZZ_CLAIM (again.is_error == report.is_error && again.cause == report.cause);
  FUZZ_CLAIM (are_same_parameters (&again.parameters, &report.parameters));
}

static void
check_submit_report (EaSpan input)
{
  EaSmsSubmitReport report;
  EaSmsSubmitReport again;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) built = NULL;

  fuzz_poison (&report, sizeof report);
  if (!ea_sms_parse_submit_report (&report, input, &error))
    {
      FUZZ_CLAIM (error != NULL && fuzz_is_poisoned (&report, sizeof report));
      return;
    }
  FUZZ_CLAIM (fuzz_is_inside (report.timestamp, input));
  built = ea_sms_build_submit_report (&report, NULL);
  FUZZ_CLAIM (built != NULL);
  FUZZ_CLAIM (ea_sms_parse_submit_report (&again, ea_span_from_bytes (built), NULL));
  FUZZ_CLAIM (again.is_error == report.is_error && again.cause == report.cause);
  FUZZ_CLAIM (ea_span_equal (again.timestamp, report.timestamp));
  FUZZ_CLAIM (are_same_parameters (&again.parameters, &report.parameters));
}

static void
check_status_report (EaSpan input)
{
  EaSmsStatusReport report;
  EaSmsStatusReport again;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) built = NULL;

  fuzz_poison (&report, sizeof report);
  if (!ea_sms_parse_status_report (&report, input, &error))
    {
      FUZZ_CLAIM (error != NULL && fuzz_is_poisoned (&report, sizeof report));
      return;
    }
  check_address (&report.recipient);
  built = ea_sms_build_status_report (&report, NULL);
  FUZZ_CLAIM (built != NULL);
  FUZZ_CLAIM (ea_sms_parse_status_report (&again, ea_span_from_bytes (built), NULL));
  FUZZ_CLAIM (again.has_more_messages == report.has_more_messages
              && again.is_loop_prevented == report.is_loop_prevented
              && again.is_of_command == report.is_of_command && again.reference == report.reference
              && again.status == report.status);
  FUZZ_CLAIM (ea_sms_address_equal (&again.recipient, &report.recipient));
  FUZZ_CLAIM (ea_span_equal (again.timestamp, report.timestamp));
  FUZZ_CLAIM (ea_span_equal (again.discharge, report.discharge));
  FUZZ_CLAIM (are_same_parameters (&again.parameters, &report.parameters));
}

static void
check_command (EaSpan input)
{
  EaSmsCommand command;
  EaSmsCommand again;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) built = NULL;

  fuzz_poison (&command, sizeof command);
  if (!ea_sms_parse_command (&command, input, &error))
    {
      FUZZ_CLAIM (error != NULL && fuzz_is_poisoned (&command, sizeof command));
      return;
    }
  FUZZ_CLAIM (fuzz_is_inside (command.data, input));
  built = ea_sms_build_command (&command, NULL);
  FUZZ_CLAIM (built != NULL);
  FUZZ_CLAIM (ea_sms_parse_command (&again, ea_span_from_bytes (built), NULL));
  FUZZ_CLAIM (again.has_header == command.has_header && again.pid == command.pid
              && again.wants_status_report == command.wants_status_report
              && again.reference == command.reference && again.command == command.command
              && again.message == command.message);
  FUZZ_CLAIM (ea_sms_address_equal (&again.destination, &command.destination));
  FUZZ_CLAIM (ea_span_equal (again.data, command.data));
}

static void
check_tpdu (EaSpan input)
{
  check_deliver (input);
  check_submit (input);
  check_deliver_report (input);
  check_submit_report (input);
  check_status_report (input);
  check_command (input);
  check_packing (input);
}

static void
check_stored (EaSpan input)
{
  g_autoptr (GError) error = NULL;
  EaSpan smsc;
  EaSpan tpdu;

  if (!ea_sms_split_smsc (input, &smsc, &tpdu, &error))
    {
      FUZZ_CLAIM (error != NULL);
      return;
    }
  FUZZ_CLAIM (smsc.size <= EA_SMS_SMSC_MAX);
  FUZZ_CLAIM (1 + smsc.size + tpdu.size == input.size);
  check_tpdu (tpdu);
}

static void
check_number (EaSpan input)
{
  g_autofree char *number = g_strndup ((const char *) input.data, input.size);
  g_autoptr (GBytes) smsc = ea_sms_build_smsc (number);

  FUZZ_CLAIM (smsc == NULL || g_bytes_get_size (smsc) <= EA_SMS_SMSC_MAX);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  EaSpan input = ea_span_init (data, size);
  EaSmsUserData header;

  check_tpdu (input);
  check_stored (input);
  fuzz_poison (&header, sizeof header);
  if (!ea_sms_parse_user_data_header (input, &header, NULL))
    FUZZ_CLAIM (fuzz_is_poisoned (&header, sizeof header));
  if (size > 0)
    check_number (input);
  return 0;
}
