/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* EaQmiModem itself on the simulator's port: what it tells the sessions about network and toolkit. */

#include "modem/qmi-modem.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "rig.h"

#define MORE_TIME "D009810301020082028182"

/* A modem, and what it has told so far. */
typedef struct
{
  EaModem *modem;
  GAsyncResult *result;
  guint n_changes;
  guint n_ended;
  EaModemRejection rejection;
  guint n_rejections;
  GString *refreshes; /* stage and mode, one digit each, by spaces */
  guint n_refreshes;
  guint n_cards_gone;
  guint n_cards_ready;
} Modem;

static void
on_network_changed (EaModem *modem, const EaModemNetwork *network, gpointer user_data)
{
  ((Modem *) user_data)->n_changes++;
}

static void
on_network_rejected (EaModem *modem, const EaModemRejection *rejection, gpointer user_data)
{
  Modem *self = user_data;

  self->rejection = *rejection;
  self->n_rejections++;
}

static void
on_session_ended (EaModem *modem, gpointer user_data)
{
  ((Modem *) user_data)->n_ended++;
}

static void
on_card_changed (EaModem *modem, EaModemCard card, gpointer user_data)
{
  Modem *self = user_data;

  if (card == EA_MODEM_CARD_READY)
    self->n_cards_ready++;
  else
    self->n_cards_gone++;
}

static void
on_refresh (EaModem *modem, EaModemRefreshStage stage, guint mode, gpointer user_data)
{
  Modem *self = user_data;

  g_string_append_printf (self->refreshes, "%d%u ", stage, mode);
  self->n_refreshes++;
}

static void
on_result (GObject *source, GAsyncResult *result, gpointer user_data)
{
  ((Modem *) user_data)->result = g_object_ref (result);
}

typedef struct
{
  const guint *count;
  guint wanted;
} Expectation;

static gboolean
has_counted (gpointer data)
{
  const Expectation *expectation = data;

  return *expectation->count >= expectation->wanted;
}

static void
await (const guint *count, guint wanted)
{
  Expectation expectation = { count, wanted };

  if (!rig_await_that (has_counted, &expectation))
    fail_msg ("the modem told nothing");
}

static gboolean
has_result (gpointer data)
{
  return ((Modem *) data)->result != NULL;
}

/* (transfer full) */
static GAsyncResult *
await_result (Modem *self)
{
  if (!rig_await_that (has_result, self))
    fail_msg ("the modem did not answer");
  return g_steal_pointer (&self->result);
}

static gboolean
keep_record (GBytes *record, gpointer user_data, GError **error)
{
  GBytes **kept = user_data;

  g_clear_pointer (kept, g_bytes_unref);
  *kept = record != NULL ? g_bytes_ref (record) : NULL;
  return TRUE;
}

/* @terminal_profile: (nullable): what the card is to know; @record: (nullable): where the modem's record is kept */
static Modem *
open_modem_on (Rig *rig, GBytes *terminal_profile, GBytes **record)
{
  g_autofree char *path = g_build_filename (rig->directory, "cdc-wdm0", NULL);
  const EaQmiModemOptions options = { .path = path,
                                      .proxy = EA_MODEM_PROXY_NO,
                                      .role = EA_MODEM_ROLE_AUTO,
                                      .slot = 1,
                                      .terminal_profile = terminal_profile,
                                      .needed_profile = terminal_profile };
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  Modem *self = g_new0 (Modem, 1);

  self->refreshes = g_string_new (NULL);
  self->modem = ea_qmi_modem_new (&options, record != NULL ? *record : NULL);
  if (record != NULL)
    ea_modem_set_save_func (self->modem, keep_record, record);
  g_signal_connect (self->modem, "network-changed", G_CALLBACK (on_network_changed), self);
  g_signal_connect (self->modem, "network-rejected", G_CALLBACK (on_network_rejected), self);
  g_signal_connect (self->modem, "session-ended", G_CALLBACK (on_session_ended), self);
  g_signal_connect (self->modem, "refresh", G_CALLBACK (on_refresh), self);
  ea_modem_open_async (self->modem, NULL, on_result, self);
  result = await_result (self);
  if (!ea_modem_open_finish (self->modem, result, &error))
    fail_msg ("the modem can't be opened: %s", error->message);
  g_signal_connect (self->modem, "card-changed", G_CALLBACK (on_card_changed), self);
  return self;
}

