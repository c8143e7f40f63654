/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * What NAS and DMS tell (agent/modem/qmi-network.h). The values follow libqmi's description of the messages
 * and read as said here in its own traces.
 */

#include "modem/qmi-network.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "helpers.h"

#define SPAN(...)                                                                                  \
  ea_span_init ((const guint8[]){ __VA_ARGS__ }, sizeof ((const guint8[]){ __VA_ARGS__ }))

/* Both domains, not roaming, not forbidden */
#define HEAD 1, 3, 1, 3, 1, 0, 1, 0
#define NO_REJECTION 0, 0, 0

/* Location area 1234, cell 0000ABCD, 262-02; EGPRS, no DTM */
#define GSM_SYSTEM                                                                                 \
  SPAN (HEAD, 1, 0x34, 0x12, 1, 0xCD, 0xAB, 0, 0, NO_REJECTION, 1, '2', '6', '2', '0', '2', 0xFF,  \
        1, 1, 1, 0)

/* Location area 0102, cell 00345678, 310-410; no HSPA, scrambling code 7 */
#define UTRAN_SYSTEM                                                                               \
  SPAN (HEAD, 1, 0x02, 0x01, 1, 0x78, 0x56, 0x34, 0, NO_REJECTION, 1, '3', '1', '0', '4', '1',     \
        '0', 0, 0, 0, 0, 1, 7, 0)

/* No location area, cell 01A2B3C4, 001-01, tracking area 00FE */
#define EUTRAN_SYSTEM                                                                              \
  SPAN (HEAD, 0, 0xFF, 0xFF, 1, 0xC4, 0xB3, 0xA2, 0x01, NO_REJECTION, 1, '0', '0', '1', '0', '1',  \
        0xFF, 1, 0xFE, 0)

/* Cell unknown, 440-50, tracking area 2211 */
#define NG_RAN_SYSTEM                                                                              \
  SPAN (HEAD, 0, 0, 0, 0, 0, 0, 0, 0, NO_REJECTION, 1, '4', '4', '0', '5', '0', 0xFF, 1, 0x11, 0x22)

#define AVAILABLE SPAN (2, 2, 1)
#define LIMITED SPAN (1, 1, 0)
#define NO_SERVICE SPAN (0, 0, 0)

static EaModemNetwork
get_network (const EaQmiSystemInfo *info)
{
  EaModemNetwork network;

  assert_true (ea_qmi_system_info_get_network (info, &network));
  return network;
}

static void
test_gsm_tells_its_location_area_and_cell (void **state)
{
  EaQmiSystemInfo info = { 0 };
  EaModemNetwork network;

  ea_qmi_system_info_take (&info, 0x12, AVAILABLE);
  ea_qmi_system_info_take (&info, 0x17, GSM_SYSTEM);
  network = get_network (&info);

  assert_int_equal (network.service, EA_MODEM_SERVICE_NORMAL);
  assert_true (network.has_technology);
  assert_int_equal (network.technology, 0x00);
  assert_string_equal (network.mcc, "262");
  assert_string_equal (network.mnc, "02");
  assert_true (network.has_area);
  assert_int_equal (network.area_code, 0x1234);
  assert_true (network.has_cell);
  assert_int_equal (network.cell, 0xABCD);
}

static void
test_roaming_is_told_where_the_modem_knows (void **state)
{
  static const struct
  {
    guint8 is_valid;
    guint8 status;
    gboolean has_roaming;
    gboolean is_roaming;
  } rows[] = {
    { 1, 0, TRUE, FALSE }, { 1, 1, TRUE, TRUE }, { 0, 0, FALSE, FALSE }, { 0, 1, FALSE, FALSE }
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      EaQmiSystemInfo info = { 0 };
      EaModemNetwork network;

      ea_qmi_system_info_take (&info, 0x12, AVAILABLE);
      ea_qmi_system_info_take (&info, 0x17,
                               SPAN (1, 3, 1, 3, rows[i].is_valid, rows[i].status, 1, 0, 1, 0x34,
                                     0x12, 1, 0xCD, 0xAB, 0, 0, NO_REJECTION, 1, '2', '6', '2', '0',
                                     '2', 0xFF, 1, 1, 1, 0));
      network = get_network (&info);
      assert_int_equal (network.has_roaming, rows[i].has_roaming);
      assert_int_equal (network.is_roaming, rows[i].is_roaming);
      assert_int_equal (network.area_code, 0x1234);
    }
}

