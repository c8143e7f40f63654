/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Whose short message is it (agent/session/sorter.h)? Segments are those of the simulator; the agent holds the key for
 * key set 1 and the ISD-R. Time is a variable.
 */

#include "session/sorter.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "card/sim-sms.h"
#include "helpers.h"

#define ALICE "0C91945121436587"
#define BOB "0C91945121436597"

/* Beginnings of packets: CPL, CHL, SPI, KIc, KID and TAR */
#define OURS "0000151639121200000100"
#define OURS_TOO "0000151639121200000101"
#define THEIRS "0000151639222200000100"

#define LATE_US (EA_SMS_REASSEMBLY_TIMEOUT_US + 1)

static gboolean
holds_key (const EaScp80Target *target, gpointer user_data)
{
  return target->key_set == 1 && target->tar == 0x000001 && *(gboolean *) user_data;
}

typedef struct
{
  gboolean has_key;
  EaSorter *sorter;
  guint8 reference; /* of the next message */
} Bench;

static int
setup (void **state)
{
  Bench *bench = g_new0 (Bench, 1);

  bench->has_key = TRUE;
  bench->sorter = ea_sorter_new (holds_key, &bench->has_key);
  *state = bench;
  return 0;
}

static int
teardown (void **state)
{
  Bench *bench = *state;
  g_auto (EaSorted) sorted = { 0 };

  assert_false (ea_sorter_pull (bench->sorter, &sorted));
  ea_sorter_free (bench->sorter);
  g_free (bench);
  return 0;
}

/* (transfer full) (element-type GBytes): segments of a packet of @n_segments that begins with @beginning */
static GPtrArray *
new_segments (const char *originator, const char *beginning, guint n_segments, guint8 reference)
{
  g_autoptr (GBytes) address = bytes_of (originator);
  g_autoptr (GBytes) head = bytes_of (beginning);
  gsize size = n_segments == 1 ? 100 : 132 + (n_segments - 2) * 134 + 10;
  g_autofree guint8 *packet = g_malloc (size);

  for (gsize i = 0; i < size; i++)
    packet[i] = (guint8) i;
  memcpy (packet, g_bytes_get_data (head, NULL), g_bytes_get_size (head));
  return sim_sms_build_deliver (ea_span_from_bytes (address), ea_span_init (packet, size),
                                reference);
}

static EaShortMessage *
new_message (GBytes *tpdu)
{
  EaShortMessage *message = g_new0 (EaShortMessage, 1);

  message->tpdu = g_bytes_ref (tpdu);
  return message;
}

/* @tpdu comes, is held if it has to be, and the sorter says @kind. */
static void
receive (Bench *bench, GBytes *tpdu, EaSorterKind kind, gint64 now_us)
{
  g_autoptr (EaShortMessage) message = new_message (tpdu);
  EaSmsAddress originator;
  EaSpan packet;

  assert_int_equal (ea_sorter_look (bench->sorter, message, &packet, &originator, now_us), kind);
  if (kind == EA_SORTER_PACKET)
    assert_span_inside (packet, ea_span_from_bytes (tpdu));
  if (kind == EA_SORTER_SEGMENT)
    ea_sorter_hold (bench->sorter, g_steal_pointer (&message), now_us);
}

/* The next news are about the @indices (digits) of @tpdus, in this order. */
static void
assert_news (Bench *bench, EaSorterNews news, GPtrArray *tpdus, const char *indices)
{
  g_auto (EaSorted) sorted = { 0 };

  assert_true (ea_sorter_pull (bench->sorter, &sorted));
  assert_int_equal (sorted.news, news);
  assert_int_equal (sorted.messages->len, strlen (indices));
  for (guint i = 0; i < sorted.messages->len; i++)
    {
      const EaShortMessage *message = sorted.messages->pdata[i];

      assert_true (g_bytes_equal (message->tpdu, tpdus->pdata[indices[i] - '0']));
    }
  if (news == EA_SORTER_FOR_AGENT)
    assert_non_null (sorted.packet);
}

static void
assert_no_news (Bench *bench)
{
  g_auto (EaSorted) sorted = { 0 };

  assert_false (ea_sorter_pull (bench->sorter, &sorted));
}

