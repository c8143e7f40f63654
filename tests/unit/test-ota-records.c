/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * The records that secured packets leave in the store: what was written is read again by the next life, and what is
 * cut off or not ours is not believed.
 */

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/script.h"
#include "helpers.h"
#include "session/chain.h"
#include "session/inbox.h"
#include "session/job.h"
#include "session/rate-limit.h"
#include "session/recent.h"
#include "session/replay.h"

#define EID "89001012012341234012345678901224"
#define OTHER_EID "89033023001211360000000003671234"
#define PEER "192.0.2.7 9 512"
#define PACKET "00281516391212000001954EB8A317C64D51"
#define RECORD "0791947107160000440C919451214365877FF6621122010000002D"

static const EaReturnPath by_sms
    = { .form = EA_SCP80_FORM_SMS, .originator = { .ton = 1, .npi = 1, .digits = "491512345678" } };
static const EaReturnPath by_cat_tp
    = { .form = EA_SCP80_FORM_CAT_TP, .max_response = 2048, .peer = PEER };
static const EaScp80Target isd_r = { .key_set = 1, .tar = 0x000001 };

typedef struct
{
  char *directory;
  EaStore *store;
} Bench;

static int
setup (void **state)
{
  Bench *bench = g_new0 (Bench, 1);

  bench->directory = g_dir_make_tmp ("euicc-records-XXXXXX", NULL);
  bench->store = ea_store_new (bench->directory, NULL);
  *state = bench;
  return 0;
}

static int
teardown (void **state)
{
  Bench *bench = *state;

  ea_store_free (bench->store);
  delete_directory (bench->directory);
  g_free (bench);
  return 0;
}

static void
write_record (Bench *bench, const char *name, const char *hex)
{
  g_autoptr (GBytes) bytes = bytes_of (hex);

  assert_true (ea_store_write (bench->store, name, bytes, NULL));
}

static void
restart (Bench *bench)
{
  ea_store_free (bench->store);
  bench->store = ea_store_new (bench->directory, NULL);
  assert_non_null (bench->store);
}

/* Recent messages */

static void
commit_recent (Bench *bench, EaRecent *recent)
{
  g_autoptr (EaStoreChange) change = ea_store_change_new ();

  assert_true (ea_recent_write (recent, change));
  assert_true (ea_store_commit (bench->store, change, NULL));
  assert_false (ea_recent_write (recent, change));
}

static void
test_recent_messages_are_remembered_by_the_next_life (void **state)
{
  Bench *bench = *state;
  g_autoptr (GBytes) first = bytes_of ("01");
  g_autoptr (GBytes) second = bytes_of ("02");
  g_autoptr (EaRecent) recent = ea_recent_new (bench->store, "0");
  g_autoptr (EaRecent) successor = NULL;
  g_autoptr (EaRecent) other = NULL;

  ea_recent_add (recent, first);
  ea_recent_add (recent, first);
  ea_recent_add (recent, second);
  ea_recent_settle (recent, second);
  commit_recent (bench, recent);
  restart (bench);
  successor = ea_recent_new (bench->store, "0");
  other = ea_recent_new (bench->store, "1");

  assert_true (ea_recent_has (successor, first));
  assert_false (ea_recent_has (successor, second));
  assert_false (ea_recent_has (other, first));
  ea_recent_settle (successor, second); /* which it does not have */
  ea_recent_settle (successor, first);
  assert_false (ea_recent_has (successor, first));
}

static void
test_oldest_of_the_recent_messages_are_forgotten (void **state)
{
  Bench *bench = *state;
  g_autoptr (EaRecent) recent = ea_recent_new (bench->store, "0");
  g_autoptr (GPtrArray) tpdus = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);

  for (guint i = 0; i <= EA_RECENT_MAX; i++)
    {
      g_ptr_array_add (tpdus, g_bytes_new (&i, sizeof i));
      ea_recent_add (recent, tpdus->pdata[i]);
    }
  assert_false (ea_recent_has (recent, tpdus->pdata[0]));
  for (guint i = 1; i <= EA_RECENT_MAX; i++)
    assert_true (ea_recent_has (recent, tpdus->pdata[i]));
}

