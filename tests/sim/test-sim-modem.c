/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* QMUX frames and TLVs of the simulated modem, against bytes that libqmi 1.32 sends and accepts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/error.h"
#include "proactive.h"
#include "qmi.h"
#include "qmux.h"
#include "record.h"

/* CTL Allocate CID for DMS, as qmicli sends it */
static const guint8 allocate[] = { 0x01, 0x0F, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01,
                                   0x22, 0x00, 0x04, 0x00, 0x01, 0x01, 0x00, 0x02 };

/* DMS Get Manufacturer with client id 1, transaction 1 */
static const guint8 get_manufacturer[]
    = { 0x01, 0x0C, 0x00, 0x00, 0x02, 0x01, 0x00, 0x01, 0x00, 0x21, 0x00, 0x00, 0x00 };

static void
assert_bytes (GBytes *bytes, EaSpan expected)
{
  assert_non_null (bytes);
  assert_true (ea_span_equal (ea_span_from_bytes (bytes), expected));
}

static void
test_control_request_has_an_8_bit_transaction (void **state)
{
  SimQmiMessage message;
  EaReader value;

  assert_true (sim_qmux_parse (&message, EA_SPAN_OF_ARRAY (allocate), NULL));

  assert_int_equal (message.kind, SIM_QMI_REQUEST);
  assert_int_equal (message.service, SIM_SERVICE_CTL);
  assert_int_equal (message.transaction, 1);
  assert_int_equal (message.message, 0x0022);
  assert_true (sim_qmi_find (message.tlvs, 0x01, &value));
  assert_int_equal (ea_reader_u8 (&value), SIM_SERVICE_DMS);
  assert_true (ea_reader_done (&value));
}

static void
test_service_request_has_a_16_bit_transaction (void **state)
{
  SimQmiMessage message;

  assert_true (sim_qmux_parse (&message, EA_SPAN_OF_ARRAY (get_manufacturer), NULL));

  assert_int_equal (message.service, SIM_SERVICE_DMS);
  assert_int_equal (message.client, 1);
  assert_int_equal (message.transaction, 1);
  assert_int_equal (message.message, 0x0021);
  assert_int_equal (message.tlvs.size, 0);
}

static void
test_every_truncation_of_a_frame_is_malformed (void **state)
{
  for (gsize size = 0; size < sizeof allocate; size++)
    {
      g_autoptr (GError) error = NULL;
      SimQmiMessage message;

      assert_false (sim_qmux_parse (&message, ea_span_init (allocate, size), &error));
      assert_true (g_error_matches (error, EA_CORE_ERROR, EA_CORE_ERROR_MALFORMED));
    }
}

static void
test_wrong_marker_or_flags_are_malformed (void **state)
{
  static const gsize offsets[] = { 0, 6 };

  for (gsize i = 0; i < G_N_ELEMENTS (offsets); i++)
    {
      g_autoptr (GByteArray) frame = g_byte_array_new ();
      SimQmiMessage message;

      g_byte_array_append (frame, get_manufacturer, sizeof get_manufacturer);
      frame->data[offsets[i]] = 0x07;
      assert_false (sim_qmux_parse (&message, ea_span_from_array (frame), NULL));
    }
}

static void
test_control_response_comes_from_the_modem (void **state)
{
  static const guint8 tlvs[] = { 0x02, 0x04, 0x00, 0x00, 0x00, 0x00, 0x00 };
  static const guint8 expected[] = { 0x01, 0x12, 0x00, 0x80, 0x00, 0x00, 0x01, 0x09, 0x27, 0x00,
                                     0x07, 0x00, 0x02, 0x04, 0x00, 0x00, 0x00, 0x00, 0x00 };
  const SimQmiMessage message = { .kind = SIM_QMI_RESPONSE,
                                  .service = SIM_SERVICE_CTL,
                                  .transaction = 9,
                                  .message = 0x0027,
                                  .tlvs = EA_SPAN_OF_ARRAY (tlvs) };
  g_autoptr (GBytes) frame = sim_qmux_build (&message);

  assert_bytes (frame, EA_SPAN_OF_ARRAY (expected));
}

static void
test_service_indication_has_flag_4 (void **state)
{
  static const guint8 expected[]
      = { 0x01, 0x0C, 0x00, 0x80, 0x0B, 0x03, 0x04, 0x00, 0x00, 0x32, 0x00, 0x00, 0x00 };
  const SimQmiMessage message
      = { .kind = SIM_QMI_INDICATION, .service = SIM_SERVICE_UIM, .client = 3, .message = 0x0032 };
  g_autoptr (GBytes) frame = sim_qmux_build (&message);

  assert_bytes (frame, EA_SPAN_OF_ARRAY (expected));
}

static void
test_messages_survive_building_and_parsing (void **state)
{
  static const SimQmiKind kinds[] = { SIM_QMI_REQUEST, SIM_QMI_RESPONSE, SIM_QMI_INDICATION };
  static const guint8 services[] = { SIM_SERVICE_CTL, SIM_SERVICE_CAT2 };

  for (gsize i = 0; i < G_N_ELEMENTS (kinds) * G_N_ELEMENTS (services); i++)
    {
      const SimQmiMessage message = { .kind = kinds[i / 2],
                                      .service = services[i % 2],
                                      .client = 5,
                                      .transaction = 0x7F,
                                      .message = 0x1234 };
      g_autoptr (GBytes) frame = sim_qmux_build (&message);
      SimQmiMessage parsed;

      assert_true (sim_qmux_parse (&parsed, ea_span_from_bytes (frame), NULL));
      assert_int_equal (parsed.kind, message.kind);
      assert_int_equal (parsed.service, message.service);
      assert_int_equal (parsed.transaction, message.transaction);
      assert_int_equal (parsed.message, message.message);
    }
}

