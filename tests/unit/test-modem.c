/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What every modem does alike (agent/modem/modem.h), shown by the fake one. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "fake-modem.h"
#include "wait.h"

static const EaModemNetwork lte = {
  .service = EA_MODEM_SERVICE_NORMAL,
  .has_technology = TRUE,
  .technology = 0x08,
  .mcc = "262",
  .mnc = "02",
  .has_area = TRUE,
  .area_code = 0x1234,
  .has_cell = TRUE,
  .cell = 0x0A0B0C0D,
};

static void
on_network_changed (EaModem *modem, const EaModemNetwork *network, gpointer user_data)
{
  guint *n_changes = user_data;

  assert_ptr_equal (network, ea_modem_get_network (modem));
  (*n_changes)++;
}

static void
test_network_is_announced_when_anything_in_it_changes_and_only_then (void **state)
{
  g_autoptr (FakeModem) modem = fake_modem_new ();
  EaModemNetwork network = lte;
  guint n_changes = 0;

  g_signal_connect (modem, "network-changed", G_CALLBACK (on_network_changed), &n_changes);
  fake_modem_set_network (modem, &network);
  assert_int_equal (n_changes, 1);
  fake_modem_set_network (modem, &network);
  assert_int_equal (n_changes, 1);
  network.cell++;
  fake_modem_set_network (modem, &network);
  assert_int_equal (n_changes, 2);
  network.service = EA_MODEM_SERVICE_LIMITED;
  fake_modem_set_network (modem, &network);
  assert_int_equal (n_changes, 3);
  strcpy (network.mnc, "002");
  fake_modem_set_network (modem, &network);
  assert_int_equal (n_changes, 4);
  network.has_area = FALSE;
  fake_modem_set_network (modem, &network);

  assert_int_equal (n_changes, 5);
}

typedef struct
{
  gboolean is_done;
  gboolean is_told;
  EaModemNetwork network;
  guint8 bit_periods;
  GError *error;
} Outcome;

static void
on_queried (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Outcome *outcome = user_data;

  outcome->is_told = ea_modem_query_network_finish (EA_MODEM (source), result, &outcome->network,
                                                    &outcome->error);
  outcome->is_done = TRUE;
}

static void
on_timing_advance (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Outcome *outcome = user_data;

  outcome->is_told = ea_modem_read_timing_advance_finish (EA_MODEM (source), result,
                                                          &outcome->bit_periods, &outcome->error);
  outcome->is_done = TRUE;
}

static void
test_network_that_is_asked_for_is_the_network_that_is_known (void **state)
{
  g_autoptr (FakeModem) modem = fake_modem_new ();
  Outcome outcome = { 0 };

  fake_modem_set_network (modem, &lte);
  ea_modem_query_network_async (EA_MODEM (modem), NULL, on_queried, &outcome);
  WAIT_FOR (outcome.is_done);

  assert_true (outcome.is_told);
  assert_string_equal (outcome.network.mcc, "262");
  assert_int_equal (outcome.network.cell, 0x0A0B0C0D);
  assert_string_equal (fake_modem_read_diary (modem), "network");
}

static void
test_modem_that_does_not_tell_its_network_says_so (void **state)
{
  g_autoptr (FakeModem) modem = fake_modem_new ();
  Outcome outcome = { 0 };

  ea_modem_query_network_async (EA_MODEM (modem), NULL, on_queried, &outcome);
  WAIT_FOR (outcome.is_done);

  assert_false (outcome.is_told);
  assert_true (g_error_matches (outcome.error, EA_MODEM_ERROR, EA_MODEM_ERROR_UNSUPPORTED));
  g_clear_error (&outcome.error);
}

static void
test_timing_advance_is_a_byte_or_an_error (void **state)
{
  g_autoptr (FakeModem) modem = fake_modem_new ();
  Outcome told = { 0 };
  Outcome untold = { 0 };

  fake_modem_answer (modem, "3F");
  fake_modem_fail (modem, EA_MODEM_ERROR_UNSUPPORTED);
  ea_modem_read_timing_advance_async (EA_MODEM (modem), NULL, on_timing_advance, &told);
  WAIT_FOR (told.is_done);
  ea_modem_read_timing_advance_async (EA_MODEM (modem), NULL, on_timing_advance, &untold);
  WAIT_FOR (untold.is_done);

  assert_true (told.is_told);
  assert_int_equal (told.bit_periods, 0x3F);
  assert_false (untold.is_told);
  assert_true (g_error_matches (untold.error, EA_MODEM_ERROR, EA_MODEM_ERROR_UNSUPPORTED));
  g_clear_error (&untold.error);
}

static void
test_imei_and_imeisv_are_empty_until_they_are_known (void **state)
{
  g_autoptr (FakeModem) modem = fake_modem_new ();

  assert_string_equal (ea_modem_get_imei (EA_MODEM (modem)), "");
  assert_string_equal (ea_modem_get_imeisv (EA_MODEM (modem)), "");
  ea_modem_set_identity (EA_MODEM (modem), "490154203237518", "4901542032375178");

  assert_string_equal (ea_modem_get_imei (EA_MODEM (modem)), "490154203237518");
  assert_string_equal (ea_modem_get_imeisv (EA_MODEM (modem)), "4901542032375178");
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_network_is_announced_when_anything_in_it_changes_and_only_then),
    cmocka_unit_test (test_network_that_is_asked_for_is_the_network_that_is_known),
    cmocka_unit_test (test_modem_that_does_not_tell_its_network_says_so),
    cmocka_unit_test (test_timing_advance_is_a_byte_or_an_error),
    cmocka_unit_test (test_imei_and_imeisv_are_empty_until_they_are_known),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
