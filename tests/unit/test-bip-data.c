/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Data through the channels (agent/core/bip.h), TS 102 223 §6.4.29, §6.4.30, §7.5.10. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bip-rig.h"
#include "core/cat-response.h"
#include "helpers.h"

/* @size bytes of the value @size */
static void
hear_size (EaBip *bip, guint8 channel, gsize size)
{
  g_autoptr (GByteArray) data = g_byte_array_new ();
  const guint8 value = (guint8) size;

  while (data->len < size)
    g_byte_array_append (data, &value, 1);
  ea_bip_receive (bip, channel, ea_span_from_array (data));
}

/* "@head", then @size times the octet @value, then "@tail" */
static char *
make_response (const char *head, gsize size, guint8 value, const char *tail)
{
  GString *hex = g_string_new (head);

  for (gsize i = 0; i < size; i++)
    g_string_append_printf (hex, "%02X", value);
  return g_string_free (g_string_append (hex, tail), FALSE);
}

static void
test_data_are_stored_until_they_are_to_be_sent (void **state)
{
  g_auto (EaBip) bip = { 0 };

  bip_init (&bip);
  bip_open (&bip, OPEN_TCP_SMALL, OPENED_SMALL);
  bip_exchange (&bip, "D00D8103014300820281213602AABB", "81030143008202828183010037010E");
  bip_exchange (&bip, "D00C8103014300820281213601CC", "81030143008202828183010037010D");
  bip_wants_nothing (&bip);
  bip_flushes (&bip, "D00C8103014301820281213601DD", "AABBCCDD", 4,
               "810301430182028281830100370110");
  bip_wants_nothing (&bip);
}

static void
test_stored_data_are_sent_by_a_command_without_data (void **state)
{
  g_auto (EaBip) bip = { 0 };

  bip_init (&bip);
  bip_open (&bip, OPEN_TCP_SMALL, OPENED_SMALL);
  bip_exchange (&bip, "D00B8103014301820281213600", "810301430182028281830100370110");
  bip_wants_nothing (&bip);
  bip_exchange (&bip, "D00D8103014300820281213602AABB", "81030143008202828183010037010E");
  bip_flushes (&bip, "D00B8103014301820281213600", "AABB", 2, "810301430182028281830100370110");
}

static void
test_free_octets_are_told_up_to_255 (void **state)
{
  static const struct
  {
    const char *buffer_size;
    const char *n_free;
  } rows[] = {
    { "00FF", "FE" }, { "0100", "FF" }, { "0101", "FF" }, { "0002", "01" }, { "0001", "00" }
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_auto (EaBip) bip = { 0 };
      g_autofree char *open = g_strconcat ("D01C8103014001820281823501033902", rows[i].buffer_size,
                                           "3C030201BB3E0521C0000201", NULL);
      g_autofree char *opened
          = g_strconcat ("810301400182028281830100380281003501033902", rows[i].buffer_size, NULL);
      g_autofree char *response
          = g_strconcat ("8103014300820282818301003701", rows[i].n_free, NULL);

      bip_init (&bip);
      bip_open (&bip, open, opened);
      bip_exchange (&bip, "D00C8103014300820281213601CC", response);
    }
}

static void
test_data_beyond_the_transmit_buffer_are_refused_and_not_taken (void **state)
{
  g_auto (EaBip) bip = { 0 };
  g_autofree char *sixteen = bip_make_send (FALSE, 16);
  g_autofree char *seventeen = bip_make_send (TRUE, 17);

  bip_init (&bip);
  bip_open (&bip, OPEN_TCP_SMALL, OPENED_SMALL);
  bip_exchange (&bip, seventeen, "81030143018202828183023A04");
  bip_exchange (&bip, sixteen, "810301430082028281830100370100");
  bip_exchange (&bip, "D00C8103014300820281213601CC", "81030143008202828183023A04");
  bip_exchange (&bip, "D00C8103014301820281213601CC", "81030143018202828183023A04");
  bip_flushes (&bip, "D00B8103014301820281213600", "000102030405060708090A0B0C0D0E0F", 16,
               "810301430182028281830100370110");
}

/* One byte more does not fit FETCH: D0 81 LL, nine of head, 36 81 LL. */
static void
test_longest_data_of_one_command_are_sent_whole (void **state)
{
  static const gsize sizes[] = { 127, 128, 237, 241 };

  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_auto (EaBip) bip = { 0 };
      g_autofree char *send = bip_make_send (TRUE, sizes[i]);
      g_auto (EaBipEvent) event = { 0 };

      bip_init (&bip);
      bip_open (&bip, OPEN_TCP, OPENED);
      bip_exchange (&bip, send, "8103014301820282818301003701FF");
      assert_true (ea_bip_pull_event (&bip, &event));
      assert_int_equal (event.type, EA_BIP_EVENT_SEND);
      assert_int_equal (g_bytes_get_size (event.data), sizes[i]);
    }
}

