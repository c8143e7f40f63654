/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What is durable of an HTTPS session (agent/session/session-store.h). The session's own machine (core/admin.h) makes it. */

#include "session/session-store.h"

#include <glib/gstdio.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "admin-rig.h"
#include "fake-store.h"
#include "helpers.h"

#define NAME "0"
#define EID "89001012012341234012345678901224"
#define RECORD "session-0-0000000000"
#define HEAD RECORD ".head"
#define PAGE(exchange, page) RECORD ".000000000" #exchange ".000000000" #page

#define SCRIPT_HEAD                                                                                \
  "HTTP/1.1 200 OK\r\nX-Admin-Protocol: globalplatform-remote-admin/1.0\r\nX-Admin-Next-URI: "     \
  "/next\r\n"                                                                                      \
  "Content-Type: application/vnd.globalplatform.card-content-mgt;version=1.0\r\n"                  \
  "Transfer-Encoding: chunked\r\n\r\n"
#define COMMAND "80CA005A00"
#define COMMAND_OBJECT "2205" COMMAND

/* An answer of 20 bytes, and the object that it makes */
#define DATA "000102030405060708090A0B0C0D0E0F10119000"
#define ANSWER_SIZE 22

#define N_COMMANDS 3000

typedef struct
{
  char *directory;
  EaStore *store;
  EaAdminOptions options;
  EaSessionStore *admin_store;
  EaAdmin *admin;
} Bench;

static EaSessionOrder *
new_order (void)
{
  EaSessionOrder *order = g_new0 (EaSessionOrder, 1);

  order->origin = EA_SESSION_DBUS;
  order->eid = g_strdup (EID);
  order->name = g_strdup ("192.0.2.1");
  order->port = 443;
  order->host = g_strdup ("192.0.2.1");
  order->uri = g_strdup ("/gsma/adminagent");
  order->interface = g_strdup ("");
  order->apn = g_strdup ("");
  order->retry.n_max = 3;
  order->timeout_s = 20;
  return order;
}

/* (nullable) */
static EaSessionStore *
add (Bench *bench, const char *name, GError **error)
{
  g_autoptr (EaSessionOrder) order = new_order ();

  return ea_session_store_new (bench->store, name, order, error);
}

static int
setup (void **state)
{
  Bench *bench = g_new0 (Bench, 1);

  fake_store_reset ();
  bench->directory = make_quick_directory ();
  bench->store = ea_store_new (bench->directory, NULL);
  bench->options = rig_get_options ();
  bench->admin_store = add (bench, NAME, NULL);
  assert_non_null (bench->admin_store);
  bench->admin = rig_start (&bench->options);
  *state = bench;
  return 0;
}

static int
teardown (void **state)
{
  Bench *bench = *state;

  ea_admin_free (bench->admin);
  ea_session_store_free (bench->admin_store);
  ea_store_free (bench->store);
  delete_directory (bench->directory);
  g_free (bench);
  return 0;
}

/* The process ends, and another one opens what is there. */
static void
restart (Bench *bench)
{
  g_clear_pointer (&bench->admin, ea_admin_free);
  ea_session_store_free (bench->admin_store);
  ea_store_free (bench->store);
  bench->store = ea_store_new (bench->directory, NULL);
  bench->admin_store = ea_session_store_open (bench->store, RECORD);
}

static void
save (Bench *bench)
{
  g_autoptr (GError) error = NULL;

  if (!ea_session_store_save_admin (bench->admin_store, bench->admin, &error))
    fail_msg ("%s", error->message);
}

static void
load (Bench *bench)
{
  g_autoptr (GError) error = NULL;

  bench->admin = ea_session_store_load_admin (bench->admin_store, &bench->options, &error);
  if (bench->admin == NULL)
    fail_msg ("%s", error->message);
}

static void
begin_script (Bench *bench)
{
  rig_receive (bench->admin, SCRIPT_HEAD "2\r\n", "AE800D0A");
}

static void
end_script (Bench *bench)
{
  rig_receive (bench->admin, "2\r\n", "00000D0A");
  rig_receive (bench->admin, "0\r\n\r\n", "");
}

/* The next command of the script comes. */
static void
receive_command (Bench *bench)
{
  rig_receive (bench->admin, "7\r\n", COMMAND_OBJECT "0D0A");
}

/* A command as the session carries it out: stored before the card gets it, and with its answer by the next one. */
static void
carry_out_with (Bench *bench, EaSpan response)
{
  EaSpan apdu;

  receive_command (bench);
  assert_true (ea_admin_peek_command (bench->admin, &apdu));
  ea_admin_start_command (bench->admin);
  save (bench);
  ea_admin_push_response (bench->admin, response);
}

