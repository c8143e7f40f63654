/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Short message TPDUs (agent/core/sms.h) of other implementations: what is read from them is compared
 * with what their authors and an independent decoder read. Text is not decoded by the agent: it is
 * compared only where it is UCS-2, whose octets it is.
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

#define TON_INTERNATIONAL 1
#define TON_ALPHANUMERIC 5

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
  GString *digits = g_string_new (NULL);
  EaReader reader;

  ea_reader_init (&reader, smsc);
  if ((ea_reader_u8 (&reader) >> 4 & 7) == TON_INTERNATIONAL)
    g_string_append_c (digits, '+');
  while (ea_reader_remaining (&reader) > 0)
    {
      guint8 octet = ea_reader_u8 (&reader);

      g_string_append_printf (digits, "%X", octet & 0x0F);
      if (octet >> 4 != 0x0F)
        g_string_append_printf (digits, "%X", octet >> 4);
    }
  return g_string_free (digits, FALSE);
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
  if (number == NULL || address->ton == TON_ALPHANUMERIC)
    return;
  if (*number == '+')
    vector_assert_number (vector, "type of number", address->ton, TON_INTERNATIONAL);
  vector_assert_string (vector, "number", address->digits, *number == '+' ? number + 1 : number);
}

static void
check_address (const Vector *vector, const EaSmsAddress *address, const char *member)
{
  JsonObject *tshark = vector_get_object (vector, "tshark_sms");
  const char *kind = vector_get_string (vector, member);

  check_number (vector, address, vector_get_string (vector, "number"));
  check_number (vector, address, vector_get_string (vector, "tp_oa"));
  check_number (vector, address, kind);
  if (tshark != NULL && json_object_has_member (tshark, member))
    check_number (vector, address, json_object_get_string_member (tshark, member));
  if (g_strcmp0 (kind, "alphanumeric") == 0 || vector_get_string (vector, "oa_ton") != NULL)
    vector_assert_number (vector, "type of number", address->ton, TON_ALPHANUMERIC);
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
check_bit (const Vector *vector, const char *member, gboolean actual)
{
  gint64 expected;

  if (json_get_integer (vector->expected, member, &expected))
    vector_assert_number (vector, member, actual ? 1 : 0, (guint64) expected);
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
  check_octet (vector, vector->expected, "tp_pid", 16, pid);
  check_octet (vector, vector->expected, "tp_dcs", 16, dcs);
  check_bit (vector, "udhi", has_header);
  check_bit (vector, "tp_udhi", has_header);
  if (json_get_integer (vector->expected, "udl", &expected))
    vector_assert_number (vector, "TP-UDL", length, (guint64) expected);
}

static void
check_ucs2_text (const Vector *vector, guint8 dcs, EaSpan payload)
{
  const char *text = vector_get_string (vector, "text");
  g_autofree char *octets = NULL;
  gsize size;

  if (text == NULL || ea_sms_get_alphabet (dcs) != EA_SMS_ALPHABET_UCS2)
    return;
  octets = g_convert (text, -1, "UTF-16BE", "UTF-8", NULL, &size, NULL);
  vector_assert (vector, ea_span_equal (payload, ea_span_init (octets, size)), "text");
}

static void
check_user_data (const Vector *vector, const EaSmsUserData *data, guint8 dcs, EaSpan tpdu)
{
  JsonObject *concatenation = vector_get_object (vector, "concat");
  const char *header = vector_get_string (vector, "udh");
  const char *packet = vector_get_string (vector, "packet");

  assert_span_inside (data->header, tpdu);
  assert_span_inside (data->payload, tpdu);
  check_ucs2_text (vector, dcs, data->payload);
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
}

/* Two swapped decimal digits. */
static guint
get_decimal (EaReader *reader)
{
  guint8 octet = ea_reader_u8 (reader);

  return (octet & 0x0Fu) * 10 + (octet >> 4);
}

/* TP-SCTS as "20YY-MM-DDThh:mm:ss" and the zone in quarters of an hour, §9.2.3.11. */
static char *
format_timestamp (EaSpan timestamp, int *quarters)
{
  guint fields[6];
  EaReader reader;
  guint8 zone;

  ea_reader_init (&reader, timestamp);
  for (gsize i = 0; i < G_N_ELEMENTS (fields); i++)
    fields[i] = get_decimal (&reader);
  zone = ea_reader_u8 (&reader);
  *quarters = (zone & 0x07) * 10 + (zone >> 4);
  if ((zone & 0x08) != 0)
    *quarters = -*quarters;
  return g_strdup_printf ("20%02u-%02u-%02uT%02u:%02u:%02u", fields[0], fields[1], fields[2],
                          fields[3], fields[4], fields[5]);
}

static void
check_timestamp (const Vector *vector, EaSpan timestamp)
{
  const char *expected = vector_get_string (vector, "timestamp");
  const char *bytes = vector_get_string (vector, "tp_scts");
  g_autofree char *text = NULL;
  g_autofree char *whole = NULL;
  int quarters;

  vector_assert_number (vector, "time stamp", timestamp.size, EA_SMS_TIMESTAMP_SIZE);
  if (bytes != NULL)
    assert_span_is (timestamp, bytes);
  if (expected == NULL)
    return;

  text = format_timestamp (timestamp, &quarters);
  whole = quarters == 0 ? g_strconcat (text, "Z", NULL)
                        : g_strdup_printf ("%s%+03d", text, quarters / 4);
  vector_assert_string (vector, "time stamp", whole, expected);
}

static void
check_deliver_row (const Vector *vector)
{
  EaSpan tpdu = get_tpdu (vector);
  g_autoptr (GError) error = NULL;
  EaSmsDeliver deliver;

  vector_assert_number (vector, "TP-MTI", ea_sms_get_type (tpdu), EA_SMS_TYPE_DELIVER);
  if (!ea_sms_parse_deliver (&deliver, tpdu, &error))
    fail_msg ("%s: %s", vector->id, error->message);

  check_address (vector, &deliver.originator, "oa");
  check_scheme (vector, deliver.pid, deliver.dcs, deliver.has_header, deliver.user_data.length);
  check_bit (vector, "mms", !deliver.has_more_messages);
  check_bit (vector, "rp", deliver.has_reply_path);
  check_bit (vector, "sri", deliver.wants_status_report);
  check_octet (vector, vector->expected, "ton_npi", 16,
               0x80u | (guint) deliver.originator.ton << 4 | deliver.originator.npi);
  check_timestamp (vector, deliver.timestamp);
  check_user_data (vector, &deliver.user_data, deliver.dcs, tpdu);
}

static void
check_submit_row (const Vector *vector)
{
  EaSpan tpdu = get_tpdu (vector);
  const char *validity = vector_get_string (vector, "vp");
  g_autoptr (GError) error = NULL;
  EaSmsSubmit submit;
  EaReader reader;
  gint64 value;

  vector_assert_number (vector, "TP-MTI", ea_sms_get_type (tpdu), EA_SMS_TYPE_SUBMIT);
  if (!ea_sms_parse_submit (&submit, tpdu, &error))
    fail_msg ("%s: %s", vector->id, error->message);

  check_address (vector, &submit.destination, "da");
  check_scheme (vector, submit.pid, submit.dcs, submit.has_header, submit.user_data.length);
  check_bit (vector, "rd", submit.rejects_duplicates);
  check_bit (vector, "rp", submit.has_reply_path);
  check_bit (vector, "srr", submit.wants_status_report);
  if (json_get_integer (vector->expected, "mr", &value))
    vector_assert_number (vector, "TP-MR", submit.reference, (guint64) value);
  if (g_strcmp0 (vector_get_string (vector, "vpf"), "relative") == 0)
    vector_assert_number (vector, "size of TP-VP", submit.validity.size, 1);
  if (validity != NULL)
    assert_span_is (submit.validity, validity);
  ea_reader_init (&reader, submit.validity);
  if (json_get_integer (vector->expected, "validity_min", &value)) /* §9.2.3.12.1: 5 min steps */
    vector_assert_number (vector, "TP-VP", (ea_reader_u8 (&reader) + 1u) * 5, (guint64) value);
  check_user_data (vector, &submit.user_data, submit.dcs, tpdu);
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
  guint n_alphanumeric = 0;

  for (guint i = 0; i < vectors->len; i++)
    {
      const Vector *vector = vectors->pdata[i];
      EaSmsDeliver deliver;

      if (must_fail (vector))
        {
          check_bad_row (vector);
          continue;
        }
      check_deliver_row (vector);
      assert_true (ea_sms_parse_deliver (&deliver, get_tpdu (vector), NULL));
      n_alphanumeric += deliver.originator.ton == TON_ALPHANUMERIC ? 1 : 0;
    }

  vectors_report ("sms-deliver.tsv", vectors->len, vectors->len, "");
  print_message ("sms-deliver.tsv: the text of %u alphanumeric originators is not compared\n",
                 n_alphanumeric);
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

  if (ea_sms_get_alphabet (dcs) == EA_SMS_ALPHABET_7BIT)
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
          = count_needed (tpdu, &deliver.user_data, deliver.dcs, deliver.has_header);
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
      truncation.n_needed = count_needed (tpdu, &submit.user_data, submit.dcs, submit.has_header);
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