static void
test_utran_tells_an_mnc_of_three_digits (void **state)
{
  EaQmiSystemInfo info = { 0 };
  EaModemNetwork network;

  ea_qmi_system_info_take (&info, 0x13, AVAILABLE);
  ea_qmi_system_info_take (&info, 0x18, UTRAN_SYSTEM);
  network = get_network (&info);

  assert_int_equal (network.technology, 0x03);
  assert_string_equal (network.mcc, "310");
  assert_string_equal (network.mnc, "410");
  assert_int_equal (network.area_code, 0x0102);
  assert_int_equal (network.cell, 0x00345678);
}

static void
test_e_utran_tells_its_tracking_area_and_no_location_area (void **state)
{
  EaQmiSystemInfo info = { 0 };
  EaModemNetwork network;

  ea_qmi_system_info_take (&info, 0x14, AVAILABLE);
  ea_qmi_system_info_take (&info, 0x19, EUTRAN_SYSTEM);
  network = get_network (&info);

  assert_int_equal (network.technology, 0x08);
  assert_string_equal (network.mcc, "001");
  assert_string_equal (network.mnc, "01");
  assert_true (network.has_area);
  assert_int_equal (network.area_code, 0x00FE);
  assert_int_equal (network.cell, 0x01A2B3C4);
}

static void
test_ng_ran_has_other_types_in_the_indication_and_an_area_of_24_bits (void **state)
{
  EaQmiSystemInfo response = { 0 };
  EaQmiSystemInfo indication = { .is_indication = TRUE };
  EaModemNetwork network;

  ea_qmi_system_info_take (&response, 0x4A, AVAILABLE);
  ea_qmi_system_info_take (&response, 0x4B, NG_RAN_SYSTEM);
  network = get_network (&response);
  assert_int_equal (network.technology, 0x0A);
  assert_string_equal (network.mcc, "440");
  assert_int_equal (network.area_code, 0x2211);
  assert_false (network.has_cell);

  ea_qmi_system_info_take (&indication, 0x52, SPAN (0xAA, 0xBB, 0xCC));
  ea_qmi_system_info_take (&indication, 0x4C, AVAILABLE);
  ea_qmi_system_info_take (&indication, 0x4D, NG_RAN_SYSTEM);
  network = get_network (&indication);
  assert_int_equal (network.area_code, 0xAABBCC);
}

static void
test_best_service_wins_and_then_the_newest_technology (void **state)
{
  EaQmiSystemInfo info = { 0 };

  ea_qmi_system_info_take (&info, 0x14, LIMITED);
  ea_qmi_system_info_take (&info, 0x12, AVAILABLE);
  ea_qmi_system_info_take (&info, 0x13, NO_SERVICE);
  assert_int_equal (get_network (&info).technology, 0x00);
  assert_int_equal (get_network (&info).service, EA_MODEM_SERVICE_NORMAL);

  ea_qmi_system_info_take (&info, 0x13, AVAILABLE);
  assert_int_equal (get_network (&info).technology, 0x03);

  ea_qmi_system_info_take (&info, 0x12, NO_SERVICE);
  ea_qmi_system_info_take (&info, 0x13, SPAN (3, 3, 0)); /* limited to the region */
  assert_int_equal (get_network (&info).technology, 0x08);
  assert_int_equal (get_network (&info).service, EA_MODEM_SERVICE_LIMITED);
}

static void
test_without_service_no_network_is_told_though_it_is_named (void **state)
{
  EaQmiSystemInfo info = { 0 };
  EaModemNetwork network;

  ea_qmi_system_info_take (&info, 0x14, NO_SERVICE);
  ea_qmi_system_info_take (&info, 0x12, SPAN (4, 4, 0)); /* saving power */
  ea_qmi_system_info_take (&info, 0x19, EUTRAN_SYSTEM);
  network = get_network (&info);

  assert_int_equal (network.service, EA_MODEM_SERVICE_NONE);
  assert_false (network.has_technology);
  assert_string_equal (network.mcc, "");
  assert_false (network.has_area);
}