/* The peer stalls: what the link has not taken fills the buffer. */
static void
test_data_that_the_link_does_not_take_fill_the_transmit_buffer (void **state)
{
  g_auto (EaBip) bip = { 0 };
  g_autofree char *twelve = bip_make_send (TRUE, 12);

  bip_init (&bip);
  bip_open (&bip, OPEN_TCP_SMALL, OPENED_SMALL);
  bip_flushes (&bip, twelve, "000102030405060708090A0B", 0, "810301430182028281830100370104");
  bip_exchange (&bip, twelve, "81030143018202828183023A04");
  bip_exchange (&bip, "D00C8103014300820281213601CC", "810301430082028281830100370103");
  ea_bip_sent (&bip, 1, 8);
  bip_flushes (&bip, "D00B8103014301820281213600", "CC", 1, "81030143018202828183010037010C");
  ea_bip_sent (&bip, 1, 100);
  bip_flushes (&bip, twelve, "000102030405060708090A0B", 12, "810301430182028281830100370110");
}

static void
test_one_flush_is_one_datagram (void **state)
{
  g_auto (EaBip) bip = { 0 };

  bip_init (&bip);
  bip_open (&bip, OPEN_UDP_SMALL, OPENED_SMALL);
  bip_exchange (&bip, "D00D8103014300820281213602AABB", "81030143008202828183010037010E");
  bip_flushes (&bip, "D00C8103014301820281213601CC", "AABBCC", 3, "810301430182028281830100370110");
  bip_flushes (&bip, "D00C8103014301820281213601DD", "DD", 1, "810301430182028281830100370110");
  bip_wants_nothing (&bip);
}

static void
test_data_available_is_told_when_data_come_into_an_empty_buffer (void **state)
{
  g_auto (EaBip) bip = { 0 };

  bip_init (&bip);
  bip_open (&bip, OPEN_TCP, OPENED);
  hear_size (&bip, 1, 32);
  bip_tells (&bip, "D60E99010982028281B8028100B70120");
  hear_size (&bip, 1, 1);
  bip_tells_nothing (&bip);
}

static void
test_data_available_says_what_is_there_when_it_is_sent (void **state)
{
  g_auto (EaBip) bip = { 0 };

  bip_init (&bip);
  bip_open (&bip, OPEN_TCP, OPENED);
  hear_size (&bip, 1, 200);
  hear_size (&bip, 1, 54);
  bip_tells (&bip, "D60E99010982028281B8028100B701FE");

  bip_fetch (&bip, 0, "81030142008202828183010036003701FE");
  hear_size (&bip, 1, 2);
  bip_tells (&bip, "D60E99010982028281B8028100B701FF");
}

/* L3 */
static void
test_data_that_a_command_leaves_are_announced_again (void **state)
{
  g_auto (EaBip) bip = { 0 };

  bip_init (&bip);
  bip_open (&bip, OPEN_TCP, OPENED);
  bip_hears (&bip, 1, "0102030405");
  bip_tells (&bip, "D60E99010982028281B8028100B70105");
  bip_fetch (&bip, 2, "81030142008202828183010036020102370103");
  bip_tells (&bip, "D60E99010982028281B8028100B70103");
  bip_tells_nothing (&bip);
  bip_fetch (&bip, 3, "8103014200820282818301003603030405370100");
  bip_tells_nothing (&bip);
}

static void
test_data_that_were_fetched_before_they_were_announced_are_not (void **state)
{
  g_auto (EaBip) bip = { 0 };

  bip_init (&bip);
  bip_open (&bip, OPEN_TCP, OPENED);
  bip_hears (&bip, 1, "01");
  bip_fetch (&bip, 1, "810301420082028281830100360101370100");
  bip_tells_nothing (&bip);
}

static void
test_less_than_asked_for_is_missing_information (void **state)
{
  g_auto (EaBip) bip = { 0 };

  bip_init (&bip);
  bip_open (&bip, OPEN_TCP, OPENED);
  bip_fetch (&bip, 10, "8103014200820282818301023600370100");
  bip_hears (&bip, 1, "0102");
  bip_fetch (&bip, 3, "81030142008202828183010236020102370100");
  bip_hears (&bip, 1, "0102");
  bip_fetch (&bip, 2, "81030142008202828183010036020102370100");
  bip_fetch (&bip, 0, "8103014200820282818301003600370100");
}

