/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Bearers of ModemManager, agent/modem/bearers.h. */

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bearers-rig.h"

#define ABSENT_INTERFACE "no-such-if"
#define SHORT_TIMEOUT_MS 50

static void
test_connected_bearer_of_the_name_is_used_and_stays (void **state)
{
  BearersRig *rig = *state;
  BearersAnswer *answer;

  bearers_rig_add (rig, "other", TRUE);
  bearers_rig_add (rig, "iot.example", TRUE);
  answer = bearers_rig_acquire_with (rig, EA_BEARER_USE_CONNECT, "", "IoT.example");
  assert_non_null (answer->bearer);
  assert_string_equal (ea_bearer_get_interface (answer->bearer), LOOPBACK);
  assert_string_equal (ea_bearer_get_apn (answer->bearer), "iot.example");
  g_ptr_array_set_size (rig->answers, 0);
  bearers_rig_acquire_with (rig, EA_BEARER_USE_EXISTING, "", "other");

  bearers_rig_expect_diary (rig, "");
}

static void
test_name_servers_are_those_of_the_bearer (void **state)
{
  BearersRig *rig = *state;
  GPtrArray *servers;
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;

  bearers_rig_add (rig, "a", TRUE);
  servers = ea_bearer_get_dns_servers (
      bearers_rig_acquire_with (rig, EA_BEARER_USE_EXISTING, "", "a")->bearer);

  assert_int_equal (servers->len, 2);
  first = g_inet_address_to_string (g_ptr_array_index (servers, 0));
  second = g_inet_address_to_string (g_ptr_array_index (servers, 1));
  assert_string_equal (first, "192.0.2.53");
  assert_string_equal (second, "2001:db8::53");
}

static void
test_none_is_connected_where_only_existing_ones_are_allowed (void **state)
{
  BearersRig *rig = *state;
  BearersAnswer *answer;

  bearers_rig_add (rig, "a", FALSE);
  bearers_rig_add (rig, "b", TRUE);
  answer = bearers_rig_acquire_with (rig, EA_BEARER_USE_EXISTING, "", "a");

  assert_true (g_error_matches (answer->error, EA_BEARER_ERROR, EA_BEARER_ERROR_NO_BEARER));
  assert_non_null (strstr (answer->error->message, "'a'"));
  bearers_rig_expect_diary (rig, "");
}

static void
test_bearer_is_connected_as_requested_and_deleted_with_its_last_user (void **state)
{
  BearersRig *rig = *state;
  g_autoptr (EaBearers) bearers = bearers_rig_new_bearers (rig, EA_BEARER_USE_CONNECT, "");
  EaBearerRequest request
      = { .apn = "iot", .user = "u", .password = "p", .wants_ipv4 = TRUE, .wants_ipv6 = TRUE };
  BearersAnswer *answer = bearers_rig_ask (rig, bearers, &request, NULL);

  WAIT_FOR (answer->has_come);
  assert_non_null (answer->bearer);
  assert_string_equal (ea_bearer_get_interface (answer->bearer), LOOPBACK);
  assert_string_equal (ea_bearer_get_apn (answer->bearer), "iot");
  assert_int_equal (ea_bearer_get_dns_servers (answer->bearer)->len, 2);
  bearers_rig_expect_diary (rig, "create /Bearer/0 'iot' 'u' 'p' 4\nconnect /Bearer/0");
  g_ptr_array_set_size (rig->answers, 0);
  bearers_rig_await_diary (rig, 3);

  bearers_rig_expect_diary (rig, "delete /Bearer/0");
}

static void
test_two_users_share_what_was_connected_for_the_first (void **state)
{
  BearersRig *rig = *state;
  g_autoptr (EaBearers) bearers = bearers_rig_new_bearers (rig, EA_BEARER_USE_CONNECT, "");
  EaBearerRequest request = { .apn = "iot" };
  BearersAnswer *first = bearers_rig_ask (rig, bearers, &request, NULL);
  BearersAnswer *second = bearers_rig_ask (rig, bearers, &request, NULL);

  WAIT_FOR (first->has_come && second->has_come);
  assert_non_null (first->bearer);
  assert_ptr_equal (first->bearer, second->bearer);
  g_ptr_array_remove_index (rig->answers, 0);
  assert_ptr_equal (bearers_rig_acquire (rig, bearers, "iot")->bearer, second->bearer);
  bearers_rig_expect_diary (rig, "create /Bearer/0 'iot' '' '' 0\nconnect /Bearer/0");
  g_ptr_array_set_size (rig->answers, 0);
  bearers_rig_await_diary (rig, 3);

  bearers_rig_expect_diary (rig, "delete /Bearer/0");
}

