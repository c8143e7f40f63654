/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * From the modem's words for a network to those of the toolkit (agent/session/location.h). Bytes with the
 * networks 250-99, 208-10 and 001-01 are from traces and test suites of others (tests/vectors); the rest is
 * composed by the tables of TS 24.008 §10.5.1.3 and TS 31.111 §8.19 and §8.91 to §8.99.
 */

#include "session/location.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "helpers.h"

#define GSM 0x00
#define UTRAN 0x03
#define EUTRAN 0x08
#define NG_RAN 0x0A

#define BOTH (EA_MODEM_DOMAIN_CIRCUIT | EA_MODEM_DOMAIN_PACKET)

static EaModemNetwork
make_network (guint8 technology, const char *mcc, const char *mnc, guint32 area, guint32 cell)
{
  EaModemNetwork network = { .service = EA_MODEM_SERVICE_NORMAL,
                             .has_technology = TRUE,
                             .technology = technology,
                             .has_area = TRUE,
                             .area_code = area,
                             .has_cell = TRUE,
                             .cell = cell };

  g_strlcpy (network.mcc, mcc, sizeof network.mcc);
  g_strlcpy (network.mnc, mnc, sizeof network.mnc);
  return network;
}

static void
test_location_has_what_the_technology_has (void **state)
{
  static const struct
  {
    guint8 technology;
    const char *mcc;
    const char *mnc;
    guint32 area;
    guint32 cell;
    const char *location;
  } rows[] = {
    { GSM, "262", "02", 0x1234, 0xABCD, "62F2201234ABCD" },
    /* the cell, then the radio network controller */
    { UTRAN, "262", "02", 0x1234, 0x0123ABCD, "62F2201234ABCD0123" },
    /* 28 bits, filled up with ones (whty-loc and pysniff-loc-1 in tests/vectors/more-envelope.tsv) */
    { EUTRAN, "250", "99", 0x1EC5, 0x7A43C09, "52F0991EC57A43C09F" },
    { EUTRAN, "208", "10", 0xBAB8, 0xA33B008, "02F801BAB8A33B008F" },
    { EUTRAN, "310", "410", 0xFFFE, 0x0000001, "130014FFFE0000001F" },
    { NG_RAN, "262", "02", 0xABCDEF, 0x12345678, "62F220ABCDEF012345678F" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      EaModemNetwork network
          = make_network (rows[i].technology, rows[i].mcc, rows[i].mnc, rows[i].area, rows[i].cell);
      g_autoptr (GBytes) location = ea_location_build (&network);

      assert_bytes_are (location, rows[i].location);
    }
}

static void
test_location_without_a_cell_is_the_area (void **state)
{
  EaModemNetwork network = make_network (UTRAN, "262", "02", 0x1234, 0);
  g_autoptr (GBytes) location = NULL;

  network.has_cell = FALSE;
  location = ea_location_build (&network);
  assert_bytes_are (location, "62F2201234");
}

static void
test_there_is_no_location_without_a_network_or_an_area (void **state)
{
  EaModemNetwork nowhere = make_network (EUTRAN, "", "", 0x1234, 1);
  EaModemNetwork vague = make_network (EUTRAN, "262", "02", 0, 1);
  EaModemNetwork nothing = { 0 };

  vague.has_area = FALSE;
  assert_null (ea_location_build (&nowhere));
  assert_null (ea_location_build (&vague));
  assert_null (ea_location_build (&nothing));
}

static void
test_location_status_has_the_location_only_with_normal_service (void **state)
{
  EaModemNetwork network = make_network (EUTRAN, "262", "02", 0x1234, 0);
  g_autoptr (GBytes) normal = ea_location_build_status (&network);
  g_autoptr (GBytes) limited = NULL;
  g_autoptr (GBytes) none = NULL;
  g_autoptr (GBytes) unknown = NULL;

  network.service = EA_MODEM_SERVICE_LIMITED;
  limited = ea_location_build_status (&network);
  network.service = EA_MODEM_SERVICE_NONE;
  none = ea_location_build_status (&network);
  network.service = EA_MODEM_SERVICE_NORMAL;
  network.has_area = FALSE;
  unknown = ea_location_build_status (&network);

  assert_bytes_are (normal, "D615990103820282819B0100930962F22012340000000F");
  assert_bytes_are (limited, "D60A990103820282819B0101");
  assert_bytes_are (none, "D60A990103820282819B0102");
  assert_bytes_are (unknown, "D60A990103820282819B0100");
}

static void
test_service_has_its_word (void **state)
{
  assert_int_equal (ea_location_get_service (EA_MODEM_SERVICE_NORMAL), 0x00);
  assert_int_equal (ea_location_get_service (EA_MODEM_SERVICE_LIMITED), 0x01);
  assert_int_equal (ea_location_get_service (EA_MODEM_SERVICE_NONE), 0x02);
}

static void
test_rejection_has_its_area_and_the_type_of_attach (void **state)
{
  static const struct
  {
    guint8 technology;
    guint8 domain;
    guint32 area;
    guint8 cause;
    const char *envelope;
  } rows[] = {
    /* as in the conformance test, 27.22.7.18 sequence 1.1, but for comprehension bits */
    { EUTRAN, EA_MODEM_DOMAIN_PACKET, 0x0001, 0x0B,
      "D6179901128202838"
      "17D0500F11000013F010874010975010B" },
    { EUTRAN, BOTH, 0x0001, 0x0F, "D617990112820283817D0500F11000013F010874010A75010F" },
    { EUTRAN, 0, 0xFFFE, 0x0F, "D617990112820283817D0500F110FFFE3F010874010975010F" },
    { NG_RAN, EA_MODEM_DOMAIN_PACKET, 0xABCDEF, 0x6F,
      "D618990112820283817D0600F110ABCDEF3F010A74010F75016F" },
    { UTRAN, EA_MODEM_DOMAIN_CIRCUIT, 0x1234, 0x02,
      "D61799011282028381130500F11012343F0103740100750102" },
    { UTRAN, EA_MODEM_DOMAIN_PACKET, 0x1234, 0x07,
      "D61799011282028381130500F11012343F0103740103750107" },
    { GSM, BOTH, 0x1234, 0x03, "D61799011282028381130500F11012343F0100740104750103" },
    { GSM, 0, 0x1234, 0x03, "D61799011282028381130500F11012343F0100740100750103" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      const EaModemRejection rejection = { .technology = rows[i].technology,
                                           .mcc = "001",
                                           .mnc = "01",
                                           .has_area = TRUE,
                                           .area_code = rows[i].area,
                                           .domain = rows[i].domain,
                                           .cause = rows[i].cause };
      g_autoptr (GBytes) envelope = ea_location_build_rejection (&rejection);

      assert_bytes_are (envelope, rows[i].envelope);
    }
}

static void
test_rejection_by_an_unknown_network_is_not_told (void **state)
{
  const EaModemRejection rejection = { .technology = EUTRAN, .cause = 0x0F };

  assert_null (ea_location_build_rejection (&rejection));
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_location_has_what_the_technology_has),
    cmocka_unit_test (test_location_without_a_cell_is_the_area),
    cmocka_unit_test (test_there_is_no_location_without_a_network_or_an_area),
    cmocka_unit_test (test_location_status_has_the_location_only_with_normal_service),
    cmocka_unit_test (test_service_has_its_word),
    cmocka_unit_test (test_rejection_has_its_area_and_the_type_of_attach),
    cmocka_unit_test (test_rejection_by_an_unknown_network_is_not_told),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
