/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The simulator's secured packets against other implementations. A row of the vector files counts
 * as not applicable when its source could not be reproduced by anyone or leaves the algorithm
 * implicit.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>
#include <json-glib/json-glib.h>

#include "core/error.h"
#include "sim-crypto.h"
#include "sim-keys.h"
#include "sim-scp80.h"
#include "sim-sms.h"
#include "test-support.h"

#define COMMAND_ROWS 78
#define COMMAND_ROWS_CHECKED 74
#define RESPONSE_ROWS 8
#define RESPONSE_ROWS_CHECKED 6

typedef struct
{
  char *id;
  GBytes *bytes;
  JsonObject *expected;
} Row;

static void
row_free (gpointer data)
{
  Row *row = data;

  g_free (row->id);
  g_bytes_unref (row->bytes);
  json_object_unref (row->expected);
  g_free (row);
}

static GPtrArray *
load_rows (const char *name)
{
  g_autofree char *path = g_build_filename (g_getenv ("EA_VECTORS"), name, NULL);
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;
  GPtrArray *rows = g_ptr_array_new_with_free_func (row_free);

  assert_true (g_file_get_contents (path, &text, NULL, NULL));
  lines = g_strsplit (text, "\n", -1);
  for (char **line = lines + 1; *line != NULL && **line != '\0'; line++)
    {
      g_auto (GStrv) fields = g_strsplit (*line, "\t", -1);
      g_autoptr (JsonNode) node = json_from_string (fields[3], NULL);
      Row *row = g_new0 (Row, 1);

      assert_non_null (node);
      row->id = g_strdup (fields[0]);
      row->bytes = from_hex (fields[2]);
      row->expected = json_object_ref (json_node_get_object (node));
      g_ptr_array_add (rows, row);
    }
  return rows;
}

/* "" for what is not there or no text */
static const char *
get (const Row *row, const char *member)
{
  JsonNode *node = json_object_get_member (row->expected, member);

  if (node == NULL || json_node_get_value_type (node) != G_TYPE_STRING)
    return "";
  return json_node_get_string (node);
}

static guint64
get_number (const Row *row, const char *member)
{
  return g_ascii_strtoull (get (row, member), NULL, 16);
}

/* FALSE for the rows that are no packets but show a primitive alone */
static gboolean
is_packet (const Row *row)
{
  return json_object_has_member (row->expected, "plaintext_secured_data");
}

static void
check_primitive (const Row *row)
{
  gboolean is_cmac = json_object_has_member (row->expected, "mac8");
  g_autoptr (GBytes) key
      = from_hex (is_cmac ? get (row, "key") : "AABBCCDDEEFF11220000000000000000");
  g_autoptr (GBytes) message = is_cmac ? from_hex (get (row, "message")) : g_bytes_ref (row->bytes);
  g_autoptr (GBytes) mac
      = sim_crypto_mac (is_cmac ? SIM_ALGORITHM_AES : SIM_ALGORITHM_DES, ea_span_from_bytes (key),
                        ea_span_from_bytes (message), NULL);

  assert_bytes (mac, get (row, is_cmac ? "mac8" : "cc"));
}

/* One printed vector lacks the packet length. */
static GBytes *
get_packet (const Row *row)
{
  g_auto (EaWriter) writer = { 0 };
  EaSpan span = ea_span_from_bytes (row->bytes);

  ea_writer_init (&writer);
  if (g_str_equal (row->id, "pysim-cmd-none"))
    ea_writer_u16be (&writer, (guint16) span.size);
  ea_writer_bytes (&writer, span);
  return ea_writer_steal (&writer);
}

static SimScp80Form
get_form (const Row *row)
{
  return strstr (row->id, "-cpi01") != NULL ? SIM_SCP80_FORM_CAT_TP : SIM_SCP80_FORM_SMS;
}