static void
test_bearer_that_is_being_deleted_is_not_used_again (void **state)
{
  BearersRig *rig = *state;
  g_autoptr (EaBearers) bearers = bearers_rig_new_bearers (rig, EA_BEARER_USE_CONNECT, "");

  bearers_rig_acquire (rig, bearers, "iot");
  g_ptr_array_set_size (rig->answers, 0);
  bearers_rig_acquire (rig, bearers, "iot");

  bearers_rig_expect_diary (rig,
                            "create /Bearer/0 'iot' '' '' 0\nconnect /Bearer/0\ndelete /Bearer/0\n"
                            "create /Bearer/1 'iot' '' '' 0\nconnect /Bearer/1");
}

static void
test_bearer_that_its_last_user_drops_while_it_is_found_again_stays (void **state)
{
  BearersRig *rig = *state;
  g_autoptr (EaBearers) bearers = bearers_rig_new_bearers (rig, EA_BEARER_USE_CONNECT, "");
  EaBearerRequest request = { .apn = "iot" };
  BearersAnswer *second;

  bearers_rig_acquire (rig, bearers, "iot");
  second = bearers_rig_ask (rig, bearers, &request, NULL);
  g_ptr_array_remove_index (rig->answers, 0);
  WAIT_FOR (second->has_come);
  assert_non_null (second->bearer);
  bearers_rig_acquire (rig, bearers, "iot"); /* after the release that the first user has left */
  assert_int_equal (second->n_lost, 0);
  bearers_rig_expect_diary (rig, "create /Bearer/0 'iot' '' '' 0\nconnect /Bearer/0");
  g_ptr_array_set_size (rig->answers, 0);
  bearers_rig_await_diary (rig, 3);

  bearers_rig_expect_diary (rig, "delete /Bearer/0");
}

static void
test_any_bearer_will_do_where_that_is_configured (void **state)
{
  BearersRig *rig = *state;
  BearersAnswer *answer;

  bearers_rig_add (rig, "a", TRUE);
  bearers_rig_add (rig, "b", TRUE);
  answer = bearers_rig_acquire_with (rig, EA_BEARER_USE_ANY, "", "b");
  assert_string_equal (ea_bearer_get_apn (answer->bearer), "b");
  answer = bearers_rig_acquire_with (rig, EA_BEARER_USE_ANY, "", "c");
  assert_non_null (answer->bearer);

  bearers_rig_expect_diary (rig, "");
}

static void
test_one_is_connected_where_any_would_do_but_there_is_none (void **state)
{
  BearersRig *rig = *state;

  bearers_rig_add (rig, "a", FALSE);
  assert_non_null (bearers_rig_acquire_with (rig, EA_BEARER_USE_ANY, "", "c")->bearer);

  bearers_rig_expect_diary (rig, "create /Bearer/1 'c' '' '' 0\nconnect /Bearer/1");
}

static void
test_default_is_the_configured_name_then_the_initial_bearers_then_any (void **state)
{
  BearersRig *rig = *state;
  BearersAnswer *answer;
  guint n_changed;

  bearers_rig_add (rig, "a", TRUE);
  bearers_rig_add (rig, "b", TRUE);
  bearers_rig_add (rig, "c", TRUE);
  assert_non_null (bearers_rig_acquire_with (rig, EA_BEARER_USE_EXISTING, "", "")->bearer);
  n_changed = rig->n_changed;
  fake_modem_manager_set_default_apn (rig->fake, "b");
  WAIT_FOR (rig->n_changed > n_changed);
  answer = bearers_rig_acquire_with (rig, EA_BEARER_USE_EXISTING, "c", "");
  assert_string_equal (ea_bearer_get_apn (answer->bearer), "c");
  answer = bearers_rig_acquire_with (rig, EA_BEARER_USE_EXISTING, "", "");

  assert_string_equal (ea_bearer_get_apn (answer->bearer), "b");
}

