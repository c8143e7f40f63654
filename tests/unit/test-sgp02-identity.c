/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Names of SGP.02 (agent/core/sgp02.h, sgp02-identity.h, sgp02-notification.h): AIDs, functions, PSK identity,
 * agent identifier, notification. The PSK identity is the published example of SGP.02 §2.4.4.1.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/sgp02-identity.h"
#include "core/sgp02-notification.h"
#include "core/sgp02.h"
#include "core/tlv.h"
#include "helpers.h"
#include "vectors.h"

#define EID "89001012012341234012345678901224"
#define ISD_R "A0000005591010FFFFFFFF8900000100"
#define ISD_P "A0000005591010FFFFFFFF8900001100"
#define PSK_IDENTITY "8001028110" EID "4F10000102030405060708090A0B0C0D0E0F820101830140"
#define NOTIFICATION "E1354C10" EID "4D01024E0200012F10" ISD_P "14081A32547698103254"
#define AGENT_ID "//se-id/eid/" EID ";//aa-id/aid/A000000559/1010FFFFFFFF8900000100"

static EaSpan
span_of_text (const char *text)
{
  return ea_span_init (text, strlen (text));
}

static void
test_aid_and_tar_are_told_from_each_other (void **state)
{
  static const struct
  {
    guint32 tar;
    const char *aid;
    const char *name;
  } applications[] = {
    { 0x000001, ISD_R, "ISD-R" },
    { 0x000002, "A0000005591010FFFFFFFF8900000200", "ECASD" },
    { 0x00000D, "A0000005591010FFFFFFFF8900000D00", "ISD-P executable load file" },
    { 0x00000E, "A0000005591010FFFFFFFF8900000E00", "ISD-P executable module" },
    { 0x00000F, "A0000005591010FFFFFFFF8900000F00", NULL },
    { 0x000010, "A0000005591010FFFFFFFF8900001000", "ISD-P" },
    { 0x000011, ISD_P, "ISD-P" },
    { 0x00FFFF, "A0000005591010FFFFFFFF8900FFFF00", "ISD-P" },
    { 0x010000, "A0000005591010FFFFFFFF8901000000", NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (applications); i++)
    {
      g_autoptr (GBytes) aid = ea_sgp02_build_aid (applications[i].tar);
      guint32 tar = 0;

      assert_bytes_are (aid, applications[i].aid);
      assert_true (ea_sgp02_find_tar (ea_span_from_bytes (aid), &tar));
      assert_int_equal (tar, applications[i].tar);
      if (applications[i].name == NULL)
        assert_null (ea_sgp02_get_aid_name (ea_span_from_bytes (aid)));
      else
        assert_string_equal (ea_sgp02_get_aid_name (ea_span_from_bytes (aid)),
                             applications[i].name);
    }
}

static void
test_other_aids_have_no_tar (void **state)
{
  static const char *const others[] = { "",
                                        "A000000559",
                                        "A0000005591010FFFFFFFF89000001",
                                        "A0000005591010FFFFFFFF890000010000",
                                        "A0000005591010FFFFFFFF8900000101",
                                        "A0000000871002FFFFFFFF8900000100" };

  for (gsize i = 0; i < G_N_ELEMENTS (others); i++)
    {
      g_autoptr (GBytes) aid = bytes_of (others[i]);
      guint32 tar = 42;

      assert_false (ea_sgp02_find_tar (ea_span_from_bytes (aid), &tar));
      assert_int_equal (tar, 42);
      assert_null (ea_sgp02_get_aid_name (ea_span_from_bytes (aid)));
    }
}

static void
test_last_two_digits_of_an_eid_check_the_others (void **state)
{
  assert_true (ea_sgp02_has_check_digits (EID));
  assert_false (ea_sgp02_has_check_digits ("89001012012341234012345678901225"));
  assert_false (ea_sgp02_has_check_digits ("89001012012341234012345678901234"));
  assert_false (ea_sgp02_has_check_digits ("8900101201234123401234567890122"));
  assert_false (ea_sgp02_has_check_digits ("8900101201234123401234567890122A"));
  assert_true (ea_sgp02_is_eid (EID));
  assert_false (ea_sgp02_is_eid (""));
}

static void
assert_function (const char *hex, const char *name)
{
  g_autoptr (GBytes) bytes = bytes_of (hex);
  g_autoptr (GError) error = NULL;
  EaApduCommand command;

  assert_true (ea_apdu_parse_command (&command, ea_span_from_bytes (bytes), &error));
  if (name == NULL)
    assert_null (ea_sgp02_get_function_name (&command));
  else
    assert_string_equal (ea_sgp02_get_function_name (&command), name);
}

static void
test_commands_belong_to_functions (void **state)
{
  assert_function ("80E28800153A03124F10" ISD_P, "EnableProfile");
  assert_function ("80E28800153A04124F10" ISD_P, "DisableProfile");
  assert_function ("80E28800153A05124F10" ISD_P, "SetFallBackAttribute");
  assert_function ("80E40040124F10" ISD_P "00", "DeleteISDP");
  assert_function ("80E40040164F10" ISD_P "B6024200"
                   "00",
                   "MasterDelete");
  assert_function ("80E4000005F203020304", "FinaliseISDRHandover");
  assert_function ("80F24002174F10" ISD_P "5C034F9F70", "GetStatus");
  assert_function ("80F24002024F0000", "GetStatus");
  assert_function ("80CABF30035C016600", "eUICCCapabilityAudit");
  assert_function ("80CAFF2100", "eUICCCapabilityAudit");
  assert_function ("80E2890007"
                   "3A08044E02000100",
                   "HandleNotificationConfirmation");
  assert_function ("80E2880007"
                   "3A0704A3028100",
                   "UpdateSMSRAddressingParameters");
  assert_function ("80E2880007"
                   "3A0704A0020600",
                   "UpdateConnectivityParameters");
  assert_function (
      "80E60C003F10A0000005591010FFFFFFFF8900000D0010A0000005591010FFFFFFFF8900000E0010"
      "A0000005591010FFFFFFFF89000012000380C00006C904810203700000",
      "CreateISDP");
}

static void
test_key_establishment_is_named_by_whose_keys_they_are (void **state)
{
  static const char either[] = "EstablishISDRKeySet or EstablishISDPKeySet";

  assert_function ("80E2090003"
                   "3A0100",
                   either);
  assert_function ("80E2090003"
                   "3A0200",
                   either);
  assert_function ("80E62000160000"
                   "10" ISD_R "000000",
                   "EstablishISDRKeySet");
  assert_function ("80E62000160000"
                   "10" ISD_P "000000",
                   "EstablishISDPKeySet");
  assert_function ("80E62000160000"
                   "10A0000005591010FFFFFFFF8900000200"
                   "000000",
                   either);
  assert_function ("80E62000160000"
                   "10A0000005591010FFFFFFFF8900000D00"
                   "000000",
                   NULL);
  assert_function ("80E620000B0000"
                   "05A000000559"
                   "000000",
                   NULL);
  assert_function ("80E62000", NULL);
}

/* The AID that @hex is about; NULL for none */
static void
assert_target (const char *hex, const char *expected)
{
  g_autoptr (GBytes) bytes = bytes_of (hex);
  EaApduCommand command;
  EaSpan aid;

  assert_true (ea_apdu_parse_command (&command, ea_span_from_bytes (bytes), NULL));
  poison (&aid, sizeof aid);
  if (expected != NULL)
    {
      assert_true (ea_sgp02_get_function_target (&command, &aid));
      assert_span_is (aid, expected);
      return;
    }
  assert_false (ea_sgp02_get_function_target (&command, &aid));
  assert_true (is_poisoned (&aid, sizeof aid));
}

static void
test_functions_on_a_profile_have_it_as_their_target (void **state)
{
  assert_target ("80E28800153A03124F10" ISD_P, ISD_P);
  assert_target ("80E28800153A04124F10" ISD_P, ISD_P);
  assert_target ("80E28800153A05124F10" ISD_P, ISD_P);
  assert_target ("80E40040124F10" ISD_P "00", ISD_P);
  assert_target ("80E28800153A06124F10" ISD_P, NULL);
  assert_target ("80E28800033A0300", NULL);
  assert_target ("80E40040074F05A000000559", NULL);
  assert_target ("80F24002124F10" ISD_P, NULL);
}

static void
test_other_commands_belong_to_no_function (void **state)
{
  assert_function ("00A40004023F00", NULL);
  assert_function ("00E28800153A03124F10" ISD_P, NULL);
  assert_function ("80E2880003"
                   "3A0900",
                   NULL);
  assert_function ("80E60C0005"
                   "10A0000005",
                   NULL);
  assert_function ("80E400000"
                   "14F",
                   NULL);
  assert_function ("80F28002024F0000", NULL);
  assert_function ("80E40040124F10" ISD_R "00", NULL);
  assert_function ("80E40040094F07A000000003000000", NULL);
  assert_function ("80E400400BB60242004F05A000000559", NULL);
  assert_function ("80CA005A00", NULL);
  assert_function ("80EC010100", NULL);
  assert_function ("80E28800", NULL);
}

static EaSgp02PskIdentity
parse_identity (GBytes *bytes)
{
  g_autoptr (GError) error = NULL;
  EaSgp02PskIdentity identity = { 0 };

  if (!ea_sgp02_parse_psk_identity (&identity, ea_span_from_bytes (bytes), &error))
    fail_msg ("%s", error->message);
  return identity;
}

static void
assert_example_identity (const EaSgp02PskIdentity *identity)
{
  assert_int_equal (identity->type, EA_SGP02_PSK_IDENTITY_QUALIFIED);
  assert_span_is (identity->eid, EID);
  assert_span_is (identity->aid, "000102030405060708090A0B0C0D0E0F");
  assert_int_equal (identity->key_identifier, 0x01);
  assert_int_equal (identity->key_version, 0x40);
}

static void
test_identity_of_the_standard_is_read_and_written (void **state)
{
  g_autoptr (GBytes) bytes = bytes_of (PSK_IDENTITY);
  EaSgp02PskIdentity identity = parse_identity (bytes);
  g_autoptr (GBytes) built = ea_sgp02_build_psk_identity (&identity);
  g_autofree char *text = ea_span_to_hex (ea_span_from_bytes (built));

  assert_int_equal (g_bytes_get_size (bytes), EA_SGP02_PSK_IDENTITY_SIZE_MAX);
  assert_example_identity (&identity);
  assert_string_equal (text, PSK_IDENTITY);
}

static void
test_identity_is_read_in_any_order (void **state)
{
  g_autoptr (GBytes) bytes
      = bytes_of ("8301408201014F10000102030405060708090A0B0C0D0E0F8110" EID "800102");
  EaSgp02PskIdentity identity = parse_identity (bytes);

  assert_example_identity (&identity);
}

static void
test_identity_is_read_from_text_of_either_case (void **state)
{
  g_autofree char *lower = g_ascii_strdown (PSK_IDENTITY, -1);
  const char *const texts[] = { PSK_IDENTITY, lower };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GBytes) bytes = ea_sgp02_decode_psk_identity (span_of_text (texts[i]), &error);
      EaSgp02PskIdentity identity;

      assert_non_null (bytes);
      identity = parse_identity (bytes);
      assert_example_identity (&identity);
    }
}

