/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Short messages of the agent's own until the network has them (agent/session/outbox.h). Time flies where it has to. */

#include "session/outbox.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fake-modem.h"
#include "fake-store.h"
#include "fake-time.h"
#include "helpers.h"
#include "wait.h"

/* RP cause 26: network out of order (TS 24.011 §8.2.5.4) */
#define OUT_OF_ORDER 0x26

typedef struct
{
  char *directory;
  FakeModem *modem;
  EaActivity *activity;
  EaLogContext log;
  EaStore *store;
  EaOutbox *outbox;
  guint n_idle;
} Bench;

static void
on_idle (Bench *bench)
{
  bench->n_idle++;
}

static void
begin (Bench *bench)
{
  bench->store = ea_store_new (bench->directory, NULL);
  bench->outbox
      = ea_outbox_new (EA_MODEM (bench->modem), bench->store, "0", bench->activity, &bench->log);
  g_signal_connect_swapped (bench->outbox, "idle", G_CALLBACK (on_idle), bench);
}

static void
end (Bench *bench)
{
  run_ready ();
  g_clear_object (&bench->outbox);
  g_clear_pointer (&bench->store, ea_store_free);
}

static int
setup (void **state)
{
  Bench *bench = g_new0 (Bench, 1);

  fake_time_stop ();
  fake_store_reset ();
  bench->directory = g_dir_make_tmp ("euicc-outbox-XXXXXX", NULL);
  bench->modem = fake_modem_new ();
  bench->activity = ea_activity_new ();
  begin (bench);
  *state = bench;
  return 0;
}

static void
expect_nothing (Bench *bench)
{
  fake_time_stop ();
  run_ready ();
  assert_string_equal (fake_modem_read_diary (bench->modem), "");
}

static int
teardown (void **state)
{
  Bench *bench = *state;

  expect_nothing (bench);
  end (bench);
  g_object_unref (bench->modem);
  g_object_unref (bench->activity);
  delete_directory (bench->directory);
  g_free (bench);
  return 0;
}

/* Messages with one octet each: @first and those after it */
static gboolean
put (Bench *bench, guint8 first, guint n_messages, GError **error)
{
  g_autoptr (GPtrArray) messages = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autoptr (EaStoreChange) change = ea_store_change_new ();

  for (guint i = 0; i < n_messages; i++)
    {
      guint8 octet = (guint8) (first + i);

      g_ptr_array_add (messages, g_bytes_new (&octet, 1));
    }
  return ea_outbox_put (bench->outbox, messages, change, error)
         && ea_store_commit (bench->store, change, error);
}

static void
expect (Bench *bench, const char *line)
{
  assert_string_equal (fake_modem_await_line (bench->modem), line);
}

static guint
count_records (Bench *bench)
{
  g_auto (GStrv) records = NULL;

  run_ready ();
  records = ea_store_list (bench->store, "outbox-");
  return g_strv_length (records);
}

/* Besides the outbox, EaActivity's signal has a timeout. */
static void
assert_flown (gint64 delay_ms)
{
  assert_true (fake_time_get_flown_ms () >= delay_ms);
  assert_true (fake_time_get_flown_ms () < delay_ms + EA_OUTBOX_INTERVAL_MS);
}

static void
test_messages_go_out_in_order_one_at_a_time (void **state)
{
  Bench *bench = *state;

  fake_modem_answer_all (bench->modem, "");
  assert_true (put (bench, 0x01, 2, NULL));
  assert_true (put (bench, 0x03, 1, NULL));
  expect_nothing (bench);
  ea_outbox_wake (bench->outbox);
  ea_outbox_wake (bench->outbox);
  assert_false (ea_outbox_is_idle (bench->outbox));
  expect (bench, "sms 01");
  assert_string_equal (fake_modem_read_diary (bench->modem), "");
  expect (bench, "sms 02");
  expect (bench, "sms 03");
  assert_int_equal (count_records (bench), 0);
  assert_int_equal (bench->n_idle, 1);
  assert_true (ea_outbox_is_idle (bench->outbox));
}