static Modem *
open_modem_with (Rig *rig, GBytes *terminal_profile)
{
  return open_modem_on (rig, terminal_profile, NULL);
}

static Modem *
open_modem (Rig *rig)
{
  return open_modem_with (rig, NULL);
}

/* @message: (nullable): of the error with which it is closed */
static void
close_modem_with (Modem *self, const char *message)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  ea_modem_close_async (self->modem, NULL, on_result, self);
  result = await_result (self);
  assert_int_equal (ea_modem_close_finish (self->modem, result, &error), message == NULL);
  if (message != NULL)
    assert_string_equal (error->message, message);
  g_object_unref (self->modem);
  g_string_free (self->refreshes, TRUE);
  g_free (self);
}

static void
close_modem (Modem *self)
{
  close_modem_with (self, NULL);
}

static void
test_identity_and_network_are_known_once_it_is_open (void **state)
{
  Rig *rig = *state;
  Modem *self;
  const EaModemNetwork *network;

  rig_start_simulator (rig, NULL);
  self = open_modem (rig);
  network = ea_modem_get_network (self->modem);

  assert_string_equal (ea_modem_get_imei (self->modem), "490154203237518");
  assert_string_equal (ea_modem_get_imeisv (self->modem), "4901542032375178");
  assert_true ((ea_modem_get_capabilities (self->modem) & EA_MODEM_NETWORK) != 0);
  assert_int_equal (network->service, EA_MODEM_SERVICE_NORMAL);
  assert_int_equal (network->technology, 0x08);
  assert_string_equal (network->mcc, "001");
  assert_string_equal (network->mnc, "01");
  assert_int_equal (network->area_code, 1);
  assert_int_equal (network->cell, 1);
  assert_int_equal (self->n_changes, 1);
  close_modem (self);
}

static void
test_changes_of_the_network_are_told (void **state)
{
  Rig *rig = *state;
  Modem *self;
  const EaModemNetwork *network;

  rig_start_simulator (rig, NULL);
  self = open_modem (rig);
  rig_expect_control (rig, "ok", "network technology nr");
  await (&self->n_changes, 2);
  network = ea_modem_get_network (self->modem);
  assert_int_equal (network->technology, 0x0A);
  rig_expect_control (rig, "ok", "network cell 310 410 0x123456 0xABCD");
  await (&self->n_changes, 3);
  assert_string_equal (network->mcc, "310");
  assert_string_equal (network->mnc, "410");
  assert_int_equal (network->area_code, 0x123456);
  assert_int_equal (network->cell, 0xABCD);
  rig_expect_control (rig, "ok", "network none");
  await (&self->n_changes, 4);

  assert_int_equal (network->service, EA_MODEM_SERVICE_NONE);
  assert_false (network->has_technology);
  close_modem (self);
}

static void
test_rejection_tells_who_where_and_why (void **state)
{
  Rig *rig = *state;
  Modem *self;

  rig_start_simulator (rig, NULL);
  self = open_modem (rig);
  rig_expect_control (rig, "ok", "network cell 262 02 0x1234 7");
  rig_expect_control (rig, "ok", "network reject 15");
  await (&self->n_rejections, 1);

  assert_int_equal (ea_modem_get_network (self->modem)->service, EA_MODEM_SERVICE_LIMITED);
  assert_int_equal (self->rejection.technology, 0x08);
  assert_string_equal (self->rejection.mcc, "262");
  assert_string_equal (self->rejection.mnc, "02");
  assert_true (self->rejection.has_area);
  assert_int_equal (self->rejection.area_code, 0x1234);
  assert_int_equal (self->rejection.domain, EA_MODEM_DOMAIN_CIRCUIT | EA_MODEM_DOMAIN_PACKET);
  assert_int_equal (self->rejection.cause, 15);
  close_modem (self);
}

