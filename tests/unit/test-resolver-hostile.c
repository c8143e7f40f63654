/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Answers that are none. Each has to end in an error, or not to count, whatever comes. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "resolver-rig.h"

#define HEADER_SIZE 12
#define ANCOUNT_OFFSET 6
#define RECORD_SIZE 32 /* of an address of NAME, as the server writes it */
#define IPV4_SIZE 4
#define RECORDS_OF_TCP 2000 /* fill a message of TCP nearly */
#define NOISE_SEED 4711

static Rig *
new_rig (DnsForgeFunc forge, gpointer user_data)
{
  Rig *rig = rig_new ();

  dns_server_add (rig->first, NAME, DNS_A, 60, "192.0.2.1");
  rig->first->forge = forge;
  rig->first->user_data = user_data;
  rig->query.wants_ipv6 = FALSE;
  rig->query.timeout_ms = SHORT_MS;
  return rig;
}

/* An answer that doesn't count, and nonsense, are both failures; which one it is depends on how far it is read. */
static void
expect_failure (Rig *rig)
{
  g_autoptr (Outcome) outcome = rig_ask (rig);

  if (outcome->error == NULL)
    fail_msg ("%u addresses", outcome->addresses->len);
  assert_true (
      g_error_matches (outcome->error, EA_RESOLVER_ERROR, EA_RESOLVER_ERROR_SERVER_FAILED)
      || g_error_matches (outcome->error, EA_RESOLVER_ERROR, EA_RESOLVER_ERROR_TIMED_OUT)
      || g_error_matches (outcome->error, EA_RESOLVER_ERROR, EA_RESOLVER_ERROR_UNREACHABLE));
}

static GByteArray *
change_id (GBytes *query, GByteArray *answer, gboolean is_tcp, gpointer user_data)
{
  answer->data[1] ^= 1;
  return answer;
}

static void
test_answer_with_another_id_does_not_count (void **state)
{
  g_autoptr (Rig) rig = new_rig (change_id, NULL);
  g_autofree char *message
      = g_strdup_printf (NAME ": no answer from %s within 0.4 s", rig->first->text);

  rig_expect_error (rig, EA_RESOLVER_ERROR_TIMED_OUT, message);
}

static GByteArray *
change_question (GBytes *query, GByteArray *answer, gboolean is_tcp, gpointer user_data)
{
  answer->data[HEADER_SIZE + 1] = 'x';
  return answer;
}

static void
test_answer_to_another_question_does_not_count (void **state)
{
  g_autoptr (Rig) rig = new_rig (change_question, NULL);
  g_autofree char *message
      = g_strdup_printf (NAME ": no answer from %s within 0.4 s", rig->first->text);

  rig_expect_error (rig, EA_RESOLVER_ERROR_TIMED_OUT, message);
}

static GByteArray *
cut (GBytes *query, GByteArray *answer, gboolean is_tcp, gpointer user_data)
{
  g_byte_array_set_size (answer, MIN (answer->len, *(guint *) user_data));
  return answer;
}

static void
test_each_truncation_of_an_answer_is_a_failure (void **state)
{
  guint full
      = HEADER_SIZE + RECORD_SIZE - 10 + RECORD_SIZE; /* the question has no TTL, length, data */

  for (guint size = 0; size < full; size++)
    {
      g_autoptr (Rig) rig = new_rig (cut, &size);

      rig->query.timeout_ms = 60;
      expect_failure (rig);
    }
  {
    g_autoptr (Rig) rig = new_rig (cut, &full);

    rig_expect (rig, "192.0.2.1");
  }
}

static GByteArray *
make_noise (GBytes *query, GByteArray *answer, gboolean is_tcp, gpointer user_data)
{
  GRand *random = user_data;
  guint kept = (guint) g_rand_int_range (random, 2, HEADER_SIZE);

  g_byte_array_set_size (answer, (guint) g_rand_int_range (random, HEADER_SIZE, 512));
  for (guint i = kept; i < answer->len; i++)
    answer->data[i] = (guint8) g_rand_int (random);
  return answer;
}

static void
test_noise_is_a_failure (void **state)
{
  GRand *random = g_rand_new_with_seed (NOISE_SEED);

  for (guint i = 0; i < 50; i++)
    {
      g_autoptr (Rig) rig = new_rig (make_noise, random);

      rig->query.timeout_ms = 20;
      expect_failure (rig);
    }
  g_rand_free (random);
}

/* Everything behind the question is noise, which gets as far as the reading of records. */
static GByteArray *
make_noise_of_records (GBytes *query, GByteArray *answer, gboolean is_tcp, gpointer user_data)
{
  guint begin = answer->len - RECORD_SIZE;

  g_byte_array_set_size (answer, (guint) g_rand_int_range (user_data, (gint) begin, 512));
  for (guint i = begin; i < answer->len; i++)
    answer->data[i] = (guint8) g_rand_int (user_data);
  return answer;
}