static void
test_configured_name_is_connected_for_the_default (void **state)
{
  BearersRig *rig = *state;

  bearers_rig_add (rig, "a", TRUE);
  bearers_rig_acquire_with (rig, EA_BEARER_USE_CONNECT, "site", "");

  bearers_rig_expect_diary (rig, "create /Bearer/1 'site' '' '' 0\nconnect /Bearer/1");
}

static void
expect_failure (BearersRig *rig, GQuark domain, int code, EaBearerError expected, guint8 cause)
{
  g_autoptr (GError) error = g_error_new_literal (domain, code, "words of the modem");
  BearersAnswer *answer;

  fake_modem_manager_refuse (rig->fake, error);
  answer = bearers_rig_acquire_with (rig, EA_BEARER_USE_CONNECT, "", "iot");
  assert_null (answer->bearer);
  assert_true (g_error_matches (answer->error, EA_BEARER_ERROR, (int) expected));
  assert_string_equal (answer->error->message, "ModemManager does not connect: words of the modem");
  assert_int_equal (answer->cause, cause);
}

/* Numbers of causes: TS 24.301 §9.9.4.4. */
static void
test_each_refusal_has_its_meaning_and_the_networks_cause (void **state)
{
  BearersRig *rig = *state;

  expect_failure (rig, MM_MOBILE_EQUIPMENT_ERROR, MM_MOBILE_EQUIPMENT_ERROR_MISSING_OR_UNKNOWN_APN,
                  EA_BEARER_ERROR_NETWORK, 27);
  expect_failure (rig, MM_MOBILE_EQUIPMENT_ERROR,
                  MM_MOBILE_EQUIPMENT_ERROR_SERVICE_OPTION_NOT_SUBSCRIBED, EA_BEARER_ERROR_NETWORK,
                  33);
  expect_failure (rig, MM_MOBILE_EQUIPMENT_ERROR, MM_MOBILE_EQUIPMENT_ERROR_IPV4_ONLY_ALLOWED,
                  EA_BEARER_ERROR_NETWORK, 50);
  expect_failure (rig, MM_MOBILE_EQUIPMENT_ERROR,
                  MM_MOBILE_EQUIPMENT_ERROR_OPERATOR_DETERMINED_BARRING, EA_BEARER_ERROR_NETWORK,
                  8);
  expect_failure (rig, MM_MOBILE_EQUIPMENT_ERROR, MM_MOBILE_EQUIPMENT_ERROR_NO_NETWORK,
                  EA_BEARER_ERROR_NO_SERVICE, 0);
  expect_failure (rig, MM_MOBILE_EQUIPMENT_ERROR, MM_MOBILE_EQUIPMENT_ERROR_UNKNOWN,
                  EA_BEARER_ERROR_FAILED, 0);
  expect_failure (rig, MM_CORE_ERROR, MM_CORE_ERROR_WRONG_STATE, EA_BEARER_ERROR_NO_SERVICE, 0);
  expect_failure (rig, MM_CORE_ERROR, MM_CORE_ERROR_TOO_MANY, EA_BEARER_ERROR_NO_BEARER, 0);
  expect_failure (rig, MM_CORE_ERROR, MM_CORE_ERROR_FAILED, EA_BEARER_ERROR_FAILED, 0);
  expect_failure (rig, MM_CONNECTION_ERROR, MM_CONNECTION_ERROR_BUSY, EA_BEARER_ERROR_BUSY_ON_CALL,
                  0);
  expect_failure (rig, MM_CONNECTION_ERROR, MM_CONNECTION_ERROR_NO_CARRIER, EA_BEARER_ERROR_NETWORK,
                  0);
}