static void
carry_out (Bench *bench)
{
  g_autoptr (GBytes) response = bytes_of (DATA);

  carry_out_with (bench, ea_span_from_bytes (response));
}

static void
carry_out_many (Bench *bench, guint n)
{
  for (guint i = 0; i < n; i++)
    carry_out (bench);
}

static char *
list (Bench *bench)
{
  g_auto (GStrv) names = ea_store_list (bench->store, "session-");

  return g_strjoinv (" ", names);
}

static void
test_records_are_an_order_a_head_and_pages_of_answers (void **state)
{
  Bench *bench = *state;
  g_autofree char *before = list (bench);
  g_autofree char *after = NULL;
  g_autoptr (GBytes) first = NULL;

  begin_script (bench);
  carry_out_many (bench, 25);
  save (bench);
  after = list (bench);
  first = ea_store_read (bench->store, PAGE (1, 0), NULL);

  assert_string_equal (before, RECORD);
  assert_string_equal (after, RECORD " " PAGE (1, 0) " " PAGE (1, 1) " " PAGE (1, 2) " " HEAD);
  assert_in_range (g_bytes_get_size (first), EA_SESSION_STORE_PAGE_SIZE,
                   EA_SESSION_STORE_PAGE_SIZE + ANSWER_SIZE);
}

static void
test_an_answer_that_is_longer_than_a_page_is_in_one_record (void **state)
{
  Bench *bench = *state;
  guint8 response[2002] = { [2000] = 0x90 };
  g_autofree char *names = NULL;

  begin_script (bench);
  carry_out (bench);
  carry_out_with (bench, EA_SPAN_OF_ARRAY (response));
  carry_out (bench);
  save (bench);
  names = list (bench);
  restart (bench);
  load (bench);

  assert_string_equal (names, RECORD " " PAGE (1, 0) " " PAGE (1, 1) " " HEAD);
  assert_int_equal (ea_admin_get_answers (bench->admin).size,
                    2 + 2 * ANSWER_SIZE + 4 + sizeof response);
}

static void
test_an_order_is_read_as_it_was (void **state)
{
  Bench *bench = *state;
  g_autoptr (EaSessionOrder) order = NULL;

  restart (bench);
  order = ea_session_store_read_order (bench->admin_store, NULL);

  assert_non_null (order);
  assert_string_equal (order->eid, EID);
  assert_string_equal (order->name, "192.0.2.1");
  assert_int_equal (order->port, 443);
  assert_int_equal (order->retry.n_max, 3);
}

static void
test_answers_come_back_byte_by_byte (void **state)
{
  Bench *bench = *state;
  g_autoptr (GBytes) expected = NULL;
  EaSpan answers;

  begin_script (bench);
  carry_out_many (bench, 499);
  save (bench);
  expected = ea_span_to_bytes (ea_admin_get_answers (bench->admin));
  restart (bench);
  load (bench);
  answers = ea_admin_get_answers (bench->admin);

  assert_int_equal (answers.size, 2 + 499 * ANSWER_SIZE);
  assert_true (ea_span_equal (answers, ea_span_from_bytes (expected)));
  assert_int_equal (ea_admin_get_exchange (bench->admin), 1);
  assert_int_equal (ea_admin_count_commands (bench->admin), 499);
}

static void
test_a_session_that_was_never_saved_begins_anew (void **state)
{
  Bench *bench = *state;

  restart (bench);
  load (bench);

  assert_int_equal (ea_admin_get_exchange (bench->admin), 0);
  assert_false (ea_admin_has_posted (bench->admin));
}

static gsize
measure_file (Bench *bench)
{
  g_autofree char *path = g_build_filename (bench->directory, "store", NULL);
  GStatBuf info;

  assert_int_equal (g_stat (path, &info), 0);
  return (gsize) info.st_size;
}

/* What the log has more after a command; the least of some, for it is written anew now and then. */
static gsize
measure_command (Bench *bench)
{
  gsize least = G_MAXSIZE;

  for (guint i = 0; i < 3; i++)
    {
      gsize before = measure_file (bench);
      gsize after;

      carry_out (bench);
      after = measure_file (bench);
      if (after > before)
        least = MIN (least, after - before);
    }
  return least;
}