static void
test_network_that_is_asked_for_is_told_or_is_an_error (void **state)
{
  Rig *rig = *state;
  g_autoptr (GAsyncResult) first = NULL;
  g_autoptr (GAsyncResult) second = NULL;
  g_autoptr (GError) error = NULL;
  EaModemNetwork network = { 0 };
  Modem *self;

  rig_start_simulator (rig, NULL);
  self = open_modem (rig);
  ea_modem_query_network_async (self->modem, NULL, on_result, self);
  first = await_result (self);
  assert_true (ea_modem_query_network_finish (self->modem, first, &network, NULL));
  assert_string_equal (network.mcc, "001");
  rig_expect_control (rig, "ok", "fail nas 0x4D 71");
  ea_modem_query_network_async (self->modem, NULL, on_result, self);
  second = await_result (self);

  assert_false (ea_modem_query_network_finish (self->modem, second, &network, &error));
  assert_true (g_error_matches (error, EA_MODEM_ERROR, EA_MODEM_ERROR_UNSUPPORTED));
  close_modem (self);
}

static void
test_timing_advance_is_told_on_gsm_and_unsupported_elsewhere (void **state)
{
  Rig *rig = *state;
  g_autoptr (GAsyncResult) lte = NULL;
  g_autoptr (GAsyncResult) gsm = NULL;
  g_autoptr (GAsyncResult) none = NULL;
  g_autoptr (GError) error = NULL;
  guint8 bit_periods = 0;
  Modem *self;

  rig_start_simulator (rig, NULL);
  self = open_modem (rig);
  ea_modem_read_timing_advance_async (self->modem, NULL, on_result, self);
  lte = await_result (self);
  assert_false (ea_modem_read_timing_advance_finish (self->modem, lte, &bit_periods, &error));
  assert_true (g_error_matches (error, EA_MODEM_ERROR, EA_MODEM_ERROR_UNSUPPORTED));
  rig_expect_control (rig, "ok", "network technology gsm");
  ea_modem_read_timing_advance_async (self->modem, NULL, on_result, self);
  gsm = await_result (self);
  assert_true (ea_modem_read_timing_advance_finish (self->modem, gsm, &bit_periods, NULL));
  assert_int_equal (bit_periods, 5);
  rig_expect_control (rig, "ok", "network none");
  g_clear_error (&error);
  ea_modem_read_timing_advance_async (self->modem, NULL, on_result, self);
  none = await_result (self);

  assert_false (ea_modem_read_timing_advance_finish (self->modem, none, &bit_periods, &error));
  assert_true (g_error_matches (error, EA_MODEM_ERROR, EA_MODEM_ERROR_UNSUPPORTED));
  close_modem (self);
}

static void
test_reset_card_starts_anew (void **state)
{
  Rig *rig = *state;
  g_autoptr (GAsyncResult) result = NULL;
  Modem *self;

  rig_start_simulator (rig, NULL);
  self = open_modem (rig);
  ea_modem_reset_card_async (self->modem, NULL, on_result, self);
  result = await_result (self);
  assert_true (ea_modem_reset_card_finish (self->modem, result, NULL));
  await (&self->n_cards_gone, 1);
  await (&self->n_cards_ready, 1);

  assert_int_equal (ea_modem_get_card (self->modem), EA_MODEM_CARD_READY);
  close_modem (self);
}

static void
test_radio_is_off_and_on_again (void **state)
{
  Rig *rig = *state;
  g_autoptr (GAsyncResult) result = NULL;
  Modem *self;

  rig_start_simulator (rig, NULL);
  self = open_modem (rig);
  ea_modem_toggle_radio_async (self->modem, NULL, on_result, self);
  result = await_result (self);
  assert_true (ea_modem_toggle_radio_finish (self->modem, result, NULL));
  await (&self->n_changes, 3); /* what it was, nothing, and what it is */

  assert_int_equal (ea_modem_get_network (self->modem)->service, EA_MODEM_SERVICE_NORMAL);
  assert_true (ea_modem_get_network (self->modem)->has_roaming);
  assert_false (ea_modem_get_network (self->modem)->is_roaming);
  close_modem (self);
}

/* Set Operating Mode: refused for low power, and yet the modem goes online. */
static void
test_radio_goes_on_though_it_did_not_go_off (void **state)
{
  Rig *rig = *state;
  g_autoptr (GAsyncResult) result = NULL;
  g_autofree char *requests = NULL;
  Modem *self;

  rig_start_simulator (rig, NULL);
  self = open_modem (rig);
  g_free (rig_control (rig, "qmi"));
  rig_expect_control (rig, "ok", "fail dms 0x2E 3 1");
  ea_modem_toggle_radio_async (self->modem, NULL, on_result, self);
  result = await_result (self);

  assert_true (ea_modem_toggle_radio_finish (self->modem, result, NULL));
  requests = rig_control (rig, "qmi");
  assert_non_null (strstr (requests, "01010001\n"));
  assert_non_null (strstr (requests, "01010000\n"));
  close_modem (self);
}