static void
test_refused_bearer_is_deleted (void **state)
{
  BearersRig *rig = *state;

  expect_failure (rig, MM_CORE_ERROR, MM_CORE_ERROR_FAILED, EA_BEARER_ERROR_FAILED, 0);
  bearers_rig_await_diary (rig, 3);

  bearers_rig_expect_diary (rig,
                            "create /Bearer/0 'iot' '' '' 0\nconnect /Bearer/0\ndelete /Bearer/0");
}

static void
test_suspended_bearer_is_busy_on_a_call (void **state)
{
  BearersRig *rig = *state;
  MmGdbusBearer *bearer = bearers_rig_add (rig, "a", TRUE);
  BearersAnswer *answer;

  mm_gdbus_bearer_set_suspended (bearer, TRUE);
  answer = bearers_rig_acquire_with (rig, EA_BEARER_USE_CONNECT, "", "a");

  assert_true (g_error_matches (answer->error, EA_BEARER_ERROR, EA_BEARER_ERROR_BUSY_ON_CALL));
}

static void
test_bearer_whose_interface_gets_no_address_is_none (void **state)
{
  BearersRig *rig = *state;
  BearersAnswer *answer;

  rig->address_timeout_ms = SHORT_TIMEOUT_MS;
  fake_modem_manager_set_interface (rig->fake, ABSENT_INTERFACE);
  answer = bearers_rig_acquire_with (rig, EA_BEARER_USE_CONNECT, "", "iot");
  assert_true (g_error_matches (answer->error, EA_BEARER_ERROR, EA_BEARER_ERROR_NO_BEARER));
  assert_non_null (strstr (answer->error->message, ABSENT_INTERFACE));
  bearers_rig_await_diary (rig, 3);

  bearers_rig_expect_diary (rig,
                            "create /Bearer/0 'iot' '' '' 0\nconnect /Bearer/0\ndelete /Bearer/0");
}

static BearersAnswer *
acquire_family (BearersRig *rig, EaBearerUse use, gboolean wants_ipv4, gboolean wants_ipv6)
{
  g_autoptr (EaBearers) bearers = bearers_rig_new_bearers (rig, use, "");
  EaBearerRequest request = { .apn = "a", .wants_ipv4 = wants_ipv4, .wants_ipv6 = wants_ipv6 };
  BearersAnswer *answer = bearers_rig_ask (rig, bearers, &request, NULL);

  WAIT_FOR (answer->has_come);
  return answer;
}

static GVariant *
build_config (const char *address)
{
  return g_variant_new_parsed ("{'method': <%u>, 'address': <%s>}",
                               (guint32) MM_BEARER_IP_METHOD_STATIC, address);
}

static GVariant *
build_no_config (void)
{
  return g_variant_new_parsed ("{'method': <%u>}", (guint32) MM_BEARER_IP_METHOD_UNKNOWN);
}

static void
test_bearer_without_the_wanted_family_is_none (void **state)
{
  BearersRig *rig = *state;
  MmGdbusBearer *bearer = bearers_rig_add (rig, "a", TRUE);
  BearersAnswer *answer;

  mm_gdbus_bearer_set_ip6_config (bearer, build_no_config ());
  assert_non_null (acquire_family (rig, EA_BEARER_USE_EXISTING, TRUE, FALSE)->bearer);
  assert_non_null (acquire_family (rig, EA_BEARER_USE_EXISTING, TRUE, TRUE)->bearer);
  assert_non_null (acquire_family (rig, EA_BEARER_USE_EXISTING, FALSE, FALSE)->bearer);
  answer = acquire_family (rig, EA_BEARER_USE_EXISTING, FALSE, TRUE);
  assert_true (g_error_matches (answer->error, EA_BEARER_ERROR, EA_BEARER_ERROR_NO_BEARER));
  mm_gdbus_bearer_set_ip4_config (bearer, build_no_config ());
  answer = acquire_family (rig, EA_BEARER_USE_EXISTING, FALSE, FALSE);
  assert_true (g_error_matches (answer->error, EA_BEARER_ERROR, EA_BEARER_ERROR_NO_BEARER));
  answer = acquire_family (rig, EA_BEARER_USE_ANY, TRUE, FALSE);
  assert_non_null (answer->bearer);

  bearers_rig_expect_diary (rig, "create /Bearer/1 'a' '' '' 1\nconnect /Bearer/1");
}