static void
test_message_without_any_technology_tells_nothing (void **state)
{
  EaQmiSystemInfo info = { 0 };
  EaModemNetwork network = { .cell = 7 };

  ea_qmi_system_info_take (&info, 0x02, SPAN (0, 0, 0, 0));
  ea_qmi_system_info_take (&info, 0x10, AVAILABLE); /* cdma2000 */
  ea_qmi_system_info_take (&info, 0x14, EA_SPAN_EMPTY);
  ea_qmi_system_info_take (&info, 0x19, EUTRAN_SYSTEM);

  assert_false (ea_qmi_system_info_get_network (&info, &network));
  assert_int_equal (network.cell, 7);
}

static void
test_truncated_system_is_not_used_at_all (void **state)
{
  EaSpan whole = EUTRAN_SYSTEM;

  for (gsize size = 0; size < whole.size; size++)
    {
      EaQmiSystemInfo info = { 0 };
      EaModemNetwork network;

      ea_qmi_system_info_take (&info, 0x14, AVAILABLE);
      ea_qmi_system_info_take (&info, 0x19, ea_span_init (whole.data, size));
      ea_qmi_system_info_take (&info, 0x50, ea_span_init (whole.data, MIN (size, 2)));
      network = get_network (&info);
      assert_string_equal (network.mcc, "");
      assert_false (network.has_area);
      assert_false (network.has_cell);
    }
}

static void
test_what_is_marked_invalid_or_is_no_number_is_unknown (void **state)
{
  EaQmiSystemInfo invalid = { 0 };
  EaQmiSystemInfo nonsense = { 0 };
  EaModemNetwork network;

  ea_qmi_system_info_take (&invalid, 0x14, AVAILABLE);
  ea_qmi_system_info_take (
      &invalid, 0x19,
      SPAN (HEAD, 0, 1, 0, 0, 1, 0, 0, 0, NO_REJECTION, 0, '0', '0', '1', '0', '1', 0xFF, 0, 1, 0));
  network = get_network (&invalid);
  assert_string_equal (network.mcc, "");
  assert_false (network.has_area);
  assert_int_equal (network.area_code, 0);
  assert_false (network.has_cell);
  assert_int_equal (network.cell, 0);

  ea_qmi_system_info_take (&nonsense, 0x12, AVAILABLE);
  ea_qmi_system_info_take (&nonsense, 0x17,
                           SPAN (HEAD, 1, 0xFF, 0xFF, 1, 0xFF, 0xFF, 0xFF, 0xFF, NO_REJECTION, 1,
                                 '2', '6', 0xFF, '0', '2', 0xFF, 0, 0, 0, 0));
  network = get_network (&nonsense);
  assert_string_equal (network.mcc, "");
  assert_string_equal (network.mnc, "");
  assert_false (network.has_area);
  assert_false (network.has_cell);
}

/* Cell 0000ABCD of 262-02, location area 1234, channel 62, colours 12, one neighbour */
#define GERAN_INFO(...)                                                                            \
  SPAN (0xCD, 0xAB, 0, 0, 0x62, 0xF2, 0x20, 0x34, 0x12, 62, 0, 12, __VA_ARGS__, 40, 0, 1, 0xCE,    \
        0xAB, 0, 0, 0x62, 0xF2, 0x20, 0x34, 0x12, 70, 0, 13, 30, 0)

static void
test_timing_advance_is_found_behind_the_cell (void **state)
{
  guint8 bit_periods = 0;

  assert_true (ea_qmi_parse_timing_advance (GERAN_INFO (5, 0, 0, 0), &bit_periods));
  assert_int_equal (bit_periods, 5);
  assert_true (ea_qmi_parse_timing_advance (GERAN_INFO (219, 0, 0, 0), &bit_periods));
  assert_int_equal (bit_periods, 219);
}

static void
test_timing_advance_that_is_unknown_or_cut_off_is_none (void **state)
{
  EaSpan whole = GERAN_INFO (5, 0, 0, 0);
  guint8 bit_periods = 77;

  assert_false (ea_qmi_parse_timing_advance (GERAN_INFO (0xFF, 0xFF, 0xFF, 0xFF), &bit_periods));
  assert_false (ea_qmi_parse_timing_advance (GERAN_INFO (220, 0, 0, 0), &bit_periods));
  for (gsize size = 0; size < 16; size++)
    assert_false (ea_qmi_parse_timing_advance (ea_span_init (whole.data, size), &bit_periods));

  assert_int_equal (bit_periods, 77);
}