static gboolean
is_away (const GBytes *record)
{
  gsize size;
  const char *text = record != NULL ? g_bytes_get_data ((GBytes *) record, &size) : NULL;

  return text != NULL && g_strstr_len (text, (gssize) size, "radio=low-power") != NULL;
}

static gboolean
is_away_recorded (gpointer data)
{
  return is_away (*(GBytes **) data);
}

static void
on_toggled (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

static gboolean
has_toggled (gpointer data)
{
  return *(GAsyncResult **) data != NULL;
}

/* It is silent to low power, as one that takes its time to leave the network. */
static void
test_modem_that_is_closed_while_the_radio_is_off_has_it_on (void **state)
{
  Rig *rig = *state;
  g_autoptr (GBytes) record = NULL;
  g_autoptr (GAsyncResult) toggled = NULL;
  g_autoptr (EaModem) modem = NULL;
  g_autofree char *requests = NULL;
  Modem *self;

  rig_start_simulator (rig, NULL);
  self = open_modem_on (rig, NULL, &record);
  modem = g_object_ref (self->modem);
  g_free (rig_control (rig, "qmi"));
  rig_expect_control (rig, "ok", "fail dms 0x2E nothing 1");
  ea_modem_toggle_radio_async (modem, NULL, on_toggled, &toggled);
  if (!rig_await_that (is_away_recorded, &record))
    fail_msg ("that the radio is left was not recorded");
  close_modem (self);
  requests = rig_control (rig, "qmi");

  assert_non_null (strstr (requests, "01010000\n"));
  assert_null (record);
  if (!rig_await_that (has_toggled, &toggled))
    fail_msg ("the step did not end");
  assert_false (ea_modem_toggle_radio_finish (modem, toggled, NULL));
}

static void
test_radio_that_an_earlier_life_has_left_off_is_on_again (void **state)
{
  static const char text[] = "[modem]\ninstance=x\nradio=low-power\n";
  Rig *rig = *state;
  g_autoptr (GBytes) record = g_bytes_new_static (text, strlen (text));
  Modem *self;

  rig_start_simulator (rig, NULL);
  g_free (rig_control (rig, "mode 1"));
  self = open_modem_on (rig, NULL, &record);

  assert_false (is_away (record));
  await (&self->n_changes, 1);
  close_modem (self);
}

/* Set Operating Mode is not sent at all. */
static void
test_radio_that_somebody_has_switched_off_stays_off (void **state)
{
  Rig *rig = *state;
  Modem *self;

  rig_start_simulator (rig, NULL);
  rig_expect_control (rig, "ok", "mode 1");
  self = open_modem (rig);
  g_free (rig_control (rig, "qmi"));
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (GAsyncResult) result = NULL;
      g_autoptr (GError) error = NULL;
      g_autofree char *requests = NULL;

      if (i == 0)
        ea_modem_toggle_radio_async (self->modem, NULL, on_result, self);
      else
        ea_modem_reset_async (self->modem, NULL, on_result, self);
      result = await_result (self);
      assert_false (i == 0 ? ea_modem_toggle_radio_finish (self->modem, result, &error)
                           : ea_modem_reset_finish (self->modem, result, &error));
      assert_non_null (strstr (error->message, "somebody has switched the radio off"));
      requests = rig_control (rig, "qmi");
      assert_null (strstr (requests, "dms 0x002E"));
    }
  close_modem (self);
}

static void
test_reset_of_the_modem_is_ordered_offline (void **state)
{
  Rig *rig = *state;
  g_autoptr (GAsyncResult) result = NULL;
  g_autofree char *requests = NULL;
  Modem *self;

  rig_start_simulator (rig, NULL);
  self = open_modem (rig);
  g_free (rig_control (rig, "qmi"));
  ea_modem_reset_async (self->modem, NULL, on_result, self);
  result = await_result (self);

  assert_true (ea_modem_reset_finish (self->modem, result, NULL));
  requests = rig_control (rig, "qmi");
  assert_non_null (strstr (requests, "01010003\n"));
  assert_non_null (strstr (requests, "01010004\n"));
  close_modem (self);
}