static void
test_single_packets_are_known_at_once (void **state)
{
  Bench *bench = *state;
  g_autoptr (GPtrArray) ours = new_segments (ALICE, OURS, 1, 0);
  g_autoptr (GPtrArray) theirs = new_segments (ALICE, THEIRS, 1, 0);

  receive (bench, ours->pdata[0], EA_SORTER_PACKET, 0);
  receive (bench, theirs->pdata[0], EA_SORTER_CARD, 0);
  bench->has_key = FALSE;
  receive (bench, ours->pdata[0], EA_SORTER_CARD, 0);
}

static void
test_packet_is_the_published_one (void **state)
{
  Bench *bench = *state;
  g_autoptr (GBytes) tpdu = bytes_of (
      "440C919451214365877FF6621122010000002D02700000281516391212000001954EB8A317C64D5169E703F859"
      "A40693DF4FCE92B5A3A849C286D5B96F54940F");
  g_autoptr (EaShortMessage) message = new_message (tpdu);
  EaSmsAddress originator;
  EaSpan packet;

  assert_int_equal (ea_sorter_look (bench->sorter, message, &packet, &originator, 0),
                    EA_SORTER_PACKET);
  assert_span_is (packet, "00281516391212000001954EB8A317C64D5169E703F859A40693DF4FCE92B5A3A849C286"
                          "D5B96F54940F");
  assert_string_equal (originator.digits, "491512345678");
}

/* Calls @function with each order of @n indices. */
typedef void (*OrderFunc) (Bench *bench, const char *order);

static void
for_each_order (Bench *bench, char *order, guint n_fixed, OrderFunc function)
{
  gsize n = strlen (order);

  if (n_fixed == n)
    function (bench, order);
  for (gsize i = n_fixed; i < n; i++)
    {
      char first = order[n_fixed];

      order[n_fixed] = order[i];
      order[i] = first;
      for_each_order (bench, order, n_fixed + 1, function);
      order[i] = order[n_fixed];
      order[n_fixed] = first;
    }
}

static void
receive_all_of_agent (Bench *bench, const char *order)
{
  g_autoptr (GPtrArray) tpdus = new_segments (ALICE, OURS, (guint) strlen (order), 9);

  for (const char *index = order; *index != '\0'; index++)
    {
      assert_no_news (bench);
      receive (bench, tpdus->pdata[*index - '0'], EA_SORTER_SEGMENT, 0);
    }
  assert_news (bench, EA_SORTER_FOR_AGENT, tpdus, order);
  assert_int_equal (ea_sorter_deadline (bench->sorter), EA_SMS_REASSEMBLY_NEVER);
}

/* Those before the first are held until it comes; those after it go straight to the card. */
static void
receive_all_of_card (Bench *bench, const char *order)
{
  g_autoptr (GPtrArray) tpdus
      = new_segments (ALICE, THEIRS, (guint) strlen (order), bench->reference++);
  gsize n_held = strcspn (order, "0");
  g_autofree char *held = g_strndup (order, n_held);

  for (gsize i = 0; order[i] != '\0'; i++)
    {
      receive (bench, tpdus->pdata[order[i] - '0'], i < n_held ? EA_SORTER_SEGMENT : EA_SORTER_CARD,
               0);
      if (i == n_held && n_held > 0)
        assert_news (bench, EA_SORTER_FOR_CARD, tpdus, held);
      assert_no_news (bench);
    }
  assert_int_equal (ea_sorter_deadline (bench->sorter), EA_SMS_REASSEMBLY_NEVER);
}

static void
test_segments_of_the_agent_come_in_any_order (void **state)
{
  char three[] = "012";
  char four[] = "0123";

  for_each_order (*state, three, 0, receive_all_of_agent);
  for_each_order (*state, four, 0, receive_all_of_agent);
}

static void
test_segments_of_the_card_come_in_any_order (void **state)
{
  char three[] = "012";
  char four[] = "0123";

  for_each_order (*state, three, 0, receive_all_of_card);
  for_each_order (*state, four, 0, receive_all_of_card);
}

