/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Response packets until the SM-SR has acknowledged them (agent/session/answers.h). */

#include "session/answers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fake-store.h"
#include "helpers.h"
#include "wait.h"

#define EID "89001012012341234012345678901224"
#define OTHER_EID "89033023001211360000000003671234"

#define PEER "192.0.2.7 9 512"
#define OTHER_PEER "192.0.2.7 9 513"

/* A record: version, EID with its length, peer with its length, SHA-256 of "abc" (FIPS 180-2 B.1), packet */
#define COMMAND "616263"
#define EID_PART "203839303031303132303132333431323334303132333435363738393031323234"
#define HEAD                                                                                       \
  "01" EID_PART "000F3139322E302E322E37203920353132"                                               \
  "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD"
#define RECORD "answer-0-0000000000"

typedef struct
{
  char *directory;
  EaLogContext log;
  EaStore *store;
  EaAnswers *answers;
  guint n_added;
  guint n_removed;
} Bench;

static void
count (guint *n_signals)
{
  ++*n_signals;
}

static void
begin (Bench *bench)
{
  bench->store = ea_store_new (bench->directory, NULL);
  bench->answers = ea_answers_new (bench->store, "0", &bench->log);
  g_signal_connect_swapped (bench->answers, "added", G_CALLBACK (count), &bench->n_added);
  g_signal_connect_swapped (bench->answers, "removed", G_CALLBACK (count), &bench->n_removed);
}

static void
end (Bench *bench)
{
  g_clear_object (&bench->answers);
  g_clear_pointer (&bench->store, ea_store_free);
}

static void
restart (Bench *bench)
{
  end (bench);
  fake_store_reset ();
  begin (bench);
  ea_answers_set_eid (bench->answers, EID);
}

static int
setup (void **state)
{
  Bench *bench = g_new0 (Bench, 1);

  fake_store_reset ();
  bench->directory = g_dir_make_tmp ("euicc-answers-XXXXXX", NULL);
  begin (bench);
  ea_answers_set_eid (bench->answers, EID);
  *state = bench;
  return 0;
}

static int
teardown (void **state)
{
  Bench *bench = *state;

  end (bench);
  delete_directory (bench->directory);
  g_free (bench);
  return 0;
}

static gboolean
put (Bench *bench, const char *command_hex, const char *answer_hex, GError **error)
{
  g_autoptr (GBytes) command = bytes_of (command_hex);
  g_autoptr (GBytes) answer = bytes_of (answer_hex);
  g_autoptr (EaStoreChange) change = ea_store_change_new ();

  return ea_answers_put (bench->answers, PEER, ea_span_from_bytes (command), answer, change, error)
         && ea_store_commit (bench->store, change, error);
}

static gboolean
put_for (Bench *bench, const char *peer, const char *command_hex, const char *answer_hex)
{
  g_autoptr (GBytes) command = bytes_of (command_hex);
  g_autoptr (GBytes) answer = bytes_of (answer_hex);
  g_autoptr (EaStoreChange) change = ea_store_change_new ();

  return ea_answers_put (bench->answers, peer, ea_span_from_bytes (command), answer, change, NULL)
         && ea_store_commit (bench->store, change, NULL);
}

/* The next answer that is handed out is this. */
static guint64
expect (Bench *bench, const char *hex)
{
  guint64 number = G_MAXUINT64;
  g_autoptr (GBytes) answer = ea_answers_hand_out (bench->answers, PEER, &number);

  assert_non_null (answer);
  assert_bytes_are (answer, hex);
  return number;
}

static void
expect_none (Bench *bench)
{
  guint64 number = G_MAXUINT64;

  assert_null (ea_answers_hand_out (bench->answers, PEER, &number));
  assert_true (number == G_MAXUINT64);
}

static gboolean
offer_again (Bench *bench, const char *command_hex)
{
  g_autoptr (GBytes) command = bytes_of (command_hex);

  return ea_answers_offer_again (bench->answers, PEER, ea_span_from_bytes (command));
}

static void
test_record_is_what_it_says_it_is (void **state)
{
  Bench *bench = *state;
  g_autoptr (GBytes) record = NULL;

  assert_true (put (bench, COMMAND, "0211", NULL));
  record = ea_store_read (bench->store, RECORD, NULL);
  assert_bytes_are (record, HEAD "0211");
}