static void
assert_text_rejected (const char *text, EaCoreError code)
{
  g_autoptr (GError) error = NULL;

  assert_null (ea_sgp02_decode_psk_identity (span_of_text (text), &error));
  assert_core_error (&error, code);
}

static void
test_identity_text_has_nothing_but_digits (void **state)
{
  assert_text_rejected ("8", EA_CORE_ERROR_MALFORMED);
  assert_text_rejected ("80010", EA_CORE_ERROR_MALFORMED);
  assert_text_rejected ("80 102", EA_CORE_ERROR_MALFORMED);
  assert_text_rejected ("8G", EA_CORE_ERROR_MALFORMED);
  assert_text_rejected (PSK_IDENTITY "00", EA_CORE_ERROR_LIMIT);
}

static void
assert_identity_rejected (const char *hex, EaCoreError code)
{
  g_autoptr (GBytes) bytes = bytes_of (hex);
  g_autoptr (GError) error = NULL;
  EaSgp02PskIdentity identity;

  poison (&identity, sizeof identity);
  if (ea_sgp02_parse_psk_identity (&identity, ea_span_from_bytes (bytes), &error))
    fail_msg ("%s was read", hex);
  assert_core_error (&error, code);
  assert_true (is_poisoned (&identity, sizeof identity));
}