static void
test_packet_of_several_segments_is_put_together (void **state)
{
  Bench *bench = *state;
  g_autoptr (GPtrArray) tpdus = new_segments (ALICE, OURS, 2, 9);
  g_auto (EaSorted) sorted = { 0 };
  EaSpan packet;

  receive (bench, tpdus->pdata[1], EA_SORTER_SEGMENT, 0);
  receive (bench, tpdus->pdata[0], EA_SORTER_SEGMENT, 0);
  assert_true (ea_sorter_pull (bench->sorter, &sorted));
  packet = ea_span_from_bytes (sorted.packet);

  assert_int_equal (packet.size, 142);
  assert_span_is (ea_span_init (packet.data, 12), OURS "0B");
  assert_span_is (ea_span_tail (packet, 130), "82838485868788898A8B8C8D");
  assert_string_equal (sorted.originator.digits, "491512345678");
}

static void
test_nobody_s_segments_are_the_card_s_when_time_is_up (void **state)
{
  Bench *bench = *state;
  g_autoptr (GPtrArray) tpdus = new_segments (ALICE, OURS, 4, 9);

  receive (bench, tpdus->pdata[3], EA_SORTER_SEGMENT, 0);
  receive (bench, tpdus->pdata[1], EA_SORTER_SEGMENT, 10);
  assert_int_equal (ea_sorter_deadline (bench->sorter), 10 + EA_SMS_REASSEMBLY_TIMEOUT_US);
  ea_sorter_tick (bench->sorter, 9 + EA_SMS_REASSEMBLY_TIMEOUT_US);
  assert_no_news (bench);
  ea_sorter_tick (bench->sorter, 10 + EA_SMS_REASSEMBLY_TIMEOUT_US);
  assert_news (bench, EA_SORTER_FOR_CARD, tpdus, "31");
}

static void
test_agent_s_segments_are_incomplete_when_time_is_up (void **state)
{
  Bench *bench = *state;
  g_autoptr (GPtrArray) tpdus = new_segments (ALICE, OURS, 3, 9);

  receive (bench, tpdus->pdata[2], EA_SORTER_SEGMENT, 0);
  receive (bench, tpdus->pdata[0], EA_SORTER_SEGMENT, 0);
  ea_sorter_tick (bench->sorter, LATE_US);
  assert_news (bench, EA_SORTER_INCOMPLETE, tpdus, "20");
}

static void
test_segment_that_comes_again_is_a_duplicate (void **state)
{
  Bench *bench = *state;
  g_autoptr (GPtrArray) tpdus = new_segments (ALICE, OURS, 3, 9);

  receive (bench, tpdus->pdata[2], EA_SORTER_SEGMENT, 0);
  receive (bench, tpdus->pdata[2], EA_SORTER_SEGMENT, 0);
  assert_news (bench, EA_SORTER_DUPLICATE, tpdus, "2");
  receive (bench, tpdus->pdata[0], EA_SORTER_SEGMENT, 0);
  receive (bench, tpdus->pdata[0], EA_SORTER_SEGMENT, 0);
  assert_news (bench, EA_SORTER_DUPLICATE, tpdus, "0");
  receive (bench, tpdus->pdata[1], EA_SORTER_SEGMENT, 0);
  assert_news (bench, EA_SORTER_FOR_AGENT, tpdus, "201");
}

static void
test_packet_that_contradicts_another_takes_its_place (void **state)
{
  Bench *bench = *state;
  g_autoptr (GPtrArray) old = new_segments (ALICE, OURS, 2, 9);
  g_autoptr (GPtrArray) new = new_segments (ALICE, OURS_TOO, 2, 9);

  receive (bench, old->pdata[0], EA_SORTER_SEGMENT, 0);
  receive (bench, new->pdata[0], EA_SORTER_SEGMENT, 0);
  assert_news (bench, EA_SORTER_INCOMPLETE, old, "0");
  receive (bench, new->pdata[1], EA_SORTER_SEGMENT, 0);
  assert_news (bench, EA_SORTER_FOR_AGENT, new, "01");
}

static void
test_reference_goes_from_one_owner_to_the_other (void **state)
{
  Bench *bench = *state;
  g_autoptr (GPtrArray) theirs = new_segments (ALICE, THEIRS, 2, 9);
  g_autoptr (GPtrArray) ours = new_segments (ALICE, OURS, 2, 9);

  receive (bench, theirs->pdata[0], EA_SORTER_CARD, 0);
  receive (bench, ours->pdata[0], EA_SORTER_SEGMENT, 0);
  receive (bench, ours->pdata[1], EA_SORTER_SEGMENT, 0);
  assert_news (bench, EA_SORTER_FOR_AGENT, ours, "01");
  receive (bench, ours->pdata[0], EA_SORTER_SEGMENT, 0);
  receive (bench, theirs->pdata[0], EA_SORTER_CARD, 0);
  assert_news (bench, EA_SORTER_INCOMPLETE, ours, "0");
  receive (bench, theirs->pdata[1], EA_SORTER_CARD, 0);
}