static void
test_answers_are_handed_out_once_in_their_order (void **state)
{
  Bench *bench = *state;

  expect_none (bench);
  assert_true (ea_answers_is_empty (bench->answers, PEER));
  for (guint i = 0; i < 12; i++)
    {
      g_autofree char *hex = g_strdup_printf ("02%02X", i);

      assert_true (put (bench, hex, hex, NULL));
    }
  for (guint i = 0; i < 12; i++)
    {
      g_autofree char *hex = g_strdup_printf ("02%02X", i);

      expect (bench, hex);
    }
  expect_none (bench);
  assert_false (ea_answers_is_empty (bench->answers, PEER));
  assert_int_equal (ea_answers_count (bench->answers), 12);
}

static void
test_announcement_is_only_for_what_is_to_be_handed_out (void **state)
{
  Bench *bench = *state;

  ea_answers_announce (bench->answers);
  assert_int_equal (bench->n_added, 0);
  assert_true (put (bench, COMMAND, "0211", NULL));
  assert_int_equal (bench->n_added, 0);
  ea_answers_announce (bench->answers);
  assert_int_equal (bench->n_added, 1);
  expect (bench, "0211");
  ea_answers_announce (bench->answers);
  assert_int_equal (bench->n_added, 1);
}

static void
test_answers_of_a_link_that_is_gone_are_handed_out_again (void **state)
{
  Bench *bench = *state;
  guint64 first;

  assert_true (put (bench, "01", "0211", NULL));
  assert_true (put (bench, "02", "0222", NULL));
  first = expect (bench, "0211");
  expect (bench, "0222");
  assert_true (ea_answers_remove (bench->answers, first, NULL));
  ea_answers_take_back (bench->answers);
  expect (bench, "0222");
  expect_none (bench);
}

static void
test_answer_outlives_the_agent_until_it_is_acknowledged (void **state)
{
  Bench *bench = *state;

  assert_true (put (bench, COMMAND, "0211", NULL));
  expect (bench, "0211");
  restart (bench);
  assert_int_equal (bench->n_added, 1); /* it is known whose it is */
  assert_true (ea_answers_remove (bench->answers, expect (bench, "0211"), NULL));
  assert_int_equal (bench->n_removed, 1);
  assert_true (ea_answers_is_empty (bench->answers, PEER));
  restart (bench);
  expect_none (bench);
  assert_true (ea_answers_is_empty (bench->answers, PEER));
}

/* The SM-SR has it: what can't be removed is not sent again, and goes with the next that is removed or comes. */
static void
test_answer_that_can_t_be_removed_is_not_handed_out_again (void **state)
{
  Bench *bench = *state;
  g_autoptr (GError) error = NULL;
  guint64 number;

  assert_true (put (bench, COMMAND, "0211", NULL));
  number = expect (bench, "0211");
  fake_store_fail (1);
  assert_false (ea_answers_remove (bench->answers, number, &error));
  assert_true (g_error_matches (error, EA_STORE_ERROR, EA_STORE_ERROR_FULL));
  assert_int_equal (bench->n_removed, 0);
  ea_answers_take_back (bench->answers);
  expect_none (bench);
  assert_true (ea_answers_is_empty (bench->answers, PEER));
  assert_int_equal (ea_answers_count (bench->answers), 0);

  assert_true (put (bench, "02", "0222", NULL));
  restart (bench);
  expect (bench, "0222");
  expect_none (bench);
}

static void
test_answers_that_can_t_be_removed_go_with_the_next_one (void **state)
{
  Bench *bench = *state;
  guint64 first;

  assert_true (put (bench, "01", "0211", NULL));
  assert_true (put (bench, "02", "0222", NULL));
  first = expect (bench, "0211");
  fake_store_fail (1);
  assert_false (ea_answers_remove (bench->answers, first, NULL));
  assert_true (ea_answers_remove (bench->answers, expect (bench, "0222"), NULL));
  restart (bench);
  expect_none (bench);
  assert_int_equal (ea_answers_count (bench->answers), 0);
}

