/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Short message TPDUs (agent/core/sms.h) of other implementations: what is read from them is compared
 * with what their authors and an independent decoder read, member by member, and is built again.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/sms.h"
#include "helpers.h"
#include "vectors.h"

/* All that a row may expect; what is not in here would be compared with nothing. */
static const char *const members[] = { "concat",     "da",
                                       "dcs",        "expect",
                                       "lp",         "mms",
                                       "mr",         "mti",
                                       "multipart",  "note",
                                       "number",     "oa",
                                       "oa_ton",     "packet",
                                       "pid",        "rd",
                                       "rp",         "scts",
                                       "smsc",       "smsc_included",
                                       "sri",        "srr",
                                       "test",       "text",
                                       "timestamp",  "ton_npi",
                                       "tp_dcs",     "tp_oa",
                                       "tp_pid",     "tp_scts",
                                       "tp_udhi",    "tpdu_len",
                                       "tshark_sms", "tshark_sms_malformed",
                                       "udh",        "udhi",
                                       "udl",        "validity_min",
                                       "vp",         "vpf",
                                       NULL };
static const char *const tshark_members[]
    = { "da", "dcs", "mti", "oa", "pid", "udhi", "udl", NULL };

static void
check_members (const Vector *vector)
{
  JsonObject *tshark = vector_get_object (vector, "tshark_sms");
  g_autoptr (GList) names = json_object_get_members (vector->expected);
  g_autoptr (GList) tshark_names = tshark != NULL ? json_object_get_members (tshark) : NULL;

  for (const GList *name = names; name != NULL; name = name->next)
    vector_assert (vector, g_strv_contains (members, name->data), name->data);
  for (const GList *name = tshark_names; name != NULL; name = name->next)
    vector_assert (vector, g_strv_contains (tshark_members, name->data), name->data);
}

static gboolean
has_smsc (const Vector *vector)
{
  const char *note = vector_get_string (vector, "note");
  gint64 value;

  return (note != NULL && strstr (note, "SMSC") != NULL)
         || json_get_integer (vector->expected, "smsc_included", &value)
         || g_str_has_prefix (vector->id, "ofono-");
}

static gboolean
must_fail (const Vector *vector)
{
  return vector_get_string (vector, "expect") != NULL;
}

static char *
format_smsc (EaSpan smsc)
{
  EaSmsAddress address;

  assert_true (ea_sms_parse_smsc (&address, smsc, NULL));
  return g_strconcat (address.ton == EA_SMS_TON_INTERNATIONAL ? "+" : "", address.digits, NULL);
}

/* The TPDU of @vector, and its service centre checked on the way. */
static EaSpan
get_tpdu (const Vector *vector)
{
  EaSpan tpdu = ea_span_from_bytes (vector->bytes);
  const char *number = vector_get_string (vector, "smsc");
  g_autoptr (GBytes) built = NULL;
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  EaSpan smsc = EA_SPAN_EMPTY;
  gint64 size;

  if (has_smsc (vector))
    vector_assert (vector, ea_sms_split_smsc (tpdu, &smsc, &tpdu, &error), "the SMSC is split off");
  if (json_get_integer (vector->expected, "tpdu_len", &size))
    vector_assert_number (vector, "TPDU size", tpdu.size, (guint64) size);
  if (json_object_has_member (vector->expected, "smsc") && number == NULL)
    vector_assert_number (vector, "SMSC size", smsc.size, 0);
  if (number == NULL)
    return tpdu;

  text = format_smsc (smsc);
  vector_assert_string (vector, "SMSC", *number == '+' || *text != '+' ? text : text + 1, number);
  built = ea_sms_build_smsc (text);
  vector_assert (vector, ea_span_equal (ea_span_from_bytes (built), smsc),
                 "the SMSC is built alike");
  return tpdu;
}

/* A number that another implementation reads; "+" in front means that it is international. */
static void
check_number (const Vector *vector, const EaSmsAddress *address, const char *number)
{
  if (number == NULL)
    return;
  if (*number == '+')
    vector_assert_number (vector, "type of number", address->ton, EA_SMS_TON_INTERNATIONAL);
  vector_assert_string (vector, "number", address->digits, *number == '+' ? number + 1 : number);
}