static void
test_stream_gives_frames_however_the_bytes_come (void **state)
{
  SimQmuxStream stream;

  sim_qmux_stream_init (&stream);
  for (gsize i = 0; i < sizeof allocate; i++)
    {
      assert_null (sim_qmux_stream_pull (&stream));
      sim_qmux_stream_push (&stream, ea_span_init (allocate + i, 1));
    }
  sim_qmux_stream_push (&stream, EA_SPAN_OF_ARRAY (get_manufacturer));

  g_autoptr (GBytes) first = sim_qmux_stream_pull (&stream);
  g_autoptr (GBytes) second = sim_qmux_stream_pull (&stream);

  assert_bytes (first, EA_SPAN_OF_ARRAY (allocate));
  assert_bytes (second, EA_SPAN_OF_ARRAY (get_manufacturer));
  assert_null (sim_qmux_stream_pull (&stream));
  sim_qmux_stream_clear (&stream);
}

static void
test_stream_skips_noise_before_a_marker (void **state)
{
  static const guint8 noise[] = { 0x00, 0xFF, 0x41, 0x54, 0x0D };
  SimQmuxStream stream;

  sim_qmux_stream_init (&stream);
  sim_qmux_stream_push (&stream, EA_SPAN_OF_ARRAY (noise));
  sim_qmux_stream_push (&stream, EA_SPAN_OF_ARRAY (allocate));

  g_autoptr (GBytes) frame = sim_qmux_stream_pull (&stream);

  assert_bytes (frame, EA_SPAN_OF_ARRAY (allocate));
  sim_qmux_stream_clear (&stream);
}

static void
test_tlvs_have_little_endian_integers (void **state)
{
  static const guint8 expected[]
      = { 0x10, 0x01, 0x00, 0xAA, 0x11, 0x02, 0x00, 0x34, 0x12, 0x12, 0x04,
          0x00, 0x78, 0x56, 0x34, 0x12, 0x13, 0x02, 0x00, 0x6F, 0x6B };
  g_auto (EaWriter) tlvs = { NULL };

  ea_writer_init (&tlvs);
  sim_qmi_add_u8 (&tlvs, 0x10, 0xAA);
  sim_qmi_add_u16 (&tlvs, 0x11, 0x1234);
  sim_qmi_add_u32 (&tlvs, 0x12, 0x12345678);
  sim_qmi_add_string (&tlvs, 0x13, "ok");

  assert_true (ea_span_equal (ea_writer_span (&tlvs), EA_SPAN_OF_ARRAY (expected)));
}

static void
test_tlv_that_is_cut_off_is_not_found (void **state)
{
  static const guint8 tlvs[] = { 0x10, 0x01, 0x00, 0xAA, 0x11, 0x04, 0x00, 0x01 };
  EaReader value;

  assert_true (sim_qmi_find (EA_SPAN_OF_ARRAY (tlvs), 0x10, &value));
  assert_false (sim_qmi_find (EA_SPAN_OF_ARRAY (tlvs), 0x11, &value));
  assert_false (sim_qmi_find (EA_SPAN_OF_ARRAY (tlvs), 0x12, &value));
}

static void
test_command_details_are_read_although_the_rest_is_broken (void **state)
{
  static const guint8 command[] = { 0xD0, 0x30, 0x81, 0x03, 0x07, 0x40, 0x01, 0xFF };
  SimProactive details;

  assert_true (sim_proactive_parse (&details, EA_SPAN_OF_ARRAY (command)));
  assert_int_equal (details.number, 7);
  assert_int_equal (details.type, SIM_CAT_OPEN_CHANNEL);
  assert_int_equal (details.qualifier, 1);
  assert_false (sim_proactive_parse (&details, ea_span_init (command, 6)));
  assert_int_equal (details.type, 0);
}

static void
test_record_keeps_the_newest_10000_lines (void **state)
{
  g_autofree char *text = NULL;
  g_autofree char *again = NULL;
  g_auto (GStrv) lines = NULL;
  SimRecord record;

  sim_record_init (&record);
  for (guint i = 0; i < 10001; i++)
    sim_record_add (&record, g_strdup_printf ("%u", i));
  text = sim_record_take (&record);
  again = sim_record_take (&record);
  lines = g_strsplit (text, "\n", -1);

  assert_int_equal (g_strv_length (lines), 10001);
  assert_string_equal (lines[0], "1");
  assert_string_equal (lines[10000], ".");
  assert_string_equal (again, ".");
  sim_record_clear (&record);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_control_request_has_an_8_bit_transaction),
    cmocka_unit_test (test_service_request_has_a_16_bit_transaction),
    cmocka_unit_test (test_every_truncation_of_a_frame_is_malformed),
    cmocka_unit_test (test_wrong_marker_or_flags_are_malformed),
    cmocka_unit_test (test_control_response_comes_from_the_modem),
    cmocka_unit_test (test_service_indication_has_flag_4),
    cmocka_unit_test (test_messages_survive_building_and_parsing),
    cmocka_unit_test (test_stream_gives_frames_however_the_bytes_come),
    cmocka_unit_test (test_stream_skips_noise_before_a_marker),
    cmocka_unit_test (test_tlvs_have_little_endian_integers),
    cmocka_unit_test (test_tlv_that_is_cut_off_is_not_found),
    cmocka_unit_test (test_command_details_are_read_although_the_rest_is_broken),
    cmocka_unit_test (test_record_keeps_the_newest_10000_lines),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