static void
test_the_last_command_of_a_long_script_is_stored_at_the_price_of_the_first (void **state)
{
  Bench *bench = *state;
  gsize first, last;

  begin_script (bench);
  carry_out (bench);
  first = measure_command (bench);
  carry_out_many (bench, N_COMMANDS);
  last = measure_command (bench);

  assert_true (ea_admin_get_answers (bench->admin).size > 60 * EA_SESSION_STORE_PAGE_SIZE);
  assert_in_range (last, 1, first + EA_SESSION_STORE_PAGE_SIZE + EA_STORE_NAME_MAX);
}

/* The next script comes in the answer to the POST with the answers to the one before. */
static void
go_on (Bench *bench)
{
  g_autoptr (GBytes) post = rig_pull_all (bench->admin);

  assert_true (g_bytes_get_size (post) > 0);
}

static void
test_the_next_script_takes_the_place_of_the_one_before (void **state)
{
  Bench *bench = *state;
  g_autofree char *meanwhile = NULL;
  g_autofree char *after = NULL;

  begin_script (bench);
  carry_out (bench);
  end_script (bench);
  save (bench);
  go_on (bench);
  begin_script (bench);
  carry_out (bench);
  save (bench);
  meanwhile = list (bench);
  end_script (bench);
  save (bench);
  after = list (bench);

  assert_int_equal (ea_admin_get_exchange (bench->admin), 2);
  assert_string_equal (meanwhile, RECORD " " PAGE (1, 0) " " PAGE (2, 0) " " HEAD);
  assert_string_equal (after, RECORD " " PAGE (2, 0) " " HEAD);
}

static void
test_answers_that_were_sent_stay_until_the_next_script_has_ended (void **state)
{
  Bench *bench = *state;
  g_autoptr (GBytes) sent = NULL;

  begin_script (bench);
  carry_out (bench);
  end_script (bench);
  save (bench);
  go_on (bench);
  begin_script (bench);
  carry_out (bench);
  save (bench);
  sent = ea_span_to_bytes (ea_admin_get_sent (bench->admin));
  restart (bench);
  load (bench);

  assert_true (g_bytes_get_size (sent) > 0);
  assert_true (ea_span_equal (ea_admin_get_sent (bench->admin), ea_span_from_bytes (sent)));
  assert_int_equal (ea_admin_get_exchange (bench->admin), 2);
}

static void
test_nothing_stays_of_a_session_that_is_removed (void **state)
{
  Bench *bench = *state;
  g_autoptr (EaSessionStore) other = add (bench, NAME, NULL);
  g_autofree char *names = NULL;

  assert_non_null (other);
  begin_script (bench);
  carry_out_many (bench, 200);
  save (bench);
  assert_true (ea_session_store_remove (bench->admin_store, NULL));
  names = list (bench);

  assert_string_equal (names, "session-0-0000000001"); /* the other one's */
}

static void
test_a_page_that_is_missing_is_an_error (void **state)
{
  static const char *const missing[] = { PAGE (1, 0), PAGE (1, 1), PAGE (1, 2) };
  Bench *bench = *state;

  begin_script (bench);
  carry_out_many (bench, 130);
  save (bench);
  for (gsize i = 0; i < G_N_ELEMENTS (missing); i++)
    {
      g_autoptr (GBytes) page = ea_store_read (bench->store, missing[i], NULL);
      g_autoptr (GError) error = NULL;

      assert_non_null (page);
      assert_true (ea_store_remove (bench->store, missing[i], NULL));
      restart (bench);
      assert_null (ea_session_store_load_admin (bench->admin_store, &bench->options, &error));
      assert_non_null (error);
      assert_true (ea_store_write (bench->store, missing[i], page, NULL));
    }
  load (bench);
  assert_int_equal (ea_admin_count_commands (bench->admin), 130);
}

/* Any byte of the answers or the head may be wrong: whatever comes of it, it is a session or an error. */
static void
test_records_that_are_damaged_are_an_error_or_a_session (void **state)
{
  static const char *const names[] = { HEAD, PAGE (1, 0) };
  Bench *bench = *state;
  guint n_errors = 0;

  begin_script (bench);
  carry_out_many (bench, 5);
  save (bench);
  restart (bench);
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (GBytes) whole = ea_store_read (bench->store, names[i], NULL);
      EaSpan span = ea_span_from_bytes (whole);

      for (gsize offset = 0; offset < span.size; offset++)
        {
          g_autofree guint8 *bytes = g_memdup2 (span.data, span.size);
          g_autoptr (GBytes) damaged = NULL;
          g_autoptr (EaAdmin) admin = NULL;
          g_autoptr (GError) error = NULL;

          bytes[offset] ^= 0xFF;
          damaged = g_bytes_new (bytes, span.size);
          assert_true (ea_store_write (bench->store, names[i], damaged, NULL));
          admin = ea_session_store_load_admin (bench->admin_store, &bench->options, &error);
          assert_true ((admin == NULL) == (error != NULL));
          n_errors += error != NULL ? 1 : 0;
        }
      assert_true (ea_store_write (bench->store, names[i], whole, NULL));
    }
  assert_true (n_errors > 0);
  load (bench);
  assert_int_equal (ea_admin_count_commands (bench->admin), 5);
}