static void
check_command (const Row *row)
{
  g_autoptr (GBytes) packet = get_packet (row);
  g_autoptr (GBytes) kic = from_hex (get (row, "kic_key"));
  g_autoptr (GBytes) kid = from_hex (get (row, "kid_key"));
  const SimScp80Keys keys = { ea_span_from_bytes (kic), ea_span_from_bytes (kid) };
  g_autofree char *expected = ea_span_to_hex (ea_span_from_bytes (packet));
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) data = NULL;
  g_autoptr (GBytes) sealed = NULL;
  SimScp80Command command = { 0 };

  data = sim_scp80_open_command (&command, get_form (row), ea_span_from_bytes (packet), &keys,
                                 &error);
  if (data == NULL)
    fail_msg ("%s: %s", row->id, error->message);
  assert_bytes (data, get (row, "plaintext_secured_data"));
  assert_int_equal (command.spi1 << 8 | command.spi2, get_number (row, "spi"));
  assert_int_equal (command.kic, get_number (row, "kic"));
  assert_int_equal (command.kid, get_number (row, "kid"));
  assert_int_equal (command.tar, get_number (row, "tar"));
  assert_int_equal (command.counter, get_number (row, "cntr"));

  /* One source pads what it does not cipher, which is allowed but nothing that we would do. */
  if ((command.spi1 & SIM_SCP80_SPI1_CIPHERED) == 0 && command.padding > 0)
    return;
  sealed
      = sim_scp80_seal_command (&command, get_form (row), ea_span_from_bytes (data), &keys, NULL);
  assert_bytes (sealed, expected);
}

static void
check_unreproduced_command (const Row *row)
{
  g_autoptr (GBytes) kic = from_hex (get (row, "kic_key"));
  g_autoptr (GBytes) kid = from_hex (get (row, "kid_key"));
  const SimScp80Keys keys = { ea_span_from_bytes (kic), ea_span_from_bytes (kid) };
  SimScp80Command command = { 0 };

  assert_null (sim_scp80_open_command (&command, SIM_SCP80_FORM_SMS,
                                       ea_span_from_bytes (row->bytes), &keys, NULL));
}

static void
test_every_command_packet_of_other_implementations_is_opened_and_made_again (void **state)
{
  g_autoptr (GPtrArray) rows = load_rows ("scp80-command.tsv");
  guint n_checked = 0;

  for (guint i = 0; i < rows->len; i++)
    {
      const Row *row = g_ptr_array_index (rows, i);

      if (g_str_equal (get (row, "recomputed"), "not reproduced"))
        {
          check_unreproduced_command (row);
          continue;
        }
      if (is_packet (row))
        check_command (row);
      else
        check_primitive (row);
      n_checked++;
    }

  print_message ("command packets: %u checked, %u not applicable\n", n_checked,
                 rows->len - n_checked);
  assert_int_equal (rows->len, COMMAND_ROWS);
  assert_int_equal (n_checked, COMMAND_ROWS_CHECKED);
}

/* The command that this is the answer to: only how it wants the answer secured matters. */
static SimScp80Command
get_question (const Row *row)
{
  gboolean is_ciphered = g_str_equal (get (row, "por_ciphered"), "true");
  gboolean has_checksum = g_ascii_strcasecmp (get (row, "por_cc"), "cc") == 0
                          || g_str_equal (get (row, "por_cert"), "CC");
  SimScp80Command command = { 0 };

  command.spi2 = (guint8) ((has_checksum ? 0x08 : 0) | (is_ciphered ? 0x10 : 0));
  command.kic = (guint8) get_number (row, "kic");
  command.kid = (guint8) get_number (row, "kid");
  if (g_str_equal (get (row, "kic_mode"), "TRIPLE_DES_CBC_2_KEYS"))
    command.kic = command.kid = 0x05;
  return command;
}

static GBytes *
get_response_packet (const Row *row)
{
  static const guint8 header[] = { 0x02, 0x71, 0x00 };
  gboolean has_header
      = ea_span_has_prefix (ea_span_from_bytes (row->bytes), EA_SPAN_OF_ARRAY (header));
  gsize skipped = has_header ? sizeof (header) : 0;

  return g_bytes_new_from_bytes (row->bytes, skipped, g_bytes_get_size (row->bytes) - skipped);
}

/* FALSE when the checksum is wrong */
static gboolean
check_response (const Row *row)
{
  SimScp80Command question = get_question (row);
  g_autoptr (GBytes) packet = get_response_packet (row);
  g_autoptr (GBytes) kic = from_hex (get (row, "kic_key"));
  g_autoptr (GBytes) kid = from_hex (get (row, "kid_key"));
  const SimScp80Keys keys = { ea_span_from_bytes (kic), ea_span_from_bytes (kid) };
  g_autofree char *expected = ea_span_to_hex (ea_span_from_bytes (packet));
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) data = NULL;
  g_autoptr (GBytes) sealed = NULL;
  SimScp80Response response = { 0 };

  data = sim_scp80_open_response (&response, &question, SIM_SCP80_FORM_SMS,
                                  ea_span_from_bytes (packet), &keys, &error);
  if (data == NULL)
    {
      assert_true (g_error_matches (error, EA_CORE_ERROR, EA_CORE_ERROR_SECURITY));
      return FALSE;
    }
  assert_bytes (data, get (row, "secured_data"));
  assert_int_equal (response.tar, get_number (row, "tar"));
  assert_int_equal (response.status, 0);
  sealed = sim_scp80_seal_response (&response, &question, SIM_SCP80_FORM_SMS,
                                    ea_span_from_bytes (data), &keys, NULL);
  assert_bytes (sealed, expected);
  return TRUE;
}