/* SHA-256 of "abc" (FIPS 180-2 appendix B.1) begins with the first 16 octets. */
#define DIGEST_OF_ABC "BA7816BF8F01CFEA414140DE5DAE2223"

static void
test_recent_record_is_believed_as_far_as_it_goes (void **state)
{
  static const struct
  {
    const char *record;
    gboolean has_abc;
  } rows[] = {
    { "", FALSE },
    { "BA7816BF8F01CFEA414140DE5DAE22", FALSE },
    { DIGEST_OF_ABC, TRUE },
    { DIGEST_OF_ABC "BA7816", TRUE },
    { "00000000000000000000000000000000" DIGEST_OF_ABC, TRUE },
    { "00" DIGEST_OF_ABC, FALSE },
  };
  Bench *bench = *state;
  g_autoptr (GBytes) abc = bytes_of ("616263");

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (EaRecent) recent = NULL;

      write_record (bench, "recent-0", rows[i].record);
      recent = ea_recent_new (bench->store, "0");
      assert_int_equal (ea_recent_has (recent, abc), rows[i].has_abc);
    }
}

static void
test_recent_record_that_is_too_long_is_read_up_to_the_limit (void **state)
{
  Bench *bench = *state;
  g_autoptr (GString) hex = g_string_new (NULL);
  g_autoptr (GBytes) abc = bytes_of ("616263");
  g_autoptr (EaRecent) recent = NULL;

  for (guint i = 0; i < EA_RECENT_MAX; i++)
    g_string_append (hex, "00000000000000000000000000000000");
  g_string_append (hex, DIGEST_OF_ABC);
  write_record (bench, "recent-0", hex->str);
  recent = ea_recent_new (bench->store, "0");
  assert_false (ea_recent_has (recent, abc));
}

/* Replay counters */

static void
test_counter_is_that_of_one_sender (void **state)
{
  Bench *bench = *state;
  const EaScp80Target other_set = { .key_set = 2, .tar = 0x000001 };
  const EaScp80Target other_tar = { .key_set = 1, .tar = 0x000002 };
  g_autoptr (EaStoreChange) change = ea_store_change_new ();
  guint64 highest = 99;

  assert_true (ea_replay_read (bench->store, EID, &isd_r, &highest, NULL));
  assert_int_equal (highest, 0);
  ea_replay_write (EID, &isd_r, EA_SCP80_COUNTER_MAX, change);
  assert_true (ea_store_commit (bench->store, change, NULL));
  restart (bench);
  assert_true (ea_replay_read (bench->store, EID, &isd_r, &highest, NULL));
  assert_true (highest == EA_SCP80_COUNTER_MAX);
  assert_true (ea_replay_read (bench->store, OTHER_EID, &isd_r, &highest, NULL));
  assert_int_equal (highest, 0);
  assert_true (ea_replay_read (bench->store, EID, &other_set, &highest, NULL));
  assert_int_equal (highest, 0);
  assert_true (ea_replay_read (bench->store, EID, &other_tar, &highest, NULL));
  assert_int_equal (highest, 0);
}

static void
test_counter_of_another_size_is_damage (void **state)
{
  static const char *const records[] = { "", "00", "00000000", "000000000100" };
  Bench *bench = *state;

  for (gsize i = 0; i < G_N_ELEMENTS (records); i++)
    {
      g_autoptr (GError) error = NULL;
      guint64 highest = 99;

      write_record (bench, "counter-" EID "-01-000001", records[i]);
      assert_false (ea_replay_read (bench->store, EID, &isd_r, &highest, &error));
      assert_true (g_error_matches (error, EA_STORE_ERROR, EA_STORE_ERROR_DAMAGED));
      assert_int_equal (highest, 99);
    }
}