static void
test_card_s_reference_is_forgotten_after_a_time (void **state)
{
  Bench *bench = *state;
  g_autoptr (GPtrArray) tpdus = new_segments (ALICE, THEIRS, 2, 9);

  receive (bench, tpdus->pdata[0], EA_SORTER_CARD, 0);
  receive (bench, tpdus->pdata[1], EA_SORTER_CARD, EA_SMS_REASSEMBLY_TIMEOUT_US - 1);
  receive (bench, tpdus->pdata[1], EA_SORTER_SEGMENT, EA_SMS_REASSEMBLY_TIMEOUT_US);
  ea_sorter_tick (bench->sorter, 3 * LATE_US);
  assert_news (bench, EA_SORTER_FOR_CARD, tpdus, "1");
}

static void
test_senders_do_not_disturb_each_other (void **state)
{
  Bench *bench = *state;
  g_autoptr (GPtrArray) alices = new_segments (ALICE, OURS, 2, 9);
  g_autoptr (GPtrArray) bobs = new_segments (BOB, THEIRS, 2, 9);

  receive (bench, alices->pdata[1], EA_SORTER_SEGMENT, 0);
  receive (bench, bobs->pdata[0], EA_SORTER_CARD, 0);
  receive (bench, bobs->pdata[1], EA_SORTER_CARD, 0);
  receive (bench, alices->pdata[0], EA_SORTER_SEGMENT, 0);
  assert_news (bench, EA_SORTER_FOR_AGENT, alices, "10");
}

static void
test_keys_that_go_meanwhile_make_a_packet_the_card_s (void **state)
{
  Bench *bench = *state;
  g_autoptr (GPtrArray) tpdus = new_segments (ALICE, OURS, 3, 9);

  receive (bench, tpdus->pdata[0], EA_SORTER_SEGMENT, 0);
  receive (bench, tpdus->pdata[2], EA_SORTER_SEGMENT, 0);
  bench->has_key = FALSE;
  receive (bench, tpdus->pdata[1], EA_SORTER_SEGMENT, 0);
  assert_news (bench, EA_SORTER_FOR_CARD, tpdus, "021");
}

/* A first segment that ends before TAR shows nothing: 9 octets, and 10. */
static void
test_short_first_segment_is_the_card_s (void **state)
{
  Bench *bench = *state;
  g_autoptr (GBytes) nine = bytes_of ("440C919451214365877FF66211220100000011"
                                      "070003090201"
                                      "7000"
                                      "001515163912120000");
  g_autoptr (GBytes) ten = bytes_of ("440C919451214365877FF66211220100000012"
                                     "070003090201"
                                     "7000"
                                     "00151516391212000001");
  g_autoptr (GPtrArray) tpdus = g_ptr_array_new ();

  receive (bench, nine, EA_SORTER_CARD, 0);
  receive (bench, ten, EA_SORTER_SEGMENT, 0);
  g_ptr_array_add (tpdus, ten);
  ea_sorter_tick (bench->sorter, LATE_US);
  assert_news (bench, EA_SORTER_INCOMPLETE, tpdus, "0");
}

static void
test_hostile_messages_are_the_card_s (void **state)
{
  static const char *const hostile[] = {
    "",
    "44",
    "440C91",
    "FFFFFFFFFFFFFFFFFFFF",
    "440C919451214365877FF662112201000000FF027000",
    "440C919451214365877FF66211220100000000",
    "440C919451214365877FF66211220100000003027000",                       /* a packet of nothing */
    "440C919451214365877FF6621122010000000D02710000281516391212000001",   /* of a response */
    "440C919451214365877FF662112201000000100500030902000028151639121200", /* index 0 */
    "440C919451214365877FF662112201000000100500030902030028151639121200", /* index 3 of 2 */
  };
  Bench *bench = *state;

  for (gsize i = 0; i < G_N_ELEMENTS (hostile); i++)
    {
      g_autoptr (GBytes) tpdu = bytes_of (hostile[i]);

      receive (bench, tpdu, EA_SORTER_CARD, 0);
    }
}