static void
test_identity_has_each_part_once_and_in_its_size (void **state)
{
  assert_identity_rejected ("8001028110" EID "4F05A000000559820101", EA_CORE_ERROR_MISSING);
  assert_identity_rejected ("", EA_CORE_ERROR_MISSING);
  assert_identity_rejected ("800102800102", EA_CORE_ERROR_MALFORMED);
  assert_identity_rejected ("80020102", EA_CORE_ERROR_MALFORMED);
  assert_identity_rejected ("8000", EA_CORE_ERROR_MALFORMED);
  assert_identity_rejected ("810F890010120123412340123456789012", EA_CORE_ERROR_MALFORMED);
  assert_identity_rejected ("8111" EID "00", EA_CORE_ERROR_MALFORMED);
  assert_identity_rejected ("4F04A0000005", EA_CORE_ERROR_MALFORMED);
  assert_identity_rejected ("4F11" ISD_R "00", EA_CORE_ERROR_MALFORMED);
  assert_identity_rejected ("840100", EA_CORE_ERROR_UNSUPPORTED);
  assert_identity_rejected ("8001", EA_CORE_ERROR_TRUNCATED);
}

static void
check_identity_row (const Vector *vector)
{
  EaSgp02PskIdentity identity = parse_identity (vector->bytes);
  guint64 number;

  assert_span_is (identity.eid, vector_get_string (vector, "81_eid"));
  assert_span_is (identity.aid, vector_get_string (vector, "4f_aid"));
  assert_true (json_get_number_string (vector->expected, "80", 16, &number));
  vector_assert_number (vector, "type", identity.type, number);
  assert_true (json_get_number_string (vector->expected, "82_kid", 16, &number));
  vector_assert_number (vector, "key identifier", identity.key_identifier, number);
  assert_true (json_get_number_string (vector->expected, "83_kvn", 16, &number));
  vector_assert_number (vector, "key version", identity.key_version, number);
}