static void
check_address (const Vector *vector, const EaSmsAddress *address, const char *member)
{
  JsonObject *tshark = vector_get_object (vector, "tshark_sms");
  const char *kind = vector_get_string (vector, member);
  gboolean is_alphanumeric = g_strcmp0 (kind, "alphanumeric") == 0;

  check_number (vector, address, vector_get_string (vector, "number"));
  check_number (vector, address, vector_get_string (vector, "tp_oa"));
  check_number (vector, address, is_alphanumeric ? NULL : kind);
  if (tshark != NULL && json_object_has_member (tshark, member))
    check_number (vector, address, json_object_get_string_member (tshark, member));
  if (is_alphanumeric || vector_get_string (vector, "oa_ton") != NULL)
    vector_assert_number (vector, "type of number", address->ton, EA_SMS_TON_ALPHANUMERIC);
}

/* A number that @object may have as text to @base. */
static void
check_octet (const Vector *vector, JsonObject *object, const char *member, guint base,
             guint64 actual)
{
  guint64 expected;

  if (json_get_number_string (object, member, base, &expected))
    vector_assert_number (vector, member, actual, expected);
}

static void
check_bit (const Vector *vector, const char *member, guint actual)
{
  gint64 expected;

  if (json_get_integer (vector->expected, member, &expected))
    vector_assert_number (vector, member, actual, (guint64) expected);
}

/* oFono's unicode_deliver has 8 beside octet 19 (hexadecimal), which tshark reads as it is: that is the
 * number of UCS-2 without a class. What both say alike is compared: the alphabet. */
static void
check_scheme_number (const Vector *vector, guint8 dcs)
{
  gint64 expected;

  if (!json_get_integer (vector->expected, "dcs", &expected))
    return;
  vector_assert_number (vector, "alphabet", ea_text_get_alphabet (dcs),
                        ea_text_get_alphabet ((guint8) expected));
  if (strcmp (vector->id, "ofono-sms-unicode_deliver") != 0)
    vector_assert_number (vector, "TP-DCS", dcs, (guint64) expected);
}

static void
check_scheme (const Vector *vector, guint8 pid, guint8 dcs, gboolean has_header, guint8 length)
{
  JsonObject *tshark = vector_get_object (vector, "tshark_sms");
  gint64 expected;

  check_octet (vector, tshark, "pid", 10, pid);
  check_octet (vector, tshark, "dcs", 10, dcs);
  check_octet (vector, tshark, "udhi", 10, has_header);
  check_octet (vector, tshark, "udl", 10, length);
  check_octet (vector, vector->expected, "pid", 16, pid);
  check_octet (vector, vector->expected, "dcs", 16, dcs);
  check_scheme_number (vector, dcs);
  check_bit (vector, "pid", pid);
  check_octet (vector, vector->expected, "tp_pid", 16, pid);
  check_octet (vector, vector->expected, "tp_dcs", 16, dcs);
  check_bit (vector, "udhi", has_header);
  check_bit (vector, "tp_udhi", has_header);
  if (json_get_integer (vector->expected, "udl", &expected))
    vector_assert_number (vector, "TP-UDL", length, (guint64) expected);
}

static void
check_text (const Vector *vector, const EaSmsUserData *data, guint8 pid, guint8 dcs)
{
  const char *expected = vector_get_string (vector, "text");
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;

  if (expected == NULL)
    return;
  vector_assert (vector, ea_sms_has_text (data, pid, dcs), "it has text");
  text = ea_sms_decode_text (data, dcs, &error);
  vector_assert_string (vector, "text", text, expected);
}

