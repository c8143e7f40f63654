/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * CAT_TP PDUs of the simulator against those of two implementations, as tshark reads them.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>
#include <json-glib/json-glib.h>

#include "sim-cattp-pdu.h"
#include "test-support.h"

/* Rows of tests/vectors/cattp-pdu.tsv with version 0 and a good checksum, or a little fewer */
#define N_PDUS_MIN 180

#define SYN "80000027c0010929000000640000000a22ed057808001089001012012341234012345678901224"
#define EAK "60000016c0010929000000650003000ad64100050006"
#define SEG "440000120929c001000500020064000ae9470102030405"
#define RST_ACK "500000130929c0010000000000640000e35d03"

static guint8
get_flags (JsonArray *names)
{
  const struct
  {
    const char *name;
    guint8 flag;
  } flags[] = {
    { "SYN", SIM_CATTP_FLAG_SYN }, { "ACK", SIM_CATTP_FLAG_ACK }, { "EAK", SIM_CATTP_FLAG_EAK },
    { "RST", SIM_CATTP_FLAG_RST }, { "NUL", SIM_CATTP_FLAG_NUL }, { "SEG", SIM_CATTP_FLAG_SEG },
  };
  guint8 sum = 0;

  for (guint i = 0; i < json_array_get_length (names); i++)
    for (gsize j = 0; j < G_N_ELEMENTS (flags); j++)
      if (g_strcmp0 (flags[j].name, json_array_get_string_element (names, i)) == 0)
        sum |= flags[j].flag;
  return sum;
}

static void
assert_member (JsonObject *facts, const char *name, gint64 value)
{
  if (json_object_has_member (facts, name))
    assert_int_equal (json_object_get_int_member (facts, name), value);
}

/* One PDU has something where the standard has nothing yet: it is read, but not written. */
static gboolean
has_zeros_for_rfu (EaSpan datagram)
{
  EaReader reader;

  ea_reader_init (&reader, datagram);
  (void) ea_reader_u8 (&reader);
  return ea_reader_u16be (&reader) == 0;
}

static void
assert_pdu (EaSpan datagram, JsonObject *facts)
{
  g_autoptr (GBytes) built = NULL;
  SimCattpPdu pdu;

  assert_true (sim_cattp_pdu_parse (&pdu, datagram));
  assert_int_equal (pdu.flags, get_flags (json_object_get_array_member (facts, "flags")));
  assert_member (facts, "version", pdu.version);
  assert_member (facts, "srcport", pdu.source_port);
  assert_member (facts, "dstport", pdu.destination_port);
  assert_member (facts, "datalen", (gint64) pdu.data.size);
  assert_member (facts, "seq", pdu.sequence);
  assert_member (facts, "ack", pdu.acknowledgement);
  assert_member (facts, "window", pdu.window);
  assert_member (facts, "maxpdu", pdu.pdu_max);
  assert_member (facts, "maxsdu", pdu.sdu_max);
  assert_member (facts, "idlen", (gint64) pdu.identification.size);
  assert_member (facts, "reason", pdu.reason);
  if (json_object_has_member (facts, "identification"))
    assert_hex (pdu.identification, json_object_get_string_member (facts, "identification"));
  built = sim_cattp_pdu_build (&pdu);
  if (has_zeros_for_rfu (datagram))
    assert_true (ea_span_equal (ea_span_from_bytes (built), datagram));
}

static gboolean
is_for_us (JsonObject *facts)
{
  return g_strcmp0 (json_object_get_string_member (facts, "checksum_status"), "Good") == 0
         && json_object_get_int_member (facts, "version") == 0;
}

static void
test_pdus_of_two_implementations_are_read_and_built_alike (void **state)
{
  g_autofree char *path = g_build_filename (g_getenv ("EA_VECTORS"), "cattp-pdu.tsv", NULL);
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;
  guint n_pdus = 0;

  assert_true (g_file_get_contents (path, &text, NULL, NULL));
  lines = g_strsplit (text, "\n", -1);
  for (char **line = lines + 1; *line != NULL && **line != '\0'; line++)
    {
      g_auto (GStrv) columns = g_strsplit (*line, "\t", -1);
      g_autoptr (JsonNode) node = json_from_string (columns[3], NULL);
      JsonObject *facts = json_object_get_object_member (json_node_get_object (node), "tshark");
      g_autoptr (GBytes) datagram = from_hex (columns[2]);

      if (!is_for_us (facts))
        continue;
      assert_pdu (ea_span_from_bytes (datagram), facts);
      n_pdus++;
    }
  assert_true (n_pdus >= N_PDUS_MIN);
}

