/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* PROVIDE LOCAL INFORMATION, qualifier by qualifier. */

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "toolkit-rig.h"

#define LOCATION "D009810301260082028182"
#define TECHNOLOGY "D009810301260682028182"
#define TIMING_ADVANCE "D009810301260582028182"

static const EaModemNetwork place = { .service = EA_MODEM_SERVICE_NORMAL,
                                      .has_technology = TRUE,
                                      .technology = 0x08,
                                      .mcc = "250",
                                      .mnc = "99",
                                      .has_area = TRUE,
                                      .area_code = 0x1EC5,
                                      .has_cell = TRUE,
                                      .cell = 0x7A43C09 };

/* The modem is asked something, and then the card is answered. */
static void
ask (ToolkitRig *rig, const char *command, const char *question, const char *response)
{
  toolkit_rig_want (rig, command);
  toolkit_rig_expect (rig, question);
  toolkit_rig_expect_response (rig, response);
}

static void
test_location_has_seven_or_nine_octets_by_technology (void **state)
{
  ToolkitRig *rig = *state;
  EaModemNetwork network = place;

  fake_modem_set_network (rig->modem, &network);
  ask (rig, LOCATION, "network",
       "810301260082028281830100"
       "930952F0991EC57A43C09F");
  network.technology = 0x03;
  network.cell = 0x0123ABCD;
  fake_modem_set_network (rig->modem, &network);
  ask (rig, LOCATION, "network",
       "810301260082028281830100"
       "930952F0991EC5ABCD0123");
  network.technology = 0x00;
  fake_modem_set_network (rig->modem, &network);
  ask (rig, LOCATION, "network",
       "810301260082028281830100"
       "930752F0991EC5ABCD");
}

static void
test_location_without_service_is_not_known (void **state)
{
  ToolkitRig *rig = *state;
  EaModemNetwork network = place;

  network.service = EA_MODEM_SERVICE_NONE;
  fake_modem_set_network (rig->modem, &network);
  ask (rig, LOCATION, "network", "81030126008202828183022004");
  network.service = EA_MODEM_SERVICE_NORMAL;
  network.has_area = FALSE;
  fake_modem_set_network (rig->modem, &network);
  ask (rig, LOCATION, "network", "81030126008202828183022004");
}

static void
test_location_with_limited_service_says_so (void **state)
{
  ToolkitRig *rig = *state;
  EaModemNetwork network = place;

  network.service = EA_MODEM_SERVICE_LIMITED;
  fake_modem_set_network (rig->modem, &network);
  ask (rig, LOCATION, "network",
       "810301260082028281830106"
       "930952F0991EC57A43C09F");
}

static void
test_location_keeps_the_style_of_the_command (void **state)
{
  ToolkitRig *rig = *state;

  fake_modem_set_network (rig->modem, &place);
  ask (rig, "D009010301260002028182", "network",
       "010301260002028281030100"
       "130952F0991EC57A43C09F");
}

static void
test_technology_is_told_with_service_and_without (void **state)
{
  ToolkitRig *rig = *state;
  EaModemNetwork network = place;

  fake_modem_set_network (rig->modem, &network);
  ask (rig, TECHNOLOGY, "network", "810301260682028281830100BF0108");
  network.technology = 0x0A;
  network.service = EA_MODEM_SERVICE_LIMITED;
  fake_modem_set_network (rig->modem, &network);
  ask (rig, TECHNOLOGY, "network", "810301260682028281830100BF010A");
  network.has_technology = FALSE;
  fake_modem_set_network (rig->modem, &network);
  ask (rig, TECHNOLOGY, "network", "81030126068202828183022004");
}

static void
test_modem_that_does_not_tell_its_network_is_beyond (void **state)
{
  ToolkitRig *rig = *state;

  ask (rig, LOCATION, "network", "810301260082028281830130");
  ask (rig, TECHNOLOGY, "network", "810301260682028281830130");
}

static void
test_timing_advance_is_that_of_an_idle_mobile (void **state)
{
  ToolkitRig *rig = *state;

  fake_modem_answer (rig->modem, "3F");
  ask (rig, TIMING_ADVANCE, "timing-advance",
       "810301260582028281830100"
       "AE02003F");
  fake_modem_fail (rig->modem, EA_MODEM_ERROR_UNSUPPORTED);
  ask (rig, TIMING_ADVANCE, "timing-advance", "810301260582028281830130");
  fake_modem_fail (rig->modem, EA_MODEM_ERROR_TIMEOUT);
  ask (rig, TIMING_ADVANCE, "timing-advance", "81030126058202828183022000");
}