static void
check_user_data (const Vector *vector, const EaSmsUserData *data, guint8 pid, guint8 dcs,
                 EaSpan tpdu)
{
  JsonObject *concatenation = vector_get_object (vector, "concat");
  const char *header = vector_get_string (vector, "udh");
  const char *packet = vector_get_string (vector, "packet");

  assert_span_inside (data->header, tpdu);
  assert_span_inside (data->payload, tpdu);
  check_text (vector, data, pid, dcs);
  if (header != NULL)
    assert_span_is (data->header, header + 2); /* without TP-UDHL */
  if (packet != NULL)
    {
      assert_span_is (data->payload, packet);
      vector_assert_number (vector, "security header", data->secured, EA_SMS_SECURED_COMMAND);
    }
  if (concatenation != NULL)
    {
      vector_assert_number (vector, "reference", data->concatenation.reference,
                            (guint64) json_object_get_int_member (concatenation, "ref"));
      vector_assert_number (vector, "total", data->concatenation.total,
                            (guint64) json_object_get_int_member (concatenation, "total"));
      vector_assert_number (vector, "index", data->concatenation.index,
                            (guint64) json_object_get_int_member (concatenation, "seq"));
    }
  if (g_strcmp0 (vector_get_string (vector, "multipart"), "TRUE") == 0)
    vector_assert (vector, data->concatenation.total > 1, "message has several segments");
  if (g_strcmp0 (vector_get_string (vector, "multipart"), "FALSE") == 0)
    vector_assert_number (vector, "segments", data->concatenation.total, 0);
}

/* Others leave the minutes of the zone away, or write Z for UTC. */
static char *
expand_zone (const char *timestamp)
{
  gsize length = strlen (timestamp);

  if (g_str_has_suffix (timestamp, "Z"))
    return g_strdup_printf ("%.*s+00:00", (int) length - 1, timestamp);
  return g_strconcat (timestamp, ":00", NULL);
}

static void
check_timestamp (const Vector *vector, EaSpan timestamp)
{
  const char *expected = vector_get_string (vector, "timestamp");
  const char *bytes = vector_get_string (vector, "tp_scts");
  const char *fields = vector_get_string (vector, "scts");
  g_autofree char *whole = expected != NULL ? expand_zone (expected) : NULL;
  g_autofree char *text = NULL;
  g_autofree char *actual_fields = NULL;
  g_auto (EaWriter) written = { 0 };
  EaSmsTime time;

  vector_assert_number (vector, "time stamp", timestamp.size, EA_SMS_TIMESTAMP_SIZE);
  if (bytes != NULL)
    assert_span_is (timestamp, bytes);
  vector_assert (vector, ea_sms_parse_time (&time, timestamp, NULL), "the time stamp is a time");
  text = ea_sms_format_time (&time);
  if (whole != NULL)
    vector_assert_string (vector, "time stamp", text, whole);
  actual_fields
      = g_strdup_printf ("%02u-%02u-%02u %02u:%02u:%02u tz%+dq", time.year % 100u, time.month,
                         time.day, time.hour, time.minute, time.second, time.quarters);
  if (fields != NULL)
    vector_assert_string (vector, "time stamp", actual_fields, fields);
  ea_writer_init (&written);
  assert_true (ea_sms_write_time (&written, &time, NULL));
  vector_assert (vector, ea_span_equal (ea_writer_span (&written), timestamp), "it is built alike");
}

static void
check_type (const Vector *vector, EaSpan tpdu, EaSmsType type)
{
  JsonObject *tshark = vector_get_object (vector, "tshark_sms");

  vector_assert_number (vector, "TP-MTI", ea_sms_get_type (tpdu), type);
  check_octet (vector, tshark, "mti", 10, type);
  check_bit (vector, "mti", type);
}

/* One row has a TP-UDL of 3 on purpose, which says so in its note: a builder counts. */
static void
check_built (const Vector *vector, GBytes *built, EaSpan tpdu)
{
  vector_assert (vector, built != NULL, "it can be built");
  if (strcmp (vector->id, "pysim-3des-sja5-ciphered-cc-tpdu") != 0)
    vector_assert (vector, ea_span_equal (ea_span_from_bytes (built), tpdu), "it is built alike");
  else
    assert_bytes_are (built,
                      "400881214365877FF62270520000000025027000"
                      "00201506193535B00011AE733256918D050B87C94FBFE12E4DC402F262C41CF67F2F");
}