static void
test_every_response_packet_of_other_implementations_is_opened_and_made_again (void **state)
{
  g_autoptr (GPtrArray) rows = load_rows ("scp80-response.tsv");
  guint n_checked = 0;

  for (guint i = 0; i < rows->len; i++)
    {
      const Row *row = g_ptr_array_index (rows, i);
      const char *recomputed = get (row, "recomputed");
      gboolean is_good = !g_str_equal (recomputed, "CC not reproduced")
                         && !g_str_equal (recomputed, "match, CC input prefix=none");

      if (check_response (row) != is_good)
        fail_msg ("%s", row->id);
      n_checked += is_good ? 1 : 0;
    }

  print_message ("response packets: %u checked, %u with a checksum that must be refused\n",
                 n_checked, rows->len - n_checked);
  assert_int_equal (rows->len, RESPONSE_ROWS);
  assert_int_equal (n_checked, RESPONSE_ROWS_CHECKED);
}

static const SimScp80Command eid_command
    = { .spi1 = 0x16, .spi2 = 0x39, .kic = 0x12, .kid = 0x12, .tar = 0x000001, .counter = 1 };

#define EID_COMMAND_PACKET                                                                         \
  "00281516391212000001954eb8a317c64d5169e703f859a40693df4fce92b5a3a849c286d5b96f54940f"
#define EID_RESPONSE_PACKET                                                                        \
  "00341200000134dbd031a252426afc40a64ed871448198ee21dca8250be1c87caec9e56c131ff88c51cac504dd1b"   \
  "1240faf7d9957132"
#define EID_RESPONSE_SCRIPT "ab198001012314 5a1089001012012341234012345678901224 9000"

static void
test_the_command_that_asks_for_the_eid_has_the_known_bytes (void **state)
{
  g_autoptr (GBytes) script = from_hex ("aa07220580ca005a00");
  g_autoptr (GBytes) packet = sim_scp80_seal_command (&eid_command, SIM_SCP80_FORM_SMS,
                                                      ea_span_from_bytes (script), &sim_keys, NULL);

  assert_bytes (packet, EID_COMMAND_PACKET);
}

/* The known bytes before ciphering, but for one bit of the checksum */
static void
test_a_corrupt_command_differs_in_one_bit_of_the_checksum (void **state)
{
  SimScp80Command command = eid_command;
  g_autoptr (GBytes) script = from_hex ("aa07220580ca005a00");
  g_autoptr (GBytes) packet = NULL;
  g_autoptr (GBytes) plain = NULL;
  g_autoptr (GError) error = NULL;
  SimScp80Command opened = { 0 };

  command.is_corrupt = TRUE;
  packet = sim_scp80_seal_command (&command, SIM_SCP80_FORM_SMS, ea_span_from_bytes (script),
                                   &sim_keys, NULL);
  plain = sim_crypto_decrypt (SIM_ALGORITHM_AES, sim_keys.kic,
                              ea_span_tail (ea_span_from_bytes (packet), 10), NULL);

  assert_bytes (plain, "000000000109 42a51560a8909c7b aa07220580ca005a00 000000000000000000");
  assert_null (sim_scp80_open_command (&opened, SIM_SCP80_FORM_SMS, ea_span_from_bytes (packet),
                                       &sim_keys, &error));
  assert_true (g_error_matches (error, EA_CORE_ERROR, EA_CORE_ERROR_SECURITY));
}

static void
test_the_enable_command_has_the_known_bytes (void **state)
{
  SimScp80Command command = eid_command;
  g_autoptr (GBytes) script
      = from_hex ("aa1c221a80e28800153a03124f10a0000005591010ffffffff8900001100");
  g_autoptr (GBytes) packet = NULL;

  command.counter = 2;
  packet = sim_scp80_seal_command (&command, SIM_SCP80_FORM_SMS, ea_span_from_bytes (script),
                                   &sim_keys, NULL);

  assert_bytes (packet, "0038151639121200000186ae99fdde7b3fa7e66144278ca14d9be35b979e1ad6951174ef4"
                        "52307fca4e1661e81b819b4092292667c62e7f30352");
}