static void
test_a_head_that_is_cut_is_an_error (void **state)
{
  Bench *bench = *state;
  g_autoptr (GBytes) whole = NULL;
  EaSpan span;

  begin_script (bench);
  carry_out (bench);
  save (bench);
  restart (bench);
  whole = ea_store_read (bench->store, HEAD, NULL);
  span = ea_span_from_bytes (whole);
  for (gsize size = 0; size < span.size; size++)
    {
      g_autoptr (GBytes) cut = g_bytes_new (span.data, size);
      g_autoptr (GError) error = NULL;

      assert_true (ea_store_write (bench->store, HEAD, cut, NULL));
      assert_null (ea_session_store_load_admin (bench->admin_store, &bench->options, &error));
      assert_non_null (error);
    }
}

static void
test_an_order_that_is_damaged_is_an_error (void **state)
{
  Bench *bench = *state;
  g_autoptr (GBytes) rubbish = bytes_of ("FFFFFFFF");
  g_autoptr (GError) error = NULL;

  assert_true (ea_store_write (bench->store, RECORD, rubbish, NULL));

  assert_null (ea_session_store_read_order (bench->admin_store, &error));
  assert_true (g_error_matches (error, EA_SESSION_ERROR, EA_SESSION_ERROR_INVALID));
}

static void
test_what_was_stored_before_a_failure_stays_whole (void **state)
{
  Bench *bench = *state;
  g_autoptr (GBytes) expected = NULL;
  g_autoptr (GError) error = NULL;

  begin_script (bench);
  carry_out_many (bench, 60);
  save (bench);
  expected = ea_span_to_bytes (ea_admin_get_answers (bench->admin));
  carry_out (bench);
  fake_store_fail (1);
  assert_false (ea_session_store_save_admin (bench->admin_store, bench->admin, &error));
  assert_true (g_error_matches (error, EA_STORE_ERROR, EA_STORE_ERROR_FULL));
  restart (bench);
  load (bench);

  /* The head that was stored last is that of the command that was given to the card then: it is interrupted. */
  assert_true (ea_admin_get_answers (bench->admin).size > g_bytes_get_size (expected));
  assert_memory_equal (ea_admin_get_answers (bench->admin).data, g_bytes_get_data (expected, NULL),
                       g_bytes_get_size (expected));
}

/* A page that was not written is written by the next commit that works. */
static void
test_a_failure_leaves_no_gap_behind (void **state)
{
  Bench *bench = *state;
  g_autoptr (GBytes) expected = NULL;

  begin_script (bench);
  for (guint i = 0; i < 300; i++)
    {
      g_autoptr (GBytes) response = bytes_of (DATA);
      EaSpan apdu;

      fake_store_fail (i % 3 == 0 ? 2 : 0);
      receive_command (bench);
      assert_true (ea_admin_peek_command (bench->admin, &apdu));
      ea_admin_start_command (bench->admin);
      while (!ea_session_store_save_admin (bench->admin_store, bench->admin, NULL))
        ;
      ea_admin_push_response (bench->admin, ea_span_from_bytes (response));
    }
  save (bench);
  expected = ea_span_to_bytes (ea_admin_get_answers (bench->admin));
  restart (bench);
  load (bench);

  assert_true (ea_span_equal (ea_admin_get_answers (bench->admin), ea_span_from_bytes (expected)));
}

/* In the middle of the exchange's change: pages of two exchanges are due at once. */
static void
test_a_failure_between_two_scripts_loses_neither (void **state)
{
  Bench *bench = *state;
  g_autoptr (GBytes) sent = NULL;
  g_autofree char *names = NULL;

  begin_script (bench);
  carry_out (bench);
  end_script (bench);
  save (bench);
  go_on (bench);
  begin_script (bench);
  fake_store_fail (1);
  assert_false (ea_session_store_save_admin (bench->admin_store, bench->admin, NULL));
  carry_out (bench);
  save (bench);
  sent = ea_span_to_bytes (ea_admin_get_sent (bench->admin));
  names = list (bench);
  restart (bench);
  load (bench);

  assert_string_equal (names, RECORD " " PAGE (1, 0) " " PAGE (2, 0) " " HEAD);
  assert_true (ea_span_equal (ea_admin_get_sent (bench->admin), ea_span_from_bytes (sent)));
}