static void
test_identity_of_another_implementation_is_read_field_by_field (void **state)
{
  g_autoptr (GPtrArray) vectors = vectors_load ("comprehension-tlv.tsv");
  guint n_checked = 0;

  for (guint i = 0; i < vectors->len; i++)
    if (vector_get_string (vectors->pdata[i], "81_eid") != NULL)
      {
        check_identity_row (vectors->pdata[i]);
        n_checked++;
      }
  vectors_report ("comprehension-tlv.tsv", n_checked, vectors->len,
                  "no PSK identities; test-tlv checks them");
}

static void
test_agent_identifier_is_read_and_written (void **state)
{
  g_autoptr (GBytes) aid = bytes_of (ISD_R);
  g_auto (EaSgp02AgentId) id = { 0 };
  g_autoptr (GError) error = NULL;
  g_autofree char *text = ea_sgp02_build_agent_id (EID, ea_span_from_bytes (aid));

  assert_string_equal (text, AGENT_ID);
  assert_true (ea_sgp02_parse_agent_id (&id, span_of_text (AGENT_ID), &error));
  assert_string_equal (id.eid, EID);
  assert_bytes_are (id.aid, ISD_R);
}

static void
fail_agent_id (EaSpan span, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  EaSgp02AgentId id;

  poison (&id, sizeof id);
  assert_false (ea_sgp02_parse_agent_id (&id, span, &error));
  assert_core_error (&error, EA_CORE_ERROR_TRUNCATED);
  assert_true (is_poisoned (&id, sizeof id));
}

static void
test_every_truncation_of_an_agent_identifier_is_truncated (void **state)
{
  EaSpan rid_only = span_of_text ("//se-id/eid/" EID ";//aa-id/aid/A000000559/");
  g_auto (EaSgp02AgentId) id = { 0 };

  parse_truncations (rid_only, fail_agent_id, NULL);
  assert_true (ea_sgp02_parse_agent_id (&id, rid_only, NULL));
  assert_bytes_are (id.aid, "A000000559");
}