static void
check_deliver_row (const Vector *vector)
{
  EaSpan tpdu = get_tpdu (vector);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) built = NULL;
  EaSmsDeliver deliver;

  check_members (vector);
  check_type (vector, tpdu, EA_SMS_TYPE_DELIVER);
  if (!ea_sms_parse_deliver (&deliver, tpdu, &error))
    fail_msg ("%s: %s", vector->id, error->message);

  check_address (vector, &deliver.originator, "oa");
  check_scheme (vector, deliver.pid, deliver.dcs, deliver.user_data.has_header,
                deliver.user_data.length);
  check_bit (vector, "mms", !deliver.has_more_messages);
  check_bit (vector, "rp", deliver.has_reply_path);
  check_bit (vector, "lp", deliver.is_loop_prevented);
  check_bit (vector, "sri", deliver.wants_status_report);
  check_octet (vector, vector->expected, "ton_npi", 16,
               0x80u | (guint) deliver.originator.ton << 4 | deliver.originator.npi);
  check_timestamp (vector, deliver.timestamp);
  check_user_data (vector, &deliver.user_data, deliver.pid, deliver.dcs, tpdu);
  built = ea_sms_build_deliver (&deliver, NULL);
  check_built (vector, built, tpdu);
}

static void
check_validity (const Vector *vector, const EaSmsSubmit *submit)
{
  const char *octets = vector_get_string (vector, "vp");
  g_auto (EaWriter) written = { 0 };
  EaSmsValidity validity;
  gint64 minutes;

  if (g_strcmp0 (vector_get_string (vector, "vpf"), "relative") == 0)
    vector_assert_number (vector, "TP-VPF", submit->validity_format, EA_SMS_VALIDITY_RELATIVE);
  if (octets != NULL)
    assert_span_is (submit->validity, octets);
  assert_true (ea_sms_parse_validity (&validity, submit->validity, submit->validity_format, NULL));
  if (json_get_integer (vector->expected, "validity_min", &minutes))
    vector_assert_number (vector, "TP-VP", validity.seconds, (guint64) minutes * 60);
  ea_writer_init (&written);
  assert_true (ea_sms_write_validity (&written, &validity, NULL));
  vector_assert (vector, ea_span_equal (ea_writer_span (&written), submit->validity),
                 "the validity period is built alike");
}

static void
check_submit_row (const Vector *vector)
{
  EaSpan tpdu = get_tpdu (vector);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) built = NULL;
  EaSmsSubmit submit;
  gint64 value;

  check_members (vector);
  check_type (vector, tpdu, EA_SMS_TYPE_SUBMIT);
  if (!ea_sms_parse_submit (&submit, tpdu, &error))
    fail_msg ("%s: %s", vector->id, error->message);

  check_address (vector, &submit.destination, "da");
  check_scheme (vector, submit.pid, submit.dcs, submit.user_data.has_header,
                submit.user_data.length);
  check_bit (vector, "rd", submit.rejects_duplicates);
  check_bit (vector, "rp", submit.has_reply_path);
  check_bit (vector, "srr", submit.wants_status_report);
  if (json_get_integer (vector->expected, "mr", &value))
    vector_assert_number (vector, "TP-MR", submit.reference, (guint64) value);
  check_validity (vector, &submit);
  check_user_data (vector, &submit.user_data, submit.pid, submit.dcs, tpdu);
  built = ea_sms_build_submit (&submit, NULL);
  check_built (vector, built, tpdu);
}

/* A row that no parser may accept says nothing of an SMSC: it must fail with and without one. */
static void
check_bad_row (const Vector *vector)
{
  EaSpan tpdu = ea_span_from_bytes (vector->bytes);
  g_autoptr (GError) error = NULL;
  EaSmsDeliver deliver;
  EaSpan smsc;

  vector_assert (vector, !ea_sms_parse_deliver (&deliver, tpdu, &error), "it is refused");
  vector_assert (vector,
                 !ea_sms_split_smsc (tpdu, &smsc, &tpdu, NULL)
                     || !ea_sms_parse_deliver (&deliver, tpdu, NULL),
                 "it is refused after its SMSC");
}

static void
test_delivers_of_other_implementations_are_read_as_they_read_them (void **state)
{
  g_autoptr (GPtrArray) vectors = vectors_load ("sms-deliver.tsv");

  for (guint i = 0; i < vectors->len; i++)
    {
      const Vector *vector = vectors->pdata[i];

      if (must_fail (vector))
        check_bad_row (vector);
      else
        check_deliver_row (vector);
    }

  vectors_report ("sms-deliver.tsv", vectors->len, vectors->len, "");
}