/* The change that would have removed the answers before was never made. */
static void
test_answers_of_scripts_long_past_do_not_stay (void **state)
{
  Bench *bench = *state;
  g_autofree char *names = NULL;

  begin_script (bench);
  carry_out (bench);
  end_script (bench);
  save (bench);
  go_on (bench);
  begin_script (bench);
  carry_out (bench);
  end_script (bench);
  go_on (bench);
  begin_script (bench);
  carry_out (bench);
  save (bench);
  names = list (bench);

  assert_string_equal (names, RECORD " " PAGE (2, 0) " " PAGE (3, 0) " " HEAD);
}

static void
test_removal_that_fails_leaves_all (void **state)
{
  Bench *bench = *state;
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;

  begin_script (bench);
  carry_out (bench);
  save (bench);
  before = list (bench);
  fake_store_fail (1);
  assert_false (ea_session_store_remove (bench->admin_store, NULL));
  after = list (bench);

  assert_string_equal (before, after);
}

static void
test_sessions_are_listed_the_oldest_first_and_sixteen_at_most (void **state)
{
  Bench *bench = *state;
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) names = NULL;

  for (guint i = 1; i < EA_SESSION_STORE_MAX; i++)
    ea_session_store_free (add (bench, NAME, NULL));
  assert_null (add (bench, NAME, &error));
  assert_true (g_error_matches (error, EA_SESSION_ERROR, EA_SESSION_ERROR_FULL));
  ea_session_store_free (add (bench, "1", NULL)); /* another eUICC's */
  assert_true (ea_session_store_remove (bench->admin_store, NULL));
  ea_session_store_free (add (bench, NAME, NULL));
  names = ea_session_store_list (bench->store, NAME);

  assert_int_equal (g_strv_length (names), EA_SESSION_STORE_MAX);
  assert_string_equal (names[0], "session-0-0000000001");
  assert_string_equal (names[EA_SESSION_STORE_MAX - 1], "session-0-0000000016");
}

static void
test_an_order_that_can_not_be_stored_is_refused (void **state)
{
  Bench *bench = *state;
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) names = NULL;

  fake_store_fail (1);
  assert_null (add (bench, NAME, &error));
  assert_true (g_error_matches (error, EA_STORE_ERROR, EA_STORE_ERROR_FULL));
  names = ea_session_store_list (bench->store, NAME);

  assert_int_equal (g_strv_length (names), 1);
}

#define ON_BENCH(name) cmocka_unit_test_setup_teardown (name, setup, teardown)

int
main (void)
{
  const struct CMUnitTest tests[] = {
    ON_BENCH (test_records_are_an_order_a_head_and_pages_of_answers),
    ON_BENCH (test_an_answer_that_is_longer_than_a_page_is_in_one_record),
    ON_BENCH (test_an_order_is_read_as_it_was),
    ON_BENCH (test_answers_come_back_byte_by_byte),
    ON_BENCH (test_a_session_that_was_never_saved_begins_anew),
    ON_BENCH (test_the_last_command_of_a_long_script_is_stored_at_the_price_of_the_first),
    ON_BENCH (test_the_next_script_takes_the_place_of_the_one_before),
    ON_BENCH (test_answers_that_were_sent_stay_until_the_next_script_has_ended),
    ON_BENCH (test_nothing_stays_of_a_session_that_is_removed),
    ON_BENCH (test_a_page_that_is_missing_is_an_error),
    ON_BENCH (test_records_that_are_damaged_are_an_error_or_a_session),
    ON_BENCH (test_a_head_that_is_cut_is_an_error),
    ON_BENCH (test_an_order_that_is_damaged_is_an_error),
    ON_BENCH (test_what_was_stored_before_a_failure_stays_whole),
    ON_BENCH (test_a_failure_leaves_no_gap_behind),
    ON_BENCH (test_a_failure_between_two_scripts_loses_neither),
    ON_BENCH (test_answers_of_scripts_long_past_do_not_stay),
    ON_BENCH (test_removal_that_fails_leaves_all),
    ON_BENCH (test_sessions_are_listed_the_oldest_first_and_sixteen_at_most),
    ON_BENCH (test_an_order_that_can_not_be_stored_is_refused),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