static void
test_agent_identifier_with_other_words_is_malformed (void **state)
{
  static const char *const bad[] = {
    "//se-id/cud/" EID ";//aa-id/aid/A000000559/",
    "//se-id/eid/8900101201234123401234567890122X;//aa-id/aid/A000000559/",
    "//se-id/eid/" EID ",//aa-id/aid/A000000559/",
    "//se-id/eid/" EID ";//aa-id/aid/A00000055X/",
    "//se-id/eid/" EID ";//aa-id/aid/A000000559-",
    "//se-id/eid/" EID ";//aa-id/aid/A000000559/1",
    "//se-id/eid/" EID ";//aa-id/aid/A000000559/1010FFFFFFFF890000010000",
    "//se-id/eid/" EID ";//aa-id/aid/A000000559/10 0",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_auto (EaSgp02AgentId) id = { 0 };
      g_autoptr (GError) error = NULL;

      assert_false (ea_sgp02_parse_agent_id (&id, span_of_text (bad[i]), &error));
      assert_core_error (&error, EA_CORE_ERROR_MALFORMED);
      assert_null (id.eid);
    }
}

static void
test_targeted_application_is_read_and_written (void **state)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) aid = ea_sgp02_parse_targeted_application (
      span_of_text ("//aid/A000000559/1010FFFFFFFF8900001100"), &error);
  g_autofree char *text = NULL;

  assert_bytes_are (aid, ISD_P);
  text = ea_sgp02_build_targeted_application (ea_span_from_bytes (aid));
  assert_string_equal (text, "//aid/A000000559/1010FFFFFFFF8900001100");
  assert_null (ea_sgp02_parse_targeted_application (span_of_text ("//sid/A000000559/"), &error));
  assert_core_error (&error, EA_CORE_ERROR_MALFORMED);
}

static EaSgp02Notification
parse_notification (GBytes *bytes)
{
  g_autoptr (GError) error = NULL;
  EaSgp02Notification notification = { 0 };

  if (!ea_sgp02_parse_notification (&notification, ea_span_from_bytes (bytes), &error))
    fail_msg ("%s", error->message);
  return notification;
}

static void
test_notification_is_read_and_written (void **state)
{
  g_autoptr (GBytes) bytes = bytes_of (NOTIFICATION);
  EaSgp02Notification notification = parse_notification (bytes);
  g_autofree char *imei = ea_sgp02_get_imei_digits (notification.imei);
  g_autoptr (GBytes) built = ea_sgp02_build_notification (&notification);

  assert_span_is (notification.eid, EID);
  assert_int_equal (notification.type, EA_SGP02_NOTIFICATION_CHANGE_SUCCEEDED);
  assert_int_equal (notification.sequence, 1);
  assert_span_is (notification.aid, ISD_P);
  assert_string_equal (imei, "123456789012345");
  assert_int_equal (notification.meid.size, 0);
  assert_bytes_are (built, NOTIFICATION);
}

static void
test_notification_has_the_tags_of_either_generation (void **state)
{
  static const char *const aid_tags[] = { "2F", "AF", "4F" };

  for (gsize i = 0; i < G_N_ELEMENTS (aid_tags); i++)
    {
      g_autofree char *hex = g_strconcat ("E1364C10" EID "4D01014E02FFFF", aid_tags[i],
                                          "10" ISD_P "ED09"
                                          "00112233445566"
                                          "7788",
                                          NULL);
      g_autofree char *good = g_strconcat ("E1344C10" EID "4D01014E02FFFF", aid_tags[i],
                                           "10" ISD_P "ED0700112233445566", NULL);
      g_autoptr (GBytes) bytes = bytes_of (good);
      g_autoptr (GBytes) long_meid = bytes_of (hex);
      EaSgp02Notification notification = parse_notification (bytes);

      assert_span_is (notification.aid, ISD_P);
      assert_span_is (notification.meid, "00112233445566");
      assert_int_equal (notification.sequence, 0xFFFF);
      assert_false (
          ea_sgp02_parse_notification (&notification, ea_span_from_bytes (long_meid), NULL));
    }
}