/* Who removes an answer twice must not hit another one. */
static void
test_number_stands_for_no_other_answer (void **state)
{
  Bench *bench = *state;
  guint64 number;

  assert_true (put (bench, COMMAND, "0211", NULL));
  number = expect (bench, "0211");
  assert_true (ea_answers_remove (bench->answers, number, NULL));
  assert_true (put (bench, "02", "0222", NULL));
  assert_true (ea_answers_remove (bench->answers, number, NULL));
  assert_true (expect (bench, "0222") != number);
}

static void
test_answer_is_known_by_its_command (void **state)
{
  Bench *bench = *state;
  guint64 number;

  assert_true (put (bench, COMMAND, "0211", NULL));
  assert_true (put (bench, "02", "0222", NULL));
  number = expect (bench, "0211");
  expect (bench, "0222");
  restart (bench);
  bench->n_added = 0;
  assert_false (offer_again (bench, "61626300"));
  assert_false (offer_again (bench, ""));
  expect (bench, "0211");
  expect (bench, "0222");
  assert_true (offer_again (bench, COMMAND));
  assert_int_equal (bench->n_added, 1);
  number = expect (bench, "0211");
  expect_none (bench);
  assert_true (ea_answers_remove (bench->answers, number, NULL));
  assert_false (offer_again (bench, COMMAND));
}

/* The SM-SR has lost it after all. */
static void
test_acknowledged_answer_that_is_there_is_offered_to_its_command (void **state)
{
  Bench *bench = *state;
  guint64 number;

  assert_true (put (bench, COMMAND, "0211", NULL));
  number = expect (bench, "0211");
  fake_store_fail (1);
  assert_false (ea_answers_remove (bench->answers, number, NULL));
  assert_true (offer_again (bench, COMMAND));
  assert_true (expect (bench, "0211") == number);
}

static void
test_answers_of_other_euiccs_wait_for_them (void **state)
{
  Bench *bench = *state;

  assert_true (put (bench, COMMAND, "0211", NULL));
  ea_answers_set_eid (bench->answers, OTHER_EID);
  expect_none (bench);
  assert_true (ea_answers_is_empty (bench->answers, PEER));
  assert_false (offer_again (bench, COMMAND));
  assert_true (put (bench, COMMAND, "0222", NULL));
  expect (bench, "0222");
  ea_answers_set_eid (bench->answers, NULL);
  ea_answers_take_back (bench->answers);
  expect_none (bench);
  assert_true (ea_answers_is_empty (bench->answers, PEER));
  assert_int_equal (bench->n_added, 0);
  ea_answers_set_eid (bench->answers, EID);
  assert_int_equal (bench->n_added, 1);
  expect (bench, "0211");
  expect_none (bench);
  assert_int_equal (ea_answers_count (bench->answers), 2);
}

/* Its port of CAT_TP is another one: that is another SM-SR. */
static void
test_answers_are_for_the_peer_of_their_command (void **state)
{
  Bench *bench = *state;
  g_auto (GStrv) peers = NULL;
  g_autoptr (GBytes) other = NULL;
  guint64 number = G_MAXUINT64;

  assert_true (put_for (bench, OTHER_PEER, COMMAND, "0211"));
  assert_true (put (bench, COMMAND, "0222", NULL));
  assert_true (put_for (bench, OTHER_PEER, "02", "0233"));
  restart (bench);
  peers = ea_answers_list_peers (bench->answers);
  assert_int_equal (g_strv_length (peers), 2);
  assert_string_equal (peers[0], OTHER_PEER);
  assert_string_equal (peers[1], PEER);
  number = expect (bench, "0222");
  expect_none (bench);
  assert_true (ea_answers_remove (bench->answers, number, NULL));
  assert_true (ea_answers_is_empty (bench->answers, PEER));
  assert_false (ea_answers_is_empty (bench->answers, OTHER_PEER));
  assert_false (offer_again (bench, COMMAND));
  other = ea_answers_hand_out (bench->answers, OTHER_PEER, &number);
  assert_bytes_are (other, "0211");
}

static void
expect_peers (Bench *bench, guint n_peers)
{
  g_auto (GStrv) peers = ea_answers_list_peers (bench->answers);

  assert_int_equal (g_strv_length (peers), n_peers);
}