static void
test_no_counter_is_known_where_the_store_lost_its_memory (void **state)
{
  Bench *bench = *state;
  g_autofree char *path = g_build_filename (bench->directory, "store", NULL);
  g_autoptr (GError) error = NULL;
  guint64 highest = 99;

  ea_store_free (bench->store);
  assert_true (g_file_set_contents (path, "what others have left", -1, NULL));
  bench->store = ea_store_new (bench->directory, NULL);
  assert_true (ea_store_is_amnesic (bench->store));
  assert_false (ea_replay_read (bench->store, EID, &isd_r, &highest, &error));
  assert_true (g_error_matches (error, EA_STORE_ERROR, EA_STORE_ERROR_DAMAGED));
}

/* Jobs */

static EaJob *
add_job_on (Bench *bench, const EaReturnPath *path, const char *packet_hex)
{
  g_autoptr (GBytes) packet = bytes_of (packet_hex);
  g_autoptr (EaStoreChange) change = ea_store_change_new ();
  EaJob *job = ea_job_new (bench->store, "0", EID, path, ea_span_from_bytes (packet), change, NULL);

  assert_non_null (job);
  assert_true (ea_store_commit (bench->store, change, NULL));
  return job;
}

static EaJob *
add_job (Bench *bench, const char *packet_hex)
{
  return add_job_on (bench, &by_sms, packet_hex);
}

static void
add_response (Bench *bench, const EaJob *job, guint index, const char *hex)
{
  g_autoptr (GBytes) response = bytes_of (hex);
  g_autoptr (EaStoreChange) change = ea_store_change_new ();

  ea_job_write_response (job, index, response, change);
  assert_true (ea_store_commit (bench->store, change, NULL));
}

static void
test_job_is_read_by_the_next_life_with_its_responses (void **state)
{
  Bench *bench = *state;
  g_autoptr (EaJob) first = add_job (bench, PACKET);
  g_autoptr (EaJob) second = add_job (bench, "");
  g_autoptr (EaJob) read = NULL;
  g_auto (GStrv) records = NULL;

  for (guint i = 0; i < 12; i++)
    add_response (bench, first, i, i == 10 ? "6110" : "9000");
  add_response (bench, first, 12, "");
  restart (bench);
  records = ea_job_list (bench->store, "0");
  assert_int_equal (g_strv_length (records), 2);
  read = ea_job_read (bench->store, records[0], NULL);

  assert_string_equal (read->record, first->record);
  assert_string_equal (read->eid, EID);
  assert_true (ea_sms_address_equal (&read->path.originator, &by_sms.originator));
  assert_bytes_are (read->packet, PACKET);
  assert_int_equal (read->responses->len, 13);
  assert_bytes_are (read->responses->pdata[10], "6110");
  assert_int_equal (g_bytes_get_size (read->responses->pdata[12]), 0);
  assert_string_equal (records[1], second->record);
}

static void
test_job_goes_with_its_responses_and_no_others (void **state)
{
  Bench *bench = *state;
  g_autoptr (EaJob) first = add_job (bench, PACKET);
  g_autoptr (EaJob) second = add_job (bench, PACKET);
  g_autoptr (EaStoreChange) change = ea_store_change_new ();
  g_auto (GStrv) records = NULL;

  add_response (bench, first, 0, "9000");
  add_response (bench, second, 0, "9000");
  ea_job_remove (bench->store, first->record, change);
  assert_true (ea_store_commit (bench->store, change, NULL));
  records = ea_store_list (bench->store, "");
  assert_int_equal (g_strv_length (records), 2);
  assert_true (g_str_has_prefix (records[0], second->record));
  assert_true (g_str_has_prefix (records[1], second->record));
}