static void
test_notification_with_a_meid_is_written (void **state)
{
  g_autoptr (GBytes) bytes
      = bytes_of ("E1344C10" EID "4D01014E0200032F10" ISD_P "6D0700112233445566");
  EaSgp02Notification notification = parse_notification (bytes);
  g_autoptr (GBytes) built = ea_sgp02_build_notification (&notification);

  assert_true (g_bytes_equal (built, bytes));
}

static void
test_objects_unknown_in_a_notification_are_passed_over (void **state)
{
  g_autoptr (GBytes) bytes = bytes_of ("E12E4C10" EID "4D01014E0200032F10" ISD_P "500100");
  EaSgp02Notification notification = parse_notification (bytes);

  assert_int_equal (notification.sequence, 3);
  assert_span_is (notification.objects, "4C10" EID "4D01014E0200032F10" ISD_P "500100");
  assert_true (ea_sgp02_is_notification_tag (0xAF));
  assert_false (ea_sgp02_is_notification_tag (0x50));
}

static void
fail_truncated_notification (EaSpan span, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  EaSgp02Notification notification;

  poison (&notification, sizeof notification);
  assert_false (ea_sgp02_parse_notification (&notification, span, &error));
  assert_core_error (&error, EA_CORE_ERROR_TRUNCATED);
  assert_true (is_poisoned (&notification, sizeof notification));
}

static void
test_every_truncation_of_a_notification_is_truncated (void **state)
{
  g_autoptr (GBytes) bytes = bytes_of (NOTIFICATION);

  parse_truncations (ea_span_from_bytes (bytes), fail_truncated_notification, NULL);
}

static void
assert_notification_rejected (const char *hex, EaCoreError code)
{
  g_autoptr (GBytes) bytes = bytes_of (hex);
  g_autoptr (GError) error = NULL;
  EaSgp02Notification notification;

  if (ea_sgp02_parse_notification (&notification, ea_span_from_bytes (bytes), &error))
    fail_msg ("%s was read", hex);
  assert_core_error (&error, code);
}

static void
test_bad_notifications_are_refused (void **state)
{
  assert_notification_rejected ("E200", EA_CORE_ERROR_UNSUPPORTED);
  assert_notification_rejected ("E100", EA_CORE_ERROR_MISSING);
  assert_notification_rejected ("E10000", EA_CORE_ERROR_MALFORMED);
  assert_notification_rejected ("E1124C10" EID, EA_CORE_ERROR_MISSING);
  assert_notification_rejected ("E1034C0189", EA_CORE_ERROR_MALFORMED);
  assert_notification_rejected ("E1064D01024D0102", EA_CORE_ERROR_MALFORMED);
  assert_notification_rejected ("E1044D020102", EA_CORE_ERROR_MALFORMED);
  assert_notification_rejected ("E1034E0101", EA_CORE_ERROR_MALFORMED);
}

static void
test_notification_types_have_names (void **state)
{
  assert_string_equal (ea_sgp02_get_notification_name (0x03), "profile change failed, roll-back");
  for (guint8 type = 1; type <= EA_SGP02_NOTIFICATION_FALL_BACK; type++)
    assert_non_null (ea_sgp02_get_notification_name (type));
  assert_null (ea_sgp02_get_notification_name (0x00));
  assert_null (ea_sgp02_get_notification_name (0x06));
}

static void
test_imei_of_other_digits_or_sizes_or_type_is_none (void **state)
{
  static const char *const bad[] = { "",
                                     "1A325476981032",
                                     "1A3254769810325400",
                                     "1A325476981032F4",
                                     "FA32547698103254",
                                     "1122334455667788" };
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GBytes) imei = bytes_of (bad[i]);

      assert_null (ea_sgp02_get_imei_digits (ea_span_from_bytes (imei)));
    }
}

static void
test_confirmation_is_read_and_written (void **state)
{
  g_autoptr (GBytes) bytes = bytes_of ("80E28900073A08044E02000100");
  g_autoptr (GBytes) built = ea_sgp02_build_confirmation (1);
  g_autoptr (GError) error = NULL;
  guint16 sequence = 0;

  assert_bytes_are (built, "80E28900073A08044E02000100");
  assert_true (ea_sgp02_parse_confirmation (&sequence, ea_span_from_bytes (bytes), &error));
  assert_int_equal (sequence, 1);
}

