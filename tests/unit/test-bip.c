/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Channels opened (agent/core/bip.h), TS 102 223 §6.4.27 and §6.4.31. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bip-rig.h"
#include "core/cat-object.h"
#include "helpers.h"

static void
test_immediate_channel_is_answered_when_the_link_is_up (void **state)
{
  g_auto (EaBip) bip = { 0 };

  bip_init (&bip);
  bip_command (&bip, OPEN_TCP);
  bip_answers_not (&bip);
  bip_wants (&bip, EA_BIP_EVENT_WANT_LINK, 1);
  ea_bip_link_up (&bip, 1, NULL, 0);
  bip_answers (&bip, OPENED);
  bip_exchange (&bip, GET_STATUS, "81030144008202828183010038028100");
  bip_tells_nothing (&bip);
  bip_wants_nothing (&bip);
}

static void
test_link_is_told_all_that_the_card_asked_for (void **state)
{
  g_auto (EaBip) bip = { 0 };
  g_auto (EaBipEvent) event = { 0 };

  bip_init (&bip);
  /* GPRS with quality of service, local address any, login "u", password "p" */
  bip_command (&bip, "D032810301400182028182350702030403021F0239020200470403696F743E000D0204750D020"
                     "4703C030100353E0521C0000235");
  assert_true (ea_bip_pull_event (&bip, &event));
  assert_int_equal (event.type, EA_BIP_EVENT_WANT_LINK);
  assert_int_equal (event.channel, 1);
  assert_int_equal (event.request->open.transport.protocol, EA_CAT_TRANSPORT_UDP_CLIENT);
  assert_int_equal (event.request->open.transport.port, 53);
  assert_int_equal (event.request->open.bearer.type, EA_CAT_BEARER_PACKET);
  assert_span_is (event.request->open.bearer.parameters, "030403021F02");
  assert_int_equal (event.request->open.destination.family, EA_CAT_ADDRESS_IPV4);
  assert_span_is (event.request->open.destination.address, "C0000235");
  assert_int_equal (event.request->open.local_address.family, EA_CAT_ADDRESS_NONE);
  assert_string_equal (event.request->access_name, "iot");
  assert_string_equal (event.request->login, "u");
  assert_string_equal (event.request->password, "p");
  assert_int_equal (event.request->buffer_size, 512);
  ea_bip_link_up (&bip, 1, NULL, 0);
  bip_answers (&bip, "81030140018202828183010038028100350702030403021F0239020200");
}

/* L4: what a live card wrote, with the bit in some objects and not in others */
static void
test_answers_keep_the_style_of_each_object (void **state)
{
  g_auto (EaBip) bip = { 0 };

  bip_init (&bip);
  bip_open (&bip, "D0248103014003820281828500B50103B902058EC70403475042BC03020582BE05215BD50502",
            "810301400382028281830100B8028100B50103B902058E");
  bip_exchange (&bip, "D010810301430182028121B6050102030405", "810301430182028281830100B701FF");
  bip_sends (&bip, 1, "0102030405");
  bip_hears (&bip, 1, "AABB");
  bip_exchange (&bip, "D00C810301420082028121B70102", "810301420082028281830100B602AABBB70100");
}

static void
test_command_without_comprehension_bits_is_answered_without (void **state)
{
  g_auto (EaBip) bip = { 0 };

  bip_init (&bip);
  bip_open (&bip, "D01C010301400102028182350103390205783C030205823E0521C0000201",
            "0103014001020282810301003802810035010339020578");
  bip_exchange (&bip, "D009010301440002028182", "01030144000202828103010038028100");
}

static void
test_unknown_object_makes_the_response_one_of_partial_comprehension (void **state)
{
  g_auto (EaBip) bip = { 0 };

  bip_init (&bip);
  bip_open (&bip, "D01F8103014001820281823501033902001069013C3C030201BB3E0521C0000201",
            "8103014001820282818301013802810035010339020010");
}