static void
test_radio_interfaces_of_3gpp_have_their_number_of_the_toolkit (void **state)
{
  guint8 technology = 0xFF;

  assert_true (ea_qmi_get_technology (4, &technology));
  assert_int_equal (technology, 0x00);
  assert_true (ea_qmi_get_technology (5, &technology));
  assert_int_equal (technology, 0x03);
  assert_true (ea_qmi_get_technology (8, &technology));
  assert_int_equal (technology, 0x08);
  assert_true (ea_qmi_get_technology (12, &technology));
  assert_int_equal (technology, 0x0A);
  assert_false (ea_qmi_get_technology (1, &technology));
  assert_false (ea_qmi_get_technology (G_MAXUINT, &technology));
  assert_int_equal (technology, 0x0A);
}

static void
test_plmn_has_as_many_digits_as_the_network_says (void **state)
{
  char mcc[4];
  char mnc[4];

  ea_qmi_format_plmn (1, 1, FALSE, mcc, mnc);
  assert_string_equal (mcc, "001");
  assert_string_equal (mnc, "01");
  ea_qmi_format_plmn (310, 4, TRUE, mcc, mnc);
  assert_string_equal (mnc, "004");
  ea_qmi_format_plmn (310, 410, FALSE, mcc, mnc);
  assert_string_equal (mnc, "410");
  ea_qmi_format_plmn (1000, 1, FALSE, mcc, mnc);
  assert_string_equal (mcc, "");
  assert_string_equal (mnc, "");
  ea_qmi_format_plmn (262, 0xFFFF, TRUE, mcc, mnc);
  assert_string_equal (mcc, "");
}

static void
test_imeisv_is_the_imei_without_check_digit_and_the_software_version (void **state)
{
  g_autofree char *two = ea_qmi_build_imeisv ("490154203237518", "78");
  g_autofree char *one = ea_qmi_build_imeisv ("49015420323751", "5");

  assert_string_equal (two, "4901542032375178");
  assert_string_equal (one, "4901542032375105");
}

static void
test_imeisv_of_something_else_is_unknown (void **state)
{
  assert_null (ea_qmi_build_imeisv ("490154203237518", NULL));
  assert_null (ea_qmi_build_imeisv ("490154203237518", ""));
  assert_null (ea_qmi_build_imeisv ("490154203237518", "078"));
  assert_null (ea_qmi_build_imeisv ("490154203237518", "1A"));
  assert_null (ea_qmi_build_imeisv ("4901542032375", "78"));
  assert_null (ea_qmi_build_imeisv ("4901542032375181", "78"));
  assert_null (ea_qmi_build_imeisv ("49015420323751F", "78"));
  assert_null (ea_qmi_build_imeisv (NULL, "78"));
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_gsm_tells_its_location_area_and_cell),
    cmocka_unit_test (test_roaming_is_told_where_the_modem_knows),
    cmocka_unit_test (test_utran_tells_an_mnc_of_three_digits),
    cmocka_unit_test (test_e_utran_tells_its_tracking_area_and_no_location_area),
    cmocka_unit_test (test_ng_ran_has_other_types_in_the_indication_and_an_area_of_24_bits),
    cmocka_unit_test (test_best_service_wins_and_then_the_newest_technology),
    cmocka_unit_test (test_without_service_no_network_is_told_though_it_is_named),
    cmocka_unit_test (test_message_without_any_technology_tells_nothing),
    cmocka_unit_test (test_truncated_system_is_not_used_at_all),
    cmocka_unit_test (test_what_is_marked_invalid_or_is_no_number_is_unknown),
    cmocka_unit_test (test_timing_advance_is_found_behind_the_cell),
    cmocka_unit_test (test_timing_advance_that_is_unknown_or_cut_off_is_none),
    cmocka_unit_test (test_radio_interfaces_of_3gpp_have_their_number_of_the_toolkit),
    cmocka_unit_test (test_plmn_has_as_many_digits_as_the_network_says),
    cmocka_unit_test (test_imeisv_is_the_imei_without_check_digit_and_the_software_version),
    cmocka_unit_test (test_imeisv_of_something_else_is_unknown),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