static void
test_message_is_there_until_the_network_has_it (void **state)
{
  Bench *bench = *state;
  g_auto (GStrv) records = NULL;

  fake_modem_answer (bench->modem, "");
  assert_true (put (bench, 0x01, 1, NULL));
  ea_outbox_wake (bench->outbox);
  expect (bench, "sms 01");
  records = ea_store_list (bench->store, "outbox-"); /* the answer has not been read yet */
  assert_int_equal (g_strv_length (records), 1);
  assert_int_equal (count_records (bench), 0);
}

static void
test_failed_message_is_tried_again_after_a_growing_delay (void **state)
{
  Bench *bench = *state;

  for (guint i = 0; i < 10; i++)
    fake_modem_fail (bench->modem, EA_MODEM_ERROR_NO_SERVICE);
  fake_modem_answer (bench->modem, "");
  fake_time_let_fly ();
  assert_true (put (bench, 0x01, 1, NULL));
  ea_outbox_wake (bench->outbox);
  expect (bench, "sms 01");
  for (guint i = 0; i < 10; i++)
    {
      fake_time_let_fly (); /* from here */
      expect (bench, "sms 01");
      assert_flown (MIN (EA_OUTBOX_INTERVAL_MS << i, EA_OUTBOX_INTERVAL_MAX_MS));
    }
  assert_int_equal (count_records (bench), 0);
}

static void
test_delay_is_short_again_after_a_success (void **state)
{
  Bench *bench = *state;

  fake_time_let_fly ();
  for (guint i = 0; i < 3; i++)
    fake_modem_fail (bench->modem, EA_MODEM_ERROR_TIMEOUT);
  fake_modem_answer (bench->modem, "");
  fake_modem_fail (bench->modem, EA_MODEM_ERROR_TIMEOUT);
  fake_modem_answer (bench->modem, "");
  assert_true (put (bench, 0x01, 2, NULL));
  ea_outbox_wake (bench->outbox);
  for (guint i = 0; i < 4; i++)
    expect (bench, "sms 01");
  expect (bench, "sms 02");
  expect (bench, "sms 02");
  assert_flown ((1 + 2 + 4 + 1) * EA_OUTBOX_INTERVAL_MS);
}

static void
test_network_that_comes_back_is_used_at_once (void **state)
{
  const EaModemNetwork none = { .service = EA_MODEM_SERVICE_LIMITED };
  const EaModemNetwork normal = { .service = EA_MODEM_SERVICE_NORMAL };
  Bench *bench = *state;

  fake_modem_fail (bench->modem, EA_MODEM_ERROR_NO_SERVICE);
  fake_modem_answer (bench->modem, "");
  assert_true (put (bench, 0x01, 1, NULL));
  ea_outbox_wake (bench->outbox);
  expect (bench, "sms 01");
  expect_nothing (bench);
  fake_modem_set_network (bench->modem, &none);
  expect_nothing (bench);
  ea_outbox_wake (bench->outbox); /* waits all the same */
  expect_nothing (bench);
  fake_modem_set_network (bench->modem, &normal);
  expect (bench, "sms 01");
  assert_int_equal (count_records (bench), 0);
}

static void
test_messages_outlive_the_agent_in_their_order (void **state)
{
  Bench *bench = *state;

  assert_true (put (bench, 0x01, 12, NULL));
  end (bench);
  begin (bench);
  assert_true (put (bench, 0x0D, 1, NULL));
  fake_modem_answer_all (bench->modem, "");
  ea_outbox_wake (bench->outbox);
  for (guint i = 1; i <= 13; i++)
    {
      g_autofree char *line = g_strdup_printf ("sms %02X", i);

      expect (bench, line);
    }
  assert_int_equal (count_records (bench), 0);
}