static void
expect_no_address (BearersRig *rig, gboolean wants_ipv4, gboolean wants_ipv6)
{
  const BearersAnswer *answer;

  rig->address_timeout_ms = SHORT_TIMEOUT_MS;
  answer = acquire_family (rig, EA_BEARER_USE_EXISTING, wants_ipv4, wants_ipv6);
  rig->address_timeout_ms = 0;
  assert_true (g_error_matches (answer->error, EA_BEARER_ERROR, EA_BEARER_ERROR_NO_BEARER));
  assert_string_equal (answer->error->message,
                       "ModemManager connected a bearer, but nobody gave its network interface lo "
                       "its address");
}

/* The loopback interface has 127.0.0.1 and ::1. */
static void
test_interface_has_to_have_the_address_that_modem_manager_tells (void **state)
{
  BearersRig *rig = *state;
  MmGdbusBearer *bearer = bearers_rig_add (rig, "a", TRUE);

  mm_gdbus_bearer_set_ip4_config (bearer, build_config ("127.0.0.1"));
  mm_gdbus_bearer_set_ip6_config (bearer, build_config ("2001:db8::1"));
  assert_non_null (acquire_family (rig, EA_BEARER_USE_EXISTING, TRUE, FALSE)->bearer);
  expect_no_address (rig, FALSE, TRUE);
  mm_gdbus_bearer_set_ip4_config (bearer, build_config ("192.0.2.1"));
  expect_no_address (rig, TRUE, TRUE);
  mm_gdbus_bearer_set_ip6_config (bearer, build_config ("::2")); /* the same /64 */
  assert_non_null (acquire_family (rig, EA_BEARER_USE_EXISTING, FALSE, TRUE)->bearer);
  mm_gdbus_bearer_set_ip6_config (bearer, build_config ("fe80::1")); /* says nothing */

  assert_non_null (acquire_family (rig, EA_BEARER_USE_EXISTING, FALSE, TRUE)->bearer);
}