static void
test_the_response_with_the_eid_has_the_known_bytes (void **state)
{
  const SimScp80Response response = { .tar = 0x000001, .counter = 1 };
  g_autoptr (GBytes) script = from_hex (EID_RESPONSE_SCRIPT);
  g_autoptr (GBytes) packet = sim_scp80_seal_response (
      &response, &eid_command, SIM_SCP80_FORM_SMS, ea_span_from_bytes (script), &sim_keys, NULL);

  assert_bytes (packet, EID_RESPONSE_PACKET);
}

static void
test_the_notification_without_cipher_has_the_known_bytes (void **state)
{
  const SimScp80Command command
      = { .spi1 = 0x02, .kic = 0x12, .kid = 0x12, .tar = 0x000001, .counter = 0 };
  g_autoptr (GBytes) data
      = from_hex ("e1354c10890010120123412340123456789012244d01024e0200012f10a0000005591010ffffffff"
                  "890000110014081a32547698103254");
  g_autoptr (GBytes) packet = sim_scp80_seal_command (&command, SIM_SCP80_FORM_SMS,
                                                      ea_span_from_bytes (data), &sim_keys, NULL);

  assert_bytes (packet,
                "004d150200121200000100000000000036858a7dda359067e1354c108900101201234123401234567"
                "89012244d01024e0200012f10a0000005591010ffffffff890000110014081a32547698103254");
}

static void
test_redundancy_checks_have_the_values_of_iso_3309 (void **state)
{
  static const guint8 message[] = { 1, 2, 3, 4, 5 };

  assert_int_equal (sim_crypto_crc16 (EA_SPAN_OF_ARRAY (message)), 0x22EC);
  assert_int_equal (sim_crypto_crc32 (EA_SPAN_OF_ARRAY (message)), 0x470B99F4);
}

static void
test_a_packet_with_a_redundancy_check_is_refused_when_an_octet_changes (void **state)
{
  static const guint8 first[] = { 1, 2, 3, 4, 5 };
  static const guint8 second[] = { 1, 2, 3, 4, 6 };
  const SimScp80Command command = { .spi1 = 0x01, .kid = 0x05, .tar = 0xB00010 };
  g_autoptr (GBytes) packet = sim_scp80_seal_command (&command, SIM_SCP80_FORM_SMS,
                                                      EA_SPAN_OF_ARRAY (first), &sim_keys, NULL);
  g_autoptr (GBytes) other = sim_scp80_seal_command (&command, SIM_SCP80_FORM_SMS,
                                                     EA_SPAN_OF_ARRAY (second), &sim_keys, NULL);
  g_autoptr (GByteArray) mixed = g_byte_array_new ();
  g_autoptr (GError) error = NULL;
  SimScp80Command opened = { 0 };
  EaReader reader;
  EaSpan head;

  ea_reader_init (&reader, ea_span_from_bytes (packet));
  head = ea_reader_bytes (&reader, g_bytes_get_size (packet) - 1);
  g_byte_array_append (mixed, head.data, (guint) head.size);
  ea_reader_init (&reader, ea_span_from_bytes (other));
  (void) ea_reader_bytes (&reader, head.size);
  head = ea_reader_rest (&reader);
  g_byte_array_append (mixed, head.data, (guint) head.size);

  assert_null (sim_scp80_open_command (&opened, SIM_SCP80_FORM_SMS, ea_span_from_array (mixed),
                                       &sim_keys, &error));
  assert_true (g_error_matches (error, EA_CORE_ERROR, EA_CORE_ERROR_SECURITY));
}

static void
test_every_truncation_of_a_command_packet_is_an_error (void **state)
{
  g_autoptr (GBytes) packet = from_hex (EID_COMMAND_PACKET);

  for (gsize size = 0; size < g_bytes_get_size (packet); size++)
    {
      g_autoptr (GBytes) truncated = cut (packet, size);
      g_autoptr (GError) error = NULL;
      SimScp80Command command = { 0 };

      assert_null (sim_scp80_open_command (&command, SIM_SCP80_FORM_SMS,
                                           ea_span_from_bytes (truncated), &sim_keys, &error));
      assert_non_null (error);
      assert_int_equal (command.tar, 0);
    }
}