static void
test_submits_of_other_implementations_are_read_as_they_read_them (void **state)
{
  g_autoptr (GPtrArray) vectors = vectors_load ("sms-submit.tsv");

  for (guint i = 0; i < vectors->len; i++)
    check_submit_row (vectors->pdata[i]);

  vectors_report ("sms-submit.tsv", vectors->len, vectors->len, "");
}

/* Parses one beginning of a message and says how many octets of user data it may lack. */
typedef struct
{
  const Vector *vector;
  gsize n_needed; /* octets up to the end of what TP-UDL counts */
} Truncation;

static void
parse_truncated_deliver (EaSpan span, gpointer user_data)
{
  const Truncation *truncation = user_data;
  g_autoptr (GError) error = NULL;
  EaSmsDeliver deliver;

  poison (&deliver, sizeof deliver);
  if (span.size >= truncation->n_needed)
    return;
  vector_assert (truncation->vector, !ea_sms_parse_deliver (&deliver, span, &error),
                 "a truncated message is refused");
  vector_assert (truncation->vector, is_poisoned (&deliver, sizeof deliver),
                 "the output is left alone");
}

static void
parse_truncated_submit (EaSpan span, gpointer user_data)
{
  const Truncation *truncation = user_data;
  g_autoptr (GError) error = NULL;
  EaSmsSubmit submit;

  poison (&submit, sizeof submit);
  if (span.size >= truncation->n_needed)
    return;
  vector_assert (truncation->vector, !ea_sms_parse_submit (&submit, span, &error),
                 "a truncated message is refused");
  vector_assert (truncation->vector, is_poisoned (&submit, sizeof submit),
                 "the output is left alone");
}

/* One vector counts its user data too short on purpose: beyond that count nothing is missing. */
static gsize
count_needed (EaSpan tpdu, const EaSmsUserData *data, guint8 dcs, gboolean has_header)
{
  gsize n_present = data->payload.size + data->header.size + (has_header ? 1 : 0);
  gsize n_counted = data->length;

  if (ea_text_get_alphabet (dcs) == EA_TEXT_ALPHABET_7BIT)
    n_counted = (n_counted * 7 + 7) / 8;
  return tpdu.size - n_present + n_counted;
}

static void
test_every_truncation_of_a_deliver_is_refused (void **state)
{
  g_autoptr (GPtrArray) vectors = vectors_load ("sms-deliver.tsv");

  for (guint i = 0; i < vectors->len; i++)
    {
      Truncation truncation = { .vector = vectors->pdata[i] };
      EaSmsDeliver deliver;
      EaSpan tpdu;

      if (must_fail (truncation.vector))
        continue;
      tpdu = get_tpdu (truncation.vector);
      assert_true (ea_sms_parse_deliver (&deliver, tpdu, NULL));
      truncation.n_needed
          = count_needed (tpdu, &deliver.user_data, deliver.dcs, deliver.user_data.has_header);
      parse_truncations (tpdu, parse_truncated_deliver, &truncation);
    }
}

static void
test_every_truncation_of_a_submit_is_refused (void **state)
{
  g_autoptr (GPtrArray) vectors = vectors_load ("sms-submit.tsv");

  for (guint i = 0; i < vectors->len; i++)
    {
      Truncation truncation = { .vector = vectors->pdata[i] };
      EaSpan tpdu = get_tpdu (truncation.vector);
      EaSmsSubmit submit;

      assert_true (ea_sms_parse_submit (&submit, tpdu, NULL));
      truncation.n_needed
          = count_needed (tpdu, &submit.user_data, submit.dcs, submit.user_data.has_header);
      parse_truncations (tpdu, parse_truncated_submit, &truncation);
    }
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_delivers_of_other_implementations_are_read_as_they_read_them),
    cmocka_unit_test (test_submits_of_other_implementations_are_read_as_they_read_them),
    cmocka_unit_test (test_every_truncation_of_a_deliver_is_refused),
    cmocka_unit_test (test_every_truncation_of_a_submit_is_refused),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