static void
test_jobs_are_limited (void **state)
{
  Bench *bench = *state;
  g_autoptr (EaStoreChange) change = ea_store_change_new ();
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < EA_JOBS_MAX; i++)
    ea_job_free (add_job (bench, PACKET));
  assert_null (ea_job_new (bench->store, "0", EID, &by_sms, EA_SPAN_EMPTY, change, &error));
  assert_true (g_error_matches (error, EA_STORE_ERROR, EA_STORE_ERROR_FULL));
}

/* EID with its length */
#define JOB_EID                                                                                    \
  "20"                                                                                             \
  "3839303031303132303132333431323334303132333435363738393031323234"

/* Version, EID, TP-OA; and version, EID, bytes that the peer takes, peer with its length */
#define JOB "01" JOB_EID "0C91945121436587"
#define SDU_JOB_HEAD "02" JOB_EID "0800"
#define SDU_JOB SDU_JOB_HEAD "000F3139322E302E322E37203920353132"

/* Any packet in the CAT_TP form */
#define SDU "0128151639121200000187CB"

static void
assert_cut_off_is_damage (Bench *bench, const char *head)
{
  g_autoptr (GBytes) whole = bytes_of (head);

  for (gsize size = 0; size < g_bytes_get_size (whole); size++)
    {
      g_autoptr (GBytes) cut = g_bytes_new_from_bytes (whole, 0, size);
      g_autoptr (GError) error = NULL;

      assert_true (ea_store_write (bench->store, "job-0-0000000000", cut, NULL));
      assert_null (ea_job_read (bench->store, "job-0-0000000000", &error));
      assert_true (g_error_matches (error, EA_STORE_ERROR, EA_STORE_ERROR_DAMAGED));
    }
}

static void
test_job_that_is_cut_off_is_damage (void **state)
{
  Bench *bench = *state;
  g_autoptr (EaJob) job = NULL;

  assert_cut_off_is_damage (bench, JOB);
  assert_cut_off_is_damage (bench, SDU_JOB);
  write_record (bench, "job-0-0000000000", JOB PACKET);
  job = ea_job_read (bench->store, "job-0-0000000000", NULL);
  assert_string_equal (job->eid, EID);
  assert_int_equal (job->path.form, EA_SCP80_FORM_SMS);
  assert_bytes_are (job->packet, PACKET);
}

static void
test_job_of_a_cat_tp_link_is_another_record (void **state)
{
  Bench *bench = *state;
  g_autoptr (EaJob) written = add_job_on (bench, &by_cat_tp, SDU);
  g_autoptr (GBytes) record = ea_store_read (bench->store, written->record, NULL);
  g_autoptr (EaJob) read = ea_job_read (bench->store, written->record, NULL);

  assert_bytes_are (record, SDU_JOB SDU);
  assert_non_null (read);
  assert_string_equal (read->eid, EID);
  assert_int_equal (read->path.form, EA_SCP80_FORM_CAT_TP);
  assert_int_equal (read->path.max_response, 2048);
  assert_string_equal (read->path.peer, PEER);
  assert_bytes_are (read->packet, SDU);
}

static void
test_job_is_known_by_its_sdu (void **state)
{
  Bench *bench = *state;
  g_autoptr (GBytes) sdu = bytes_of (SDU);
  g_autoptr (GBytes) packet = bytes_of (PACKET);
  EaSpan span = ea_span_from_bytes (sdu);

  ea_job_free (add_job (bench, PACKET));
  ea_job_free (add_job_on (bench, &by_cat_tp, SDU));
  write_record (bench, "job-0-0000000007", "FF"); /* in nobody's way */
  assert_true (ea_job_has_sdu (bench->store, "0", EID, PEER, span));
  assert_false (ea_job_has_sdu (bench->store, "0", EID, PEER, ea_span_tail (span, 1)));
  assert_false (ea_job_has_sdu (bench->store, "0", EID, PEER, ea_span_from_bytes (packet)));
  assert_false (ea_job_has_sdu (bench->store, "0", OTHER_EID, PEER, span));
  assert_false (ea_job_has_sdu (bench->store, "1", EID, PEER, span));
  assert_false (ea_job_has_sdu (bench->store, "0", EID, "192.0.2.7 10 512", span));
}