static void
test_cancelled_connecting_ends_at_once_and_the_bearer_is_deleted (void **state)
{
  BearersRig *rig = *state;
  g_autoptr (EaBearers) bearers = bearers_rig_new_bearers (rig, EA_BEARER_USE_CONNECT, "");
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  EaBearerRequest request = { .apn = "iot" };
  BearersAnswer *answer;
  BearersAnswer *queued;

  fake_modem_manager_hold (rig->fake, TRUE);
  answer = bearers_rig_ask (rig, bearers, &request, cancellable);
  queued = bearers_rig_ask (rig, bearers, &request, cancellable);
  bearers_rig_await_diary (rig, 2);
  g_cancellable_cancel (cancellable);
  WAIT_FOR (answer->has_come && queued->has_come);
  assert_true (g_error_matches (answer->error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
  assert_true (g_error_matches (queued->error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
  bearers_rig_await_diary (rig, 3);

  bearers_rig_expect_diary (rig,
                            "create /Bearer/0 'iot' '' '' 0\nconnect /Bearer/0\ndelete /Bearer/0");
}

static void
test_disconnected_bearer_is_lost_once (void **state)
{
  BearersRig *rig = *state;
  MmGdbusBearer *bearer = bearers_rig_add (rig, "a", TRUE);
  BearersAnswer *answer = bearers_rig_acquire_with (rig, EA_BEARER_USE_EXISTING, "", "a");
  guint n_changed;

  mm_gdbus_bearer_set_connected (bearer, FALSE);
  WAIT_FOR (answer->n_lost > 0);
  assert_true (ea_bearer_is_lost (answer->bearer));
  n_changed = rig->n_changed;
  fake_modem_manager_remove_bearer (rig->fake, bearer);
  WAIT_FOR (rig->n_changed > n_changed); /* which the bearer was told, too */

  assert_int_equal (answer->n_lost, 1);
}

static void
test_lost_bearer_is_not_shared (void **state)
{
  BearersRig *rig = *state;
  g_autoptr (EaBearers) bearers = bearers_rig_new_bearers (rig, EA_BEARER_USE_CONNECT, "");
  BearersAnswer *lost = bearers_rig_acquire (rig, bearers, "iot");
  BearersAnswer *answer;

  mm_gdbus_bearer_set_connected (fake_modem_manager_get_last (rig->fake), FALSE);
  WAIT_FOR (lost->n_lost > 0);
  answer = bearers_rig_acquire (rig, bearers, "iot");

  assert_non_null (answer->bearer);
  assert_ptr_not_equal (answer->bearer, lost->bearer);
}

static void
test_removed_bearer_is_lost (void **state)
{
  BearersRig *rig = *state;
  BearersAnswer *answer;

  bearers_rig_add (rig, "a", TRUE);
  answer = bearers_rig_acquire_with (rig, EA_BEARER_USE_CONNECT, "", "a");
  fake_modem_manager_remove_bearer (rig->fake, fake_modem_manager_get_last (rig->fake));
  WAIT_FOR (answer->n_lost > 0);

  assert_true (ea_bearer_is_lost (answer->bearer));
}

static void
test_bearer_is_lost_with_modem_manager_and_not_deleted_from_its_next_run (void **state)
{
  BearersRig *rig = *state;
  BearersAnswer *answer = bearers_rig_acquire_with (rig, EA_BEARER_USE_CONNECT, "", "iot");

  g_clear_pointer (&rig->fake, fake_modem_manager_free);
  WAIT_FOR (answer->n_lost > 0);
  rig->fake = fake_modem_manager_new (rig->service, PORT);
  bearers_rig_add (rig, "of somebody else", TRUE);
  WAIT_FOR (bearers_rig_has_modem (rig));
  g_ptr_array_set_size (rig->answers, 0);
  bearers_rig_acquire_with (rig, EA_BEARER_USE_ANY, "", "");

  bearers_rig_expect_diary (rig, "");
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    BEARERS_RIG_TEST (test_connected_bearer_of_the_name_is_used_and_stays),
    BEARERS_RIG_TEST (test_name_servers_are_those_of_the_bearer),
    BEARERS_RIG_TEST (test_none_is_connected_where_only_existing_ones_are_allowed),
    BEARERS_RIG_TEST (test_bearer_is_connected_as_requested_and_deleted_with_its_last_user),
    BEARERS_RIG_TEST (test_two_users_share_what_was_connected_for_the_first),
    BEARERS_RIG_TEST (test_bearer_that_is_being_deleted_is_not_used_again),
    BEARERS_RIG_TEST (test_bearer_that_its_last_user_drops_while_it_is_found_again_stays),
    BEARERS_RIG_TEST (test_any_bearer_will_do_where_that_is_configured),
    BEARERS_RIG_TEST (test_one_is_connected_where_any_would_do_but_there_is_none),
    BEARERS_RIG_TEST (test_default_is_the_configured_name_then_the_initial_bearers_then_any),
    BEARERS_RIG_TEST (test_configured_name_is_connected_for_the_default),
    BEARERS_RIG_TEST (test_each_refusal_has_its_meaning_and_the_networks_cause),
    BEARERS_RIG_TEST (test_refused_bearer_is_deleted),
    BEARERS_RIG_TEST (test_suspended_bearer_is_busy_on_a_call),
    BEARERS_RIG_TEST (test_bearer_whose_interface_gets_no_address_is_none),
    BEARERS_RIG_TEST (test_bearer_without_the_wanted_family_is_none),
    BEARERS_RIG_TEST (test_interface_has_to_have_the_address_that_modem_manager_tells),
    BEARERS_RIG_TEST (test_cancelled_connecting_ends_at_once_and_the_bearer_is_deleted),
    BEARERS_RIG_TEST (test_disconnected_bearer_is_lost_once),
    BEARERS_RIG_TEST (test_lost_bearer_is_not_shared),
    BEARERS_RIG_TEST (test_removed_bearer_is_lost),
    BEARERS_RIG_TEST (test_bearer_is_lost_with_modem_manager_and_not_deleted_from_its_next_run),
  };

  return cmocka_run_group_tests_name ("bearers", tests, NULL, NULL);
}
