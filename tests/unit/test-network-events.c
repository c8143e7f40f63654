/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What a card hears of the network (agent/session/network-events.h), through the toolkit that it has asked. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "toolkit-rig.h"
#include "wait.h"

/* SET UP EVENT LIST: location status; access technology change; network rejection; all; none */
#define WANT_LOCATION                                                                              \
  "D00C81030105008202818299"                                                                       \
  "0103"
#define WANT_TECHNOLOGY                                                                            \
  "D00C810301050082028182"                                                                         \
  "99010B"
#define WANT_REJECTION                                                                             \
  "D00C810301050082028182"                                                                         \
  "990112"
#define WANT_ALL                                                                                   \
  "D00E810301050082028182"                                                                         \
  "9903030B12"
#define WANT_NOTHING                                                                               \
  "D00B810301050082028182"                                                                         \
  "9900"
#define LIST_SET "810301050082028281830100"

#define NO_SERVICE "envelope D60A990103820282819B0102"
#define LIMITED_SERVICE "envelope D60A990103820282819B0101"
#define AT_FIRST "envelope D615990103820282819B0100930962F22012340000001F"
#define IN_SECOND_CELL "envelope D615990103820282819B0100930962F22012340000002F"

static const EaModemNetwork first = { .service = EA_MODEM_SERVICE_NORMAL,
                                      .has_technology = TRUE,
                                      .technology = 0x08,
                                      .mcc = "262",
                                      .mnc = "02",
                                      .has_area = TRUE,
                                      .area_code = 0x1234,
                                      .has_cell = TRUE,
                                      .cell = 1 };

static int
setup (void **state)
{
  ToolkitRig *rig = toolkit_rig_new ("lo", NULL);

  ea_modem_set_capabilities (EA_MODEM (rig->modem), EA_MODEM_NETWORK);
  fake_modem_set_network (rig->modem, &first);
  *state = rig;
  return 0;
}

static void
test_card_that_begins_to_ask_is_told_where_it_is (void **state)
{
  ToolkitRig *rig = *state;

  toolkit_rig_expect_nothing (rig);
  toolkit_rig_exchange (rig, WANT_LOCATION, LIST_SET);
  toolkit_rig_expect (rig, AT_FIRST);
  toolkit_rig_exchange (rig, WANT_ALL, LIST_SET); /* it asks still */
  toolkit_rig_expect_nothing (rig);
  toolkit_rig_exchange (rig, WANT_NOTHING, LIST_SET);
  toolkit_rig_exchange (rig, WANT_LOCATION, LIST_SET);
  toolkit_rig_expect (rig, AT_FIRST);
}

static void
test_modem_that_does_not_tell_of_networks_is_not_without_service (void **state)
{
  ToolkitRig *rig = toolkit_rig_new ("lo", NULL);

  toolkit_rig_exchange (rig, WANT_ALL, LIST_SET);
  toolkit_rig_expect_nothing (rig);
  toolkit_rig_free (rig);
}

static void
test_only_changes_are_told (void **state)
{
  ToolkitRig *rig = *state;
  EaModemNetwork network = first;

  toolkit_rig_exchange (rig, WANT_LOCATION, LIST_SET);
  toolkit_rig_expect (rig, AT_FIRST);
  fake_modem_set_network (rig->modem, &network);
  toolkit_rig_expect_nothing (rig);
  network.cell = 2;
  fake_modem_set_network (rig->modem, &network);
  toolkit_rig_expect (rig, IN_SECOND_CELL);
  network.service = EA_MODEM_SERVICE_LIMITED;
  fake_modem_set_network (rig->modem, &network);
  toolkit_rig_expect (rig, LIMITED_SERVICE);
  network.cell = 3; /* without normal service no place is told */
  fake_modem_set_network (rig->modem, &network);
  toolkit_rig_expect_nothing (rig);
  network.service = EA_MODEM_SERVICE_NONE;
  fake_modem_set_network (rig->modem, &network);
  toolkit_rig_expect (rig, NO_SERVICE);
  fake_modem_set_network (rig->modem, &first);
  toolkit_rig_expect (rig, AT_FIRST);
}

static void
test_card_that_starts_anew_does_not_hear_of_what_it_was_not_told (void **state)
{
  ToolkitRig *rig = *state;
  EaModemNetwork network = first;

  toolkit_rig_exchange (rig, WANT_LOCATION, LIST_SET);
  toolkit_rig_expect (rig, AT_FIRST);
  fake_modem_answer (rig->modem, "9300");
  network.cell = 2;
  fake_modem_set_network (rig->modem, &network);
  toolkit_rig_expect (rig, IN_SECOND_CELL);
  ea_modem_set_card (EA_MODEM (rig->modem), EA_MODEM_CARD_INITIALIZING);
  ea_modem_set_card (EA_MODEM (rig->modem), EA_MODEM_CARD_READY);
  toolkit_rig_expect_nothing (rig);
  assert_true (ea_toolkit_is_idle (rig->toolkit));
}

static void
test_technology_alone_is_told_by_its_own_event (void **state)
{
  ToolkitRig *rig = *state;
  EaModemNetwork network = first;

  toolkit_rig_exchange (rig, WANT_TECHNOLOGY, LIST_SET);
  toolkit_rig_expect_nothing (rig);
  network.cell = 2;
  fake_modem_set_network (rig->modem, &network);
  toolkit_rig_expect_nothing (rig);
  network.technology = 0x03;
  fake_modem_set_network (rig->modem, &network);
  toolkit_rig_expect (rig, "envelope D60A99010B820282813F0103");
  network.has_technology = FALSE;
  fake_modem_set_network (rig->modem, &network);
  toolkit_rig_expect_nothing (rig);
  network.has_technology = TRUE;
  network.technology = 0x0A;
  fake_modem_set_network (rig->modem, &network);
  toolkit_rig_expect (rig, "envelope D60A99010B820282813F010A");
}