static void
test_channel_without_a_link_has_no_data (void **state)
{
  g_auto (EaBip) bip = { 0 };

  bip_init (&bip);
  bip_exchange (&bip, OPEN_TCP_ON_DEMAND, OPENED_ON_DEMAND);
  bip_fetch (&bip, 10, "8103014200820282818301023600370100");
}

/* L1: from 128 bytes on the length has two octets */
static void
test_lengths_of_received_data_are_coded_exactly (void **state)
{
  static const struct
  {
    guint length;
    gsize size;
    const char *head;
  } rows[] = {
    { 127, 127, "367F" },   { 128, 128, "368180" }, { 200, 200, "3681C8" }, { 236, 236, "3681EC" },
    { 237, 237, "3681ED" }, { 238, 237, "3681ED" }, { 255, 237, "3681ED" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_auto (EaBip) bip = { 0 };
      g_autofree char *head = g_strconcat ("810301420082028281830100", rows[i].head, NULL);
      g_autofree char *response = make_response (head, rows[i].size, 0xF4, "3701FF");

      bip_init (&bip);
      bip_open (&bip, OPEN_TCP, OPENED);
      hear_size (&bip, 1, 500);
      bip_fetch (&bip, rows[i].length, response);
    }
}

static void
test_longest_response_fits_an_apdu_and_says_what_is_left (void **state)
{
  static const struct
  {
    gsize size;
    const char *tail;
    const char *result;
  } rows[] = {
    { 236, "370100", "02" }, { 237, "370100", "00" }, { 238, "370101", "00" },
    { 491, "3701FE", "00" }, { 492, "3701FF", "00" }, { 493, "3701FF", "00" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_auto (EaBip) bip = { 0 };
      gsize size = MIN (rows[i].size, EA_CAT_RECEIVE_DATA_MAX);
      g_autofree char *head
          = g_strdup_printf ("8103014200820282818301%s3681%02X", rows[i].result, (guint) size);
      g_autofree char *response = make_response (head, size, (guint8) rows[i].size, rows[i].tail);

      bip_init (&bip);
      bip_open (&bip, OPEN_TCP, OPENED);
      hear_size (&bip, 1, rows[i].size);
      bip_fetch (&bip, 0xFF, response);
      assert_true (g_utf8_strlen (response, -1) / 2 <= EA_CAT_RESPONSE_MAX);
    }
}

/* Commands and responses of oFono's tests, TS 31.124 §27.22.4.29 and §27.22.4.30 */
static void
test_data_of_the_conformance_test_are_exchanged (void **state)
{
  g_auto (EaBip) bip = { 0 };
  g_auto (EaWriter) data = { 0 };
  g_autofree char *hex = NULL;
  g_autofree char *response = NULL;

  bip_init (&bip);
  bip_open (&bip, OPEN_TCP, OPENED);
  bip_exchange (&bip,
                "D026810301430182028121850B53656E6420446174612031B6080001020304050607D004000B00B4",
                "810301430182028281830100B701FF");
  bip_sends (&bip, 1, "0001020304050607");

  ea_writer_init (&data);
  for (guint i = 0; i < 1000; i++)
    ea_writer_u8 (&data, (guint8) (0xC8 + i));
  ea_bip_receive (&bip, 1, ea_writer_span (&data));
  hex = ea_span_to_hex (ea_span_head (ea_writer_span (&data), 200));
  response = g_strconcat ("810301420082028281830100B681C8", hex, "B701FF", NULL);
  bip_exchange (&bip, "D022810301420082028121850E5265636569766520446174612031B701C8D004000E00B4",
                response);
}

/* Gives the peer's next bytes, which count up, as far as there is room. */
static gsize
hear_all (EaBip *bip, gsize n_heard, gsize n_total)
{
  gsize room = MIN (ea_bip_get_room (bip, 1), n_total - n_heard);
  g_auto (EaWriter) data = { 0 };

  ea_writer_init (&data);
  for (gsize i = 0; i < room; i++)
    ea_writer_u8 (&data, (guint8) (n_heard + i));
  ea_bip_receive (bip, 1, ea_writer_span (&data));
  return n_heard + room;
}

static gsize
fetch_some (EaBip *bip, gsize n_fetched)
{
  g_autoptr (GBytes) response = NULL;
  EaCatResponse parsed;
  EaReader reader;
  guint64 name;
  EaTlv tlv;

  bip_command (bip, "D00C8103014200820281213701FF");
  response = ea_bip_pull_response (bip, &name);
  ea_bip_set_command_open (bip, FALSE);
  assert_true (ea_cat_parse_response (&parsed, ea_span_from_bytes (response), NULL));
  assert_true (ea_tlv_find_comprehension (parsed.objects, 0x36, &tlv));
  ea_reader_init (&reader, tlv.value);
  while (ea_reader_remaining (&reader) > 0)
    assert_int_equal (ea_reader_u8 (&reader), (guint8) n_fetched++);
  return n_fetched;
}

static void
test_large_transfer_comes_whole_through_a_small_buffer (void **state)
{
  const gsize n_total = 256 * 1024;
  g_auto (EaBip) bip = { 0 };
  gsize n_fetched = 0;
  gsize n_heard = 0;

  bip_init (&bip);
  bip_open (&bip, OPEN_TCP, OPENED);
  while (n_fetched < n_total)
    {
      g_autoptr (GBytes) envelope = NULL;

      n_heard = hear_all (&bip, n_heard, n_total);
      assert_true (n_heard - n_fetched <= 1400);
      if (n_heard == n_total)
        ea_bip_link_dropped (&bip, 1);
      envelope = ea_bip_pull_envelope (&bip);
      assert_non_null (envelope);
      n_fetched = fetch_some (&bip, n_fetched);
    }
  assert_int_equal (n_heard, n_total);
  bip_tells (&bip, LINK_DROPPED_1);
  bip_tells_nothing (&bip);
}

static void
test_datagrams_are_fetched_one_after_the_other (void **state)
{
  g_auto (EaBip) bip = { 0 };

  bip_init (&bip);
  bip_open (&bip, OPEN_UDP_SMALL, OPENED_SMALL);
  bip_hears (&bip, 1, "010203");
  bip_hears (&bip, 1, "0405");
  bip_tells (&bip, "D60E99010982028281B8028100B70103");
  bip_tells_nothing (&bip);
  bip_fetch (&bip, 2, "81030142008202828183010036020102370101");
  bip_tells (&bip, "D60E99010982028281B8028100B70101");
  bip_fetch (&bip, 10, "810301420082028281830102360103370100");
  bip_tells (&bip, "D60E99010982028281B8028100B70102");
  bip_fetch (&bip, 2, "81030142008202828183010036020405370100");
  bip_tells_nothing (&bip);
}

static void
test_datagram_of_no_bytes_is_passed_over (void **state)
{
  g_auto (EaBip) bip = { 0 };

  bip_init (&bip);
  bip_open (&bip, OPEN_UDP_SMALL, OPENED_SMALL);
  ea_bip_receive (&bip, 1, EA_SPAN_EMPTY);
  bip_tells_nothing (&bip);
  bip_hears (&bip, 1, "01");
  bip_fetch (&bip, 1, "810301420082028281830100360101370100");
}

static void
test_reading_stops_when_the_buffer_is_full_and_goes_on_when_there_is_room (void **state)
{
  g_auto (EaBip) bip = { 0 };

  bip_init (&bip);
  bip_open (&bip, OPEN_TCP_SMALL, OPENED_SMALL);
  assert_int_equal (ea_bip_get_room (&bip, 1), 16);
  hear_size (&bip, 1, 15);
  assert_int_equal (ea_bip_get_room (&bip, 1), 1);
  hear_size (&bip, 1, 1);
  assert_int_equal (ea_bip_get_room (&bip, 1), 0);
  bip_wants_nothing (&bip);
  bip_fetch (&bip, 1, "81030142008202828183010036010F37010F");
  assert_int_equal (ea_bip_get_room (&bip, 1), 1);
  bip_fetch (&bip, 1, "81030142008202828183010036010F37010E");
  bip_wants_nothing (&bip);
  assert_int_equal (ea_bip_get_room (&bip, 1), 2);
}

/* 237 bytes a RECEIVE DATA: 1400, 1163, 926, 689 are left. */
static void
test_full_buffer_is_filled_again_when_half_of_it_is_free (void **state)
{
  g_auto (EaBip) bip = { 0 };
  gsize n_fetched = 0;

  bip_init (&bip);
  bip_open (&bip, OPEN_TCP, OPENED);
  assert_int_equal (hear_all (&bip, 0, 4000), 1400);
  n_fetched = fetch_some (&bip, n_fetched);
  n_fetched = fetch_some (&bip, n_fetched);
  bip_wants_nothing (&bip);
  assert_int_equal (ea_bip_get_room (&bip, 1), 0);

  n_fetched = fetch_some (&bip, n_fetched);

  assert_int_equal (n_fetched, 711);
  assert_int_equal (ea_bip_get_room (&bip, 1), 711);
}

/* A datagram is read whole or not at all, so it may be larger than what is free. */
static void
test_datagrams_are_read_whole_while_there_is_room_for_a_byte (void **state)
{
  g_auto (EaBip) bip = { 0 };

  bip_init (&bip);
  bip_open (&bip, OPEN_UDP_SMALL, OPENED_SMALL);
  hear_size (&bip, 1, 15);
  assert_int_equal (ea_bip_get_room (&bip, 1), 65535);
  hear_size (&bip, 1, 17);
  assert_int_equal (ea_bip_get_room (&bip, 1), 0);
  bip_fetch (&bip, 15, "810301420082028281830100360F0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F370100");
  bip_wants_nothing (&bip);
  assert_int_equal (ea_bip_get_room (&bip, 1), 0);
  bip_fetch (&bip, 1, "810301420082028281830100360111370110");
  bip_wants_nothing (&bip);
  bip_fetch (&bip, 1, "81030142008202828183010036011137010F");
  assert_int_equal (ea_bip_get_room (&bip, 1), EA_BIP_DATAGRAM_MAX);
}

static void
test_dropped_link_is_not_read_any_more (void **state)
{
  g_auto (EaBip) bip = { 0 };

  bip_init (&bip);
  bip_open (&bip, OPEN_TCP_SMALL, OPENED_SMALL);
  hear_size (&bip, 1, 16);
  ea_bip_link_dropped (&bip, 1);
  assert_int_equal (ea_bip_get_room (&bip, 1), 0);
  bip_fetch (&bip, 1, "81030142008202828183010036011037010F");
  bip_wants_nothing (&bip);
}

static void
test_channels_take_turns_in_being_announced (void **state)
{
  g_auto (EaBip) bip = { 0 };

  bip_init (&bip);
  bip_open (&bip, OPEN_TCP, OPENED);
  bip_command (&bip, OPEN_TCP);
  bip_wants (&bip, EA_BIP_EVENT_WANT_LINK, 2);
  ea_bip_link_up (&bip, 2, NULL, 0);
  bip_answers (&bip, "8103014001820282818301003802820035010339020578");

  bip_hears (&bip, 1, "010203");
  bip_hears (&bip, 2, "010203");
  bip_tells (&bip, "D60E99010982028281B8028100B70103");
  bip_fetch (&bip, 1, "810301420082028281830100360101370102");
  bip_tells (&bip, "D60E99010982028281B8028200B70103");
  bip_tells (&bip, "D60E99010982028281B8028100B70102");
  bip_tells_nothing (&bip);
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_data_are_stored_until_they_are_to_be_sent),
    cmocka_unit_test (test_stored_data_are_sent_by_a_command_without_data),
    cmocka_unit_test (test_free_octets_are_told_up_to_255),
    cmocka_unit_test (test_data_beyond_the_transmit_buffer_are_refused_and_not_taken),
    cmocka_unit_test (test_longest_data_of_one_command_are_sent_whole),
    cmocka_unit_test (test_data_that_the_link_does_not_take_fill_the_transmit_buffer),
    cmocka_unit_test (test_one_flush_is_one_datagram),
    cmocka_unit_test (test_data_available_is_told_when_data_come_into_an_empty_buffer),
    cmocka_unit_test (test_data_available_says_what_is_there_when_it_is_sent),
    cmocka_unit_test (test_data_that_a_command_leaves_are_announced_again),
    cmocka_unit_test (test_data_that_were_fetched_before_they_were_announced_are_not),
    cmocka_unit_test (test_less_than_asked_for_is_missing_information),
    cmocka_unit_test (test_channel_without_a_link_has_no_data),
    cmocka_unit_test (test_lengths_of_received_data_are_coded_exactly),
    cmocka_unit_test (test_longest_response_fits_an_apdu_and_says_what_is_left),
    cmocka_unit_test (test_data_of_the_conformance_test_are_exchanged),
    cmocka_unit_test (test_large_transfer_comes_whole_through_a_small_buffer),
    cmocka_unit_test (test_datagrams_are_fetched_one_after_the_other),
    cmocka_unit_test (test_datagram_of_no_bytes_is_passed_over),
    cmocka_unit_test (test_reading_stops_when_the_buffer_is_full_and_goes_on_when_there_is_room),
    cmocka_unit_test (test_full_buffer_is_filled_again_when_half_of_it_is_free),
    cmocka_unit_test (test_datagrams_are_read_whole_while_there_is_room_for_a_byte),
    cmocka_unit_test (test_dropped_link_is_not_read_any_more),
    cmocka_unit_test (test_channels_take_turns_in_being_announced),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