static void
test_peers_have_answers_that_are_to_be_handed_out (void **state)
{
  Bench *bench = *state;

  expect_peers (bench, 0);
  assert_true (put (bench, COMMAND, "0211", NULL));
  expect_peers (bench, 1);
  expect (bench, "0211");
  expect_peers (bench, 0);
  ea_answers_take_back (bench->answers);
  expect_peers (bench, 1);
  ea_answers_set_eid (bench->answers, OTHER_EID);
  expect_peers (bench, 0);
  ea_answers_set_eid (bench->answers, NULL);
  expect_peers (bench, 0);
}

static void
test_answers_of_an_euicc_that_is_away_are_known (void **state)
{
  Bench *bench = *state;
  guint64 number;

  assert_true (put (bench, COMMAND, "0211", NULL));
  number = expect (bench, "0211");
  ea_answers_set_eid (bench->answers, NULL);
  assert_true (ea_answers_has_any (bench->answers, EID, PEER));
  assert_false (ea_answers_has_any (bench->answers, EID, OTHER_PEER));
  assert_false (ea_answers_has_any (bench->answers, OTHER_EID, PEER));
  assert_true (ea_answers_remove (bench->answers, number, NULL));
  assert_false (ea_answers_has_any (bench->answers, EID, PEER));
}

/* Nobody waits for it, and it is there. */
static void
test_answer_that_is_put_aside_is_kept_for_another_session (void **state)
{
  Bench *bench = *state;

  assert_true (put (bench, COMMAND, "0211", NULL));
  ea_answers_put_aside (bench->answers, expect (bench, "0211"));
  ea_answers_take_back (bench->answers);
  ea_answers_announce (bench->answers);
  assert_int_equal (bench->n_added, 0);
  expect_none (bench);
  expect_peers (bench, 0);
  assert_true (ea_answers_is_empty (bench->answers, PEER));
  assert_false (ea_answers_has_any (bench->answers, EID, PEER));
  assert_int_equal (ea_answers_count (bench->answers), 1);
  ea_answers_take_up (bench->answers);
  assert_false (ea_answers_is_empty (bench->answers, PEER));
  expect (bench, "0211");
}

static void
test_answer_that_was_put_aside_comes_with_its_card_its_command_or_the_next_life (void **state)
{
  Bench *bench = *state;

  assert_true (put (bench, COMMAND, "0211", NULL));
  ea_answers_put_aside (bench->answers, expect (bench, "0211"));
  ea_answers_set_eid (bench->answers, NULL);
  ea_answers_set_eid (bench->answers, EID);
  assert_int_equal (bench->n_added, 1);
  ea_answers_put_aside (bench->answers, expect (bench, "0211"));
  assert_true (offer_again (bench, COMMAND));
  assert_int_equal (bench->n_added, 2);
  ea_answers_put_aside (bench->answers, expect (bench, "0211"));
  restart (bench);
  assert_int_equal (bench->n_added, 3);
  expect (bench, "0211");
}

static void
test_answers_are_limited (void **state)
{
  Bench *bench = *state;
  g_autoptr (GError) error = NULL;
  guint64 number;

  for (guint i = 0; i < EA_ANSWERS_MAX; i++)
    assert_true (put (bench, COMMAND, "0211", NULL));
  assert_false (put (bench, COMMAND, "0211", &error));
  assert_true (g_error_matches (error, EA_STORE_ERROR, EA_STORE_ERROR_FULL));
  number = expect (bench, "0211");
  fake_store_fail (1);
  assert_false (ea_answers_remove (bench->answers, number, NULL));
  assert_true (put (bench, COMMAND, "0211", NULL)); /* in its place */
  assert_int_equal (ea_answers_count (bench->answers), EA_ANSWERS_MAX);
}

static void
write_record (Bench *bench, const char *name, GBytes *record)
{
  assert_true (ea_store_write (bench->store, name, record, NULL));
}

static void
test_record_that_is_cut_off_is_dropped (void **state)
{
  Bench *bench = *state;
  g_autoptr (GBytes) whole = bytes_of (HEAD "02");

  for (gsize size = 0; size < g_bytes_get_size (whole); size++)
    {
      g_autoptr (GBytes) cut = g_bytes_new_from_bytes (whole, 0, size);

      write_record (bench, RECORD, cut);
      restart (bench);
      expect_none (bench);
      assert_int_equal (ea_answers_count (bench->answers), 0);
    }
  write_record (bench, RECORD, whole);
  restart (bench);
  expect (bench, "02");
}