static void
test_lists_and_identifications_are_read (void **state)
{
  g_autoptr (GBytes) syn = from_hex (SYN);
  g_autoptr (GBytes) eak = from_hex (EAK);
  SimCattpPdu pdu;

  assert_true (sim_cattp_pdu_parse (&pdu, ea_span_from_bytes (syn)));
  assert_hex (pdu.identification, "89001012012341234012345678901224");
  assert_int_equal (pdu.pdu_max, 1400);
  assert_int_equal (pdu.sdu_max, 2048);
  assert_true (sim_cattp_pdu_parse (&pdu, ea_span_from_bytes (eak)));
  assert_hex (pdu.eak, "00050006");
}

static void
assert_refused (const char *hex)
{
  g_autoptr (GBytes) datagram = from_hex (hex);
  SimCattpPdu pdu = { .source_port = 0x1234 };

  if (sim_cattp_pdu_parse (&pdu, ea_span_from_bytes (datagram)))
    fail_msg ("%s was taken", hex);
  assert_int_equal (pdu.source_port, 0x1234);
}

static void
test_what_is_cut_or_damaged_is_refused (void **state)
{
  const char *const all[] = { SYN, EAK, SEG, RST_ACK };

  for (gsize i = 0; i < G_N_ELEMENTS (all); i++)
    {
      g_autofree char *longer = g_strconcat (all[i], "00", NULL);

      for (gsize size = 0; size < strlen (all[i]); size += 2)
        {
          g_autofree char *shorter = g_strndup (all[i], size);
          g_autofree char *damaged = g_strdup (all[i]);

          damaged[size] = damaged[size] == '7' ? '6' : '7';
          assert_refused (shorter);
          assert_refused (damaged);
        }
      assert_refused (longer);
    }
}

/* Everything else about such a PDU is right. */
static void
assert_flags_refused (guint8 flags, const char *data)
{
  g_autoptr (GBytes) bytes = from_hex (data);
  SimCattpPdu pdu = { .flags = flags, .data = ea_span_from_bytes (bytes) };
  g_autoptr (GBytes) datagram = sim_cattp_pdu_build (&pdu);
  SimCattpPdu out;

  if (sim_cattp_pdu_parse (&out, ea_span_from_bytes (datagram)))
    fail_msg ("flags %02X were taken", flags);
}

static void
test_flags_that_exclude_each_other_are_refused (void **state)
{
  assert_flags_refused (SIM_CATTP_FLAG_SYN | SIM_CATTP_FLAG_RST, "");
  assert_flags_refused (SIM_CATTP_FLAG_SYN | SIM_CATTP_FLAG_NUL, "");
  assert_flags_refused (SIM_CATTP_FLAG_SYN, "01");
  assert_flags_refused (SIM_CATTP_FLAG_RST | SIM_CATTP_FLAG_EAK, "");
  assert_flags_refused (SIM_CATTP_FLAG_RST, "01");
  assert_flags_refused (SIM_CATTP_FLAG_NUL | SIM_CATTP_FLAG_ACK, "01");
  assert_flags_refused (SIM_CATTP_FLAG_NUL | SIM_CATTP_FLAG_SEG, "");
  assert_flags_refused (SIM_CATTP_FLAG_SEG | SIM_CATTP_FLAG_ACK, "");
  assert_flags_refused (0, "");
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_pdus_of_two_implementations_are_read_and_built_alike),
    cmocka_unit_test (test_lists_and_identifications_are_read),
    cmocka_unit_test (test_what_is_cut_or_damaged_is_refused),
    cmocka_unit_test (test_flags_that_exclude_each_other_are_refused),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