static void
test_every_truncation_of_a_segment_is_survived (void **state)
{
  Bench *bench = *state;
  g_autoptr (GPtrArray) tpdus = new_segments (ALICE, OURS, 2, 9);
  EaSpan whole = ea_span_from_bytes (tpdus->pdata[0]);

  for (gsize size = 0; size < whole.size; size++)
    {
      g_autoptr (GBytes) cut = g_bytes_new (whole.data, size);

      receive (bench, cut, EA_SORTER_CARD, 0);
    }
}

static void
test_oldest_segments_make_room (void **state)
{
  Bench *bench = *state;
  g_autoptr (GPtrArray) first = new_segments (ALICE, OURS, 2, 0);

  receive (bench, first->pdata[1], EA_SORTER_SEGMENT, 0);
  for (guint i = 1; i < EA_SMS_REASSEMBLY_MESSAGES_MAX; i++)
    {
      g_autoptr (GPtrArray) other = new_segments (ALICE, OURS, 2, (guint8) i);

      receive (bench, other->pdata[1], EA_SORTER_SEGMENT, i);
      assert_no_news (bench);
    }
  receive (bench, first->pdata[0], EA_SORTER_SEGMENT, 100);
  assert_news (bench, EA_SORTER_FOR_AGENT, first, "10");
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (GPtrArray) other = new_segments (BOB, OURS, 2, (guint8) i);

      receive (bench, other->pdata[1], EA_SORTER_SEGMENT, 200);
      if (i == 1)
        {
          g_autoptr (GPtrArray) oldest = new_segments (ALICE, OURS, 2, 1);

          assert_news (bench, EA_SORTER_FOR_CARD, oldest, "1");
        }
      assert_no_news (bench);
    }
}

/* Of the card's messages, only so many are known by their first segment. */
static void
test_only_so_many_messages_of_the_card_are_remembered (void **state)
{
  Bench *bench = *state;
  g_autoptr (GPtrArray) first = new_segments (ALICE, THEIRS, 2, 0);

  receive (bench, first->pdata[0], EA_SORTER_CARD, 0);
  for (guint i = 1; i <= 16; i++)
    {
      g_autoptr (GPtrArray) other = new_segments (ALICE, THEIRS, 2, (guint8) i);

      receive (bench, first->pdata[1], EA_SORTER_CARD, 0);
      receive (bench, other->pdata[0], EA_SORTER_CARD, 0);
    }
  receive (bench, first->pdata[1], EA_SORTER_SEGMENT, 0);
  ea_sorter_tick (bench->sorter, LATE_US);
  assert_news (bench, EA_SORTER_FOR_CARD, first, "1");
}

#define ON_BENCH(name) cmocka_unit_test_setup_teardown (name, setup, teardown)

int
main (void)
{
  const struct CMUnitTest tests[] = {
    ON_BENCH (test_single_packets_are_known_at_once),
    ON_BENCH (test_packet_is_the_published_one),
    ON_BENCH (test_segments_of_the_agent_come_in_any_order),
    ON_BENCH (test_segments_of_the_card_come_in_any_order),
    ON_BENCH (test_packet_of_several_segments_is_put_together),
    ON_BENCH (test_nobody_s_segments_are_the_card_s_when_time_is_up),
    ON_BENCH (test_agent_s_segments_are_incomplete_when_time_is_up),
    ON_BENCH (test_segment_that_comes_again_is_a_duplicate),
    ON_BENCH (test_packet_that_contradicts_another_takes_its_place),
    ON_BENCH (test_reference_goes_from_one_owner_to_the_other),
    ON_BENCH (test_card_s_reference_is_forgotten_after_a_time),
    ON_BENCH (test_senders_do_not_disturb_each_other),
    ON_BENCH (test_keys_that_go_meanwhile_make_a_packet_the_card_s),
    ON_BENCH (test_short_first_segment_is_the_card_s),
    ON_BENCH (test_hostile_messages_are_the_card_s),
    ON_BENCH (test_every_truncation_of_a_segment_is_survived),
    ON_BENCH (test_oldest_segments_make_room),
    ON_BENCH (test_only_so_many_messages_of_the_card_are_remembered),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