static void
test_job_is_known_by_its_peer (void **state)
{
  Bench *bench = *state;

  ea_job_free (add_job (bench, PACKET)); /* of nobody's */
  assert_false (ea_job_has_peer (bench->store, "0", EID, PEER));
  assert_false (ea_job_has_peer (bench->store, "0", EID, ""));
  ea_job_free (add_job_on (bench, &by_cat_tp, SDU));
  assert_true (ea_job_has_peer (bench->store, "0", EID, PEER));
  assert_false (ea_job_has_peer (bench->store, "0", EID, "192.0.2.7 9 5120"));
  assert_false (ea_job_has_peer (bench->store, "0", OTHER_EID, PEER));
  assert_false (ea_job_has_peer (bench->store, "1", EID, PEER));
}

static void
test_job_without_a_peer_is_damage (void **state)
{
  static const char *const peers[]
      = { "0000", "000120", "0006206120392039", "0005612E622039", "FFFF612E6220392039" };
  Bench *bench = *state;

  for (gsize i = 0; i < G_N_ELEMENTS (peers); i++)
    {
      g_autofree char *record = g_strconcat (SDU_JOB_HEAD, peers[i], SDU, NULL);
      g_autoptr (GError) error = NULL;

      write_record (bench, "job-0-0000000000", record);
      assert_null (ea_job_read (bench->store, "job-0-0000000000", &error));
      assert_true (g_error_matches (error, EA_STORE_ERROR, EA_STORE_ERROR_DAMAGED));
    }
}

static void
test_job_of_another_version_is_damage (void **state)
{
  static const char *const records[] = { "022000", "00", "FF", "01FF0000", "03000800" };
  Bench *bench = *state;

  for (gsize i = 0; i < G_N_ELEMENTS (records); i++)
    {
      g_autoptr (GError) error = NULL;

      write_record (bench, "job-0-0000000000", records[i]);
      assert_null (ea_job_read (bench->store, "job-0-0000000000", &error));
      assert_true (g_error_matches (error, EA_STORE_ERROR, EA_STORE_ERROR_DAMAGED));
    }
}

/* A name of another length: the next job comes after it all the same. */
static void
test_job_with_a_short_name_is_no_harm (void **state)
{
  Bench *bench = *state;
  g_autoptr (EaJob) job = NULL;

  write_record (bench, "job-0-7", JOB PACKET);
  job = add_job (bench, PACKET);
  assert_string_equal (job->record, "job-0-0000000008");
}

/* Script chains */

static void
test_kept_chain_is_open_in_the_next_life (void **state)
{
  Bench *bench = *state;
  g_autoptr (EaStoreChange) change = ea_store_change_new ();
  const EaScp80Target other = { .key_set = 2, .tar = 0x000001 };
  EaChain chain;

  ea_chain_init (&chain, bench->store, "0");
  assert_int_equal (ea_chain_join (&chain, &isd_r, EA_SCRIPT_CHAINING_LAST),
                    EA_SCRIPT_CHAINING_NO_PREVIOUS);
  assert_int_equal (ea_chain_join (&chain, &isd_r, EA_SCRIPT_CHAINING_FIRST_KEPT), 0);
  ea_chain_advance (&chain, &isd_r, EA_SCRIPT_CHAINING_FIRST_KEPT, 3, change);
  assert_true (ea_store_commit (bench->store, change, NULL));
  ea_chain_clear (&chain);
  restart (bench);
  ea_chain_init (&chain, bench->store, "0");
  assert_int_equal (chain.channel, 0);
  assert_int_equal (ea_chain_join (&chain, &isd_r, EA_SCRIPT_CHAINING_LAST), 0);
  assert_int_equal (ea_chain_join (&chain, &other, EA_SCRIPT_CHAINING_LAST),
                    EA_SCRIPT_CHAINING_NO_PREVIOUS);
  assert_int_equal (ea_chain_join (&chain, &isd_r, 0x00), EA_SCRIPT_CHAINING_UNABLE);
  ea_chain_clear (&chain);
}