static void
test_message_that_the_network_refuses_for_long_is_given_up (void **state)
{
  Bench *bench = *state;

  fake_time_let_fly ();
  for (guint i = 0; i < EA_OUTBOX_REFUSALS_MAX; i++)
    fake_modem_refuse_sms (bench->modem, OUT_OF_ORDER);
  fake_modem_answer (bench->modem, "");
  assert_true (put (bench, 0x01, 2, NULL));
  ea_outbox_wake (bench->outbox);
  for (guint i = 0; i < EA_OUTBOX_REFUSALS_MAX; i++)
    expect (bench, "sms 01");
  expect (bench, "sms 02");
  assert_int_equal (count_records (bench), 0);
}

static void
test_message_without_a_network_is_never_given_up (void **state)
{
  Bench *bench = *state;

  fake_time_let_fly ();
  for (guint i = 0; i < 2 * EA_OUTBOX_REFUSALS_MAX; i++)
    fake_modem_fail (bench->modem, EA_MODEM_ERROR_NO_SERVICE);
  fake_modem_answer (bench->modem, "");
  assert_true (put (bench, 0x01, 1, NULL));
  ea_outbox_wake (bench->outbox);
  for (guint i = 0; i <= 2 * EA_OUTBOX_REFUSALS_MAX; i++)
    expect (bench, "sms 01");
  assert_int_equal (count_records (bench), 0);
}

static void
test_full_outbox_takes_all_or_none (void **state)
{
  Bench *bench = *state;
  g_autoptr (GError) error = NULL;

  assert_true (put (bench, 0, EA_OUTBOX_MAX - 2, NULL));
  assert_false (put (bench, 0, 3, &error));
  assert_true (g_error_matches (error, EA_STORE_ERROR, EA_STORE_ERROR_FULL));
  assert_int_equal (count_records (bench), EA_OUTBOX_MAX - 2);
  assert_true (put (bench, 0, 2, NULL));
  assert_int_equal (count_records (bench), EA_OUTBOX_MAX);
}

/* The network has it, the store does not know. */
static void
test_message_that_can_t_be_removed_is_not_sent_again (void **state)
{
  Bench *bench = *state;

  fake_time_let_fly ();
  fake_modem_answer_all (bench->modem, "");
  assert_true (put (bench, 0x01, 1, NULL));
  assert_true (put (bench, 0x02, 1, NULL));
  fake_store_fail (2);
  ea_outbox_wake (bench->outbox);
  expect (bench, "sms 01");
  expect (bench, "sms 02");
  expect_nothing (bench);
  assert_int_equal (count_records (bench), 0);
}

static void
test_end_lets_the_message_on_its_way_arrive_and_no_other_begin (void **state)
{
  Bench *bench = *state;

  fake_modem_answer_all (bench->modem, "");
  assert_true (put (bench, 0x01, 2, NULL));
  ea_outbox_wake (bench->outbox);
  ea_outbox_drain (bench->outbox);
  assert_false (ea_outbox_is_idle (bench->outbox));
  expect (bench, "sms 01");
  expect_nothing (bench);
  assert_true (ea_outbox_is_idle (bench->outbox));
  assert_int_equal (bench->n_idle, 1);
  assert_int_equal (count_records (bench), 1);
}

#define ON_BENCH(name) cmocka_unit_test_setup_teardown (name, setup, teardown)

int
main (void)
{
  const struct CMUnitTest tests[] = {
    ON_BENCH (test_messages_go_out_in_order_one_at_a_time),
    ON_BENCH (test_message_is_there_until_the_network_has_it),
    ON_BENCH (test_failed_message_is_tried_again_after_a_growing_delay),
    ON_BENCH (test_delay_is_short_again_after_a_success),
    ON_BENCH (test_network_that_comes_back_is_used_at_once),
    ON_BENCH (test_messages_outlive_the_agent_in_their_order),
    ON_BENCH (test_message_that_the_network_refuses_for_long_is_given_up),
    ON_BENCH (test_message_without_a_network_is_never_given_up),
    ON_BENCH (test_full_outbox_takes_all_or_none),
    ON_BENCH (test_message_that_can_t_be_removed_is_not_sent_again),
    ON_BENCH (test_end_lets_the_message_on_its_way_arrive_and_no_other_begin),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