static void
test_other_commands_confirm_nothing (void **state)
{
  static const struct
  {
    const char *hex;
    EaCoreError code;
  } commands[] = {
    { "80E28900", EA_CORE_ERROR_UNSUPPORTED },
    { "80E28900073A03044E02000100", EA_CORE_ERROR_UNSUPPORTED },
    { "80E48900073A08044E02000100", EA_CORE_ERROR_UNSUPPORTED },
    { "00E28900073A08044E02000100", EA_CORE_ERROR_UNSUPPORTED },
    { "80E28900073A08034E02000100", EA_CORE_ERROR_MALFORMED },
    { "80E28900083A08054E0300010100", EA_CORE_ERROR_MALFORMED },
    { "80E28900073A08044D02000100", EA_CORE_ERROR_MALFORMED },
    { "80E28900073A08044E01000100", EA_CORE_ERROR_MALFORMED },
    { "80E28900073A08044E03000100", EA_CORE_ERROR_TRUNCATED },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    {
      g_autoptr (GBytes) bytes = bytes_of (commands[i].hex);
      g_autoptr (GError) error = NULL;
      guint16 sequence = 42;

      assert_false (ea_sgp02_parse_confirmation (&sequence, ea_span_from_bytes (bytes), &error));
      assert_core_error (&error, commands[i].code);
      assert_int_equal (sequence, 42);
    }
}

static void
test_error_in_an_eid_is_at_its_character (void **state)
{
  static const char text[] = "//se-id/eid/8900101201234123401234567890122X;//aa-id/aid/A000000559/";
  g_auto (EaSgp02AgentId) id = { 0 };
  g_autoptr (GError) error = NULL;
  gsize offset = 0;

  assert_false (ea_sgp02_parse_agent_id (&id, span_of_text (text), &error));
  assert_true (ea_core_error_get_offset (error, text, strlen (text), &offset));
  assert_int_equal (offset, 43);
  assert_string_equal (error->message, "Character 32 of the EID is no digit");
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_aid_and_tar_are_told_from_each_other),
    cmocka_unit_test (test_other_aids_have_no_tar),
    cmocka_unit_test (test_last_two_digits_of_an_eid_check_the_others),
    cmocka_unit_test (test_commands_belong_to_functions),
    cmocka_unit_test (test_other_commands_belong_to_no_function),
    cmocka_unit_test (test_key_establishment_is_named_by_whose_keys_they_are),
    cmocka_unit_test (test_functions_on_a_profile_have_it_as_their_target),
    cmocka_unit_test (test_identity_of_the_standard_is_read_and_written),
    cmocka_unit_test (test_identity_is_read_in_any_order),
    cmocka_unit_test (test_identity_is_read_from_text_of_either_case),
    cmocka_unit_test (test_identity_text_has_nothing_but_digits),
    cmocka_unit_test (test_identity_has_each_part_once_and_in_its_size),
    cmocka_unit_test (test_identity_of_another_implementation_is_read_field_by_field),
    cmocka_unit_test (test_agent_identifier_is_read_and_written),
    cmocka_unit_test (test_every_truncation_of_an_agent_identifier_is_truncated),
    cmocka_unit_test (test_agent_identifier_with_other_words_is_malformed),
    cmocka_unit_test (test_targeted_application_is_read_and_written),
    cmocka_unit_test (test_notification_is_read_and_written),
    cmocka_unit_test (test_notification_has_the_tags_of_either_generation),
    cmocka_unit_test (test_notification_with_a_meid_is_written),
    cmocka_unit_test (test_objects_unknown_in_a_notification_are_passed_over),
    cmocka_unit_test (test_every_truncation_of_a_notification_is_truncated),
    cmocka_unit_test (test_bad_notifications_are_refused),
    cmocka_unit_test (test_notification_types_have_names),
    cmocka_unit_test (test_imei_of_other_digits_or_sizes_or_type_is_none),
    cmocka_unit_test (test_confirmation_is_read_and_written),
    cmocka_unit_test (test_other_commands_confirm_nothing),
    cmocka_unit_test (test_error_in_an_eid_is_at_its_character),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