static void
test_chain_that_is_not_kept_ends_with_its_channel (void **state)
{
  Bench *bench = *state;
  g_autoptr (EaStoreChange) change = ea_store_change_new ();
  EaChain chain;

  ea_chain_init (&chain, bench->store, "0");
  ea_chain_advance (&chain, &isd_r, EA_SCRIPT_CHAINING_FIRST, 3, change);
  assert_int_equal (ea_chain_join (&chain, &isd_r, EA_SCRIPT_CHAINING_MORE), 0);
  ea_chain_advance (&chain, &isd_r, EA_SCRIPT_CHAINING_MORE, 0, change);
  assert_int_equal (ea_chain_join (&chain, &isd_r, EA_SCRIPT_CHAINING_LAST),
                    EA_SCRIPT_CHAINING_NO_PREVIOUS);
  ea_chain_clear (&chain);
}

static void
test_record_of_another_size_is_no_chain (void **state)
{
  static const char *const records[] = { "", "01", "010000", "0100000100" };
  Bench *bench = *state;

  for (gsize i = 0; i < G_N_ELEMENTS (records); i++)
    {
      EaChain chain;

      write_record (bench, "chain-0", records[i]);
      ea_chain_init (&chain, bench->store, "0");
      assert_false (chain.is_open);
      ea_chain_clear (&chain);
    }
}

/* The inbox */

static EaShortMessage *
new_message (const char *record)
{
  g_autoptr (GBytes) bytes = bytes_of (record);
  EaShortMessage *message = ea_short_message_new_from_record (NULL, bytes, NULL);

  assert_non_null (message);
  return message;
}

static gboolean
put (EaInbox *inbox, EaShortMessage *message, GError **error)
{
  g_autoptr (EaStoreChange) change = ea_store_change_new ();

  return ea_inbox_put (inbox, message, change, error);
}

static void
test_message_is_read_by_the_next_life_as_it_came (void **state)
{
  Bench *bench = *state;
  g_autoptr (EaInbox) inbox = ea_inbox_new (bench->store, "0");
  g_autoptr (EaInbox) successor = NULL;
  g_autoptr (EaShortMessage) message = new_message (RECORD);
  g_autoptr (EaShortMessage) read = NULL;
  g_auto (GStrv) records = NULL;

  assert_true (put (inbox, message, NULL));
  assert_true (put (inbox, message, NULL)); /* it is there */
  restart (bench);
  successor = ea_inbox_new (bench->store, "0");
  records = ea_inbox_list (successor);
  assert_int_equal (g_strv_length (records), 1);
  read = ea_inbox_read (successor, records[0], NULL);

  assert_bytes_are (read->smsc, "91947107160000");
  assert_bytes_are (read->tpdu, "440C919451214365877FF6621122010000002D");
  assert_true (ea_short_message_must_stay (read));
  assert_true (ea_inbox_remove (successor, read, NULL));
  assert_null (read->record);
}

static void
test_new_messages_come_after_those_of_the_life_before (void **state)
{
  Bench *bench = *state;
  g_autoptr (EaInbox) inbox = NULL;
  g_autoptr (EaShortMessage) message = new_message (RECORD);

  write_record (bench, "inbox-0-0000000041", RECORD);
  inbox = ea_inbox_new (bench->store, "0");
  assert_true (put (inbox, message, NULL));
  assert_string_equal (message->record, "inbox-0-0000000042");
}

static void
test_inbox_is_limited (void **state)
{
  Bench *bench = *state;
  g_autoptr (EaInbox) inbox = ea_inbox_new (bench->store, "0");
  g_autoptr (EaShortMessage) last = new_message (RECORD);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < EA_INBOX_MAX; i++)
    {
      g_autoptr (EaShortMessage) message = new_message (RECORD);

      assert_true (put (inbox, message, NULL));
    }
  assert_false (put (inbox, last, &error));
  assert_true (g_error_matches (error, EA_STORE_ERROR, EA_STORE_ERROR_FULL));
  assert_null (last->record);
}