static void
test_larger_buffer_is_granted_with_modification (void **state)
{
  static const struct
  {
    const char *command;
    const char *response;
  } rows[] = {
    { "D01C8103014001820281823501033902FFFF3C030201BB3E0521C0000201",
      "8103014001820282818301073802810035010339024000" },
    { "D01C810301400182028182350103390240013C030201BB3E0521C0000201",
      "8103014001820282818301073802810035010339024000" },
    { "D01C810301400182028182350103390240003C030201BB3E0521C0000201",
      "8103014001820282818301003802810035010339024000" },
    { "D01C810301400182028182350103390200003C030201BB3E0521C0000201",
      "8103014001820282818301073802810035010339024000" },
    { "D01C810301400182028182350103390200013C030201BB3E0521C0000201",
      "8103014001820282818301003802810035010339020001" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_auto (EaBip) bip = { 0 };

      bip_init (&bip);
      bip_open (&bip, rows[i].command, rows[i].response);
    }
}

static void
test_failure_of_the_link_has_its_result (void **state)
{
  static const struct
  {
    EaBipFailure failure;
    guint8 cause;
    const char *result;
  } rows[] = {
    { EA_BIP_FAILURE_UNABLE, 0, "2000" },      { EA_BIP_FAILURE_BUSY_ON_CALL, 0, "2002" },
    { EA_BIP_FAILURE_NO_SERVICE, 0, "2004" },  { EA_BIP_FAILURE_NETWORK, 0x21, "2121" },
    { EA_BIP_FAILURE_NETWORK, 0, "2100" },     { EA_BIP_FAILURE_NOT_REACHABLE, 0, "3A07" },
    { EA_BIP_FAILURE_PORT_IN_USE, 0, "3A10" }, { EA_BIP_FAILURE_TRANSPORT, 0, "3A06" },
    { EA_BIP_FAILURE_OTHER, 0x21, "3A00" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_auto (EaBip) bip = { 0 };
      g_autofree char *response
          = g_strconcat ("8103014001820282818302", rows[i].result, "35010339020578", NULL);

      bip_init (&bip);
      bip_command (&bip, OPEN_TCP);
      bip_wants (&bip, EA_BIP_EVENT_WANT_LINK, 1);
      ea_bip_link_failed (&bip, 1, rows[i].failure, rows[i].cause);
      bip_answers (&bip, response);
      assert_int_equal (ea_bip_get_state (&bip, 1), EA_BIP_CLOSED);
      bip_wants_nothing (&bip);
      bip_tells_nothing (&bip);
      bip_exchange (&bip, CLOSE_1, "81030141008202828183023A03");
    }
}

static void
test_commands_that_cannot_be_carried_out_open_nothing (void **state)
{
  static const struct
  {
    const char *command;
    const char *response;
  } rows[] = {
    /* circuit switched, local link, Bluetooth, IrDA, RS232, WLAN: beyond capabilities */
    { "D01C810301400182028182350101390200103C030201BB3E0521C0000201",
      "81030140018202828183013035010139020010" },
    { "D01C810301400182028182350104390200103C030201BB3E0521C0000201",
      "81030140018202828183013035010439020010" },
    { "D01C810301400182028182350105390200103C030201BB3E0521C0000201",
      "81030140018202828183013035010539020010" },
    { "D01C810301400182028182350106390200103C030201BB3E0521C0000201",
      "81030140018202828183013035010639020010" },
    { "D01C810301400182028182350107390200103C030201BB3E0521C0000201",
      "81030140018202828183013035010739020010" },
    { "D01C81030140018202818235010A390200103C030201BB3E0521C0000201",
      "81030140018202828183013035010A39020010" },
    /* UDP and TCP local, direct, reserved, none: transport not available */
    { "D015810301400182028182350103390200103C03040035",
      "81030140018202828183023A0635010339020010" },
    { "D015810301400182028182350103390200103C03050035",
      "81030140018202828183023A0635010339020010" },
    { "D015810301400182028182350103390200103C03060035",
      "81030140018202828183023A0635010339020010" },
    { "D015810301400182028182350103390200103C03070035",
      "81030140018202828183023A0635010339020010" },
    { "D01081030140018202818235010339020010", "81030140018202828183023A0635010339020010" },
    /* no buffer size, no bearer, no destination: required values are missing */
    { "D0188103014001820281823501033C030201BB3E0521C0000201", "810301400182028281830136" },
    { "D019810301400182028182390200103C030201BB3E0521C0000201", "810301400182028281830136" },
    { "D015810301400182028182350103390200103C030201BB", "810301400182028281830136" },
    /* a buffer size of one octet, an access name that is none, a required unknown object: not understood */
    { "D01B8103014001820281823501033901103C030201BB3E0521C0000201", "810301400182028281830132" },
    { "D01F810301400182028182350103390200104701073C030201BB3E0521C0000201",
      "810301400182028281830132" },
    { "D01F81030140018202818235010339020010E901013C030201BB3E0521C0000201",
      "810301400182028281830132" },
    /* an address of no known family: beyond capabilities */
    { "D01C810301400182028182350103390200103C030201BB3E0522C0000201", "810301400182028281830130" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_auto (EaBip) bip = { 0 };

      bip_init (&bip);
      bip_exchange (&bip, rows[i].command, rows[i].response);
      bip_wants_nothing (&bip);
      bip_exchange (&bip, GET_STATUS, "81030144008202828183010038020000");
    }
}

static void
test_packet_bearers_are_taken (void **state)
{
  static const char *const types[] = { "02", "03", "09", "0B", "0C" };

  for (gsize i = 0; i < G_N_ELEMENTS (types); i++)
    {
      g_auto (EaBip) bip = { 0 };
      g_autofree char *command = g_strconcat ("D01C8103014001820281823501", types[i],
                                              "390200103C030201BB3E0521C0000201", NULL);
      g_autofree char *response
          = g_strconcat ("810301400182028281830100380281003501", types[i], "39020010", NULL);

      bip_init (&bip);
      bip_open (&bip, command, response);
    }
}

static void
test_dns_servers_are_told_to_a_card_that_asks (void **state)
{
  static const guint8 ipv4[] = { 192, 0, 2, 53 };
  static const guint8 ipv6[] = { 0x20, 0x01, 0x0D, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x53 };
  const EaCatOtherAddress servers[] = { { EA_CAT_ADDRESS_IPV4, EA_SPAN_OF_ARRAY (ipv4) },
                                        { EA_CAT_ADDRESS_IPV6, EA_SPAN_OF_ARRAY (ipv6) } };
  g_auto (EaBip) bip = { 0 };

  bip_init (&bip);
  bip_command (&bip, "D01C810301400982028182350103390200103C030201BB3E0521C0000201");
  ea_bip_link_up (&bip, 1, servers, G_N_ELEMENTS (servers));
  bip_answers (&bip, "8103014009820282818301003802810035010339020010400521C000023540115720010DB8000"
                     "000000000000000000053");
}

static void
test_dns_servers_are_told_as_long_as_the_response_fits (void **state)
{
  static const guint8 ipv6[EA_CAT_IPV6_SIZE] = { 0x20, 0x01 };
  EaCatOtherAddress servers[20];
  g_auto (EaBip) bip = { 0 };
  g_autoptr (GBytes) response = NULL;
  guint64 name;

  for (gsize i = 0; i < G_N_ELEMENTS (servers); i++)
    servers[i] = (EaCatOtherAddress){ EA_CAT_ADDRESS_IPV6, EA_SPAN_OF_ARRAY (ipv6) };
  bip_init (&bip);
  bip_command (&bip, "D01C810301400982028182350103390200103C030201BB3E0521C0000201");
  ea_bip_link_up (&bip, 1, servers, G_N_ELEMENTS (servers));
  response = ea_bip_pull_response (&bip, &name);
  assert_int_equal (g_bytes_get_size (response), 23 + 12 * 19);
}

static void
test_dns_servers_are_not_told_unasked (void **state)
{
  static const guint8 ipv4[] = { 192, 0, 2, 53 };
  const EaCatOtherAddress server = { EA_CAT_ADDRESS_IPV4, EA_SPAN_OF_ARRAY (ipv4) };
  g_auto (EaBip) bip = { 0 };

  bip_init (&bip);
  bip_command (&bip, OPEN_TCP);
  ea_bip_link_up (&bip, 1, &server, 1);
  bip_answers (&bip, OPENED);
}

/* oFono's and the conformance test's command (TS 31.124 §27.22.4.27), with the response that goes with it */
static void
test_channel_of_the_conformance_test_is_opened (void **state)
{
  g_auto (EaBip) bip = { 0 };

  bip_init (&bip);
  bip_open (&bip,
            "D036810301400182028182350702030403041F02390205780D08F4557365724C6F670D08F4557365725077"
            "643C0301AD9C"
            "3E052101010101",
            "81030140018202828183010038028100350702030403041F0239020578");
  assert_string_equal (ea_bip_get_request (&bip, 1)->login, "UserLog");
  assert_string_equal (ea_bip_get_request (&bip, 1)->password, "UserPwd");
}

/* The length of the command is that of what is left of it. */
static void
test_no_beginning_of_a_command_opens_a_channel (void **state)
{
  g_autoptr (GBytes) whole = bytes_of (OPEN_TCP);
  EaCatCommand command;
  EaCatCommand part;

  assert_true (ea_cat_parse_command (&command, ea_span_from_bytes (whole), NULL));
  for (gsize size = 0; size < command.objects.size; size++)
    {
      g_auto (EaBip) bip = { 0 };
      g_autoptr (GBytes) response = NULL;
      guint64 name = 0;

      bip_init (&bip);
      part = command;
      part.objects = ea_span_head (command.objects, size);
      assert_true (ea_bip_command (&bip, &part, 7));
      response = ea_bip_pull_response (&bip, &name);
      assert_non_null (response);
      assert_int_equal (name, 7);
      bip_wants_nothing (&bip);
      assert_int_equal (ea_bip_get_state (&bip, 1), EA_BIP_CLOSED);
    }
}

static void
test_bearer_that_would_make_the_response_too_long_is_left_out (void **state)
{
  static const struct
  {
    gsize size;
    gsize n_response;
  } rows[] = { { 1, 12 + 4 + 3 + 4 },
               { 220, 12 + 4 + 223 + 4 },
               { 231, 12 + 4 + 234 + 4 },
               { 232, 12 + 4 + 4 },
               { 233, 12 + 4 + 4 } };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_auto (EaBip) bip = { 0 };
      g_auto (EaWriter) objects = { 0 };
      g_auto (EaWriter) bearer = { 0 };
      EaCatCommand command = { .number = 1, .type = 0x40, .has_comprehension_tags = TRUE };
      g_autoptr (GBytes) response = NULL;
      guint64 name;

      ea_writer_init (&bearer);
      while (ea_writer_span (&bearer).size < rows[i].size)
        ea_writer_u8 (&bearer, 0x03);
      ea_writer_init (&objects);
      ea_cat_write_object (&objects, EA_CAT_TAG_BEARER_DESCRIPTION, FALSE,
                           ea_writer_span (&bearer));
      ea_writer_u32be (&objects, 0x39020400);
      ea_writer_u32be (&objects, 0x3C030300);
      ea_writer_u8 (&objects, 0x50);
      command.objects = ea_writer_span (&objects);

      bip_init (&bip);
      assert_true (ea_bip_command (&bip, &command, 1));
      ea_bip_listening (&bip, 1);
      response = ea_bip_pull_response (&bip, &name);
      assert_non_null (response);
      assert_int_equal (g_bytes_get_size (response), rows[i].n_response);
    }
}

static void
test_channel_on_demand_connects_at_the_first_data_that_are_sent (void **state)
{
  g_auto (EaBip) bip = { 0 };

  bip_init (&bip);
  bip_exchange (&bip, OPEN_TCP_ON_DEMAND, OPENED_ON_DEMAND);
  bip_exchange (&bip, "D00D8103014300820281213602AABB", "8103014300820282818301003701FF");
  bip_wants_nothing (&bip);

  bip_command (&bip, "D00C8103014301820281213601CC");
  bip_wants (&bip, EA_BIP_EVENT_WANT_LINK, 1);
  bip_answers_not (&bip);
  ea_bip_link_up (&bip, 1, NULL, 0);
  bip_answers (&bip, "8103014301820282818301003701FF");
  bip_sends (&bip, 1, "AABBCC");
  bip_tells_nothing (&bip);
  bip_exchange (&bip, GET_STATUS, "81030144008202828183010038028100");
}

static void
test_channel_on_demand_whose_link_fails_can_try_again_without_sending_twice (void **state)
{
  g_auto (EaBip) bip = { 0 };

  bip_init (&bip);
  bip_exchange (&bip, OPEN_TCP_ON_DEMAND, OPENED_ON_DEMAND);
  bip_exchange (&bip, "D00D8103014300820281213602AABB", "8103014300820282818301003701FF");
  bip_command (&bip, "D00C8103014301820281213601CC");
  bip_wants (&bip, EA_BIP_EVENT_WANT_LINK, 1);
  ea_bip_link_failed (&bip, 1, EA_BIP_FAILURE_NOT_REACHABLE, 0);
  bip_answers (&bip, "81030143018202828183023A07");
  bip_tells_nothing (&bip);

  bip_command (&bip, "D00C8103014301820281213601CC");
  bip_wants (&bip, EA_BIP_EVENT_WANT_LINK, 1);
  ea_bip_link_up (&bip, 1, NULL, 0);
  bip_answers (&bip, "8103014301820282818301003701FF");
  bip_sends (&bip, 1, "AABBCC");
}

static void
test_channel_in_background_is_answered_first_and_told_later (void **state)
{
  g_auto (EaBip) bip = { 0 };

  bip_init (&bip);
  bip_exchange (&bip, OPEN_TCP_BACKGROUND, OPENED_BACKGROUND);
  bip_wants (&bip, EA_BIP_EVENT_WANT_LINK, 1);
  bip_tells_nothing (&bip);
  ea_bip_link_up (&bip, 1, NULL, 0);
  bip_answers_not (&bip);
  bip_tells (&bip, ESTABLISHED_1);
  bip_tells_nothing (&bip);
}

static void
test_channel_in_background_that_fails_is_told_as_dropped (void **state)
{
  g_auto (EaBip) bip = { 0 };

  bip_init (&bip);
  bip_exchange (&bip, OPEN_TCP_BACKGROUND, OPENED_BACKGROUND);
  bip_wants (&bip, EA_BIP_EVENT_WANT_LINK, 1);
  ea_bip_link_failed (&bip, 1, EA_BIP_FAILURE_NOT_REACHABLE, 0);
  bip_answers_not (&bip);
  bip_tells (&bip, LINK_DROPPED_1);
  bip_tells_nothing (&bip);
  bip_exchange (&bip, "D00C8103014301820281213601CC", "81030143018202828183023A02");
}

static void
test_data_sent_while_connecting_in_background_wait_for_the_link (void **state)
{
  g_auto (EaBip) bip = { 0 };

  bip_init (&bip);
  bip_exchange (&bip, OPEN_TCP_BACKGROUND, OPENED_BACKGROUND);
  bip_wants (&bip, EA_BIP_EVENT_WANT_LINK, 1);
  bip_command (&bip, "D00C8103014301820281213601CC");
  bip_answers_not (&bip);
  bip_wants_nothing (&bip);
  ea_bip_link_up (&bip, 1, NULL, 0);
  bip_tells_nothing (&bip); /* the SEND DATA is open */
  bip_answers (&bip, "8103014301820282818301003701FF");
  bip_sends (&bip, 1, "CC");
  bip_tells (&bip, ESTABLISHED_1);
}

static void
test_channel_that_reconnects_does_so_when_data_are_sent (void **state)
{
  g_auto (EaBip) bip = { 0 };

  bip_init (&bip);
  bip_open (&bip, OPEN_TCP_RECONNECTING, OPENED_RECONNECTING);
  ea_bip_link_dropped (&bip, 1);
  bip_tells (&bip, LINK_DROPPED_1);
  bip_wants_nothing (&bip);

  bip_command (&bip, "D00C8103014301820281213601CC");
  bip_wants (&bip, EA_BIP_EVENT_WANT_LINK, 1);
  ea_bip_link_failed (&bip, 1, EA_BIP_FAILURE_NO_SERVICE, 0);
  bip_answers (&bip, "81030143018202828183022004");
  bip_tells_nothing (&bip);

  bip_command (&bip, "D00C8103014301820281213601DD");
  bip_wants (&bip, EA_BIP_EVENT_WANT_LINK, 1);
  ea_bip_link_up (&bip, 1, NULL, 0);
  bip_answers (&bip, "8103014301820282818301003701FF");
  bip_sends (&bip, 1, "DD");
  bip_tells_nothing (&bip);
}

static void
test_channel_that_reconnects_keeps_apart_what_came_before (void **state)
{
  g_auto (EaBip) bip = { 0 };

  bip_init (&bip);
  bip_open (&bip, OPEN_TCP_RECONNECTING, OPENED_RECONNECTING);
  bip_hears (&bip, 1, "010203");
  ea_bip_link_dropped (&bip, 1);
  bip_exchange (&bip, "D00C8103014301820281213601CC", "81030143018202828183023A02");
  bip_fetch (&bip, 3, "8103014200820282818301003603010203370100");
  bip_tells (&bip, LINK_DROPPED_1);
}

static void
test_seven_channels_are_open_at_once_and_the_eighth_is_refused (void **state)
{
  g_auto (EaBip) bip = { 0 };

  bip_init (&bip);
  for (guint8 i = 1; i <= 7; i++)
    {
      g_autofree char *response
          = g_strdup_printf ("81030140008202828183010038020%u0035010339020578", i);

      bip_exchange (&bip, OPEN_TCP_ON_DEMAND, response);
    }
  bip_exchange (&bip, OPEN_TCP, "81030140018202828183023A0135010339020578");
  bip_exchange (&bip, GET_STATUS,
                "81030144008202828183010038020100380202003802030038020400380205003802060038020700");

  bip_exchange (&bip, "D009810301410082028124", CLOSED_1);
  bip_wants (&bip, EA_BIP_EVENT_CLOSE, 4);
  bip_exchange (&bip, OPEN_TCP_ON_DEMAND, "8103014000820282818301003802040035010339020578");
}

static void
test_dropped_channel_makes_room_when_no_other_does (void **state)
{
  g_auto (EaBip) bip = { 0 };

  bip_init (&bip);
  bip_open (&bip, OPEN_TCP, OPENED);
  ea_bip_link_dropped (&bip, 1);
  bip_tells (&bip, LINK_DROPPED_1);
  for (guint8 i = 2; i <= 7; i++)
    {
      g_autofree char *response
          = g_strdup_printf ("81030140008202828183010038020%u0035010339020578", i);

      bip_exchange (&bip, OPEN_TCP_ON_DEMAND, response);
    }
  bip_exchange (&bip, OPEN_TCP_ON_DEMAND, OPENED_ON_DEMAND);
  bip_wants (&bip, EA_BIP_EVENT_CLOSE, 1);
  bip_tells_nothing (&bip);
}

static void
test_another_command_while_one_waits_for_its_link_is_refused (void **state)
{
  g_auto (EaBip) bip = { 0 };
  guint64 name = 0;
  g_autoptr (GBytes) busy_open = NULL;
  g_autoptr (GBytes) busy_status = NULL;
  g_autoptr (GBytes) opened = NULL;

  bip_init (&bip);
  bip_command (&bip, OPEN_TCP);
  bip_wants (&bip, EA_BIP_EVENT_WANT_LINK, 1);
  bip_command (&bip, OPEN_TCP_SMALL);
  bip_command (&bip, GET_STATUS);
  busy_open = ea_bip_pull_response (&bip, &name);
  assert_bytes_are (busy_open, "8103014001820282818302200035010339020010");
  busy_status = ea_bip_pull_response (&bip, &name);
  assert_bytes_are (busy_status, "81030144008202828183022000");
  bip_wants_nothing (&bip);

  ea_bip_link_up (&bip, 1, NULL, 0);
  opened = ea_bip_pull_response (&bip, &name);
  assert_bytes_are (opened, OPENED);
}

static void
test_other_commands_are_left_to_others (void **state)
{
  g_auto (EaBip) bip = { 0 };
  const EaCatCommand before = { .type = 0x3F };
  const EaCatCommand after = { .type = 0x45 };

  bip_init (&bip);
  assert_false (ea_bip_command (&bip, &before, 1));
  assert_false (ea_bip_command (&bip, &after, 1));
  bip_answers_not (&bip);
}

static void
test_malformed_commands_change_nothing (void **state)
{
  g_auto (EaBip) bip = { 0 };

  bip_init (&bip);
  bip_open (&bip, OPEN_TCP, OPENED);
  bip_exchange (&bip, "D00C810301410082028121E90100", "810301410082028281830132");
  bip_exchange (&bip, "D009810301430182028121", "810301430182028281830136");
  bip_exchange (&bip, "D009810301420082028121", "810301420082028281830136");
  bip_exchange (&bip, "D00B8103014200820281213700", "810301420082028281830132");
  bip_exchange (&bip, "D00C810301440082028182E90100", "810301440082028281830132");
  bip_exchange (&bip, GET_STATUS, "81030144008202828183010038028100");
}

int
main (void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test (test_immediate_channel_is_answered_when_the_link_is_up),
    cmocka_unit_test (test_link_is_told_all_that_the_card_asked_for),
    cmocka_unit_test (test_answers_keep_the_style_of_each_object),
    cmocka_unit_test (test_command_without_comprehension_bits_is_answered_without),
    cmocka_unit_test (test_unknown_object_makes_the_response_one_of_partial_comprehension),
    cmocka_unit_test (test_larger_buffer_is_granted_with_modification),
    cmocka_unit_test (test_failure_of_the_link_has_its_result),
    cmocka_unit_test (test_commands_that_cannot_be_carried_out_open_nothing),
    cmocka_unit_test (test_packet_bearers_are_taken),
    cmocka_unit_test (test_dns_servers_are_told_to_a_card_that_asks),
    cmocka_unit_test (test_dns_servers_are_told_as_long_as_the_response_fits),
    cmocka_unit_test (test_dns_servers_are_not_told_unasked),
    cmocka_unit_test (test_channel_of_the_conformance_test_is_opened),
    cmocka_unit_test (test_no_beginning_of_a_command_opens_a_channel),
    cmocka_unit_test (test_bearer_that_would_make_the_response_too_long_is_left_out),
    cmocka_unit_test (test_channel_on_demand_connects_at_the_first_data_that_are_sent),
    cmocka_unit_test (test_channel_on_demand_whose_link_fails_can_try_again_without_sending_twice),
    cmocka_unit_test (test_channel_in_background_is_answered_first_and_told_later),
    cmocka_unit_test (test_channel_in_background_that_fails_is_told_as_dropped),
    cmocka_unit_test (test_data_sent_while_connecting_in_background_wait_for_the_link),
    cmocka_unit_test (test_channel_that_reconnects_does_so_when_data_are_sent),
    cmocka_unit_test (test_channel_that_reconnects_keeps_apart_what_came_before),
    cmocka_unit_test (test_seven_channels_are_open_at_once_and_the_eighth_is_refused),
    cmocka_unit_test (test_dropped_channel_makes_room_when_no_other_does),
    cmocka_unit_test (test_another_command_while_one_waits_for_its_link_is_refused),
    cmocka_unit_test (test_other_commands_are_left_to_others),
    cmocka_unit_test (test_malformed_commands_change_nothing),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
