/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/bip.h"
#include "fake-modem.h"
#include "helpers.h"
#include "session/toolkit.h"

/*
 * What tests of the toolkit share: a toolkit in front of a modem that does what the test says, with the loopback
 * interface for a bearer. The card takes every ENVELOPE and TERMINAL RESPONSE unless a test says otherwise.
 */

/* EaToolkit's signals, counted; and the channels that it has told of. */
typedef struct
{
  FakeModem *modem;
  EaCard *card;
  EaActivity *activity;
  EaModemManager *modem_manager;
  EaBearers *bearers;
  EaAddressPolicy *policy;
  EaLogContext log;
  EaToolkit *toolkit;
  EaChannel *channels[EA_BIP_CHANNELS_MAX]; /* NULL: closed */
  guint n_opened;
  guint n_closed;
  guint n_idle;
  guint n_refreshed;
  guint n_events_changed;
} ToolkitRig;

/* Channels go over @interface to what is in @allow (nullable) and not closed anyway. */
ToolkitRig *toolkit_rig_new (const char *interface, const char *allow);

/* From now on, channels may reach these addresses instead. */
void toolkit_rig_allow (ToolkitRig *rig, const char *allow);

/* Fails the test when the card got something that no test has read, or the toolkit outlives its owner. */
void toolkit_rig_free (ToolkitRig *rig);

/* cmocka fixtures: "lo" with 127.0.0.0/8, and with the policy as it is without a configuration */
int toolkit_rig_setup (void **state);
int toolkit_rig_setup_closed (void **state);
int toolkit_rig_teardown (void **state);

/* Tests with these, for the lists of cmocka */
#define RIG_TEST(function)                                                                         \
  cmocka_unit_test_setup_teardown (function, toolkit_rig_setup, toolkit_rig_teardown)
#define CLOSED_RIG_TEST(function)                                                                  \
  cmocka_unit_test_setup_teardown (function, toolkit_rig_setup_closed, toolkit_rig_teardown)

/* The owner lets go of the toolkit. */
void toolkit_rig_end_toolkit (ToolkitRig *rig);

/* The card has a command. */
void toolkit_rig_want (ToolkitRig *rig, const char *command);

/* The next thing that the card gets must be this: "envelope D6…", "response 1 81…", "apdu 0 80…". */
void toolkit_rig_expect (ToolkitRig *rig, const char *line);
void toolkit_rig_expect_response (ToolkitRig *rig, const char *response);

/* The card has got nothing more, as far as the main loop has something to do now. */
void toolkit_rig_expect_nothing (ToolkitRig *rig);

/* The card has a command, and its TERMINAL RESPONSE comes next. @response: hexadecimal */
void toolkit_rig_exchange (ToolkitRig *rig, const char *command, const char *response);