/* EID, peer, digest and packet: as an earlier version had it, without a peer; and peers that nobody can have */
static void
test_record_without_a_peer_is_dropped (void **state)
{
#define DIGEST "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD"
  static const char *const records[] = {
    "01" EID_PART DIGEST "0211",
    "01" EID_PART "0000" DIGEST "0211",
    "01" EID_PART "0005612E622039" DIGEST "0211",             /* "a.b 9" */
    "01" EID_PART "0007612E6220302039" DIGEST "0211",         /* "a.b 0 9" */
    "01" EID_PART "000A612E622031303039202B39" DIGEST "0211", /* "a.b 1009 +" and more */
    "01" EID_PART "0008612E622039203039" DIGEST "0211",       /* "a.b 9 09" */
    "01" EID_PART "0008612E622039203900" DIGEST "0211",       /* "a.b 9 9", NUL */
    "01" EID_PART "000B612E6220363535333620"
    "39" DIGEST "0211", /* "a.b 65536 9" */
  };
  Bench *bench = *state;

  for (gsize i = 0; i < G_N_ELEMENTS (records); i++)
    {
      g_autoptr (GBytes) record = bytes_of (records[i]);

      write_record (bench, RECORD, record);
      restart (bench);
      expect_peers (bench, 0);
      assert_int_equal (ea_answers_count (bench->answers), 0);
    }
}

static void
test_records_that_are_none_are_dropped (void **state)
{
  static const char *const names[]
      = { "answer-0-", "answer-0-7", "answer-0-000000000x", "answer-0-00000000001" };
  Bench *bench = *state;
  g_autoptr (GBytes) whole = bytes_of (HEAD "02");
  g_autoptr (GBytes) other_version = bytes_of ("00");

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    write_record (bench, names[i], whole);
  write_record (bench, "answer-0-0000000003", other_version);
  write_record (bench, "answer-1-0000000000", other_version); /* another slot's */
  restart (bench);
  expect_none (bench);
  assert_int_equal (ea_answers_count (bench->answers), 0);
  assert_true (put (bench, COMMAND, "0211", NULL));
  expect (bench, "0211");
}

#define ANSWERS_TEST(function) cmocka_unit_test_setup_teardown (function, setup, teardown)

int
main (void)
{
  const struct CMUnitTest tests[] = {
    ANSWERS_TEST (test_record_is_what_it_says_it_is),
    ANSWERS_TEST (test_answers_are_handed_out_once_in_their_order),
    ANSWERS_TEST (test_announcement_is_only_for_what_is_to_be_handed_out),
    ANSWERS_TEST (test_answers_of_a_link_that_is_gone_are_handed_out_again),
    ANSWERS_TEST (test_answer_outlives_the_agent_until_it_is_acknowledged),
    ANSWERS_TEST (test_answer_that_can_t_be_removed_is_not_handed_out_again),
    ANSWERS_TEST (test_answers_that_can_t_be_removed_go_with_the_next_one),
    ANSWERS_TEST (test_number_stands_for_no_other_answer),
    ANSWERS_TEST (test_answer_is_known_by_its_command),
    ANSWERS_TEST (test_acknowledged_answer_that_is_there_is_offered_to_its_command),
    ANSWERS_TEST (test_answers_of_other_euiccs_wait_for_them),
    ANSWERS_TEST (test_answers_are_for_the_peer_of_their_command),
    ANSWERS_TEST (test_peers_have_answers_that_are_to_be_handed_out),
    ANSWERS_TEST (test_answers_of_an_euicc_that_is_away_are_known),
    ANSWERS_TEST (test_answer_that_is_put_aside_is_kept_for_another_session),
    ANSWERS_TEST (test_answer_that_was_put_aside_comes_with_its_card_its_command_or_the_next_life),
    ANSWERS_TEST (test_answers_are_limited),
    ANSWERS_TEST (test_record_that_is_cut_off_is_dropped),
    ANSWERS_TEST (test_record_without_a_peer_is_dropped),
    ANSWERS_TEST (test_records_that_are_none_are_dropped),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