static void
test_noise_instead_of_records_is_a_failure (void **state)
{
  GRand *random = g_rand_new_with_seed (NOISE_SEED);

  for (guint i = 0; i < 200; i++)
    {
      g_autoptr (Rig) rig = new_rig (make_noise_of_records, random);
      g_autoptr (Outcome) outcome = NULL;

      rig->query.timeout_ms = 20;
      outcome = rig_ask (rig);
      assert_non_null (outcome->error);
    }
  g_rand_free (random);
}

static GByteArray *
point_to_itself (GBytes *query, GByteArray *answer, gboolean is_tcp, gpointer user_data)
{
  guint begin = answer->len - RECORD_SIZE;

  answer->data[begin] = (guint8) (0xC0 | begin >> 8);
  answer->data[begin + 1] = (guint8) begin;
  return answer;
}

static void
test_name_that_points_to_itself_is_a_failure (void **state)
{
  g_autoptr (Rig) rig = new_rig (point_to_itself, NULL);

  expect_failure (rig);
}

static GByteArray *
alias_to_itself (GBytes *query, GByteArray *answer, gboolean is_tcp, gpointer user_data)
{
  static const guint8 pointer[] = { 0xC0, HEADER_SIZE };

  for (guint i = 0; i < 10; i++)
    dns_append_record (answer, query, DNS_CNAME, 60, pointer, sizeof pointer);
  return answer;
}

static void
test_name_that_is_its_own_alias_has_no_address (void **state)
{
  g_autoptr (Rig) rig = new_rig (alias_to_itself, NULL);

  dns_server_clear (rig->first);
  dns_server_add (rig->first, NAME, DNS_A, 60, NULL);
  {
    g_autoptr (Outcome) outcome = rig_ask (rig);

    assert_non_null (outcome->error);
  }
}

static GByteArray *
lie_about_count (GBytes *query, GByteArray *answer, gboolean is_tcp, gpointer user_data)
{
  answer->data[ANCOUNT_OFFSET] = 10000 >> 8;
  answer->data[ANCOUNT_OFFSET + 1] = 10000 & 0xFF;
  return answer;
}

static void
test_ten_thousand_records_that_are_not_there_are_a_failure (void **state)
{
  g_autoptr (Rig) rig = new_rig (lie_about_count, NULL);

  expect_failure (rig);
}

static GByteArray *
append_many (GBytes *query, GByteArray *answer, gboolean is_tcp, gpointer user_data)
{
  for (guint i = 1; i < RECORDS_OF_TCP && is_tcp; i++)
    {
      guint8 address[IPV4_SIZE] = { 198, 51, (guint8) (i >> 8), (guint8) i };

      dns_append_record (answer, query, DNS_A, 60, address, sizeof address);
    }
  return answer;
}

static void
test_of_many_addresses_the_first_are_taken (void **state)
{
  g_autoptr (Rig) rig = new_rig (append_many, NULL);

  rig->first->is_truncating = TRUE;
  rig->query.timeout_ms = LONG_MS;
  rig_expect (rig, "192.0.2.1 198.51.0.1 198.51.0.2 198.51.0.3 198.51.0.4 198.51.0.5 198.51.0.6 "
                   "198.51.0.7");
}

static GByteArray *
break_stream (GBytes *query, GByteArray *answer, gboolean is_tcp, gpointer user_data)
{
  if (is_tcp)
    g_byte_array_set_size (answer, HEADER_SIZE + 1);
  return answer;
}

static void
test_broken_answer_by_tcp_is_a_failure (void **state)
{
  g_autoptr (Rig) rig = new_rig (break_stream, NULL);

  rig->first->is_truncating = TRUE;
  expect_failure (rig);
}

/* What doesn't count doesn't stop the search for what does. */
static GByteArray *
change_id_once (GBytes *query, GByteArray *answer, gboolean is_tcp, gpointer user_data)
{
  guint *n = user_data;

  if ((*n)++ == 0)
    answer->data[0] ^= 0x80;
  return answer;
}

static void
test_answer_after_one_that_does_not_count_is_taken (void **state)
{
  guint n = 0;
  g_autoptr (Rig) rig = new_rig (change_id_once, &n);

  rig->query.timeout_ms = 2000;
  rig_expect (rig, "192.0.2.1");
  assert_int_equal (n, 2);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_answer_with_another_id_does_not_count),
    cmocka_unit_test (test_answer_to_another_question_does_not_count),
    cmocka_unit_test (test_each_truncation_of_an_answer_is_a_failure),
    cmocka_unit_test (test_noise_is_a_failure),
    cmocka_unit_test (test_noise_instead_of_records_is_a_failure),
    cmocka_unit_test (test_name_that_points_to_itself_is_a_failure),
    cmocka_unit_test (test_name_that_is_its_own_alias_has_no_address),
    cmocka_unit_test (test_ten_thousand_records_that_are_not_there_are_a_failure),
    cmocka_unit_test (test_of_many_addresses_the_first_are_taken),
    cmocka_unit_test (test_broken_answer_by_tcp_is_a_failure),
    cmocka_unit_test (test_answer_after_one_that_does_not_count_is_taken),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