static void
test_equipment_has_its_identities (void **state)
{
  ToolkitRig *rig = *state;

  ea_modem_set_identity (EA_MODEM (rig->modem), "123456789012345", "1234567890123456");
  toolkit_rig_exchange (rig, "D009810301260182028182",
                        "810301260182028281830100"
                        "94081A32547698103254");
  toolkit_rig_exchange (rig, "D009810301260882028182",
                        "810301260882028281830100"
                        "E209133254769810325"
                        "4F6");
  /* another implementation's (pysniff-tr-imei in tests/vectors/more-terminal-response.tsv) */
  ea_modem_set_identity (EA_MODEM (rig->modem), "867231056428280", "");
  toolkit_rig_exchange (rig, "D009010301260102028182",
                        "010301260102028281030100"
                        "14088A76320165242808");
}

static void
test_identity_that_is_none_is_beyond (void **state)
{
  static const char *const identities[]
      = { "", "12345678901234", "1234567890123456", "12345678901234X" };
  ToolkitRig *rig = *state;

  for (gsize i = 0; i < G_N_ELEMENTS (identities); i++)
    {
      ea_modem_set_identity (EA_MODEM (rig->modem), identities[i], "123");
      toolkit_rig_exchange (rig, "D009810301260182028182", "810301260182028281830130");
      toolkit_rig_exchange (rig, "D009810301260882028182", "810301260882028281830130");
    }
}

/* Two digits of @now, the first in the low half of the octet: TS 24.008 §10.5.3.9 */
static void
add_swapped (GString *hex, int number)
{
  g_string_append_printf (hex, "%d%d", number % 10, number / 10 % 10);
}

static void
test_date_and_time_are_those_of_the_gateway (void **state)
{
  ToolkitRig *rig = *state;
  g_autoptr (GDateTime) before = g_date_time_new_now_local ();
  int quarters = (int) (g_date_time_get_utc_offset (before) / G_USEC_PER_SEC / 900);
  const char *line;

  toolkit_rig_want (rig, "D009810301260382028182");
  line = fake_modem_await_line (rig->modem);
  for (int late_s = 0; late_s < 60; late_s++) /* a slow machine may need some seconds */
    {
      g_autoptr (GDateTime) time = g_date_time_add_seconds (before, late_s);
      g_autoptr (GString) expected = g_string_new ("response 1 810301260382028281830100"
                                                   "A607");

      add_swapped (expected, g_date_time_get_year (time));
      add_swapped (expected, g_date_time_get_month (time));
      add_swapped (expected, g_date_time_get_day_of_month (time));
      add_swapped (expected, g_date_time_get_hour (time));
      add_swapped (expected, g_date_time_get_minute (time));
      add_swapped (expected, g_date_time_get_second (time));
      g_string_append_printf (expected, "%X%d", (guint) (ABS (quarters) % 10),
                              ABS (quarters) / 10 + (quarters < 0 ? 8 : 0));
      if (g_str_equal (line, expected->str))
        return;
    }
  fail_msg ("%s", line);
}

static void
test_what_the_terminal_does_not_know_is_beyond (void **state)
{
  static const guint8 qualifiers[] = { 0x02, 0x04, 0x07, 0x09, 0x0A, 0x0B, 0x0D, 0x0E,
                                       0x0F, 0x10, 0x11, 0x12, 0x15, 0x1A, 0x7F, 0xFF };
  ToolkitRig *rig = *state;

  fake_modem_set_network (rig->modem, &place);
  for (gsize i = 0; i < G_N_ELEMENTS (qualifiers); i++)
    {
      g_autofree char *command = g_strdup_printf ("D0098103012"
                                                  "6%02X82028182",
                                                  qualifiers[i]);
      g_autofree char *response = g_strdup_printf ("81030126%02X82028281830130", qualifiers[i]);

      toolkit_rig_exchange (rig, command, response);
    }
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    RIG_TEST (test_location_has_seven_or_nine_octets_by_technology),
    RIG_TEST (test_location_without_service_is_not_known),
    RIG_TEST (test_location_with_limited_service_says_so),
    RIG_TEST (test_location_keeps_the_style_of_the_command),
    RIG_TEST (test_technology_is_told_with_service_and_without),
    RIG_TEST (test_modem_that_does_not_tell_its_network_is_beyond),
    RIG_TEST (test_timing_advance_is_that_of_an_idle_mobile),
    RIG_TEST (test_equipment_has_its_identities),
    RIG_TEST (test_identity_that_is_none_is_beyond),
    RIG_TEST (test_date_and_time_are_those_of_the_gateway),
    RIG_TEST (test_what_the_terminal_does_not_know_is_beyond),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