static void
test_record_without_a_service_centre_is_no_message (void **state)
{
  static const char *const records[] = { "", "05", "07919471071600", "FF00" };
  Bench *bench = *state;
  g_autoptr (EaInbox) inbox = ea_inbox_new (bench->store, "0");

  for (gsize i = 0; i < G_N_ELEMENTS (records); i++)
    {
      g_autoptr (GError) error = NULL;

      write_record (bench, "inbox-0-0000000000", records[i]);
      assert_null (ea_inbox_read (inbox, "inbox-0-0000000000", &error));
      assert_non_null (error);
    }
}

/* The brake */

static void
test_brake_lets_a_burst_through_in_each_interval (void **state)
{
  EaRateLimit limit = { .burst = 2, .interval_us = 100 };

  assert_true (ea_rate_limit_allow (&limit, 5));
  assert_true (ea_rate_limit_allow (&limit, 50));
  assert_false (ea_rate_limit_allow (&limit, 60));
  assert_false (ea_rate_limit_allow (&limit, 104));
  assert_true (ea_rate_limit_allow (&limit, 105));
  assert_true (ea_rate_limit_allow (&limit, 204));
  assert_false (ea_rate_limit_allow (&limit, 204));
}

static void
test_brake_of_nothing_lets_nothing_through (void **state)
{
  EaRateLimit limit = { .burst = 0, .interval_us = 100 };

  assert_false (ea_rate_limit_allow (&limit, 0));
  assert_false (ea_rate_limit_allow (&limit, 1000));
}

#define ON_BENCH(name) cmocka_unit_test_setup_teardown (name, setup, teardown)

int
main (void)
{
  const struct CMUnitTest tests[] = {
    ON_BENCH (test_recent_messages_are_remembered_by_the_next_life),
    ON_BENCH (test_oldest_of_the_recent_messages_are_forgotten),
    ON_BENCH (test_recent_record_is_believed_as_far_as_it_goes),
    ON_BENCH (test_recent_record_that_is_too_long_is_read_up_to_the_limit),
    ON_BENCH (test_counter_is_that_of_one_sender),
    ON_BENCH (test_counter_of_another_size_is_damage),
    ON_BENCH (test_no_counter_is_known_where_the_store_lost_its_memory),
    ON_BENCH (test_job_is_read_by_the_next_life_with_its_responses),
    ON_BENCH (test_job_goes_with_its_responses_and_no_others),
    ON_BENCH (test_jobs_are_limited),
    ON_BENCH (test_job_that_is_cut_off_is_damage),
    ON_BENCH (test_job_of_a_cat_tp_link_is_another_record),
    ON_BENCH (test_job_is_known_by_its_sdu),
    ON_BENCH (test_job_is_known_by_its_peer),
    ON_BENCH (test_job_without_a_peer_is_damage),
    ON_BENCH (test_job_of_another_version_is_damage),
    ON_BENCH (test_job_with_a_short_name_is_no_harm),
    ON_BENCH (test_kept_chain_is_open_in_the_next_life),
    ON_BENCH (test_chain_that_is_not_kept_ends_with_its_channel),
    ON_BENCH (test_record_of_another_size_is_no_chain),
    ON_BENCH (test_message_is_read_by_the_next_life_as_it_came),
    ON_BENCH (test_new_messages_come_after_those_of_the_life_before),
    ON_BENCH (test_inbox_is_limited),
    ON_BENCH (test_record_without_a_service_centre_is_no_message),
    cmocka_unit_test (test_brake_lets_a_burst_through_in_each_interval),
    cmocka_unit_test (test_brake_of_nothing_lets_nothing_through),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