static void
test_every_truncation_of_a_response_packet_is_an_error (void **state)
{
  g_autoptr (GBytes) packet = from_hex (EID_RESPONSE_PACKET);

  for (gsize size = 0; size < g_bytes_get_size (packet); size++)
    {
      g_autoptr (GBytes) truncated = cut (packet, size);
      g_autoptr (GError) error = NULL;
      SimScp80Response response = { 0 };

      assert_null (sim_scp80_open_response (&response, &eid_command, SIM_SCP80_FORM_SMS,
                                            ea_span_from_bytes (truncated), &sim_keys, &error));
      assert_non_null (error);
    }
}

static void
assert_segments (gsize packet_size, guint n_segments)
{
  static const guint8 address[] = { 0x0C, 0x91, 0x94, 0x51, 0x21, 0x43, 0x65, 0x87 };
  g_autofree guint8 *zeros = g_malloc0 (packet_size);
  g_autoptr (GPtrArray) tpdus
      = sim_sms_build_deliver (EA_SPAN_OF_ARRAY (address), ea_span_init (zeros, packet_size), 0x42);

  assert_int_equal (tpdus->len, n_segments);
}

static void
test_a_packet_is_split_where_its_segments_are_full (void **state)
{
  assert_segments (137, 1);
  assert_segments (138, 2);
  assert_segments (132 + 134, 2);
  assert_segments (132 + 134 + 1, 3);
}

static void
test_segments_say_that_more_messages_follow_until_the_last (void **state)
{
  static const guint8 address[] = { 0x0C, 0x91, 0x94, 0x51, 0x21, 0x43, 0x65, 0x87 };
  g_autofree guint8 *zeros = g_malloc0 (140);
  g_autoptr (GPtrArray) tpdus
      = sim_sms_build_deliver (EA_SPAN_OF_ARRAY (address), ea_span_init (zeros, 140), 0x42);
  g_autoptr (GBytes) head = cut (g_ptr_array_index (tpdus, 0), 27);

  assert_bytes (head, "400c919451214365877ff6621122010000008c0700034202017000");
  assert_bytes (g_ptr_array_index (tpdus, 1),
                "440c919451214365877ff6621122010000000e0500034202020000000000000000");
}

static void
assert_joined (const char *first, const char *second)
{
  g_autoptr (SimSmsAssembly) assembly = sim_sms_assembly_new (SIM_SMS_PACKET_COMMAND);
  g_autoptr (GBytes) first_tpdu = from_hex (first);
  g_autoptr (GBytes) second_tpdu = from_hex (second);
  g_autoptr (GBytes) packet = NULL;
  SimSms sms = { 0 };

  assert_true (sim_sms_parse_deliver (&sms, ea_span_from_bytes (first_tpdu), NULL));
  assert_null (sim_sms_assembly_add (assembly, &sms));
  assert_true (sim_sms_parse_deliver (&sms, ea_span_from_bytes (second_tpdu), NULL));
  packet = sim_sms_assembly_add (assembly, &sms);
  assert_bytes (packet, "010203");
}

static void
test_segments_with_wide_references_and_either_order_of_elements_are_joined (void **state)
{
  static const char command_first[]
      = "440c919451214365877ff6621122010000000b08700008040042020101 02";
  static const char command_last[]
      = "440c919451214365877ff6621122010000000b08080400420201700001 02";
  static const char second[] = "440c919451214365877ff6621122010000000806080400420202 03";

  assert_joined (command_first, second);
  assert_joined (second, command_first);
  assert_joined (command_last, second);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_every_command_packet_of_other_implementations_is_opened_and_made_again),
    cmocka_unit_test (test_every_response_packet_of_other_implementations_is_opened_and_made_again),
    cmocka_unit_test (test_the_command_that_asks_for_the_eid_has_the_known_bytes),
    cmocka_unit_test (test_a_corrupt_command_differs_in_one_bit_of_the_checksum),
    cmocka_unit_test (test_the_enable_command_has_the_known_bytes),
    cmocka_unit_test (test_the_response_with_the_eid_has_the_known_bytes),
    cmocka_unit_test (test_the_notification_without_cipher_has_the_known_bytes),
    cmocka_unit_test (test_redundancy_checks_have_the_values_of_iso_3309),
    cmocka_unit_test (test_a_packet_with_a_redundancy_check_is_refused_when_an_octet_changes),
    cmocka_unit_test (test_every_truncation_of_a_command_packet_is_an_error),
    cmocka_unit_test (test_every_truncation_of_a_response_packet_is_an_error),
    cmocka_unit_test (test_a_packet_is_split_where_its_segments_are_full),
    cmocka_unit_test (test_segments_say_that_more_messages_follow_until_the_last),
    cmocka_unit_test (test_segments_with_wide_references_and_either_order_of_elements_are_joined),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