static void
test_end_of_a_session_is_told_though_the_firmware_executed_the_command (void **state)
{
  Rig *rig = *state;
  g_autofree char *reply = NULL;
  Modem *self;

  rig_start_simulator (rig, NULL);
  self = open_modem (rig);
  reply = rig_control (rig, "proactive %s", MORE_TIME);
  await (&self->n_ended, 1);

  assert_string_equal (reply, "ok firmware 810301020082028281830100");
  close_modem (self);
}

static void
test_refresh_of_the_firmware_is_told_once_with_the_card_s_qualifier (void **state)
{
  Rig *rig = *state;
  Modem *self;

  rig_start_simulator (rig, NULL);
  self = open_modem (rig);
  rig_expect_control (rig, "ok", "refresh 04");
  rig_expect_control (rig, "ok", "refresh 01");
  await (&self->n_refreshes, 4);

  assert_string_equal (self->refreshes->str, "04 14 01 11 ");
  close_modem (self);
}

static void
test_refresh_is_told_by_the_toolkit_where_the_card_service_does_not (void **state)
{
  Rig *rig = *state;
  Modem *self;

  rig_start_simulator (rig, NULL);
  rig_expect_control (rig, "ok", "fail uim 0x44 71 0");
  self = open_modem (rig);
  rig_expect_control (rig, "ok", "refresh 04");
  await (&self->n_refreshes, 2);

  assert_string_equal (self->refreshes->str, "04 14 ");
  close_modem (self);
}

static void
test_routes_that_can_not_be_put_back_are_told_when_it_is_closed (void **state)
{
  Rig *rig = *state;
  Modem *self;

  rig_start_simulator (rig, NULL);
  self = open_modem (rig);
  rig_expect_control (rig, "ok", "fail wms 0x32 3 0");

  close_modem_with (self, "Cannot put back the modem's routes: QMI protocol error (3): 'Internal'");
  rig_await_simulator (rig, "\"clients\":[]");
}

static void
test_profile_that_can_not_be_put_back_is_told_when_it_is_closed (void **state)
{
  static const guint8 profile[] = { 0x33, 0xFF, 0xFF };
  Rig *rig = *state;
  g_autoptr (GBytes) bytes = g_bytes_new (profile, sizeof profile);
  Modem *self;

  rig_start_simulator (rig, NULL);
  self = open_modem_with (rig, bytes);
  rig_expect_control (rig, "ok", "fail cat2 0x2D 3 0");

  close_modem_with (self, "Cannot put back the terminal profile: Internal");
  rig_await_simulator (rig, "\"clients\":[]");
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    RIG_TEST (test_identity_and_network_are_known_once_it_is_open),
    RIG_TEST (test_changes_of_the_network_are_told),
    RIG_TEST (test_rejection_tells_who_where_and_why),
    RIG_TEST (test_network_that_is_asked_for_is_told_or_is_an_error),
    RIG_TEST (test_timing_advance_is_told_on_gsm_and_unsupported_elsewhere),
    RIG_TEST (test_reset_card_starts_anew),
    RIG_TEST (test_radio_is_off_and_on_again),
    RIG_TEST (test_radio_goes_on_though_it_did_not_go_off),
    RIG_TEST (test_modem_that_is_closed_while_the_radio_is_off_has_it_on),
    RIG_TEST (test_radio_that_an_earlier_life_has_left_off_is_on_again),
    RIG_TEST (test_radio_that_somebody_has_switched_off_stays_off),
    RIG_TEST (test_reset_of_the_modem_is_ordered_offline),
    RIG_TEST (test_end_of_a_session_is_told_though_the_firmware_executed_the_command),
    RIG_TEST (test_refresh_of_the_firmware_is_told_once_with_the_card_s_qualifier),
    RIG_TEST (test_refresh_is_told_by_the_toolkit_where_the_card_service_does_not),
    RIG_TEST (test_routes_that_can_not_be_put_back_are_told_when_it_is_closed),
    RIG_TEST (test_profile_that_can_not_be_put_back_is_told_when_it_is_closed),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