static void
test_change_of_both_is_told_by_both_events (void **state)
{
  ToolkitRig *rig = *state;
  EaModemNetwork network = first;

  toolkit_rig_exchange (rig, WANT_ALL, LIST_SET);
  toolkit_rig_expect (rig, AT_FIRST);
  network.technology = 0x00;
  network.cell = 0xABCD;
  fake_modem_set_network (rig->modem, &network);
  toolkit_rig_expect (rig, "envelope D613990103820282819B0100930762F2201234ABCD");
  toolkit_rig_expect (rig, "envelope D60A99010B820282813F0100");
}

static void
test_rejection_is_told_to_a_card_that_asks_for_it (void **state)
{
  ToolkitRig *rig = *state;

  fake_modem_reject (rig->modem, EA_MODEM_DOMAIN_PACKET, 0x0F);
  toolkit_rig_expect_nothing (rig);
  toolkit_rig_exchange (rig, WANT_REJECTION, LIST_SET);
  toolkit_rig_expect_nothing (rig);
  fake_modem_reject (rig->modem, EA_MODEM_DOMAIN_PACKET, 0x0F);
  toolkit_rig_expect (rig, "envelope D617990112820283817D0562F22012343F010874010975010F");
  fake_modem_reject (rig->modem, EA_MODEM_DOMAIN_PACKET, 0x0F); /* each is one */
  toolkit_rig_expect (rig, "envelope D617990112820283817D0562F22012343F010874010975010F");
}

#define REJECTED(cause) "envelope D617990112820283817D0562F22012343F01087401097501" cause

/* The card asks for other events, and for rejections again, while it hears of one. */
static void
test_rejection_after_the_one_that_is_told_is_not_lost (void **state)
{
  ToolkitRig *rig = *state;

  toolkit_rig_exchange (rig, WANT_REJECTION, LIST_SET);
  toolkit_rig_expect_nothing (rig);
  fake_modem_reject (rig->modem, EA_MODEM_DOMAIN_PACKET, 0x0F);
  fake_modem_want (rig->modem, 1, WANT_NOTHING);
  fake_modem_want (rig->modem, 1, WANT_REJECTION);
  fake_modem_reject (rig->modem, EA_MODEM_DOMAIN_PACKET, 0x0B);

  toolkit_rig_expect (rig, REJECTED ("0F"));
  toolkit_rig_expect_response (rig, LIST_SET);
  toolkit_rig_expect_response (rig, LIST_SET);
  toolkit_rig_expect (rig, REJECTED ("0B"));
}

static void
test_reset_card_hears_nothing_before_it_asks_again (void **state)
{
  ToolkitRig *rig = *state;
  EaModemNetwork network = first;

  toolkit_rig_exchange (rig, WANT_ALL, LIST_SET);
  toolkit_rig_expect (rig, AT_FIRST);
  ea_modem_set_card (EA_MODEM (rig->modem), EA_MODEM_CARD_INITIALIZING);
  network.cell = 2;
  network.technology = 0x03;
  fake_modem_set_network (rig->modem, &network);
  fake_modem_reject (rig->modem, EA_MODEM_DOMAIN_PACKET, 0x0F);
  ea_modem_set_card (EA_MODEM (rig->modem), EA_MODEM_CARD_READY);
  toolkit_rig_expect_nothing (rig);
  network.technology = 0x08;
  fake_modem_set_network (rig->modem, &network);
  toolkit_rig_exchange (rig, WANT_ALL, LIST_SET);
  toolkit_rig_expect (rig, IN_SECOND_CELL);
}

static void
test_changes_while_a_command_is_open_are_told_after_it (void **state)
{
  ToolkitRig *rig = *state;
  EaModemNetwork network = first;

  toolkit_rig_exchange (rig, WANT_LOCATION, LIST_SET);
  toolkit_rig_expect (rig, AT_FIRST);
  run_ready ();
  toolkit_rig_want (rig, "D009810301020082028182");
  network.cell = 2;
  fake_modem_set_network (rig->modem, &network);
  toolkit_rig_expect_response (rig, "810301020082028281830100");
  toolkit_rig_expect (rig, IN_SECOND_CELL);
}

#define NETWORK_TEST(function)                                                                     \
  cmocka_unit_test_setup_teardown (function, setup, toolkit_rig_teardown)

int
main (void)
{
  const struct CMUnitTest tests[] = {
    NETWORK_TEST (test_card_that_begins_to_ask_is_told_where_it_is),
    cmocka_unit_test (test_modem_that_does_not_tell_of_networks_is_not_without_service),
    NETWORK_TEST (test_only_changes_are_told),
    NETWORK_TEST (test_card_that_starts_anew_does_not_hear_of_what_it_was_not_told),
    NETWORK_TEST (test_technology_alone_is_told_by_its_own_event),
    NETWORK_TEST (test_change_of_both_is_told_by_both_events),
    NETWORK_TEST (test_rejection_is_told_to_a_card_that_asks_for_it),
    NETWORK_TEST (test_rejection_after_the_one_that_is_told_is_not_lost),
    NETWORK_TEST (test_reset_card_hears_nothing_before_it_asks_again),
    NETWORK_TEST (test_changes_while_a_command_is_open_are_told_after_it),
  };

  return cmocka_run_group_tests (tests, NULL, NULL);
}
